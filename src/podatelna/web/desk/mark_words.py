"""Tags, priorities and tasks in words."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from podatelna.desk import tags


def priority_words(priority: str) -> str:
    """How much a conversation presses, as a badge says it; `priority` is low, normal or high."""
    return {
        "high": pgettext("priority", "High"),
        "low": pgettext("priority", "Low"),
    }.get(priority, pgettext("priority", "Normal"))


def priority_set_words(priority: str) -> str:
    """What was just done."""
    return {
        "high": _("High priority."),
        "low": _("Low priority."),
    }.get(priority, _("Normal priority."))


def tag_words(code: str) -> str:
    """Why something is no tag; `code` is of desk.errors.BadTag. Nothing was changed then."""
    return {
        "too-long": _("A tag has %(most)d characters at most. Nothing was changed.") % {"most": tags.LONGEST},
        "sign": _("A tag cannot have a comma, quotes or @ in it. Nothing was changed."),
        "too-many": _("A conversation has %(most)d tags at most. Nothing was changed.") % {"most": tags.MOST},
    }.get(code, _("Type a word for the tag."))


def due_words(due: date, today: date | None = None) -> str:
    """Until when, as seen from `today`: "late: 3 May", "today", "tomorrow", "8 May"."""
    days = (due - (today or timezone.localdate())).days
    written = date_format(due, "SHORT_DATE_FORMAT")
    if days < 0:
        return _("late: %(day)s") % {"day": written}
    return {0: _("today"), 1: _("tomorrow")}.get(days, written)


def due_set_words(due: date | None) -> str:
    """What was just done with the day of a task."""
    return _("It is due: %(day)s.") % {"day": due_words(due)} if due else _("It has no day now.")


def marked_words(verb: str, by: str, to: str, priority: str) -> str:
    """What was put on a conversation or done with a task, as its timeline says it; `by` "": a rule did."""
    known = {"by": by, "to": to, "priority": priority_words(priority)}
    match verb:
        case "tagged":
            words = _("%(by)s tagged it “%(to)s”") if by else _("It was tagged “%(to)s”")
        case "untagged":
            words = _("%(by)s took the tag “%(to)s” off") if by else _("The tag “%(to)s” was taken off")
        case "priority":
            words = _("%(by)s changed its priority: %(priority)s") if by else _("Its priority changed: %(priority)s")
        case "task" if to:
            words = _("%(by)s wrote a task down for %(to)s") if by else _("A task was written down for %(to)s")
        case "task":
            words = _("%(by)s wrote a task down") if by else _("A task was written down")
        case "task-given" if to:
            words = _("%(by)s gave a task to %(to)s") if by else _("%(to)s has a task now")
        case "task-given":
            words = _("%(by)s left a task to anybody") if by else _("A task is anybody’s now")
        case "task-due":
            words = _("%(by)s set another day for a task") if by else _("A task has another day")
        case "task-done":
            words = _("%(by)s did a task") if by else _("A task was done")
        case _:
            words = _("%(by)s took a task up again") if by else _("A task is to be done again")
    return words % known
