"""What was read from messages, written to their columns, parts and correspondents."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from podatelna import rows
from podatelna.mail.addresses import Address
from podatelna.mail.html import index_text
from podatelna.mail.parse import Parsed, ParsedPart
from podatelna.mail.quotes import new_text

from .columns import fit, fit_time
from .models import Correspondent, Message, Part, Piece
from .skeleton import SMALL

MOST_CORRESPONDENTS = 1000
MOST_PARTS = 1000
_MOST_DEFECTS = 50
_PREVIEW_FROM = 20_000  # characters of text that are looked at for a preview of 300

Blobs = dict[int, dict[bytes, int]]  # by message: the blobs of its pieces by SHA-256


def fill(message: Message, parsed: Parsed) -> None:
    """Write what was parsed: columns, Part and Correspondent rows. Doing it again gives the same.

    Whatever a stranger wrote is made to fit; what had to be left out is named in `message.defects`.
    """
    fill_many([(message, parsed)])


def fill_many(pairs: Sequence[tuple[Message, Parsed]]) -> None:
    """The same for the different messages of a batch, in few statements; all of them or, when it raises, none."""
    with transaction.atomic():
        _empty([message for message, _ in pairs])
        blobs = _blobs(pairs)
        parts: list[Sequence[Any]] = []
        correspondents: list[Sequence[Any]] = []
        for message, parsed in pairs:
            defects = list(parsed.defects)
            parts += _parts(message, parsed, defects, blobs)
            correspondents += _correspondents(message, parsed, defects)
            _set_columns(message, parsed, defects)
        rows.insert(Part, _PART, parts)
        rows.insert(Correspondent, _CORRESPONDENT, correspondents)
        in_order = sorted((message for message, _ in pairs), key=lambda message: message.pk)
        rows.update(Message, _COLUMNS, [(*(getattr(one, name) for name in _COLUMNS), one.pk) for one in in_order])


def _empty(messages: Iterable[Message]) -> None:
    """Take away what an earlier reading wrote, and hold the rows: of two deliveries of one message worked at once, the
    second waits here and writes the same again.
    """
    held = Message.objects.select_for_update().filter(pk__in=[message.pk for message in messages]).order_by("pk")
    before = [pk for pk, parsed_at in held.values_list("pk", "parsed_at") if parsed_at]
    if before:
        Part.objects.filter(message__in=before).delete()
        Correspondent.objects.filter(message__in=before).delete()
        # Its attachments may be others now: their text is looked for again.
        Message.objects.filter(pk__in=before).update(texts_at=None)


def _set_columns(message: Message, parsed: Parsed, defects: list[str]) -> None:
    message.message_id = fit(parsed.message_id, 1000)
    message.subject = fit(parsed.subject, 2000)
    message.from_name, message.from_address = "", ""
    if parsed.sender:
        message.from_name = fit(parsed.sender.name, 300)
        message.from_address = fit(parsed.sender.address, 320)
    message.sent_at = fit_time(parsed.sent_at)
    if parsed.sent_at and not message.sent_at:
        defects.append("the date is out of range")
    message.preview = _preview(parsed)
    message.attachment_count = sum(part.is_attachment for part in parsed.parts[:MOST_PARTS])
    message.automatic = fit(parsed.automatic, 16)
    message.defects = [fit(defect, 300) for defect in defects[:_MOST_DEFECTS]]
    message.parsed_at = timezone.now()


_COLUMNS = (
    "message_id", "subject", "from_name", "from_address", "sent_at", "preview", "attachment_count", "automatic",
    "defects", "parsed_at",
)  # fmt: skip


def _preview(parsed: Parsed) -> str:
    text = parsed.text[:_PREVIEW_FROM] if parsed.text.strip() else index_text(parsed.html)[:_PREVIEW_FROM]
    new = new_text(text)
    return fit(" ".join((new if new.strip() else text).split()), 300)


_PART = ("message", "position", "content_type", "filename", "content_id", "is_attachment", "size", "blob")


def _parts(message: Message, parsed: Parsed, defects: list[str], blobs: Blobs) -> Iterator[Sequence[Any]]:
    if len(parsed.parts) > MOST_PARTS:
        defects.append(f"only the first {MOST_PARTS} of {len(parsed.parts)} parts are listed")
    for part in parsed.parts[:MOST_PARTS]:
        content = part.content
        yield (
            message.pk,
            part.position,
            fit(part.content_type, 255),
            fit(part.filename, 255),
            fit(part.content_id, 500),
            part.is_attachment,
            len(content),
            blobs[message.pk].get(hashlib.sha256(content).digest()) if _may_be_blob(part) else None,
        )


def _may_be_blob(part: ParsedPart) -> bool:
    return len(part.content) >= SMALL


def _blobs(pairs: Iterable[tuple[Message, Parsed]]) -> Blobs:
    worth_a_look = [message.pk for message, parsed in pairs if any(map(_may_be_blob, parsed.parts[:MOST_PARTS]))]
    found: Blobs = defaultdict(dict)
    pieces = Piece.objects.filter(message__in=worth_a_look)
    for message, sha256, blob in pieces.values_list("message_id", "blob__sha256", "blob_id"):
        found[message][bytes(sha256)] = blob
    return found


_CORRESPONDENT = ("message", "role", "name", "address")


def _correspondents(message: Message, parsed: Parsed, defects: list[str]) -> list[Sequence[Any]]:
    found: list[Sequence[Any]] = []
    left_out = 0
    for role, address in _roles(parsed):
        if len(found) >= MOST_CORRESPONDENTS or len(address.address) > 320:
            left_out += 1
            continue
        found.append((message.pk, role, fit(address.name, 300), fit(address.address, 320).lower()))
    if left_out:
        defects.append(f"{left_out} of {left_out + len(found)} correspondents are not listed: too many or too long")
    return found


def _roles(parsed: Parsed) -> Iterator[tuple[str, Address]]:
    if parsed.sender:
        yield "from", parsed.sender
    for role, addresses in (("to", parsed.to), ("cc", parsed.cc), ("bcc", parsed.bcc), ("reply-to", parsed.reply_to)):
        for address in addresses:
            yield role, address
