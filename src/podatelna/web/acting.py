"""Whether a request may change what it names: asked here for every URL, before its view, so that no view can forget it.

Who sees a thing and may only read it (a reader of the process, an auditor in an inspection) gets 403 with the reason,
and the refusal stands in the log. Who does not see it goes on to the view, where it is not found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from podatelna.accounts.access import record
from podatelna.accounts.inspections import inspection_of
from podatelna.accounts.models import Inspection, Person
from podatelna.archive.models import ThreadDecision
from podatelna.desk.automatic_models import Flood
from podatelna.desk.case_models import Case
from podatelna.desk.errors import NotAllowed
from podatelna.desk.mark_models import Task
from podatelna.desk.models import Conversation, Draft, Entry, Process
from podatelna.desk.rights import acted_on_by, cases_acted_on_by, refuse, working_in

SAFE = {"GET", "HEAD", "OPTIONS"}
# POSTs that change nothing of what they name.
READING = {"presence", "notices-seen", "conversation-proof", "message-proof", "export-new"}
# What an auditor goes on doing in an inspection: it is about themselves.
OWN = {"inspection", "account_logout", "preferences", "language", "presence", "demo"}
# Asked for by the pages themselves: what they show is asked for by other addresses.
QUIET = {"inspection", "preferences", "presence", "palette", "notices", "pulse", "rail"}

_MOST = 600  # numbers read from a form


class Acting:
    """Refuses changes by those who may only read; writes down what is read in an inspection."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        person = request.user
        if isinstance(person, Person) and person.is_auditor:
            inspection = getattr(request, "inspection", None)
            if inspection is not None and response.status_code == 200:
                _write_down(request, person, inspection)
        return response

    def process_view(
        self, request: HttpRequest, view: object, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """Runs before each view, with what its URL names."""
        person = request.user
        if not isinstance(person, Person):
            return None
        name = _name(request)
        inspection = inspection_of(person)
        request.inspection = inspection  # type: ignore[attr-defined]  # for __call__, after the view
        if request.method in SAFE:
            return None
        try:
            if inspection is not None and not (name in OWN or name.startswith(("administration", "account_"))):
                refuse(person, _subject(kwargs), name)
            if not (_reads(request, name) or _takes_back(request, name)):
                _check(person, named(request, kwargs), name)
        except NotAllowed:
            return _refused(request, inspection)
        return None


def named(request: HttpRequest, kwargs: Mapping[str, Any]) -> dict[str, set[int]]:
    """The conversations, cases and processes (ids) that a request wants to change: by its URL and by its form."""
    found: dict[str, set[int]] = {"conversation": set(), "case": set(), "process": set()}
    for argument, rows in _BEHIND.items():
        if argument in kwargs:
            kind, ids = rows(kwargs[argument])
            found[kind].update(pk for pk in ids if pk is not None)
    for kind in ("conversation", "case"):
        found[kind].update(_numbers([kwargs[kind]] if kind in kwargs else []))
        found[kind].update(_numbers(request.POST.getlist(kind)[:_MOST]))
    return found


def _check(person: Person, wanted: Mapping[str, set[int]], act: str) -> None:
    """Raises NotAllowed when something of it is seen by `person` and may only be read."""
    visible: dict[str, tuple[QuerySet[Any, Any], QuerySet[Any, Any]]] = {
        "conversation": (Conversation.objects.visible_to(person), acted_on_by(person).values("pk")),
        "case": (Case.objects.visible_to(person), cases_acted_on_by(person).values("pk")),
        "process": (Process.objects.visible_to(person), working_in(person)),
    }
    for kind, ids in wanted.items():
        if not ids:
            continue
        rows, may = visible[kind]
        seen = set(rows.filter(pk__in=ids).values_list("pk", flat=True))
        only_read = seen - set(rows.filter(pk__in=may).filter(pk__in=seen).values_list("pk", flat=True))
        if only_read:
            refuse(person, f"{kind} {min(only_read)}", act)


def _reads(request: HttpRequest, name: str) -> bool:
    return name in READING or request.path.endswith("/proof")  # some addresses below a message have no name


def _takes_back(request: HttpRequest, name: str) -> bool:
    """Whether somebody throws a draft of their own away, which is theirs to do although they only read by now."""
    meant = request.POST.get("_method", request.method) if request.method == "POST" else request.method
    return name == "draft" and str(meant).upper() == "DELETE"


def _refused(request: HttpRequest, inspection: Inspection | None) -> HttpResponse:
    """The page, or for the page's own script the words of its toast."""
    words = (
        _("You are looking into this in an inspection: you can read and change nothing.")
        if inspection is not None
        else _("You can read this and change nothing of it. Who leads the process can make you a member of the team.")
    )
    response = render(request, "403.html", {"refused": words}, status=403)
    if request.headers.get("HX-Request") == "true":
        response.content = words.encode()
        response["Content-Type"] = "text/plain; charset=utf-8"
    return response


# --- what stands behind a number in a URL ------------------------------------------------------------------

_Behind = Callable[[int], tuple[str, Iterable[int | None]]]


def _of_draft(pk: int) -> tuple[str, Iterable[int | None]]:
    row = Draft.objects.filter(pk=pk).values_list("conversation", "process").first()
    if row is None:
        return "conversation", []
    return ("conversation", [row[0]]) if row[0] is not None else ("process", [row[1]])


def _of_sending(pk: int) -> tuple[str, Iterable[int | None]]:
    return "conversation", list(Entry.objects.filter(outgoing=pk).values_list("conversation", flat=True))


def _of_task(pk: int) -> tuple[str, Iterable[int | None]]:
    return "conversation", list(Task.objects.filter(pk=pk).values_list("conversation", flat=True))


def _of_flood(pk: int) -> tuple[str, Iterable[int | None]]:
    return "process", list(Flood.objects.filter(pk=pk).values_list("process", flat=True))


def _of_decision(pk: int) -> tuple[str, Iterable[int | None]]:
    threads = ThreadDecision.objects.filter(pk=pk).values("key__thread")
    return "conversation", list(Conversation.objects.filter(thread__in=threads).values_list("pk", flat=True))


_BEHIND: dict[str, _Behind] = {
    "draft": _of_draft,
    "sending": _of_sending,
    "task": _of_task,
    "flood": _of_flood,
    "decision": _of_decision,
}


# --- what is read in an inspection -------------------------------------------------------------------------


def _write_down(request: HttpRequest, person: Person, inspection: Inspection) -> None:
    """One line for each page, list, search, message and file that was shown. What was shown is named by its number."""
    name = _name(request)
    if name in QUIET or name.startswith(("administration", "account_")):
        return
    match = request.resolver_match
    kwargs = match.kwargs if match is not None else {}
    details: dict[str, object] = {"inspection": inspection.pk, "page": request.path[:300]}
    for key in ("q", "before", "process", "person"):
        if request.GET.get(key):
            details[key] = request.GET[key][:300]
    record(person, "inspect", _subject(kwargs), **details)


def _subject(kwargs: Mapping[str, Any]) -> str:
    for kind in ("conversation", "case", "message", "draft", "contact", "organisation", "task"):
        if kind in kwargs:
            return f"{kind} {kwargs[kind]}"
    return "desk"


def _name(request: HttpRequest) -> str:
    match = request.resolver_match
    return (match.url_name or "") if match is not None else ""


def _numbers(texts: Iterable[object]) -> set[int]:
    """Those of `texts` that can be numbers of rows."""
    found = (str(text) for text in texts)
    return {int(text) for text in found if text.isascii() and text.isdecimal() and len(text) < 19}
