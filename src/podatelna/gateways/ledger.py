"""The ledger: for each folder every UID that was seen there, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from podatelna import rows
from podatelna.archive import verdicts
from podatelna.archive.intake import Accepted
from podatelna.archive.models import Delivery

from .models import Folder, Gateway, LedgerEntry

End, Move = LedgerEntry.End, LedgerEntry.Move

CAME_BACK = "came back"  # a reason
_TAKEN = (End.ARCHIVED, End.DUPLICATE)
_CHUNK = 500  # SQLite allows 999 variables in older versions
_FIRST_RETRY = timedelta(minutes=1)
_LAST_RETRY = timedelta(hours=6)


def open_folder(gateway: Gateway, name: str, uidvalidity: int, now: datetime) -> Folder:
    """The ledger of a folder under its UIDVALIDITY; another UIDVALIDITY starts another ledger, all UIDs are new."""
    folder, _ = Folder.objects.get_or_create(
        gateway=gateway, name=name, uidvalidity=uidvalidity, defaults={"first_seen_at": now}
    )
    return folder


class Known(NamedTuple):
    """What the ledger says of a UID. `archived`: its bytes are here, so that they can be compared."""

    end: str
    move: str
    attempts: int
    at: datetime
    archived: bool

    def to_take(self, now: datetime, *, left_too: bool = False) -> bool:
        """Whether it is to be fetched: it failed and its next try has come, or was left and may be wanted now."""
        if self.end == End.LEFT:
            return left_too
        return self.end == End.FAILED and self.at + retry_after(self.attempts) <= now


def known(folder: Folder, uids: Iterable[int]) -> dict[int, Known]:
    """Those of `uids` that the ledger has."""
    found: dict[int, Known] = {}
    columns = ("uid", "end", "move", "attempts", "at", "delivery_id")
    for chunk in rows.groups(uids, _CHUNK):
        for uid, end, move, attempts, at, delivery in folder.entries.filter(uid__in=chunk).values_list(*columns):
            found[uid] = Known(end, move, attempts, at, delivery is not None)
    return found


def to_fetch(folder: Folder, there: Collection[int], now: datetime, *, left_too: bool = False) -> list[int]:
    """Those of the UIDs `there` that are not accounted for, and the failed ones whose next try has come; ascending."""
    entries = known(folder, there)
    return sorted(uid for uid in there if uid not in entries or entries[uid].to_take(now, left_too=left_too))


def due_failures(folder: Folder, now: datetime) -> list[int]:
    """UIDs that could not be taken and whose next try has come, ascending."""
    return sorted(uid for uid, when in _retries(folder) if when <= now)


def next_retry(folder: Folder) -> datetime | None:
    """When the next message that could not be taken is due; None: there is none."""
    return min((when for _, when in _retries(folder)), default=None)


def _retries(folder: Folder) -> Iterator[tuple[int, datetime]]:
    failures = folder.entries.filter(end=End.FAILED).exclude(move=Move.GONE)
    for uid, attempts, at in failures.values_list("uid", "attempts", "at"):
        yield uid, at + retry_after(attempts)


def retry_after(attempts: int) -> timedelta:
    """How long a message that failed `attempts` times is left alone: 1, 4, 16 … minutes, at most 6 hours.

    0: somebody wants it tried again now.
    """
    if not attempts:
        return timedelta()
    times: int = 4 ** min(attempts - 1, 6)
    return min(_FIRST_RETRY * times, _LAST_RETRY)


def writer(
    folder: Folder,
    uids: Sequence[int],
    now: datetime,
    *,
    stood_at: Mapping[int, datetime | None] | None = None,
    past: Collection[int] = (),
) -> Callable[[list[Accepted]], None]:
    """For `archive.intake.accept(also=…)`: writes the entries of `uids` in the transaction of their deliveries.

    They wait for a verdict from then on. `stood_at` is INTERNALDATE by UID; those in `past` are history (history.py).
    """

    def write(accepted: list[Accepted]) -> None:
        dates = stood_at or {}
        # A UID that failed before, or was not wanted then, has its entry already: it gets a new one.
        folder.entries.filter(uid__in=uids).delete()
        entries = [
            (folder.pk, uid, _end(answer), answer.delivery.pk, now, dates.get(uid), uid in past or None)
            for uid, answer in zip(uids, accepted, strict=True)
        ]
        rows.insert(LedgerEntry, _WRITTEN, entries)
        verdicts.expect([answer.delivery for answer in accepted if answer.new], now)

    return write


_WRITTEN = ("folder", "uid", "end", "delivery", "at", "stood_at", "past")


def _end(answer: Accepted) -> str:
    return (End.DUPLICATE if answer.same_bytes_before else End.ARCHIVED).value


def failed(folder: Folder, reasons: Mapping[int, str], now: datetime, *, gone: bool = False) -> None:
    """These could not be taken, each for its reason: counted, shown, tried again later unless they are gone."""
    if not reasons:
        return
    attempts = dict(folder.entries.filter(uid__in=list(reasons)).values_list("uid", "attempts"))
    _save(
        LedgerEntry(
            folder=folder,
            uid=uid,
            end=End.FAILED,
            move=Move.GONE if gone else Move.PENDING,
            reason=reason,
            attempts=attempts.get(uid, 0) + 1,
            at=now,
        )
        for uid, reason in reasons.items()
    )


def _save(entries: Iterable[LedgerEntry]) -> None:
    # A UID that failed before has its entry already: it is written over.
    LedgerEntry.objects.bulk_create(
        entries,
        update_conflicts=True,
        unique_fields=["folder", "uid"],
        update_fields=["end", "move", "delivery", "reason", "attempts", "at", "stood_at", "past"],
    )


def left(folder: Folder, uids: Iterable[int], now: datetime) -> None:
    """These stood there before the folder was connected, and are not wanted: they are left where they are."""
    columns = ("folder", "uid", "end", "move", "at")
    entries = [(folder.pk, uid, End.LEFT.value, Move.STAYS.value, now) for uid in uids]
    with transaction.atomic():
        rows.insert(LedgerEntry, columns, entries, once=True)


def came_back(folder: Folder, uids: Collection[int]) -> None:
    """These were moved, or had gone, and stand there again under their own UID: they are to be moved again, once.

    A server that gives them back each time would otherwise be made to copy them for ever.
    """
    for chunk in rows.groups(sorted(uids), _CHUNK):
        entries = folder.entries.filter(uid__in=chunk, move__in=(Move.MOVED, Move.GONE)).exclude(end=End.FAILED)
        entries.filter(reason=CAME_BACK).update(move=Move.STAYS)
        entries.exclude(reason=CAME_BACK).update(move=Move.PENDING, reason=CAME_BACK)


def to_move(folder: Folder, limit: int, after: int = 0) -> list[int]:
    """UIDs above `after` that are archived and not yet known to have left the folder; ascending."""
    waiting = folder.entries.filter(move=Move.PENDING, uid__gt=after, end__in=_TAKEN).order_by("uid")
    return list(waiting.values_list("uid", flat=True)[:limit])


def moved(folder: Folder, uids: Collection[int], how: str) -> None:
    """These have left the folder, or were marked (a `LedgerEntry.Move`)."""
    for chunk in rows.groups(sorted(uids), _CHUNK):
        folder.entries.filter(uid__in=chunk, move=Move.PENDING).update(move=how)


def vanished(folder: Folder, uids: Iterable[int]) -> None:
    """These stood in the folder and do not any more: somebody else has taken them away."""
    for chunk in rows.groups(uids, _CHUNK):
        folder.entries.filter(uid__in=chunk).exclude(move=Move.MOVED).update(move=Move.GONE)


def digests(folder: Folder, uids: Collection[int]) -> dict[int, tuple[int, bytes]]:
    """Size and SHA-256 of what was archived of these UIDs."""
    entries = folder.entries.filter(uid__in=list(uids), delivery__isnull=False)
    found = entries.values_list("uid", "delivery__size", "delivery__sha256")
    return {uid: (size, bytes(sha256)) for uid, size, sha256 in found}


def failures(gateway: Gateway) -> int:
    """How many messages stand in the gateway's folders that could not be taken."""
    return LedgerEntry.objects.filter(folder__gateway=gateway, end=End.FAILED).exclude(move=Move.GONE).count()


def quarantined(folder: Folder) -> QuerySet[LedgerEntry]:
    """What is archived but could not be taken onto the desk: the pipeline has shunted it."""
    return folder.entries.filter(delivery__in=Delivery.objects.filter(state=Delivery.State.SHUNTED).values("pk"))


def try_again(gateway: Gateway, entry: int | None = None) -> int:
    """Have what could not be fetched tried at the next look, whatever its turn was; all of it or one; how many."""
    failures = LedgerEntry.objects.filter(folder__gateway=gateway, folder__current=True, end=End.FAILED)
    failures = failures.exclude(move=Move.GONE)
    return (failures if entry is None else failures.filter(pk=entry)).update(attempts=0)


def history_among(deliveries: Iterable[int]) -> set[int]:
    """Those of `deliveries` (their keys) that were old when their folder was connected."""
    found: set[int] = set()
    for chunk in rows.groups(deliveries):
        found.update(LedgerEntry.objects.filter(delivery__in=chunk, past=True).values_list("delivery_id", flat=True))
    return found
