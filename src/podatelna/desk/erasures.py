"""Erasing what is kept of a person (GDPR, article 17): asked for, looked at beforehand, confirmed, done in small steps.

What goes: messages that name the address, unless something keeps them (keeping.py); drafts to it; its contact; the
address where it stands in notes; details of the log that have it. What stays: docs/administration/retention.md.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from podatelna.accounts import sealing
from podatelna.accounts.access import record
from podatelna.accounts.models import AuditEntry, Person
from podatelna.archive import locks
from podatelna.archive.errors import Damaged
from podatelna.archive.log_verification import ERASE_DETAILS
from podatelna.archive.models import Delivery, Message
from podatelna.contacts.models import Contact

from . import cases
from .erasing import ERASED, erase_drafts, erase_message, seal_arrivals_of
from .errors import DeskError
from .keeping import Decision, active_holds, decide, of_person
from .mark_models import Notice, Task
from .models import Draft, Entry
from .retention_models import Erasure, RetentionPolicy

AT_ONCE = 50
DAMAGED = "damaged"  # cannot be erased: another copy would be lost with it


class NotConfirmable(DeskError):
    """Somebody else must confirm it, or it was decided already."""


@dataclass(frozen=True)
class Extent:
    """What an erasure would do, in numbers: messages that go, those that stay by reason, and the rest of what goes."""

    erased: int
    kept: dict[str, int]
    drafts: int
    notes: int
    contacts: int
    log_entries: int
    held: bool  # the person is under a legal hold: nothing of them goes


# --- before ----------------------------------------------------------------------------------------------


def preview(address: str, shared: str, now: datetime) -> Iterator[Decision]:
    """What would happen to each message of somebody, oldest first."""
    address = normal(address)
    last = 0
    while rows := list(_messages(address).filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        yield from decide(rows, address, shared == Erasure.Shared.KEEP, now)
        last = rows[-1].pk


def extent(address: str, shared: str, now: datetime) -> Extent:
    """The same in numbers, with everything that is no message."""
    address = normal(address)
    counts = Counter(decision.kept.reason if decision.kept else ERASED for decision in preview(address, shared, now))
    erased = counts.pop(ERASED, 0)
    return Extent(
        erased,
        dict(counts),
        len(_drafts(address)),
        len(_notes(address)),
        Contact.objects.filter(address=address).count(),
        len(_log_entries(address)),
        address in active_holds()[0],
    )


def normal(address: str) -> str:
    """An address as it is compared."""
    return address.strip().lower()


def _messages(address: str) -> QuerySet[Message]:
    return Message.objects.filter(of_person(address))


def _drafts(address: str) -> list[int]:
    rows = Draft.objects.filter(Q(to__icontains=address) | Q(cc__icontains=address) | Q(bcc__icontains=address))
    addressed = _Address(address)
    return [row.pk for row in rows.iterator() if addressed.stands_in(f"{row.to}, {row.cc}, {row.bcc}")]


def _notes(address: str) -> list[Entry | Task]:
    """What people wrote themselves: notes, and tasks."""
    notes = Entry.objects.filter(kind=Entry.Kind.NOTE, text__icontains=address)
    tasks = Task.objects.filter(text__icontains=address)
    rows: list[Entry | Task] = [*notes, *tasks]
    return [row for row in rows if _Address(address).stands_in(row.text)]


def _log_entries(address: str) -> list[int]:
    """Rows of the audit trail whose details have the address. Rare: the whole trail is looked through."""
    rows = AuditEntry.objects.filter(erased_at=None).annotate(text=Cast("details", TextField()))
    named = _Address(address)
    found = rows.filter(text__icontains=address).values_list("pk", "text")
    return [pk for pk, text in found.iterator() if named.stands_in(text)]


class _Address:
    """Finds an address in a text, and not in a longer one that ends or begins like it."""

    def __init__(self, address: str) -> None:
        self._expression = re.compile(rf"(?<![\w.+'-]){re.escape(address)}(?![\w-]|\.\w)", re.IGNORECASE)

    def stands_in(self, text: str) -> bool:
        return self._expression.search(text) is not None

    def replaced_in(self, text: str) -> str:
        return self._expression.sub(f"[{ERASED}]", text)


# --- asking and confirming -------------------------------------------------------------------------------


@transaction.atomic
def ask(
    address: str, by: Person | None, now: datetime, *, shared: str = Erasure.Shared.KEEP, reason: str = ""
) -> Erasure:
    """Ask for the erasure of a person's data. It waits to be confirmed."""
    row = Erasure.objects.create(address=normal(address), shared=shared, reason=reason[:500], asked_by=by, asked_at=now)
    record(by, "request-erasure", f"erasure {row.pk}", address=row.address, shared=shared, reason=reason)
    return row


@transaction.atomic
def confirm(erasure: Erasure, by: Person | None, now: datetime) -> None:
    """Let the erasure begin. Raises NotConfirmable: it waits no longer, or four eyes are wanted and these are two."""
    if RetentionPolicy.current().four_eyes and (by is None or erasure.asked_by_id == by.pk):
        raise NotConfirmable
    waiting = Erasure.objects.filter(pk=erasure.pk, state=Erasure.State.ASKED)
    if waiting.update(state=Erasure.State.RUNNING, confirmed_by=by, confirmed_at=now) != 1:
        raise NotConfirmable
    erasure.refresh_from_db()
    record(by, "confirm-erasure", f"erasure {erasure.pk}")


@transaction.atomic
def cancel(erasure: Erasure, by: Person | None, now: datetime) -> None:
    """Withdraw an erasure that was not confirmed. Raises NotConfirmable."""
    waiting = Erasure.objects.filter(pk=erasure.pk, state=Erasure.State.ASKED)
    if waiting.update(state=Erasure.State.CANCELLED, finished_at=now, address="") != 1:
        raise NotConfirmable
    record(by, "cancel-erasure", f"erasure {erasure.pk}")


# --- doing it --------------------------------------------------------------------------------------------


def step(now: datetime) -> bool:
    """Do the next step of the oldest erasure that runs; whether there was one. Steps may be repeated."""
    erasure = Erasure.objects.filter(state=Erasure.State.RUNNING).order_by("pk").first()
    if erasure is None:
        return False
    rows = list(_messages(erasure.address).filter(pk__gt=erasure.cursor).order_by("pk")[:AT_ONCE])
    if rows:
        for row in rows:
            _decide_and_carry_out(erasure.pk, row, now)
        return True
    if AuditEntry.objects.filter(pk__in=_log_entries(erasure.address), position=None).exists():
        # Only what the log has a commitment to may lose its details.
        sealing.seal_acts(now)
        return True
    _finish(erasure, now)
    return True


def _decide_and_carry_out(number: int, row: Message, now: datetime) -> None:
    """One message, decided when no hold can be set any more until it is gone; nothing where another worker was here."""
    seal_arrivals_of(Delivery.objects.filter(message=row), now)
    with transaction.atomic():
        locks.removing()
        erasure = Erasure.objects.select_for_update(of=("self",)).get(pk=number)
        if erasure.state != Erasure.State.RUNNING or erasure.cursor >= row.pk:
            return
        keep_shared = erasure.shared == Erasure.Shared.KEEP
        for decision in decide([row], erasure.address, keep_shared, now):
            _carry_out(erasure, decision, now)


def _carry_out(erasure: Erasure, decision: Decision, now: datetime) -> None:
    outcome = decision.kept.reason if decision.kept else ERASED
    if decision.kept is None:
        try:
            erase_message(decision.message, erasure.confirmed_by, f"erasure {erasure.pk}", now)
        except Damaged:
            outcome = DAMAGED
    erasure.cursor = decision.message
    _count(erasure, outcome, 1)
    erasure.save(update_fields=["cursor", "counts"])


def _count(erasure: Erasure, name: str, more: int) -> None:
    if more:
        erasure.counts = {**erasure.counts, name: erasure.counts.get(name, 0) + more}


@transaction.atomic
def _finish(erasure: Erasure, now: datetime) -> None:
    """What is no message; last the request's own address, and details of the log."""
    locks.removing()
    erasure = Erasure.objects.select_for_update(of=("self",)).get(pk=erasure.pk)
    if erasure.state != Erasure.State.RUNNING:
        return
    address, by = erasure.address, erasure.confirmed_by
    if address not in active_holds()[0]:
        _count(erasure, "drafts", erase_drafts(_drafts(address)))
        _count(erasure, "notes", _redact_notes(address))
        _count(erasure, "contacts", _forget_contact(address))
        _count(erasure, "log", _erase_details(address, by, now))
        erasure.address = ""
        erasure.reason = ""
    erasure.state, erasure.finished_at = Erasure.State.DONE, now
    erasure.save()
    record(by, "finish-erasure", f"erasure {erasure.pk}", counts=erasure.counts)


def _redact_notes(address: str) -> int:
    rows = _notes(address)
    for row in rows:
        most = row._meta.get_field("text").max_length  # of a task; a note has none
        row.text = _Address(address).replaced_in(row.text)[:most]
        row.save(update_fields=["text"])
    _drop_notices(address)
    return len(rows)


def _drop_notices(address: str) -> None:
    """A rule's words to a colleague may have it; they are only of the moment."""
    rows = Notice.objects.annotate(text=Cast("details", TextField())).filter(text__icontains=address)
    found = [pk for pk, text in rows.values_list("pk", "text") if _Address(address).stands_in(text)]
    Notice.objects.filter(pk__in=found).delete()


def _forget_contact(address: str) -> int:
    cases.forget(address)
    count, _ = Contact.objects.filter(address=address).delete()
    return count


def _erase_details(address: str, by: Person | None, now: datetime) -> int:
    """Take the details from rows of the audit trail that have the address; each time that is a line of its own."""
    sealed = AuditEntry.objects.filter(pk__in=_log_entries(address), position__isnull=False)
    rows = list(sealed.order_by("pk").values_list("pk", flat=True))
    AuditEntry.objects.filter(pk__in=rows).update(details={}, salt=None, erased_at=now)
    for pk in rows:
        record(by, ERASE_DETAILS, f"entry {pk}")
    return len(rows)
