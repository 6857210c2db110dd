"""Lease due rows: the rows are the queue, there is no broker. Works on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import models, transaction
from django.db.models import Q, QuerySet

T = TypeVar("T", bound="Claimable")

_AT_ONCE = 500


class Claimable(models.Model):
    """A row that waits until `due_at` (null: nothing to do) and is worked by whoever holds `leased_until`."""

    due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


def waiting(rows: QuerySet[T], now: datetime) -> QuerySet[T]:
    """Those of `rows` that are due at `now` and that nobody holds; the longest waiting first."""
    free = Q(leased_until=None) | Q(leased_until__lte=now)
    return rows.filter(free, due_at__lte=now).order_by("due_at", "pk")


def lease(rows: QuerySet[T], now: datetime, hold: timedelta, **also: Any) -> T | None:
    """Take the longest-waiting due row until `now + hold`, or None. Of two workers, one gets it.

    `also`: columns to be written with it, in the same statement; the row that is returned does not have them yet.
    """
    for row in waiting(rows, now)[:10]:
        if take(row, now, hold, **also):
            return row
    return None


def lease_many(
    rows: QuerySet[T], now: datetime, hold: timedelta, limit: int, fits: Callable[[list[T]], int] = len, **also: Any
) -> list[T]:
    """Take up to `limit` due rows, the longest-waiting first; none that somebody else holds or is about to.

    `fits` says how many of the first ones are enough. `also` as for `lease`.
    """
    until = now + hold
    with transaction.atomic():
        found = list(waiting(rows, now).select_for_update(skip_locked=True, of=("self",))[:limit])
        del found[fits(found) :]
        same = rows.model._default_manager.filter(pk__in=[row.pk for row in found])
        same.update(leased_until=until, **also)
    for row in found:
        row.leased_until = until
    return found


def take(row: T, now: datetime, hold: timedelta, **also: Any) -> bool:
    """Lease this very row as it was read, and write `also` with it; False when somebody was faster."""
    until = now + hold
    same = type(row)._default_manager.filter(pk=row.pk, leased_until=row.leased_until, due_at=row.due_at)
    if same.update(leased_until=until, **also) != 1:
        return False
    row.leased_until = until
    return True


def prolong(row: T, now: datetime, hold: timedelta) -> bool:
    """Hold a leased row for longer; False when the lease was lost meanwhile."""
    until = now + hold
    if type(row)._default_manager.filter(pk=row.pk, leased_until=row.leased_until).update(leased_until=until) != 1:
        return False
    row.leased_until = until
    return True


def prolong_many(rows: Sequence[T], now: datetime, hold: timedelta) -> list[T]:
    """Hold leased rows of one table for longer, few statements for all; those whose lease was lost meanwhile."""
    until = now + hold
    alike: dict[datetime | None, list[T]] = defaultdict(list)
    for row in rows:
        alike[row.leased_until].append(row)
    lost: list[T] = []
    for leased, same in alike.items():
        for start in range(0, len(same), _AT_ONCE):
            some = same[start : start + _AT_ONCE]
            held = type(some[0])._default_manager.filter(pk__in=[row.pk for row in some], leased_until=leased)
            if held.update(leased_until=until) != len(some):
                # They are held until then by now, but for those that were lost.
                now_held = type(some[0])._default_manager.filter(pk__in=[row.pk for row in some], leased_until=until)
                found = set(now_held.values_list("pk", flat=True))
                lost += [row for row in some if row.pk not in found]
            for row in some:
                row.leased_until = until
    return lost


def settle(row: T, due_at: datetime | None) -> bool:
    """Give a leased row back, to be due again at `due_at` (None: done); False when the lease was lost meanwhile."""
    mine = type(row)._default_manager.filter(pk=row.pk, leased_until=row.leased_until)
    done = mine.update(due_at=due_at, leased_until=None) == 1
    row.due_at, row.leased_until = due_at, None
    return done


def release(rows: QuerySet[T]) -> None:
    """Give rows free that a dead worker still holds; for a start where no other worker can be alive."""
    rows.exclude(leased_until=None).update(leased_until=None)
