"""What keeps an open page alive: what changed since it last asked, and who else is in the open conversation."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from podatelna.accounts.inspections import is_inspecting
from podatelna.accounts.models import Person
from podatelna.desk import changes, linked
from podatelna.desk import presence as presences
from podatelna.desk.models import Conversation, Presence

from .answers import me
from .places import find_conversation

# A row this fresh says enough: not every pulse of every tab has to write.
FRESH = timedelta(seconds=8)
_GONE = "gone"  # in a cursor: it was said already


@never_cache
@require_safe
def pulse(request: HttpRequest) -> HttpResponse:
    """204 when nothing is new; else JSON `{cursor, conversations: [id], presence: [{name, writing}]}`.

    With `gone` true the conversation on screen is no longer there for whoever asks; that is said once.
    `since` is the cursor of the last answer, `open` the conversation on screen, `writing` is 1 while one writes in it.
    """
    person, now = me(request), timezone.now()
    asked = request.GET.get("since", "")
    since, _tilde, _digest_before = asked.partition("~")
    cursor, changed = changes.since(person, since)
    shown = _open(request, person)
    here = _presence(person, shown, request.GET.get("writing") == "1", now)
    gone = shown is None and _number(request) is not None
    answer = f"{cursor}~{_GONE if gone else _digest(here)}"
    if answer == asked and not changed:
        return HttpResponse(status=204)
    news = {"cursor": answer, "conversations": sorted(changed), "presence": here}
    return JsonResponse({**news, "gone": True} if gone and not asked.endswith(f"~{_GONE}") else news)


def _open(request: HttpRequest, person: Person) -> Conversation | None:
    """The conversation on screen; None when it is not there, or no longer for this person."""
    pk = _number(request)
    return Conversation.objects.visible_to(person).filter(pk=pk).first() if pk is not None else None


def _number(request: HttpRequest) -> int | None:
    text = request.GET.get("open", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _presence(
    person: Person, conversation: Conversation | None, writing: bool, now: datetime
) -> list[dict[str, object]]:
    """Be seen in `conversation`, and see who else is there."""
    if conversation is None:
        return []
    if is_inspecting(person):  # who looks into it in an inspection is nobody's colleague there
        return []
    fresh = Presence.objects.filter(person=person, conversation=conversation, writing=writing)
    if not fresh.filter(seen_at__gt=now - FRESH).exists():
        presences.seen(conversation, person, now, writing)
    here = [(other.name, writes) for other, writes in presences.others(conversation, person, now)]
    there = [(f"{one.name} ({process})", True) for one, process in linked.writers_elsewhere(conversation, person, now)]
    return [{"name": name, "writing": writes} for name, writes in (*here, *there)]


def _digest(here: list[dict[str, object]]) -> str:
    return hashlib.sha256(repr(here).encode()).hexdigest()[:12] if here else ""


@require_POST
def presence(request: HttpRequest) -> HttpResponse:
    """Say at once, without waiting for the next pulse: `state` is here, writing or gone in `conversation`."""
    pk = request.POST.get("conversation", "")
    conversation = find_conversation(me(request), int(pk) if pk.isascii() and pk.isdecimal() and len(pk) < 19 else 0)
    state = request.POST.get("state", "here")
    if is_inspecting(me(request)):
        return HttpResponse(status=204)
    if state == "gone":
        presences.left(conversation, me(request))
    else:
        presences.seen(conversation, me(request), timezone.now(), state == "writing")
    return HttpResponse(status=204)
