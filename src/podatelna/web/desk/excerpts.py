"""The text around a hit, read from the archive for the few lines of a page that do not show it by themselves."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

from podatelna.archive import extraction, store
from podatelna.archive.errors import Damaged
from podatelna.archive.models import Delivery, Message
from podatelna.archive.search import Marker
from podatelna.mail.html import index_text
from podatelna.mail.parse import parse
from podatelna.mail.quotes import new_text

_QUOTE_MARKS = re.compile(r"^(?:> ?)+", re.MULTILINE)

log = logging.getLogger(__name__)

Pieces = list[tuple[str, bool]]  # text, whether it is a hit

MOST_READ = 24  # messages of one page
_MOST_SECONDS = 0.25
_LARGEST = 512 * 1024  # bytes: beyond it the first words must do


@dataclass(frozen=True)
class Excerpt:
    """What is shown of a message's text, with the hits marked; `in_file` when it is from inside an attachment."""

    pieces: Pieces
    in_file: bool = False


def excerpts(messages: Sequence[Message], marker: Marker) -> dict[int, Excerpt]:
    """For each message (by pk) its text around a hit; its first words where none is found or too many would be read."""
    found: dict[int, Excerpt] = {}
    silent: list[Message] = []
    for message in messages:
        pieces = marker.around(message.preview)
        found[message.pk] = Excerpt(pieces or [(message.preview, False)] if message.preview else [])
        if not pieces:
            silent.append(message)
    for message, text in _texts([message for message in silent if message.size <= _LARGEST][:MOST_READ]):
        if excerpt := _around(message, text, marker):
            found[message.pk] = excerpt
    return found


def _around(message: Message, text: str, marker: Marker) -> Excerpt | None:
    # What the writer wrote says more than what is quoted of others.
    for written in (new_text(text), _QUOTE_MARKS.sub("", text)):
        if pieces := marker.around(written):
            return Excerpt(pieces)
    for inside in extraction.texts_of(message) if message.attachment_count else ():
        if pieces := marker.around(inside):
            return Excerpt(pieces, in_file=True)
    return None


def _texts(messages: Sequence[Message]) -> list[tuple[Message, str]]:
    """The text of each message, as far as time allows; what is damaged is left out and logged."""
    by_pk = {message.pk: message for message in messages}
    first: dict[int, Delivery] = {}
    for delivery in Delivery.objects.filter(message__in=by_pk).order_by("message", "pk"):
        first.setdefault(delivery.message_id, delivery)
    until = time.monotonic() + _MOST_SECONDS
    texts: list[tuple[Message, str]] = []
    for delivery, raw in store.originals([first[pk] for pk in by_pk if pk in first], _note_damage):
        parsed = parse(raw)
        texts.append((by_pk[delivery.message_id], parsed.text if parsed.text.strip() else index_text(parsed.html)))
        if time.monotonic() > until:
            break
    return texts


def _note_damage(delivery: Delivery, damage: Damaged) -> None:
    log.error("message %s is shown without its text: %s", delivery.message_id, damage)
