"""How much a conversation presses: low, normal or high."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from podatelna.accounts.models import Person

from .models import Conversation

PRIORITIES = {"high": 1, "normal": 0, "low": -1}  # by name, as the column has them


def name_of(priority: int) -> str:
    """low, normal or high."""
    return {number: name for name, number in PRIORITIES.items()}.get(priority, "normal")


@transaction.atomic
def set_priority(conversation: Conversation, priority: str, by: Person | None, now: datetime) -> bool:
    """Make it "low", "normal" or "high"; False when it is so already. Raises ValueError for any other word."""
    if priority not in PRIORITIES:
        raise ValueError(f"no such priority: {priority[:20]!r}")
    number = PRIORITIES[priority]
    if conversation.locked().priority == number:
        return False
    conversation.priority = number
    Conversation.objects.filter(pk=conversation.pk).update(priority=number)
    conversation.happened("priority", by, now, priority=priority)
    return True
