"""Notices in words: what happened, and what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from podatelna.desk.mark_models import Notice, Task
from podatelna.desk.models import Entry

from .mark_words import due_words

_ICONS = {"mention": "at", "assigned": "assign", "task": "task", "rule": "automatic", "target": "clock"}
_EXCERPT = 200  # characters of a note


@dataclass(frozen=True)
class Told:
    """What a notice says: `icon` beside it, `words`, and `text` below them ("" for none)."""

    icon: str
    words: str
    text: str = ""


def told(notices: Sequence[Notice]) -> list[Told]:
    """Each notice in words; what they are about is looked up for all of them at once."""
    notes = Entry.objects.in_bulk(_keys(notices, "entry"))
    tasks = Task.objects.in_bulk(_keys(notices, "task"))
    return [_told(notice, notes, tasks) for notice in notices]


def _keys(notices: Iterable[Notice], name: str) -> list[int]:
    found = [notice.details.get(name) for notice in notices]
    return [pk for pk in found if isinstance(pk, int)]


def _told(notice: Notice, notes: dict[int, Entry], tasks: dict[int, Task]) -> Told:
    icon = _ICONS.get(notice.kind, "info")
    by = str(notice.details.get("by") or "")
    match notice.kind:
        case "mention":
            note = notes.get(notice.details.get("entry", 0))
            # A note that went to another conversation with its mail is that one's.
            text = note.text if note is not None and note.conversation_id == notice.conversation_id else ""
            return Told(icon, _("%(by)s mentioned you") % {"by": by}, " ".join(text.split())[:_EXCERPT])
        case "assigned":
            words = _("%(by)s gave it to you") % {"by": by} if by else _("It was given to you")
            return Told(icon, words)
        case "task":
            return _task(icon, by, notice, tasks.get(notice.details.get("task", 0)))
        case "rule":
            return _rule(icon, notice)
        case "target":
            return Told(icon, _target(notice))
    # A kind of a later release, read by an older page: shown as it is rather than hidden.
    return Told(icon, notice.kind)


def _rule(icon: str, notice: Notice) -> Told:
    """What a rule wants one to know; or that a letter which a rule held waits for one, or came back to its writer."""
    name = str(notice.details.get("name") or "")
    rule = _("Rule “%(name)s”") % {"name": name} if name else ""
    if notice.details.get("review"):
        return Told("eye", _("A letter waits for a second pair of eyes"), rule)
    if notice.details.get("returned"):
        return Told("back", _("Your letter was given back to you and has not gone out"), rule)
    return Told(icon, rule or _("A rule"), str(notice.details.get("text") or ""))


def _task(icon: str, by: str, notice: Notice, task: Task | None) -> Told:
    if notice.details.get("today"):
        words = _("A task is due")
    else:
        words = _("%(by)s gave you a task") % {"by": by} if by else _("You were given a task")
    if task is None:
        return Told(icon, words)
    return Told(icon, words, f"{task.text} ({due_words(task.due)})" if task.due else task.text)


def _target(notice: Notice) -> str:
    which, late = notice.details.get("which"), bool(notice.details.get("late"))
    if which == "resolution":
        return _("It should have been resolved by now") if late else _("It should be resolved soon")
    return _("The first answer is late") if late else _("The first answer is due soon")
