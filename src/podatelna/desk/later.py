"""Letters that go out at a time somebody chose: the times that are offered, another time, now, or back into a draft.

Whoever sees the conversation may decide: who wrote the letter may be away when it turns out to be wrong.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta, tzinfo

from django.db import transaction

from podatelna.accounts.models import Person
from podatelna.outbox import queue
from podatelna.outbox.models import Outgoing

from .models import Entry

MORNING = time(8, 0)
LONGEST = timedelta(days=366)
_SOONEST = timedelta(minutes=1)


def tomorrow(now: datetime, zone: tzinfo) -> datetime:
    """Tomorrow at 8:00 on the wall clock of `zone`, whatever happens to the clocks in the night."""
    return _morning(now, zone, 1)


def next_monday(now: datetime, zone: tzinfo) -> datetime:
    """The Monday that comes, at 8:00 on the wall clock of `zone`; on a Monday the one a week later."""
    return _morning(now, zone, 7 - now.astimezone(zone).weekday())


def is_possible(at: datetime, now: datetime) -> bool:
    """Whether a letter can be put off until `at`: not into the past, and not for longer than a year."""
    return now + _SOONEST <= at <= now + LONGEST


@transaction.atomic
def put_off(outgoing: Outgoing, at: datetime, by: Person, now: datetime) -> bool:
    """Have it go out at `at` instead of the time chosen before; False when it is too late for that."""
    if not queue.reschedule(outgoing, at):
        return False
    return _decided(outgoing, "put-off", by, now, until=at.isoformat())


@transaction.atomic
def send_now(outgoing: Outgoing, by: Person, now: datetime) -> bool:
    """Do not wait any longer; False when it is under way already."""
    return queue.reschedule(outgoing, now) and _decided(outgoing, "sent-now", by, now)


def _decided(outgoing: Outgoing, verb: str, by: Person, now: datetime, **details: str) -> bool:
    entry = Entry.objects.filter(outgoing=outgoing).select_related("conversation").first()
    if entry is not None:
        entry.conversation.happened(verb, by, now, outgoing=outgoing.pk, **details)
    return True


def _morning(now: datetime, zone: tzinfo, days: int) -> datetime:
    day = now.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, MORNING, zone)
