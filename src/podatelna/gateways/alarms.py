"""Alarms: raised by whoever finds something wrong, told once when it has stood for a while, and again when it is over.

An alarm is one row per kind and subject for as long as it stands. Raising and ending write that row and nothing else;
who is told, and how, is in watch/. What flaps is told once: an alarm is told after its kind's
`hold`, and is over after it has been well for its `calm`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from podatelna.accounts.models import Person

from .alarm_models import Alarm
from .models import Gateway

_AT_ONCE = timedelta()


@dataclass(frozen=True)
class Kind:
    """How an alarm of one kind behaves.

    `hold`: how long it must stand before it is told. `calm`: how long it must be well before it is over.
    `event`: it is about something that happened and has no end of its own: a person puts it away.
    """

    hold: timedelta = _AT_ONCE
    calm: timedelta = _AT_ONCE
    event: bool = False


_FIVE_MINUTES = timedelta(minutes=5)

KINDS: dict[str, Kind] = {
    "gateway-failing": Kind(hold=_FIVE_MINUTES, calm=_FIVE_MINUTES),
    "sign-in-dead": Kind(),
    "ledger-gap": Kind(),
    "folder-gone": Kind(),
    "uidvalidity": Kind(event=True),
    # What is replayed, or waited for its process, is old when it is taken up and gone a minute later.
    "backlog": Kind(hold=timedelta(minutes=2), calm=_FIVE_MINUTES),
    "outbox-stuck": Kind(calm=_FIVE_MINUTES),
    "outbox-uncertain": Kind(hold=timedelta(minutes=30)),  # whoever wrote it mostly decides before
    "copy-failed": Kind(),
    "worker-gone": Kind(hold=timedelta(minutes=2), calm=timedelta(minutes=2)),
    "disk": Kind(calm=_FIVE_MINUTES),
    "certificate": Kind(),
    "token": Kind(),
    "quarantine": Kind(hold=timedelta(minutes=1), calm=timedelta(minutes=1)),
    "damage": Kind(),
    "index": Kind(),
    "flood": Kind(),
    "rule-webhook": Kind(event=True),  # a later call that gets through ends it as well
}


def raise_alarm(
    kind: str,
    subject: str,
    *,
    now: datetime,
    details: Mapping[str, Any] | None = None,
    gateway: Gateway | None = None,
    person: Person | None = None,
) -> bool:
    """Say that something is wrong; True when that is new. As often as one likes: while it stands nothing is told twice.

    `subject` names what it is about, like "gateway 7" or "data folder". `details` must be JSON, free of secrets and of
    what stands in mail. `person` is told besides the administrators: the owner of a private mailbox.
    """
    found = {"details": dict(details or {}), "gateway": gateway, "person": person}
    alarm, new = Alarm.objects.get_or_create(
        kind=kind, subject=subject[:200], ended_at=None, defaults={**found, "raised_at": now}
    )
    if new:
        return True
    # Written only when it says something new: what goes on failing is raised every few seconds.
    if alarm.well_since is not None or (details is not None and alarm.details != found["details"]):
        changed = {} if details is None else {"details": found["details"]}
        Alarm.objects.filter(pk=alarm.pk, ended_at=None).update(well_since=None, **changed)
    return False


def end_alarm(kind: str, subject: str, *, now: datetime) -> bool:
    """Say that it is well (again); True when an alarm stood. Where the kind has a calm, it is over only after that."""
    standing = Alarm.objects.filter(kind=kind, subject=subject[:200], ended_at=None)
    # Asked first: mostly none stands, and on SQLite an UPDATE waits for whoever writes.
    if not standing.exists():
        return False
    if KINDS.get(kind, Kind()).calm == _AT_ONCE:
        return standing.update(well_since=now, ended_at=now) == 1
    found = standing.filter(well_since=None).update(well_since=now)
    return bool(found) or standing.exists()


def put_away(alarm: Alarm, by: Person, now: datetime) -> bool:
    """Somebody has seen it and it is over for them; False when it was over already."""
    return Alarm.objects.filter(pk=alarm.pk, ended_at=None).update(ended_at=now, ended_by=by) == 1


def end_calm(now: datetime) -> int:
    """End what has been well for long enough; how many."""
    well = Alarm.objects.filter(ended_at=None, well_since__isnull=False)
    return sum(
        well.filter(pk=alarm.pk, well_since=alarm.well_since).update(ended_at=now)
        for alarm in well
        if alarm.well_since is not None and now - alarm.well_since >= KINDS.get(alarm.kind, Kind()).calm
    )


def standing() -> QuerySet[Alarm]:
    """Alarms that are not over, the newest first."""
    return Alarm.objects.filter(ended_at=None).select_related("gateway", "person")


def worth_showing() -> QuerySet[Alarm]:
    """Those that are not over, but for what passed before anybody was told."""
    return standing().exclude(told_at=None, well_since__isnull=False)


def lately(now: datetime, days: int = 30) -> QuerySet[Alarm]:
    """Alarms that ended within `days` and had stood long enough to be told, the newest first."""
    ended = Alarm.objects.filter(ended_at__gte=now - timedelta(days=days)).exclude(told_at=None)
    return ended.select_related("gateway", "person")


def untold(now: datetime) -> list[Alarm]:
    """Alarms that have stood for their hold, stand just now, and were not told yet; the oldest first."""
    rows = Alarm.objects.filter(ended_at=None, told_at=None, well_since=None)
    rows = rows.select_related("gateway", "person").order_by("pk")
    return [alarm for alarm in rows if now - alarm.raised_at >= KINDS.get(alarm.kind, Kind()).hold]


def over_untold() -> QuerySet[Alarm]:
    """Alarms that were told and are over, which was not told yet; one that nobody heard of ends without a word."""
    ended = Q(ended_at__isnull=False, told_at__isnull=False, end_told_at=None)
    return Alarm.objects.filter(ended).select_related("gateway", "person").order_by("pk")
