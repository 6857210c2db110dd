"""The ledger: for each folder every UID that was seen there, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from podatelna.archive import verdicts
from podatelna.archive.intake import Accepted

from .models import Folder, Gateway, LedgerEntry

End, Move = LedgerEntry.End, LedgerEntry.Move

_CHUNK = 500  # SQLite allows 999 variables in older versions
_FIRST_RETRY = timedelta(minutes=1)
_LAST_RETRY = timedelta(hours=6)


def open_folder(gateway: Gateway, name: str, uidvalidity: int, now: datetime) -> Folder:
    """The ledger of a folder under its UIDVALIDITY; another UIDVALIDITY starts another ledger, all UIDs are new."""
    folder, _ = Folder.objects.get_or_create(
        gateway=gateway, name=name, uidvalidity=uidvalidity, defaults={"first_seen_at": now}
    )
    return folder


def to_fetch(folder: Folder, there: Collection[int], now: datetime) -> list[int]:
    """Those of the UIDs `there` that are not accounted for, and the failed ones whose next try has come; ascending."""
    known = _entries_between(folder, there)
    due = {uid for uid, (end, attempts, at) in known.items() if end == End.FAILED and at + retry_after(attempts) <= now}
    return sorted(uid for uid in there if uid not in known or uid in due)


def _entries_between(folder: Folder, uids: Collection[int]) -> dict[int, tuple[str, int, datetime]]:
    if not uids:
        return {}
    rows = folder.entries.filter(uid__gte=min(uids), uid__lte=max(uids))
    return {uid: (end, attempts, at) for uid, end, attempts, at in rows.values_list("uid", "end", "attempts", "at")}


def retry_after(attempts: int) -> timedelta:
    """How long a message that failed `attempts` times is left alone: 1, 4, 16 … minutes, at most 6 hours."""
    times: int = 4 ** min(max(attempts - 1, 0), 6)
    return min(_FIRST_RETRY * times, _LAST_RETRY)


def writer(folder: Folder, uids: Sequence[int], now: datetime) -> Callable[[list[Accepted]], None]:
    """For `archive.intake.accept(also=…)`: writes the entries of `uids` in the transaction of their deliveries.

    They wait for a verdict from then on.
    """

    def write(accepted: list[Accepted]) -> None:
        _save(_entry(folder, uid, answer, now) for uid, answer in zip(uids, accepted, strict=True))
        verdicts.expect([answer.delivery for answer in accepted if answer.new], now)

    return write


def _entry(folder: Folder, uid: int, answer: Accepted, now: datetime) -> LedgerEntry:
    end = End.DUPLICATE if answer.same_bytes_before else End.ARCHIVED
    return LedgerEntry(folder=folder, uid=uid, end=end, delivery=answer.delivery, at=now)


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


def _save(entries: Iterator[LedgerEntry]) -> None:
    # A UID that failed before has its entry already: it is written over.
    LedgerEntry.objects.bulk_create(
        entries,
        update_conflicts=True,
        unique_fields=["folder", "uid"],
        update_fields=["end", "move", "delivery", "reason", "attempts", "at"],
    )


def to_move(folder: Folder, limit: int, after: int = 0) -> list[int]:
    """UIDs above `after` that are archived and not yet known to have left the folder; ascending."""
    rows = folder.entries.filter(move=Move.PENDING, uid__gt=after).exclude(end=End.FAILED).order_by("uid")
    return list(rows.values_list("uid", flat=True)[:limit])


def moved(folder: Folder, uids: Collection[int], how: str) -> None:
    """These have left the folder, or were marked (a `LedgerEntry.Move`)."""
    for chunk in _chunks(sorted(uids)):
        folder.entries.filter(uid__in=chunk, move=Move.PENDING).update(move=how)


def digests(folder: Folder, uids: Collection[int]) -> dict[int, tuple[int, bytes]]:
    """Size and SHA-256 of what was archived of these UIDs."""
    rows = folder.entries.filter(uid__in=list(uids), delivery__isnull=False)
    found = rows.values_list("uid", "delivery__size", "delivery__sha256")
    return {uid: (size, bytes(sha256)) for uid, size, sha256 in found}


def failures(gateway: Gateway) -> int:
    """How many messages stand in the gateway's folders that could not be taken."""
    return LedgerEntry.objects.filter(folder__gateway=gateway, end=End.FAILED).exclude(move=Move.GONE).count()


def _chunks(uids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), _CHUNK):
        yield uids[start : start + _CHUNK]
