"""Who can see this, and why; making it confidential; what those outside a team see of its process."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as page_messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from podatelna.accounts.models import Person
from podatelna.archive.models import Message
from podatelna.desk import confidential
from podatelna.desk.case_models import Case
from podatelna.desk.errors import NotConfidable
from podatelna.desk.models import Conversation, Member, Process
from podatelna.desk.sight import SeenProcess, seeing_of, who_sees
from podatelna.web.access_words import reason_words, role_words, single_words

from .answers import by_verb, leave, me, see_other, toast
from .pane import home_list, show
from .places import find, find_conversation


def _show(request: HttpRequest, conversation: int) -> HttpResponse:
    return _of_conversation(request, find_conversation(me(request), conversation))


def _of_conversation(request: HttpRequest, found: Conversation) -> HttpResponse:
    person = me(request)
    context = {
        "conversation": found,
        "seers": seers(found, person),
        "may_decide": confidential.may_decide(found, person),
        "named": confidential.named_people(found) if found.is_confidential else [],
        "others": _outside(found),
        "leads": _leads(found.process, person),
        "back": reverse("conversation", args=[found.pk]),
        "back_words": found.subject or _("(no subject)"),
    }
    return _page(request, context, found)


@require_safe
def message(request: HttpRequest, message: int, conversation: int | None = None) -> HttpResponse:
    """Who sees the message, through whichever of its copies."""
    place = find(me(request), message, conversation)
    context = {
        "seers": seers(place.message, me(request)),
        "message": place.message,
        "back": reverse("conversation", args=[place.conversation.pk]) if place.conversation else place.url,
        "back_words": place.message.subject or _("(no subject)"),
    }
    return _page(request, context, place.conversation)


def _page(request: HttpRequest, context: dict[str, Any], home: Conversation | None) -> HttpResponse:
    html = render_to_string("desk/access.html", context, request)
    slug = home_list(home, me(request)) if home else "mine"
    return show(request, html, slug=slug, title=_("Who can see this"), selected=home.pk if home else None)


def seers(thing: Conversation | Case | Message, viewer: Person) -> list[dict[str, Any]]:
    """Everybody who sees it, with the reasons in words and who let them in when."""
    return [
        {
            "person": seer.person,
            "reasons": [
                {"words": reason_words(reason), "by": reason.by, "since": reason.since} for reason in seer.reasons
            ],
        }
        for seer in who_sees(thing, viewer)
    ]


def _outside(conversation: Conversation) -> list[Person]:
    holders = conversation.scope.holdings.values("person")
    return list(Person.objects.filter(is_active=True).exclude(pk__in=holders).order_by("name", "pk"))


# --- making it confidential ------------------------------------------------------------------------------


def _confide(request: HttpRequest, conversation: int) -> HttpResponse:
    found = find_conversation(me(request), conversation)
    try:
        confidential.make_confidential(found, me(request), timezone.now())
    except NotConfidable:
        return _not_theirs(request, found)
    return _done(request, found, _("It is confidential now: the named people see it, and nobody else."))


def _open(request: HttpRequest, conversation: int) -> HttpResponse:
    found = find_conversation(me(request), conversation)
    try:
        confidential.make_open(found, me(request), timezone.now())
    except NotConfidable:
        return _not_theirs(request, found)
    return _done(request, found, _("The whole team sees it again."))


confidentiality = by_verb(POST=_confide, DELETE=_open)


def _name(request: HttpRequest, conversation: int) -> HttpResponse:
    found = find_conversation(me(request), conversation)
    person = _active(request.POST.get("person", ""))
    try:
        confidential.name(found, person, me(request), timezone.now())
    except NotConfidable:
        return _not_theirs(request, found)
    return _done(request, found, _("%(name)s sees it now.") % {"name": person})


people = by_verb(POST=_name)


def _unname(request: HttpRequest, conversation: int, who: int) -> HttpResponse:
    found = find_conversation(me(request), conversation)
    person = get_object_or_404(Person, pk=who)
    try:
        confidential.unname(found, person, me(request), timezone.now())
    except NotConfidable:
        return _not_theirs(request, found)
    return _done(request, found, _("%(name)s sees it no more.") % {"name": person})


named = by_verb(POST=_unname, DELETE=_unname)


def _not_theirs(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    words = _("Nothing was changed: who leads the process or has the conversation decides, and somebody must be left.")
    return _done(request, conversation, words)


def _done(request: HttpRequest, conversation: Conversation, words: str) -> HttpResponse:
    visible = Conversation.objects.visible_to(me(request)).filter(pk=conversation.pk).exists()
    answer = see_other(reverse("conversation-access", args=[conversation.pk])) if visible else leave(request)
    return toast(request, answer, words)


def _active(text: str) -> Person:
    pk = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    return get_object_or_404(Person, pk=pk, is_active=True)


page = by_verb(GET=_show)


# --- cases -----------------------------------------------------------------------------------------------


@require_safe
def case(request: HttpRequest, case: int) -> HttpResponse:
    """Who sees the case itself. What is filed under it has its own answer."""
    found = _case(request, case)
    context = {
        "case": found,
        "seers": seers(found, me(request)),
        "may_decide": confidential.may_decide_case(found, me(request)),
        "slug": "cases",
    }
    return render(request, "cases/access.html", context)


def _confide_case(request: HttpRequest, case: int) -> HttpResponse:
    return _decide_case(request, _case(request, case), secret=True)


def _open_case(request: HttpRequest, case: int) -> HttpResponse:
    return _decide_case(request, _case(request, case), secret=False)


case_confidentiality = by_verb(POST=_confide_case, DELETE=_open_case)


def _decide_case(request: HttpRequest, case: Case, *, secret: bool) -> HttpResponse:
    try:
        if secret:
            confidential.make_case_confidential(case, me(request), timezone.now())
            words = _("The case is confidential now: its people see it, and nobody else.")
        else:
            confidential.make_case_open(case, me(request), timezone.now())
            words = _("The whole team sees the case again.")
    except NotConfidable:
        words = _("Nothing was changed: its people and who leads the process decide.")
    page_messages.success(request, words)
    visible = Case.objects.visible_to(me(request)).filter(pk=case.pk).exists()
    return see_other(reverse("case-access", args=[case.pk]) if visible else reverse("cases"))


def _case(request: HttpRequest, pk: int) -> Case:
    return get_object_or_404(Case.objects.visible_to(me(request)).select_related("process", "scope"), pk=pk)


# --- teams -----------------------------------------------------------------------------------------------


@require_safe
def team(request: HttpRequest, process: int) -> HttpResponse:
    """For who leads the process: who sees something of it, and how much. Others do not find it."""
    found = get_object_or_404(Process, pk=process, owner=None)
    if not _leads(found, me(request)):
        raise Http404
    rows = [{"person": person, **seen_words(seen)} for person, seen in seeing_of(found, me(request))]
    return render(request, "desk/team_access.html", {"process": found, "rows": rows, "slug": f"process-{found.pk}"})


def _leads(process: Process, person: Person) -> bool:
    return process.members.filter(person=person, role=Member.Role.LEAD).exists()


def seen_words(seen: SeenProcess) -> dict[str, Any]:
    """What a row about a process shows."""
    return {
        "process": seen.process,
        "role": role_words(seen.role),
        "all": seen.all if seen.role else None,
        "single": [(single_words(code), number) for code, number in sorted(seen.conversations.items())],
        "cases": seen.cases,
        "confidential": seen.confidential,
    }
