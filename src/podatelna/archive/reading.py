"""What was read from a message, written to its columns, parts and correspondents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

from podatelna.mail.addresses import Address
from podatelna.mail.html import index_text
from podatelna.mail.parse import Parsed, ParsedPart
from podatelna.mail.quotes import new_text

from .columns import fit, fit_time
from .models import Correspondent, Message, Part
from .skeleton import SMALL

MOST_CORRESPONDENTS = 1000
MOST_PARTS = 1000
_MOST_DEFECTS = 50
_PREVIEW_FROM = 20_000  # characters of text that are looked at for a preview of 300


def fill(message: Message, parsed: Parsed) -> None:
    """Write what was parsed: columns, Part and Correspondent rows. Doing it again gives the same.

    Whatever a stranger wrote is made to fit; what had to be left out is named in `message.defects`.
    """
    defects = list(parsed.defects)
    with transaction.atomic():
        # Two deliveries of one message may be worked at once: the second waits here and writes the same again.
        before = Message.objects.select_for_update().values_list("parsed_at", flat=True).get(pk=message.pk)
        if before:
            message.parts.all().delete()
            message.correspondents.all().delete()
        _write_parts(message, parsed, defects)
        _write_correspondents(message, parsed, defects)
        _write_columns(message, parsed, defects)


def _write_columns(message: Message, parsed: Parsed, defects: list[str]) -> None:
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
    message.automatic = fit(parsed.automatic, 16)
    message.defects = [fit(defect, 300) for defect in defects[:_MOST_DEFECTS]]
    message.parsed_at = timezone.now()
    message.save(update_fields=_COLUMNS)


_COLUMNS = (
    "message_id", "subject", "from_name", "from_address", "sent_at", "preview", "attachment_count", "automatic",
    "defects", "parsed_at",
)  # fmt: skip


def _preview(parsed: Parsed) -> str:
    text = parsed.text[:_PREVIEW_FROM] if parsed.text.strip() else index_text(parsed.html)[:_PREVIEW_FROM]
    new = new_text(text)
    return fit(" ".join((new if new.strip() else text).split()), 300)


def _write_parts(message: Message, parsed: Parsed, defects: list[str]) -> None:
    shown = parsed.parts[:MOST_PARTS]
    if len(parsed.parts) > len(shown):
        defects.append(f"only the first {MOST_PARTS} of {len(parsed.parts)} parts are listed")
    blobs = _blobs(message) if any(len(part.content) >= SMALL for part in shown) else {}
    Part.objects.bulk_create(_part(message, part, blobs) for part in shown)
    message.attachment_count = sum(part.is_attachment for part in shown)


def _blobs(message: Message) -> dict[bytes, int]:
    return {bytes(sha256): blob for sha256, blob in message.pieces.values_list("blob__sha256", "blob_id")}


def _part(message: Message, part: ParsedPart, blobs: dict[bytes, int]) -> Part:
    worth_a_look = blobs and len(part.content) >= SMALL
    return Part(
        message=message,
        position=part.position,
        content_type=fit(part.content_type, 255),
        filename=fit(part.filename, 255),
        content_id=fit(part.content_id, 500),
        is_attachment=part.is_attachment,
        size=len(part.content),
        blob_id=blobs.get(hashlib.sha256(part.content).digest()) if worth_a_look else None,
    )


def _write_correspondents(message: Message, parsed: Parsed, defects: list[str]) -> None:
    rows: list[Correspondent] = []
    left_out = 0
    for role, address in _roles(parsed):
        if len(rows) >= MOST_CORRESPONDENTS or len(address.address) > 320:
            left_out += 1
            continue
        name, written = fit(address.name, 300), fit(address.address, 320).lower()
        rows.append(Correspondent(message=message, role=role, name=name, address=written))
    if left_out:
        defects.append(f"{left_out} of {left_out + len(rows)} correspondents are not listed: too many or too long")
    Correspondent.objects.bulk_create(rows)


def _roles(parsed: Parsed) -> Iterator[tuple[str, Address]]:
    if parsed.sender:
        yield "from", parsed.sender
    for role, addresses in (("to", parsed.to), ("cc", parsed.cc), ("bcc", parsed.bcc), ("reply-to", parsed.reply_to)):
        for address in addresses:
            yield role, address
