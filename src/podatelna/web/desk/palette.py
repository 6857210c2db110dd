"""The palette (Ctrl-K): views, processes, actions and conversations by a few letters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from podatelna.accounts.models import Person
from podatelna.desk import cases
from podatelna.desk.models import Conversation, Process

from .answers import me
from .desk_names import name_of
from .found import found_by

CONVERSATIONS = 7
CASES = 5


@dataclass(frozen=True)
class Choice:
    """Something one can go to (`url`) or do (`press`: the key of the button that does it)."""

    icon: str
    name: str
    url: str = ""
    press: str = ""
    beside: str = ""


@dataclass(frozen=True)
class Section:
    """Choices of one kind."""

    name: str
    choices: list[Choice]


@require_safe
def found(request: HttpRequest) -> HttpResponse:
    """What fits `q`, as options of a listbox; everything but conversations when it is empty."""
    query = request.GET.get("q", "").strip()
    person = me(request)
    sections = [
        Section(_("Go to"), _fitting(query, [*_views(person), *_processes(person)])),
        Section(pgettext("palette", "Do"), _fitting(query, _actions())),
        Section(_("Cases"), _cases(query, person)),
        Section(_("Conversations"), _conversations(query, person)),
    ]
    return render(request, "desk/palette.html", {"sections": [s for s in sections if s.choices], "query": query})


def _views(person: Person) -> list[Choice]:
    unassigned, closed = pgettext("conversations", "Unassigned"), pgettext("conversations", "Closed")
    views = [
        Choice("inbox", _("My work"), reverse("list", args=["mine"]), beside="g i"),
        Choice("bell", _("Notices"), reverse("notices")),
        Choice("task", _("My tasks"), reverse("tasks")),
        Choice("at", _("Mentions"), reverse("list", args=["mentions"])),
        Choice("flag", pgettext("conversations", "High priority"), reverse("list", args=["high"])),
        Choice("unassigned", unassigned, reverse("list", args=["unassigned"]), beside="g m"),
        Choice("all", _("All open"), reverse("list", args=["all"]), beside="g a"),
        Choice("closed", closed, reverse("list", args=["closed"])),
        Choice("tag", _("Cases"), reverse("cases")),
        Choice("archive", _("Archive"), reverse("search"), beside="/"),
        Choice("people", _("Contacts"), reverse("contacts")),
        Choice("people", _("Organisations"), reverse("organisations")),
        Choice("compose", _("New message"), reverse("compose"), beside="c"),
        Choice("person", _("Preferences"), reverse("preferences")),
    ]
    if person.is_administrator:
        views.append(Choice("settings", _("Administration"), reverse("administration")))
    return views


def _processes(person: Person) -> list[Choice]:
    rows = Process.objects.visible_to(person)
    return [Choice("process", name_of(row, person), reverse("list", args=[f"process-{row.pk}"])) for row in rows]


def _actions() -> list[Choice]:
    """All of them; the page offers those whose button is there."""
    return [
        Choice("reply", _("Reply"), press="r"),
        Choice("reply-all", _("Reply to all"), press="a"),
        Choice("forward", _("Forward"), press="f"),
        Choice("note", _("Write a note"), press="n"),
        Choice("assign", _("Assign"), press="m"),
        Choice("hash", _("Tag the conversation"), press="l"),
        Choice("flag", _("Change its priority"), press="p"),
        Choice("task", _("Write a task down"), press="t"),
        Choice("closed", _("Close the conversation"), press="e"),
        Choice("forward", _("Hand the conversation over"), press="H"),
        Choice("tag", _("File the conversation under a case"), press="F"),
        Choice("split", _("Split the conversation"), press="S"),
        Choice("link", _("Join with another conversation"), press="J"),
    ]


def _fitting(query: str, choices: Iterable[Choice]) -> list[Choice]:
    """Those in whose name each word of the query begins a word, whatever the diacritics."""
    wanted = _plain(query)
    return [choice for choice in choices if all(_begins(word, choice.name) for word in wanted)]


def _begins(word: str, name: str) -> bool:
    return any(part.startswith(word) for part in _plain(name))


def _plain(text: str) -> list[str]:
    return slugify(text).split("-") if text else []


def _cases(query: str, person: Person) -> list[Choice]:
    if len(query) < 2:
        return []
    rows = cases.find(person, words=query)[:CASES]
    return [Choice("tag", str(case), reverse("case", args=[case.pk]), beside=case.contact_name) for case in rows]


def _conversations(query: str, person: Person) -> list[Choice]:
    if len(query) < 2:
        return []
    # The last word is still being typed: as it stands (in any form of it), or as a beginning.
    *before, last = query.split()
    words = [*before, last, "OR", f"{last}*"] if last.isalnum() else [query]
    groups = found_by(" ".join(words), person, brief=True).groups
    return [_choice(group.conversation, group.url) for group in groups if group.conversation][:CONVERSATIONS]


def _choice(conversation: Conversation, url: str) -> Choice:
    who = conversation.partner_name or conversation.partner_address
    return Choice("mail", conversation.subject or _("(no subject)"), url, beside=who)
