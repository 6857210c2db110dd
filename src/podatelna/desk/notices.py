"""Telling a person of something: a line beside the bell, for as long as they may see what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from podatelna.accounts.models import Person

from . import changes
from .mark_models import Notice
from .models import Conversation

KINDS = frozenset(Notice.Kind)
_KEEP_SEEN = timedelta(days=30)
_KEEP = timedelta(days=180)
_NOTHING: Mapping[str, Any] = {}


def notify(
    person: Person,
    kind: str,
    now: datetime,
    *,
    conversation: Conversation | None = None,
    details: Mapping[str, Any] = _NOTHING,
) -> None:
    """Tell `person`; part of the caller's transaction.

    What they were told before in the same words and have not seen yet is not told twice: it moves up. Nothing is told
    to who has left. `details` by kind: "mention" by, entry; "assigned" by; "rule" name, text; "task" by, task, or
    task, today; "target" which, late. Names and keys, no text that may have to be erased later.
    """
    if not person.is_active:
        return
    same = Notice.objects.filter(person=person, kind=kind, conversation=conversation, seen_at=None)
    for notice in same.order_by("-pk")[:20]:
        if notice.details == dict(details):
            Notice.objects.filter(pk=notice.pk).update(at=now)
            break
    else:
        Notice.objects.create(person=person, kind=kind, at=now, conversation=conversation, details=dict(details))
    if conversation is not None:
        changes.touched(conversation, now)  # so that the bell of an open page hears of it


def count_new(person: Person) -> int:
    """How many notices `person` has not seen."""
    return Notice.objects.visible_to(person).new().count()


def see(person: Person, now: datetime, *, conversation: Conversation | None = None) -> int:
    """`person` has seen all their notices, or those about `conversation`; how many were new."""
    mine = Notice.objects.filter(person=person).new()
    if conversation is not None:
        mine = mine.filter(conversation=conversation)
    return mine.update(seen_at=now)


def sweep(now: datetime) -> int:
    """Forget what was seen a month ago, and what nobody has looked at for half a year; how many went."""
    old = Q(seen_at__lt=now - _KEEP_SEEN) | Q(at__lt=now - _KEEP)
    return Notice.objects.filter(old).delete()[0]
