"""Erasing a message or a conversation for good: what stays is a tombstone for each copy and a line in the log.

Nothing else of Podatelna deletes mail. Each message goes in a transaction of its own: who is stopped in between has
erased some whole messages, and goes on with the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.archive import arrivals, locks, store
from podatelna.archive.erasing import erase_unheld
from podatelna.archive.log_verification import ERASE_DELIVERY
from podatelna.archive.models import Delivery, DeliveryScope, Message, ThreadKey
from podatelna.archive.proof_models import Tombstone
from podatelna.gateways.models import LedgerEntry
from podatelna.outbox.models import Outgoing

from . import changes
from .filing import put_right
from .models import Conversation, Draft, DraftFile, Entry
from .regrouping import refresh

_SEALING_TRIES = 10
ERASED = "erased"  # in the ledger's reason, and in place of an address


def erase_message(message: int, by: Person | None, reason: str, now: datetime) -> int:
    """Erase a message in all its copies, with what refers to it; how many copies went. None where it is gone already.

    Whether it may go was decided before: see keeping.py. Raises Damaged when another copy cannot be read.
    """
    seal_arrivals_of(Delivery.objects.filter(message=message), now)
    with transaction.atomic():
        locks.removing()  # before any row is held: intake takes them in this order too
        row = Message.objects.select_for_update().filter(pk=message).first()
        if row is None:
            return 0
        keys = [key for key in (row.key_id, row.parent_id) if key is not None]
        conversations = list(Conversation.objects.filter(entries__message=message).distinct())
        _take_off_the_desk(message)
        deliveries = list(Delivery.objects.filter(message=message).order_by("-pk"))
        for delivery in deliveries:
            _erase_copy(delivery, by, reason, now, last=delivery is deliveries[-1])
        _forget_names(keys)
        for conversation in conversations:
            _mend(conversation, by, reason, now)
        return len(deliveries)


def erase_conversation(
    conversation: Conversation,
    by: Person | None,
    reason: str,
    now: datetime,
    *,
    unless: Callable[[], bool] | None = None,
) -> bool:
    """Erase a process's conversation; False when it stays, because `unless` said so on the way.

    Copies that somebody else sees too (another process, an import) stay for them. Messages go one by one, the
    conversation with its notes last; `unless` is asked before each, when no hold can be set any more until it is gone.
    """
    gone = 0
    ours = (conversation.scope_id, conversation.process.scope_id)
    entries = conversation.entries.filter(message__isnull=False)
    for message in list(entries.order_by("pk").values_list("message_id", flat=True)):
        assert message is not None
        seal_arrivals_of(Delivery.objects.filter(message=message), now)
        with transaction.atomic():
            locks.removing()
            if unless is not None and unless():
                return False
            gone += _leave(message, ours, by, reason, now)
    with transaction.atomic():
        locks.removing()
        if unless is not None and unless():
            return False
        _drop(conversation, by, reason, gone)
    return True


def _leave(message: int, ours: tuple[int, int], by: Person | None, reason: str, now: datetime) -> int:
    """Take a message from a process: its copies that only this process sees are erased."""
    row = Message.objects.select_for_update().filter(pk=message).first()
    if row is None:
        return 0
    keys = [key for key in (row.key_id, row.parent_id) if key is not None]
    links = DeliveryScope.objects.filter(message=message, scope__in=ours)
    deliveries = set(links.values_list("delivery_id", flat=True))
    links.delete()
    _take_off_the_desk(message, Q(conversation__scope=ours[0]))
    put_right([message])  # a case that the conversation was filed under keeps nothing
    seen = DeliveryScope.objects.filter(delivery__in=deliveries).values_list("delivery_id", flat=True)
    going = list(Delivery.objects.filter(pk__in=deliveries - set(seen)).order_by("-pk"))
    stays = Delivery.objects.filter(message=message).exclude(pk__in=[one.pk for one in going]).exists()
    for delivery in going:
        _erase_copy(delivery, by, reason, now, last=not stays and delivery is going[-1])
    if not stays:
        _forget_names(keys)
    return len(going)


def _erase_copy(delivery: Delivery, by: Person | None, reason: str, now: datetime, *, last: bool) -> None:
    if last:
        # Whatever else still speaks of the message.
        _take_off_the_desk(delivery.message_id)
    Tombstone.objects.create(
        delivery_id=delivery.pk,
        message_id=delivery.message_id,
        arrival=arrivals.arrival_content(delivery),
        with_message=last,
        erased_at=now,
        erased_by=by,
        reason=reason[:200],
    )
    record(by, ERASE_DELIVERY, f"delivery {delivery.pk}", reason=reason, message=delivery.message_id)
    # The ledger keeps its line: else the message would be fetched again.
    LedgerEntry.objects.filter(delivery=delivery).update(delivery=None, reason=ERASED)
    store.erase_delivery(delivery)


def _take_off_the_desk(message: int, where: Q | None = None) -> None:
    """Remove what the desk keeps of a message: its lines in timelines, sendings, and drafts that answer it."""
    drafts = Draft.objects.filter(answered=message)
    entries = Entry.objects.filter(message=message)
    if where is not None:
        drafts, entries = drafts.filter(where), entries.filter(where)
    erase_drafts(drafts.values_list("pk", flat=True))
    sendings = {pk for pk in entries.values_list("outgoing_id", flat=True) if pk is not None}
    entries.delete()
    if where is None:
        sendings |= set(Outgoing.objects.filter(archived=message).values_list("pk", flat=True))
    _erase_sendings(sendings)


def _erase_sendings(sendings: Iterable[int]) -> None:
    rows = Outgoing.objects.filter(pk__in=list(sendings))
    blobs = list(rows.values_list("raw_id", flat=True))
    rows.delete()
    erase_unheld(blobs)


def erase_drafts(drafts: Iterable[int]) -> int:
    """Erase drafts (ids) with their files; how many. In the caller's transaction."""
    ids = list(drafts)
    blobs = list(DraftFile.objects.filter(draft__in=ids).values_list("blob_id", flat=True))
    Draft.objects.filter(pk__in=ids).delete()
    erase_unheld(blobs)
    return len(ids)


def _forget_names(keys: Iterable[int]) -> None:
    """A Message-ID that no message has any more is kept as a hash only, so that answers still find their thread."""
    ThreadKey.objects.filter(pk__in=list(keys), messages=None).update(message_id="")


def _mend(conversation: Conversation, by: Person | None, reason: str, now: datetime) -> None:
    """A conversation that lost letters shows what is left; without any it goes, with its notes."""
    letters = (Entry.Kind.MESSAGE, Entry.Kind.OUTGOING)
    if conversation.entries.filter(kind__in=letters).exists():
        refresh(conversation)
        changes.touched(conversation, now)
    elif not conversation.holds.filter(released_at=None).exists():
        _drop(conversation, by, reason, 0)


def _drop(conversation: Conversation, by: Person | None, reason: str, copies: int) -> None:
    conversation.holds.exclude(released_at=None).delete()
    erase_drafts(Draft.objects.filter(conversation=conversation).values_list("pk", flat=True))
    sendings = conversation.entries.exclude(outgoing=None).values_list("outgoing_id", flat=True)
    ids = [pk for pk in sendings if pk is not None]
    scope, number = conversation.scope, conversation.pk
    conversation.delete()
    _erase_sendings(ids)
    scope.delete()
    record(by, "erase-conversation", f"conversation {number}", reason=reason, copies=copies)


def seal_arrivals_of(deliveries: Iterable[Delivery], now: datetime) -> None:
    """Have the arrivals sealed before they are erased: the log must have seen what it is to miss."""
    ids = [delivery.pk for delivery in deliveries]
    idle = 0
    # Nothing was sealed: as a rule another sealer was faster, and the next look sees what it did.
    while idle < _SEALING_TRIES and any(not arrivals.is_sealed(pk) for pk in ids):
        idle = 0 if arrivals.seal_arrivals(now) else idle + 1
