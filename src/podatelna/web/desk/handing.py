"""Handing a conversation of one's own desk over to somebody, and taking it back."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from podatelna.accounts.models import Person
from podatelna.desk.errors import NotHandable
from podatelna.desk.handover import hand_over, standing, take_back
from podatelna.desk.models import Conversation, Process
from podatelna.desk.personal_models import HandOver

from .answers import by_verb, go, me, toast
from .pane import done, home_list, show
from .places import find_conversation


def _mine(request: HttpRequest, pk: int) -> Conversation:
    """A conversation of one's own desk. Raises Http404, also where one was let into it by its owner."""
    found = find_conversation(me(request), pk)
    if found.process.owner_id != me(request).pk:
        raise Http404
    return found


def _choose(request: HttpRequest, conversation: int) -> HttpResponse:
    found = _mine(request, conversation)
    context = {
        "conversation": found,
        "people": Person.objects.filter(is_active=True).exclude(pk=me(request).pk),
        "processes": Process.objects.filter(owner=None),
        "address": found.process.addresses.values_list("address", flat=True).first() or "",
        "handed": list(standing(found)),
    }
    html = render_to_string("desk/handing.html", context, request)
    return show(request, html, slug=home_list(found, me(request)), title=_("Hand over"), selected=found.pk)


def _hand(request: HttpRequest, conversation: int) -> HttpResponse:
    found = _mine(request, conversation)
    to = _named(request.POST.get("to", ""))
    try:
        given = hand_over(found, to, me(request), timezone.now(), as_owner="as_owner" in request.POST)
    except NotHandable:
        raise Http404 from None
    undo = reverse("conversation-handed", args=[found.pk, given.pk])
    answer = go(request, reverse("conversation", args=[found.pk]))
    return toast(request, answer, _("%(name)s has it now.") % {"name": to}, undo)


def _named(text: str) -> Person | Process:
    """ "person-7" or "process-3". Raises Http404."""
    kind, _dash, number = text.partition("-")
    pk = int(number) if number.isascii() and number.isdecimal() and len(number) < 19 else 0
    if kind == "person":
        return get_object_or_404(Person, pk=pk, is_active=True)
    if kind == "process":
        return get_object_or_404(Process, pk=pk, owner=None)
    raise Http404


def _take_back(request: HttpRequest, conversation: int, handed: int) -> HttpResponse:
    found = _mine(request, conversation)
    given = get_object_or_404(HandOver.objects.select_related("to_person", "to_process"), pk=handed, conversation=found)
    name = given.to_process or given.to_person
    take_back(given, me(request), timezone.now())
    return done(request, found, _("%(name)s sees it no more.") % {"name": name})


handing = by_verb(GET=_choose, POST=_hand)
handed = by_verb(POST=_take_back, DELETE=_take_back)
