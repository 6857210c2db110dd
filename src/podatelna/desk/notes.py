"""Internal notes: seen by whoever sees the conversation, never sent."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from podatelna.accounts.models import Person

from . import changes
from .models import Conversation, Entry


@transaction.atomic
def add(conversation: Conversation, person: Person, text: str, now: datetime) -> Entry:
    """Write a note into the timeline. The list's order does not change: nobody outside has written."""
    locked = conversation.locked()
    words = text.replace("\0", "").strip()
    entry = locked.entries.create(kind=Entry.Kind.NOTE, at=now, entered_at=now, person=person, text=words)
    changes.touched(conversation, now)
    return entry
