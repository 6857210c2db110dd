"""What was read from messages, written to their columns, parts and correspondents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.db import transaction
from django.utils import timezone

from podatelna import rows
from podatelna.mail.addresses import Address
from podatelna.mail.html import index_text
from podatelna.mail.parse import Parsed
from podatelna.mail.quotes import NEW, fold, new_text
from podatelna.mail.sealed import is_wrapping, without_armour

from .columns import fit, fit_time
from .models import Correspondent, Message, Part, Piece
from .skeleton import SMALL

MOST_CORRESPONDENTS = 1000
MOST_PARTS = 1000
_MOST_DEFECTS = 50
_PREVIEW = 300  # characters
_PREVIEW_FROM = 20_000  # characters of text that are looked at for it
_TOP, _BELOW = 750, 5


@dataclass(frozen=True)
class Described:
    """What is written of a message: the values of its columns, and its parts and correspondents without itself."""

    columns: tuple[Any, ...]
    parts: tuple[tuple[Any, ...], ...]  # the last value is the SHA-256 of what may be a blob
    correspondents: tuple[tuple[Any, ...], ...]


def describe(parsed: Parsed) -> Described:
    """What is to be written of a message; all that takes long and needs no database.

    Whatever a stranger wrote is made to fit; what had to be left out is named among the defects.
    """
    defects = list(parsed.defects)
    parts = tuple(_parts(parsed, defects))
    correspondents = tuple(_correspondents(parsed, defects))
    return Described(_columns(parsed, defects), parts, correspondents)


def fill(message: Message, parsed: Parsed) -> None:
    """Write what was parsed: columns, Part and Correspondent rows. Doing it again gives the same."""
    fill_many([(message, describe(parsed))])


def fill_many(pairs: Sequence[tuple[Message, Described]]) -> None:
    """The same for the different messages of a batch, in few statements; all of them or, when it raises, none."""
    with transaction.atomic():
        _empty([message for message, _ in pairs])
        blobs = _blobs(message.pk for message, described in pairs if any(part[-1] for part in described.parts))
        parts: list[Sequence[Any]] = []
        correspondents: list[Sequence[Any]] = []
        now = timezone.now()
        for message, described in pairs:
            own = blobs.get(message.pk, {})
            parts += [(message.pk, *values, own.get(sha256)) for *values, sha256 in described.parts]
            correspondents += [(message.pk, *values) for values in described.correspondents]
            for name, value in zip(_COLUMNS, described.columns, strict=True):
                setattr(message, name, value)
            message.parsed_at = now
        rows.insert(Part, ("message", *_PART, "blob"), parts)
        rows.insert(Correspondent, ("message", *_CORRESPONDENT), correspondents)
        in_order = sorted(((*described.columns, now, message.pk) for message, described in pairs), key=itemgetter(-1))
        rows.update(Message, (*_COLUMNS, "parsed_at"), in_order)


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


def _columns(parsed: Parsed, defects: list[str]) -> tuple[Any, ...]:
    sent_at = fit_time(parsed.sent_at)
    if parsed.sent_at and not sent_at:
        defects.append("the date is out of range")
    return (
        fit(parsed.message_id, 1000),
        fit(parsed.subject, 2000),
        fit(parsed.sender.name, 300) if parsed.sender else "",
        fit(parsed.sender.address, 320) if parsed.sender else "",
        sent_at,
        _preview(parsed),
        # A signature is no file that anybody would look for.
        sum(part.is_attachment and not is_wrapping(part) for part in parsed.parts[:MOST_PARTS]),
        fit(parsed.automatic, 16),
        [fit(defect, 300) for defect in defects[:_MOST_DEFECTS]],
    )


_COLUMNS = (
    "message_id", "subject", "from_name", "from_address", "sent_at", "preview", "attachment_count", "automatic",
    "defects",
)  # fmt: skip


def _preview(parsed: Parsed) -> str:
    text = without_armour(parsed.text) if parsed.text.strip() else index_text(parsed.html)
    return fit(_beginning(text) or _new(text[:_PREVIEW_FROM]), _PREVIEW)


def _new(text: str) -> str:
    new = new_text(text)
    return " ".join((new if new.strip() else text).split())


def _beginning(text: str) -> str:
    """The beginning of a letter with enough that is new on top, whatever is below; "" where one must look further."""
    if len(text) <= _TOP:
        return ""
    top = fold(text[:_TOP])[0]
    # How a line is taken may depend on the lines right below it: what stands last is not counted.
    new = " ".join("".join(top.text.splitlines(keepends=True)[:-_BELOW]).split()) if top.kind == NEW else ""
    return new if len(new) >= _PREVIEW else ""


_PART = ("position", "content_type", "filename", "content_id", "is_attachment", "size")


def _parts(parsed: Parsed, defects: list[str]) -> Iterator[tuple[Any, ...]]:
    if len(parsed.parts) > MOST_PARTS:
        defects.append(f"only the first {MOST_PARTS} of {len(parsed.parts)} parts are listed")
    for part in parsed.parts[:MOST_PARTS]:
        content = part.content
        yield (
            part.position,
            fit(part.content_type, 255),
            fit(part.filename, 255),
            fit(part.content_id, 500),
            part.is_attachment,
            len(content),
            hashlib.sha256(content).digest() if len(content) >= SMALL else None,
        )


def _blobs(messages: Iterable[int]) -> dict[int, dict[bytes, int]]:
    """By message: the blobs of its pieces by SHA-256."""
    found: dict[int, dict[bytes, int]] = {}
    pieces = Piece.objects.filter(message__in=list(messages)).order_by()
    for message, sha256, blob in pieces.values_list("message_id", "blob__sha256", "blob_id"):
        found.setdefault(message, {})[bytes(sha256)] = blob
    return found


_CORRESPONDENT = ("role", "name", "address")


def _correspondents(parsed: Parsed, defects: list[str]) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    left_out = 0
    for role, address in _roles(parsed):
        if len(found) >= MOST_CORRESPONDENTS or len(address.address) > 320:
            left_out += 1
            continue
        found.append((role, fit(address.name, 300), fit(address.address, 320).lower()))
    if left_out:
        defects.append(f"{left_out} of {left_out + len(found)} correspondents are not listed: too many or too long")
    return found


def _roles(parsed: Parsed) -> Iterator[tuple[str, Address]]:
    if parsed.sender:
        yield "from", parsed.sender
    for role, addresses in (("to", parsed.to), ("cc", parsed.cc), ("bcc", parsed.bcc), ("reply-to", parsed.reply_to)):
        for address in addresses:
            yield role, address
