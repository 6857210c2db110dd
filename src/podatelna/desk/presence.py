"""Who else looks at a conversation, and who writes in it."""

from __future__ import annotations

from datetime import datetime, timedelta

from podatelna.accounts.models import Person

from .models import Conversation, Presence

GONE_AFTER = timedelta(seconds=25)  # a few pulses of the page


def seen(conversation: Conversation, person: Person, now: datetime, writing: bool) -> None:
    """`person` has the conversation on screen at `now`."""
    Presence.objects.update_or_create(
        person=person, conversation=conversation, defaults={"seen_at": now, "writing": writing}
    )


def left(conversation: Conversation, person: Person) -> None:
    """`person` has turned to something else."""
    Presence.objects.filter(person=person, conversation=conversation).delete()


def others(conversation: Conversation, person: Person, now: datetime) -> list[tuple[Person, bool]]:
    """Everybody else who is there just now, with whether they write."""
    rows = Presence.objects.filter(conversation=conversation, seen_at__gt=now - GONE_AFTER, person__is_active=True)
    rows = rows.exclude(person=person).select_related("person").order_by("person__name", "person_id")
    return [(row.person, row.writing) for row in rows]


def sweep(now: datetime) -> int:
    """Forget who was there long ago; how many rows went."""
    return Presence.objects.filter(seen_at__lt=now - 100 * GONE_AFTER).delete()[0]
