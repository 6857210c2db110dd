"""A conversation on the desk: its page, and what can be done with it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from podatelna.accounts.models import Person
from podatelna.desk.errors import NotAssignable
from podatelna.desk.handover import colleagues
from podatelna.desk.models import Conversation

from .answers import by_verb, me
from .pane import done, home_list, render_pane, render_parts, show
from .places import find_conversation


@require_safe
def page(request: HttpRequest, conversation: int) -> HttpResponse:
    """The conversation: beside its list as a full page, or as the pane alone when a list asks for it."""
    found = find_conversation(me(request), conversation)
    html, aside = render_pane(request, found)
    return show(
        request,
        html,
        aside,
        slug=request.GET.get("in") or home_list(found, me(request)),
        title=found.subject or _("(no subject)"),
        selected=found.pk,
        query=request.GET.get("q", ""),
    )


@require_safe
def changed(request: HttpRequest, conversation: int) -> HttpResponse:
    """Head, timeline and side panel as they are now, never the composer: somebody may be typing in it."""
    return HttpResponse(render_parts(request, find_conversation(me(request), conversation)))


def _close(request: HttpRequest, conversation: int) -> HttpResponse:
    found = find_conversation(me(request), conversation)
    found.close(me(request), timezone.now())
    return done(request, found, _("Closed."), reverse("conversation-closure-undo", args=[found.pk]))


def _reopen(request: HttpRequest, conversation: int) -> HttpResponse:
    found = find_conversation(me(request), conversation)
    found.reopen(me(request), timezone.now())
    return done(request, found, _("Open again."))


closure = by_verb(POST=_close, DELETE=_reopen)
closure_undo = by_verb(POST=_reopen)


def _assign(request: HttpRequest, conversation: int) -> HttpResponse:
    found = find_conversation(me(request), conversation)
    before = found.assignee_id or ""
    person = _named(request, found)
    try:
        found.assign(person, me(request), timezone.now())
    except NotAssignable:
        return done(request, found, _("It is on a personal desk: its owner hands it over."))
    undo = reverse("conversation-assignment-undo", args=[found.pk]) + f"?person={before}"
    return done(request, found, _assigned_words(person, me(request)), undo)


def _named(request: HttpRequest, conversation: Conversation) -> Person | None:
    """Whom the request names: one who works on it, or who asks; None for nobody. Raises Http404 for anybody else."""
    given = request.POST.get("person", request.GET.get("person", ""))
    if not given:
        return None
    if given == str(me(request).pk):
        return me(request)
    return get_object_or_404(colleagues(conversation), pk=int(given) if given.isascii() and given.isdecimal() else 0)


def _assigned_words(person: Person | None, by: Person) -> str:
    if person is None:
        return _("Nobody has it now.")
    return _("You have it now.") if person == by else _("%(name)s has it now.") % {"name": person.name}


assignment = by_verb(POST=_assign)
assignment_undo = by_verb(POST=_assign)
