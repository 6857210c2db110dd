"""Internal notes: seen by whoever sees the conversation, never sent."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from podatelna.accounts.models import Person

from . import changes, mentions
from .models import Conversation, Entry


@transaction.atomic
def add(conversation: Conversation, person: Person, text: str, now: datetime) -> Entry:
    """Write a note into the timeline and tell who is named in it; see mentions.py.

    The list's order does not change: nobody outside has written. Who could not be told stands in the entry's details
    as "untold".
    """
    locked = conversation.locked()
    words = text.replace("\0", "").strip()
    entry = locked.entries.create(kind=Entry.Kind.NOTE, at=now, entered_at=now, person=person, text=words)
    mentions.tell(entry, person, now)
    changes.touched(conversation, now)
    return entry
