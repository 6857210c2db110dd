"""The single-instance store: what was put in, the exact original of every delivery, and who may see it.

The work is in contents.py (content by its hash), originals.py (the bytes that came) and erasing.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Min

from podatelna import rows
from podatelna.accounts.models import Scope
from podatelna.mail.parse import Parsed, parse

from .contents import INLINE, blob_store, name_in_store, put_blob, read_blob
from .errors import Damaged
from .models import Delivery, DeliveryScope, Message, Part
from .originals import original, originals

if TYPE_CHECKING:
    from .erasing import Erased

__all__ = [
    "INLINE",
    "blob_store",
    "content",
    "erase_delivery",
    "first_deliveries",
    "first_delivery",
    "give_scope",
    "give_scope_to_message",
    "give_scopes",
    "name_in_store",
    "original",
    "originals",
    "put_blob",
    "read",
    "read_blob",
    "take_scope",
]


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


def first_deliveries(messages: Iterable[int]) -> dict[int, int]:
    """By message: the delivery that brought it here first, as primary keys."""
    deliveries = Delivery.objects.filter(message__in=list(messages)).order_by()
    return dict(deliveries.values_list("message").annotate(first=Min("pk")))


def content(part: Part) -> bytes:
    """The decoded content of a part, for a download or a preview. Raises Damaged."""
    if part.blob is not None:
        return read_blob(part.blob)
    for read_part in read(part.message).parts:
        if read_part.position == part.position:
            return read_part.content
    raise Damaged(f"message {part.message_id} no longer shows its part {part.position}")


def erase_delivery(delivery: Delivery) -> Erased:
    """Erase a delivery, and with the last one its message: see erasing.erase_delivery."""
    from . import erasing  # which takes the message out of the search index, which reads from here

    return erasing.erase_delivery(delivery)


# --- scopes ----------------------------------------------------------------------------------------------


def give_scope(delivery: Delivery, scope: Scope) -> None:
    """Let the holders of `scope` see this delivery; doing it again changes nothing."""
    _give([delivery], scope)


def give_scopes(links: Iterable[tuple[Delivery, int]]) -> None:
    """The same for many pairs of a delivery and a scope's primary key."""
    in_order = sorted({(delivery.pk, delivery.message_id, scope) for delivery, scope in links})
    rows.insert(DeliveryScope, ("delivery", "message", "scope"), in_order, once=True)


def give_scope_to_message(message: Message, scope: Scope, via: Iterable[Delivery] | None = None) -> None:
    """Let the holders of `scope` see a message through the deliveries `via`; through all it has by default."""
    _give(message.deliveries.all() if via is None else via, scope)


def take_scope(delivery: Delivery, scope: Scope) -> None:
    """Take back what `give_scope` gave. What other deliveries of the message carry stays."""
    DeliveryScope.objects.filter(delivery=delivery, scope=scope).delete()


def _give(deliveries: Iterable[Delivery], scope: Scope) -> None:
    links = [DeliveryScope(delivery=one, message_id=one.message_id, scope=scope) for one in deliveries]
    DeliveryScope.objects.bulk_create(links, ignore_conflicts=True)
