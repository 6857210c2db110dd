"""Splitting a conversation and joining two: pages that say what will happen, then the act and its Undo."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from podatelna.accounts.models import Person
from podatelna.archive.models import Message, ThreadDecision
from podatelna.desk import threading
from podatelna.desk.errors import NotJoinable, NotSplittable
from podatelna.desk.models import Conversation, Entry
from podatelna.desk.partners import history

from .answers import by_verb, go, leave, me, toast
from .found import found_by
from .pane import home_list, show
from .places import find_conversation

_OFFERED = 30


def _choose_split(request: HttpRequest, conversation: int) -> HttpResponse:
    found = find_conversation(me(request), conversation)
    message = _message(found, request.GET.get("message", "")) if request.GET.get("message") else None
    going = threading.going_along(found, message) if message else []
    letters = list(_letters(found))
    context = {
        "conversation": found,
        "message": message,
        "going": going,
        # With all of them there would be nothing left to split from.
        "possible": bool(going) and len(going) < len(letters),
        "letters": letters[1:],
    }
    html = render_to_string("desk/splitting.html", context, request)
    return show(request, html, slug=home_list(found, me(request)), title=_("Split the conversation"), selected=found.pk)


def _split(request: HttpRequest, conversation: int) -> HttpResponse:
    found = find_conversation(me(request), conversation)
    message = _message(found, request.POST.get("message", ""))
    try:
        new, decision = threading.split(found, message, me(request), timezone.now())
    except NotSplittable:
        return toast(request, _to(request, found), _("Nothing would stay behind, so it was not split."))
    return toast(request, _to(request, new), _("It is a conversation of its own now."), _undo_url(decision))


splitting = by_verb(GET=_choose_split, POST=_split)


def _choose_join(request: HttpRequest, conversation: int) -> HttpResponse:
    found = find_conversation(me(request), conversation)
    query = request.GET.get("q", "").strip()
    offered = _found(found, query, me(request)) if query else _of_the_partner(found, me(request))
    context = {"conversation": found, "query": query, "offered": offered[:_OFFERED]}
    html = render_to_string("desk/joining.html", context, request)
    title = _("Join with another conversation")
    return show(request, html, slug=home_list(found, me(request)), title=title, selected=found.pk)


def _join(request: HttpRequest, conversation: int) -> HttpResponse:
    found = find_conversation(me(request), conversation)
    other = find_conversation(me(request), _number(request.POST.get("other", "")))
    try:
        kept, decision = threading.join(found, other, me(request), timezone.now())
    except NotJoinable:
        raise Http404 from None
    return toast(request, _to(request, kept), _("They are one conversation now."), _undo_url(decision))


joining = by_verb(GET=_choose_join, POST=_join)


def _undo(request: HttpRequest, decision: int) -> HttpResponse:
    """For whoever sees the conversation that it was decided about."""
    found = get_object_or_404(ThreadDecision.objects.filter(person__isnull=False).select_related("key"), pk=decision)
    visible = Conversation.objects.visible_to(me(request))
    if not visible.filter(thread=found.key.thread_id).exists():
        raise Http404
    threading.undo(found, me(request), timezone.now())
    found.key.refresh_from_db()
    conversation = visible.filter(thread=found.key.thread_id).first()
    return toast(request, _to(request, conversation) if conversation else leave(request), _("Undone."))


decision_undo = by_verb(POST=_undo)


def _undo_url(decision: ThreadDecision) -> str:
    return reverse("thread-decision-undo", args=[decision.pk])


def _to(request: HttpRequest, conversation: Conversation) -> HttpResponse:
    return go(request, reverse("conversation", args=[conversation.pk]))


def _letters(conversation: Conversation) -> list[Entry]:
    rows = conversation.entries.filter(message__isnull=False).select_related("message", "person")
    return list(rows.order_by("at", "pk"))


def _message(conversation: Conversation, number: str) -> Message:
    return get_object_or_404(Message, entries__conversation=conversation, pk=_number(number))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _of_the_partner(conversation: Conversation, person: Person) -> list[Conversation]:
    if not conversation.partner_address:
        return []
    rows = history(conversation.partner_address, person, but=conversation).filter(process=conversation.process_id)
    return list(rows[:_OFFERED])


def _found(conversation: Conversation, query: str, person: Person) -> list[Conversation]:
    """Those of the same process that a search finds, each once."""
    groups = found_by(query, person, brief=True).groups
    found = {group.conversation.pk: group.conversation for group in groups if group.conversation is not None}
    return [one for one in found.values() if one.process_id == conversation.process_id and one.pk != conversation.pk]
