"""The root of the log at the end of each day: what can be exported, time-stamped and shown to others later."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from .audit import canonical, moment
from .models import AuditEntry, DayRoot, LogLeaf
from .sealing import log_name, log_size, stored_subtrees
from .tree import root

_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=6)
_WHILE_ASKING = timedelta(minutes=5)  # nobody else asks for the same root meanwhile


class NotStamped(Exception):
    """The time-stamping server could not be reached, or its answer does not hold; says which."""


def close_day(now: datetime, *, stamp: bool) -> DayRoot | None:
    """Make the root of the last day (UTC) that has ended, unless it is there or something still waits to be sealed.

    It covers all that was sealed when it was made, so the whole day at least. `stamp`: a time-stamp is wanted.
    """
    day = now.astimezone(UTC).date() - timedelta(days=1)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    if DayRoot.objects.filter(date=day).exists() or not LogLeaf.objects.exists():
        return None
    if AuditEntry.objects.filter(position=None, at__lt=midnight).exists():
        return None
    try:
        with transaction.atomic():
            return _make_root(day, now, stamp)
    except IntegrityError:
        return None  # another worker made it


def _make_root(day: date, now: datetime, stamp: bool) -> DayRoot:
    size = log_size()
    last = LogLeaf.objects.get(position=size - 1)
    due_at = now if stamp else None
    return DayRoot.objects.create(
        date=day, size=size, root=root(stored_subtrees(), size), chain=last.chain, made_at=now, due_at=due_at
    )


def statement(day: DayRoot) -> bytes:
    """What is exported and time-stamped for a day, byte for byte: one line of JSON."""
    return _statement("day root", day.date.isoformat(), day.size, bytes(day.root), bytes(day.chain), day.made_at)


def checkpoint(now: datetime) -> tuple[int, bytes]:
    """The size of the log as it is now, and a statement like a day's over it."""
    size = log_size()
    last = LogLeaf.objects.get(position=size - 1)
    return size, _statement("checkpoint", "", size, root(stored_subtrees(), size), bytes(last.chain), now)


def _statement(kind: str, day: str, size: int, root: bytes, chain: bytes, made_at: datetime) -> bytes:
    said = {
        "v": 1,
        "kind": kind,
        "log": log_name(),
        "date": day,
        "size": size,
        "root": root.hex(),
        "chain": chain.hex(),
        "made_at": moment(made_at),
    }
    return canonical(said).encode("ascii") + b"\n"


# --- time-stamps -----------------------------------------------------------------------------------------


def stamp_due(now: Callable[[], datetime], server: str, ask: Callable[[bytes], tuple[bytes, datetime]]) -> int:
    """Have the roots time-stamped that are due; how many were.

    `ask` takes a statement and gives the server's checked answer and its time, or raises NotStamped: then it is asked
    again, later and later up to every six hours, for as long as it takes. The error is kept for the administration.
    """
    done = 0
    for day in list(DayRoot.objects.filter(due_at__lte=now()).order_by("date")[:10]):
        mine = DayRoot.objects.filter(pk=day.pk, due_at=day.due_at)
        if mine.update(due_at=now() + _WHILE_ASKING, attempts=F("attempts") + 1) == 1:
            done += _stamp(day, now, server, ask)
    return done


def _stamp(
    day: DayRoot, now: Callable[[], datetime], server: str, ask: Callable[[bytes], tuple[bytes, datetime]]
) -> bool:
    try:
        token, at = ask(statement(day))
    except NotStamped as error:
        pause = min(_FIRST_PAUSE * 2 ** min(day.attempts, 20), _LONGEST_PAUSE)
        DayRoot.objects.filter(pk=day.pk).update(due_at=now() + pause, error=str(error)[:300], server=server[:300])
        return False
    DayRoot.objects.filter(pk=day.pk).update(token=token, stamped_at=at, due_at=None, error="", server=server[:300])
    return True


def want_stamps(now: datetime) -> int:
    """Have every root time-stamped that is not yet, for a server that was set only now; how many."""
    return DayRoot.objects.filter(token=None, due_at=None).update(due_at=now)
