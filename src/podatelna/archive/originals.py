"""The very bytes that came, made again from skeleton, header block and contents."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from podatelna.mail.cut import Content, join
from podatelna.mail.errors import UnknownRecipe

from . import packing
from .contents import read_blob
from .errors import Damaged
from .models import Body, Delivery, Message, Piece
from .skeleton import part_header, pieces_of

_AT_ONCE = 100  # deliveries whose rows are in memory together


def original(delivery: Delivery) -> bytes:
    """The very bytes that came. Raises Damaged when they can no longer be made."""
    message = delivery.message
    return _original_now(delivery, _Body(message, _pieces_of(message)))


def _original_now(delivery: Delivery, body: _Body) -> bytes:
    try:
        return _original(delivery, body)
    except Damaged:
        # Since the row was read, the copy that it is coded against may have been erased: once more, as it stands now.
        fresh = Delivery.objects.select_related("message__body").filter(pk=delivery.pk).first()
        if fresh is None:
            raise
        return _original(fresh, _Body(fresh.message, _pieces_of(fresh.message)))


def _pieces_of(message: Message) -> list[Piece]:
    return list(message.pieces.select_related("blob"))


def originals(
    deliveries: Iterable[Delivery], damaged: Callable[[Delivery, Damaged], None] | None = None
) -> Iterator[tuple[Delivery, bytes]]:
    """Each delivery with its bytes, in the given order: two statements for a hundred of them, and flat memory.

    What can no longer be made is told to `damaged` and left out; without it, Damaged is raised there. Copies of one
    message next to each other are quickest. Of a QuerySet hand in `.iterator()` where it may be long.
    """
    waiting = iter(deliveries)
    while step := list(islice(waiting, _AT_ONCE)):
        bodies = _bodies({delivery.message_id for delivery in step})
        last: _Body | None = None
        for delivery in step:
            body = bodies.get(delivery.message_id)
            if last is not None and last is not body:
                last.forget()
            last = body
            try:
                if body is None:
                    raise Damaged(f"delivery {delivery.pk}: its message is not here any more")
                raw = _original_now(delivery, body)
            except Damaged as damage:
                if damaged is None:
                    raise
                damaged(delivery, damage)
                continue
            yield delivery, raw


class _Body:
    """A message's skeleton and contents, read when first asked for and then kept for its other copies."""

    def __init__(self, message: Message, pieces: list[Piece]) -> None:
        self._message, self._pieces = message, pieces
        self._read: tuple[bytes | None, bytes, list[Content]] | None = None

    def read(self) -> tuple[bytes | None, bytes, list[Content]]:
        """The first copy's header block (None: not kept here), the skeleton, the contents. Raises Damaged."""
        if self._read is None:
            base, skeleton = part_header(unpacked(self._message))
            outside = [Content(read_blob(piece.blob), piece.recipe) for piece in self._pieces]
            self._read = base, skeleton, outside
        return self._read

    def forget(self) -> None:
        """Give its memory free."""
        self._read = None


def _bodies(messages: set[int]) -> dict[int, _Body]:
    pieces: dict[int, list[Piece]] = {}
    for piece in Piece.objects.filter(message__in=messages).select_related("blob").order_by("message", "position"):
        pieces.setdefault(piece.message_id, []).append(piece)
    found = Message.objects.select_related("body").in_bulk(messages)
    return {pk: _Body(message, pieces.get(pk, [])) for pk, message in found.items()}


def unpacked(message: Message) -> bytes:
    """The skeleton of a message, with the first copy's header block in front. Raises Damaged."""
    try:
        stored = message.body.skeleton
    except Body.DoesNotExist:
        raise Damaged(f"message {message.pk} has no body") from None
    return packing.read(bytes(stored), packing.of_message(bytes(message.fingerprint)))


def header_of(delivery: Delivery, base: bytes | None) -> bytes:
    """The header block of one copy; `base` is the first copy's, None for a message of old. Raises Damaged."""
    stored, context = bytes(delivery.header), packing.of_delivery(bytes(delivery.sha256))
    return packing.read(stored, context) if base is None else packing.read_like(stored, base, context)


def _original(delivery: Delivery, body: _Body) -> bytes:
    try:
        base, skeleton, outside = body.read()
        raw = join(header_of(delivery, base), pieces_of(skeleton, outside))
    except Damaged as error:
        raise type(error)(f"delivery {delivery.pk}: {error}") from error
    except (UnknownRecipe, ValueError, IndexError) as error:
        raise Damaged(f"delivery {delivery.pk}: {error!r}") from error
    if hashlib.sha256(raw).digest() != bytes(delivery.sha256):
        raise Damaged(f"delivery {delivery.pk}: the stored bytes hash to something else")
    return raw
