"""Filing a conversation under a case, one that is there or a new one, and taking it out again."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from podatelna.accounts.models import Person
from podatelna.desk import cases
from podatelna.desk.case_models import Case
from podatelna.desk.errors import NotFilable
from podatelna.desk.models import Conversation
from podatelna.web.desk.answers import by_verb, go, me, toast
from podatelna.web.desk.pane import done, home_list, show
from podatelna.web.desk.places import find_conversation

from .forms import NewCaseForm
from .places import find_case, number

_OFFERED = 20


def _mine(request: HttpRequest, pk: int) -> Conversation:
    """A conversation that who asks may file. Raises Http404."""
    found = find_conversation(me(request), pk)
    if not cases.may_file(found, me(request)):
        raise Http404
    return found


def _choose(request: HttpRequest, conversation: int) -> HttpResponse:
    found = _mine(request, conversation)
    return _page(request, found, NewCaseForm(me(request), initial=_from(found)))


def _page(request: HttpRequest, conversation: Conversation, form: NewCaseForm) -> HttpResponse:
    person, query = me(request), request.GET.get("q", "").strip()
    filed = cases.cases_of(conversation, person)
    context = {
        "conversation": conversation,
        "query": query,
        "filed": filed,
        "offered": [(case, cases.people_of(case)) for case in _offered(conversation, person, query, filed)],
        "form": form,
        "may_open": bool(cases.processes_for(person)),
    }
    html = render_to_string("cases/filing.html", context, request)
    title = _("File under a case")
    return show(request, html, slug=home_list(conversation, person), title=title, selected=conversation.pk)


def _offered(conversation: Conversation, person: Person, query: str, filed: list[Case]) -> list[Case]:
    """What a search finds; without words those of the partner, then the newest open ones."""
    rows = cases.find(person, state="" if query else "open", words=query).exclude(pk__in=[case.pk for case in filed])
    if query or not conversation.partner_address:
        return list(rows[:_OFFERED])
    theirs = list(rows.filter(contact_address=conversation.partner_address)[:_OFFERED])
    others = rows.exclude(pk__in=[case.pk for case in theirs])
    return [*theirs, *others[: _OFFERED - len(theirs)]]


def _from(conversation: Conversation) -> dict[str, object]:
    """What a case made from the conversation begins with."""
    return {
        "process": (conversation.worked_by or conversation.process).pk,
        "title": conversation.subject[:300],
        "contact_name": conversation.partner_name,
        "contact_address": conversation.partner_address,
    }


def _file(request: HttpRequest, conversation: int) -> HttpResponse:
    """Under `case`, or under a new one when the form of a new one was sent."""
    found = _mine(request, conversation)
    chosen = request.POST.get("case", request.GET.get("case", ""))
    if chosen:
        return _filed(request, found, find_case(me(request), number(chosen)))
    form = NewCaseForm(me(request), request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    return _filed(
        request,
        found,
        cases.open_case(form.chosen, form.facts(me(request), timezone.now()), me(request), timezone.now()),
    )


def _filed(request: HttpRequest, conversation: Conversation, case: Case) -> HttpResponse:
    try:
        cases.file(conversation, case, me(request), timezone.now())
    except NotFilable:
        raise Http404 from None
    undo = reverse("conversation-filed", args=[conversation.pk, case.pk])
    answer = go(request, reverse("conversation", args=[conversation.pk]))
    return toast(request, answer, _("Filed under case %(number)s.") % {"number": case.number}, undo)


def _take_out(request: HttpRequest, conversation: int, case: int) -> HttpResponse:
    found = find_conversation(me(request), conversation)
    of = find_case(me(request), case)
    try:
        gone = cases.take_out(found, of, me(request), timezone.now())
    except NotFilable:
        raise Http404 from None
    if not gone:
        raise Http404
    undo = ""
    if cases.may_file(found, me(request)):
        undo = reverse("conversation-filing", args=[found.pk]) + f"?case={of.pk}"
    return done(request, found, _("Taken out of case %(number)s.") % {"number": of.number}, undo)


filing = by_verb(GET=_choose, POST=_file)
filed = by_verb(POST=_take_out, DELETE=_take_out)
