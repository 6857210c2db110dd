"""Erasing a delivery: its row goes, and with a message's last one the message, its parts and what nobody else holds.

Nothing here decides what may be erased: retention does (rules, holds, tombstones), and calls this in its transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from . import locks, packing, search
from .contents import name_in_store
from .errors import Damaged
from .models import Blob, Body, Delivery, DoomedBlob, Message
from .originals import header_of, unpacked
from .packing import Packing
from .skeleton import part_header, with_header


@dataclass(frozen=True)
class Erased:
    """What went with a delivery.

    `message`: the message too. `spoke`: it was the first copy, from which the message was read; what only it said
    (somebody in Bcc, say) is in the message's columns until that is read again.
    """

    message: bool
    spoke: bool


@transaction.atomic
def erase_delivery(delivery: Delivery) -> Erased:
    """Erase one delivery, in the caller's transaction; every other copy stays readable to the byte.

    Objects in the blob store are removed after the commit (sweeping.py). Intake waits until the caller commits: erase
    in small groups. Raises ProtectedError while something outside of the archive (a ledger, a conversation) still
    points at what would go, Damaged when the other copies cannot be read, Delivery.DoesNotExist when it is gone.
    """
    locks.removing()
    # As it stands now: the erasure of another copy may have coded it anew.
    delivery = Delivery.objects.get(pk=delivery.pk)
    message = Message.objects.select_for_update().get(pk=delivery.message_id)
    others = list(message.deliveries.exclude(pk=delivery.pk).order_by("pk"))
    if not others:
        _erase_message(message, delivery)
        return Erased(message=True, spoke=True)
    if not delivery.header and all(other.header for other in others):
        _base_on(others[0], message, others)
    spoke = delivery.pk < others[0].pk
    delivery.delete()
    return Erased(message=False, spoke=spoke)


def _base_on(first: Delivery, message: Message, others: Sequence[Delivery]) -> None:
    """Code the others against `first`: the header block that they share words with is about to go."""
    base, skeleton = part_header(unpacked(message))
    headers = {one.pk: header_of(one, base) for one in others}
    how, new = Packing.now(), headers[first.pk]
    for one in others:
        one.header = how.store_like(headers[one.pk], new, packing.of_delivery(bytes(one.sha256)))
    Delivery.objects.bulk_update(others, ["header"], batch_size=200)
    stored = how.store(with_header(new, skeleton), packing.of_message(bytes(message.fingerprint)))
    Body.objects.filter(pk=message.pk).update(skeleton=stored)


def _erase_message(message: Message, last: Delivery) -> None:
    blobs = set(message.pieces.values_list("blob_id", flat=True)) | set(message.parts.values_list("blob_id", flat=True))
    if message.search_id is not None:
        # Where its words can no longer be known, the index forgets them when it is made anew.
        with suppress(Damaged):
            search.remove(message)
    last.delete()
    message.delete()
    erase_unheld(pk for pk in blobs if pk is not None)


def erase_unheld(blobs: Iterable[int]) -> int:
    """Erase those of `blobs` (ids) that nothing holds any more; how many. In the caller's transaction."""
    ids = list(blobs)
    if not ids:
        return 0
    locks.removing()
    rows = list(_unheld(Blob.objects.filter(pk__in=ids)))
    doomed = [DoomedBlob(name=name_in_store(row), sha256=row.sha256) for row in rows if row.inline is None]
    _doom(doomed)
    Blob.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def unheld() -> models.QuerySet[Blob]:
    """Blobs that nothing holds any more."""
    return _unheld(Blob.objects.all())


def _unheld(blobs: models.QuerySet[Blob]) -> models.QuerySet[Blob]:
    """Whoever points at a blob and protects it holds it, in whatever room of the house."""
    for relation in Blob._meta.get_fields(include_hidden=True):  # hidden: of a related_name "+", as drafts have
        if isinstance(relation, models.ManyToOneRel) and relation.on_delete is models.PROTECT:
            held = Q(**{relation.field.name: OuterRef("pk")})
            blobs = blobs.exclude(Exists(relation.related_model._base_manager.filter(held)))
    return blobs


def _doom(rows: Sequence[DoomedBlob]) -> None:
    DoomedBlob.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["name"], update_fields=["doomed_at", "removed_at", "sha256"]
    )


def doom(blob: Blob) -> None:
    """Have the object of a blob, as the row stands now, removed after the commit unless a row holds it then."""
    if blob.inline is None:
        _doom([DoomedBlob(name=name_in_store(blob), sha256=blob.sha256, doomed_at=timezone.now())])
