"""Documents made again from the archive, many at a time, for everything that compares or rebuilds the index."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from podatelna.archive import store
from podatelna.archive.errors import Damaged
from podatelna.archive.models import Delivery, Message
from podatelna.mail.parse import parse

from .documents import Document, document_of
from .indexing import attachment_texts

log = logging.getLogger(__name__)


def documents(messages: Sequence[Message], unread: list[int]) -> Iterator[tuple[Message, Document]]:
    """Each message with its document as it is now; the pks of those that cannot be read go to `unread`.

    One message is in memory at a time.
    """
    by_pk = {message.pk: message for message in messages}
    first: dict[int, Delivery] = {}
    for delivery in Delivery.objects.filter(message__in=by_pk).order_by("message", "pk"):
        first.setdefault(delivery.message_id, delivery)
    unread += [pk for pk in by_pk if pk not in first]

    def damaged(delivery: Delivery, damage: Damaged) -> None:
        log.error("message %s cannot be indexed: %s", delivery.message_id, damage)
        unread.append(delivery.message_id)

    for delivery, raw in store.originals(first.values(), damaged):
        message = by_pk[delivery.message_id]
        try:
            yield message, document_of(parse(raw), attachment_texts(message))
        except Exception:  # logged and counted: one message must not keep all others from being found
            log.exception("message %s cannot be indexed", message.pk)
            unread.append(message.pk)
