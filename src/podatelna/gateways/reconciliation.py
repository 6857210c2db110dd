"""Reconciliation: once a day each folder is counted against its ledger; what does not add up is shown and alarms.

Three things can be missing. A message stands in the folder and has no entry although the folder was just gone through.
Entries were there and are not any more. Or messages were moved to the processed folder, which since then has not given
out as many UIDs as messages should have come (UIDNEXT never goes back, RFC 3501 2.3.1.1, so that it does not matter
what people take away from there).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from podatelna.protocols.imap import Mailbox

from . import ledger
from .alarms import end_alarm, raise_alarm
from .models import Count, Folder, Gateway, LedgerEntry
from .survey import compact

End, Move = LedgerEntry.End, LedgerEntry.Move
STANDING = (Move.PENDING, Move.MARKED, Move.STAYS)


def is_due(folder: Folder, now: datetime) -> bool:
    """Whether the folder was not counted yet on this day, or is to be counted again."""
    return not folder.counts.filter(day=timezone.localdate(now), stale=False).exists()


def count(mailbox: Mailbox, gateway: Gateway, folder: Folder, below: int, now: datetime) -> Count | None:
    """Count the folder, which has just been gone through up to the UID `below`; what came later is the next look's.

    Raises or ends the alarm. None: it is another folder meanwhile. Raises a ServerError.
    """
    selected = mailbox.select(folder.name, again=True)
    if selected.uidvalidity != folder.uidvalidity:
        return None
    there = compact([uid for uid in mailbox.uids(selected.exists) if uid < below])
    standing = _standing(folder, there)
    arrivals = _arrivals(mailbox, gateway, folder)
    with transaction.atomic():
        counted = _write(folder, len(there), standing, arrivals, now)
        _alarm(gateway, folder, counted, now)
    return counted


def _standing(folder: Folder, there: array[int]) -> int:
    """How many entries stand in the folder; those that say so and do not any more are gone from now on."""
    gone: list[int] = []
    standing = position = 0
    for uid in _said_to_stand(folder):
        while position < len(there) and there[position] < uid:
            position += 1
        if position < len(there) and there[position] == uid:
            standing += 1
        else:
            gone.append(uid)
    ledger.vanished(folder, gone)
    return standing


def _said_to_stand(folder: Folder) -> Iterator[int]:
    entries = folder.entries.filter(move__in=STANDING).order_by("uid")
    return entries.values_list("uid", flat=True).iterator(chunk_size=2000)


# --- the processed folder ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Arrivals:
    """Messages moved since the last count, and UIDs that the processed folder gave out since; None: not told."""

    in_all: int  # were ever moved
    moved: int
    arrived: int | None
    uidvalidity: int | None
    uidnext: int | None

    @property
    def missing(self) -> int:
        return 0 if self.arrived is None else max(0, self.moved - self.arrived)


def note_processed(mailbox: Mailbox, gateway: Gateway, folder: Folder) -> None:
    """Keep what the processed folder is like before anything is moved there. Raises a ServerError."""
    folder.processed_uidvalidity, folder.processed_uidnext = _processed(mailbox, gateway)
    folder.processed_moved = _moved(folder)
    folder.save(update_fields=["processed_uidvalidity", "processed_uidnext", "processed_moved"])


def _processed(mailbox: Mailbox, gateway: Gateway) -> tuple[int | None, int | None]:
    """UIDVALIDITY and UIDNEXT; a folder that is not there yet begins with 1 and has no UIDVALIDITY."""
    found = mailbox.find_folder(gateway.processed_folder)
    if found is None:
        return None, 1
    status = mailbox.status(found.name)
    return (status.uidvalidity, status.uidnext) if status else (None, None)


def _arrivals(mailbox: Mailbox, gateway: Gateway, folder: Folder) -> _Arrivals:
    uidvalidity, uidnext = _processed(mailbox, gateway)
    in_all = _moved(folder)
    moved = max(0, in_all - folder.processed_moved)  # some may stand in the folder again
    comparable = folder.processed_uidvalidity in (None, uidvalidity)
    if not moved and uidvalidity is None:
        return _Arrivals(in_all, 0, 0, uidvalidity, uidnext)  # nothing was to come, and the folder is not there yet
    if uidnext is None or uidvalidity is None or folder.processed_uidnext is None or not comparable:
        return _Arrivals(in_all, moved, None, uidvalidity, uidnext)
    return _Arrivals(in_all, moved, max(0, uidnext - folder.processed_uidnext), uidvalidity, uidnext)


def _moved(folder: Folder) -> int:
    # A duplicate may be left out: some servers know that the very message stands there already.
    return folder.entries.filter(end=End.ARCHIVED, move=Move.MOVED).count()


# --- what came of it ---------------------------------------------------------------------------------------


def _write(folder: Folder, on_server: int, standing: int, arrivals: _Arrivals, now: datetime) -> Count:
    day, entries = timezone.localdate(now), folder.entries.count()
    before = folder.counts.order_by("-day").annotate(expected=F("entries") + F("lost_entries")).first()
    unknown, lost = max(0, on_server - standing), max(0, (before.expected if before else 0) - entries)
    values = {
        "at": now, "on_server": on_server, "in_ledger": standing, "unknown": unknown, "entries": entries,
        "lost_entries": lost, "moved": arrivals.moved, "arrived": arrivals.arrived, "unarrived": arrivals.missing,
        "gap": unknown + lost + arrivals.missing, "stale": False,
    }  # fmt: skip
    if not arrivals.missing:  # else it stays open until they have come, or somebody has accepted it
        folder.processed_uidvalidity, folder.processed_uidnext = arrivals.uidvalidity, arrivals.uidnext
        folder.processed_moved = arrivals.in_all
        folder.save(update_fields=["processed_uidvalidity", "processed_uidnext", "processed_moved"])
    counted, _ = Count.objects.update_or_create(folder=folder, day=day, defaults=values)
    return counted


def _alarm(gateway: Gateway, folder: Folder, counted: Count, now: datetime) -> None:
    subject = f"gateway {gateway.pk}"
    if not counted.gap:
        end_alarm("ledger-gap", subject, now=now)
        return
    details = {
        "folder": folder.name, "unknown": counted.unknown, "lost": counted.lost_entries, "unarrived": counted.unarrived,
    }  # fmt: skip
    raise_alarm("ledger-gap", subject, now=now, details=details, gateway=gateway, person=gateway.owner)


def ask_count(gateway: Gateway, now: datetime) -> None:
    """Have the folder counted again at the next look, although it was counted today."""
    # The row stays, for it says how many entries there were.
    current = Count.objects.filter(folder__gateway=gateway, folder__current=True)
    current.filter(day=timezone.localdate(now)).update(stale=True)


def accept_gap(folder: Folder, now: datetime) -> Count | None:
    """Somebody has looked into it: count anew from what there is now. The count that is settled by it, or None."""
    with transaction.atomic():
        counted = folder.counts.filter(gap__gt=0).order_by("-day").first()
        if counted is None:
            return None
        Count.objects.filter(pk=counted.pk).update(lost_entries=0, unarrived=0, unknown=0, gap=0)
        Folder.objects.filter(pk=folder.pk).update(processed_uidvalidity=None, processed_uidnext=None)
        end_alarm("ledger-gap", f"gateway {folder.gateway_id}", now=now)
    return counted
