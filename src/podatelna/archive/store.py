"""The single-instance store: blobs, the exact original of every delivery, and what was read from a message."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import zstandard
from django.conf import settings
from django.db import IntegrityError, transaction

from podatelna.accounts.models import Scope
from podatelna.blobs import BlobMissing, BlobStore, open_store
from podatelna.mail.cut import Content, join
from podatelna.mail.parse import Parsed, parse

from .compression import pack, unpack
from .errors import Damaged
from .models import Blob, Delivery, DeliveryScope, Message, Part
from .skeleton import pieces_of

# Larger content goes to the blob store: a database of small rows is quick to copy and to vacuum.
INLINE = 64 * 1024


# --- blobs -----------------------------------------------------------------------------------------------


def put_blob(data: bytes) -> Blob:
    """The row of this content, stored now when it was not here yet. Durable once the caller's transaction commits."""
    digest = hashlib.sha256(data).digest()
    known = Blob.objects.filter(sha256=digest).first()
    if known:
        return known
    row = new_blob(digest, data)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        # Somebody stored the same content meanwhile; theirs is as good.
        return Blob.objects.get(sha256=digest)
    return row


def new_blob(sha256: bytes, data: bytes) -> Blob:
    """An unsaved row for `data`. Large content is durable in the blob store when this returns."""
    if len(data) > INLINE:
        # Always a zstd frame there: what lies under a hash reads the same whichever row or version put it.
        blob_store().put(sha256.hex(), pack(data))
        return Blob(sha256=sha256, size=len(data), codec="zstd")
    packed = pack(data)
    if len(packed) < len(data):
        return Blob(sha256=sha256, size=len(data), codec="zstd", inline=packed)
    return Blob(sha256=sha256, size=len(data), inline=data)


def read_blob(blob: Blob) -> bytes:
    """The plain content. Raises Damaged when it is missing or does not hash to its name."""
    name = bytes(blob.sha256)
    try:
        stored = bytes(blob.inline) if blob.inline is not None else blob_store().get(name.hex())
        data = unpack(stored) if blob.codec == "zstd" else stored
    except (BlobMissing, zstandard.ZstdError) as error:
        raise Damaged(f"blob {name.hex()}: {error!r}") from error
    if hashlib.sha256(data).digest() != name:
        raise Damaged(f"blob {name.hex()}: the stored bytes hash to something else")
    return data


def blob_store() -> BlobStore:
    """The store that the settings name."""
    return open_store(settings.BLOBS_URL)


# --- originals -------------------------------------------------------------------------------------------


def original(delivery: Delivery) -> bytes:
    """The very bytes that came. Raises Damaged when they can no longer be made."""
    try:
        header = unpack(delivery.header)
        pieces = list(pieces_of(unpack(delivery.message.skeleton), _outside(delivery.message)))
    except (zstandard.ZstdError, ValueError, IndexError) as error:
        raise Damaged(f"delivery {delivery.pk}: {error!r}") from error
    raw = join(header, pieces)
    if hashlib.sha256(raw).digest() != bytes(delivery.sha256):
        raise Damaged(f"delivery {delivery.pk}: the stored bytes hash to something else")
    return raw


def _outside(message: Message) -> list[Content]:
    pieces = message.pieces.select_related("blob")
    return [Content(read_blob(piece.blob), piece.recipe) for piece in pieces]


def read(message: Message) -> Parsed:
    """The message as parsed from its first delivery. Raises Damaged."""
    return parse(original(first_delivery(message)))


def first_delivery(message: Message) -> Delivery:
    """The delivery that brought the message here first."""
    delivery = message.deliveries.order_by("pk").first()
    if delivery is None:
        raise Damaged(f"message {message.pk} has no delivery")
    delivery.message = message
    return delivery


def content(part: Part) -> bytes:
    """The decoded content of a part, for a download or a preview. Raises Damaged."""
    if part.blob is not None:
        return read_blob(part.blob)
    for read_part in read(part.message).parts:
        if read_part.position == part.position:
            return read_part.content
    raise Damaged(f"message {part.message_id} no longer shows its part {part.position}")


# --- scopes ----------------------------------------------------------------------------------------------


def give_scope(delivery: Delivery, scope: Scope) -> None:
    """Let the holders of `scope` see this delivery; doing it again changes nothing."""
    _give([delivery], scope)


def give_scope_to_message(message: Message, scope: Scope, via: Iterable[Delivery] | None = None) -> None:
    """Let the holders of `scope` see a message through the deliveries `via`; through all it has by default."""
    _give(message.deliveries.all() if via is None else via, scope)


def take_scope(delivery: Delivery, scope: Scope) -> None:
    """Take back what `give_scope` gave. What other deliveries of the message carry stays."""
    DeliveryScope.objects.filter(delivery=delivery, scope=scope).delete()


def _give(deliveries: Iterable[Delivery], scope: Scope) -> None:
    links = [DeliveryScope(delivery=one, message_id=one.message_id, scope=scope) for one in deliveries]
    DeliveryScope.objects.bulk_create(links, ignore_conflicts=True)
