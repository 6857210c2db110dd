"""The quarantine: who may look at mail that could not be processed, and handing it to a process by hand.

Until mail is on a desk nobody's scope is on it, so the mailbox that it came through decides. Where a mailbox serves
one process, its team may look. Where it serves several, or none, nobody can say whose mail it is: an administrator
looks after writing down why (`open_for_inspection`), which the sealed log keeps, and hands it to the right process.
Mail of a private mailbox is its owner's alone, whatever happens to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from podatelna.accounts.access import record
from podatelna.accounts.models import AuditEntry, Person
from podatelna.archive import quarantine, store
from podatelna.archive.intake import Received, accept
from podatelna.archive.models import Delivery
from podatelna.gateways.models import Gateway
from podatelna.mail.addresses import Address
from podatelna.mail.compose import File, Letter, compose
from podatelna.mail.identity import new_message_id

from .models import Process, ProcessAddress

INSPECTION = timedelta(hours=1)
_ACT = "inspect-quarantine"
_SENDER = Address("Podatelna", "quarantine@podatelna.invalid")  # RFC 2606 2: nobody is written to there by mistake
# Nobody's automatic answer goes to it, nor one of ours to whoever wrote the original.
_AUTOMATIC = b"Auto-Submitted: auto-generated\r\n"


def readable(person: Person) -> QuerySet[Delivery]:
    """Deliveries in the quarantine that `person` may look into without being asked why; the newest first."""
    teams = Process.objects.visible_to(person)
    alone = Gateway.objects.annotate(served=Count("addresses__process", distinct=True)).filter(served=1, owner=None)
    ours = alone.filter(addresses__process__in=teams)
    private = Gateway.objects.filter(owner=person)
    on_a_desk = Delivery.objects.visible_to(person).filter(state=Delivery.State.SHUNTED).values("pk")
    return quarantine.shunted().filter(
        Q(origin__gateway__in=ours.values("pk")) | Q(origin__gateway__in=private.values("pk")) | Q(pk__in=on_a_desk)
    )


def inspectable() -> QuerySet[Delivery]:
    """Deliveries in the quarantine that an administrator may look into with a reason: none of private mailboxes."""
    return quarantine.shunted().filter(Q(origin__gateway=None) | Q(origin__gateway__owner=None))


def open_for_inspection(deliveries: Sequence[Delivery], by: Person, reason: str) -> None:
    """`by` may look into `deliveries` for an hour: the line in the log that says so is what permits it."""
    for delivery in deliveries:
        record(by, _ACT, f"delivery {delivery.pk}", reason=reason, origin=delivery.origin_id)


def is_open(delivery: Delivery, person: Person, now: datetime) -> bool:
    """Whether `person` has said within the last hour why they look into it."""
    lines = AuditEntry.objects.filter(subject=f"delivery {delivery.pk}", act=_ACT, person=person)
    return lines.filter(at__gt=now - INSPECTION).exists()


def receivers(person: Person | None = None) -> QuerySet[ProcessAddress]:
    """Addresses of processes that mail can be handed to; with `person` only of those in whose team they are."""
    rows = ProcessAddress.objects.filter(process__owner=None).select_related("process", "gateway")
    rows = rows if person is None else rows.filter(process__in=Process.objects.visible_to(person))
    return rows.order_by("process__name", "pk")


@transaction.atomic
def release(
    delivery: Delivery, address: ProcessAddress, letter: tuple[str, str], by: Person, now: datetime
) -> Delivery | None:
    """Hand mail that cannot be processed to a process: a new message with the original attached as a file.

    `letter` is its subject and text, in the language of `by`. None when it is in the quarantine no longer. Raises
    archive.errors.Damaged when the original cannot be had; it stays then.
    """
    mine = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.SHUNTED)
    raw = store.original(delivery)
    if mine.update(state=Delivery.State.RELEASED, due_at=None, leased_until=None) != 1:
        return None
    received = Received(
        raw=_AUTOMATIC + compose(_letter(delivery, address, letter, raw, now)),
        origin_id=address.gateway.origin_id,
        place=f"released {delivery.pk}",
        seen_at=now,
        rcpt_to=(address.address,),
    )
    released = accept([received])[0].delivery
    record(by, "release", f"delivery {delivery.pk}", process=address.process_id, released_as=released.pk)
    return released


def _letter(delivery: Delivery, address: ProcessAddress, words: tuple[str, str], raw: bytes, now: datetime) -> Letter:
    return Letter(
        sender=_SENDER,
        to=(Address("", address.address),),
        cc=(),
        bcc=(),
        subject=words[0],
        text=words[1],
        html="",
        message_id=new_message_id("podatelna.invalid"),
        date=timezone.localtime(now),
        # As a file and not as message/rfc822: what could not be read once is not read again as part of this.
        files=(File(f"original-{delivery.pk}.eml", "application/octet-stream", raw),),
    )
