"""Letters written as RFC 5322: correct, in seven bits, and with nothing in a field that a person did not mean."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from .addresses import Address
from .enclosures import File, Image, entity, file_entity, image_entity
from .errors import Unwritable
from .header_writing import address_field, ids_field, needs_smtputf8, text_field
from .html import text_as_html
from .recipes import follow
from .replying import Quoted, answered_ids, forward, forwarded_file, quote, quote_with_images, whom_to_answer
from .subjects import forward_subject, reply_subject
from .text import storable, unix_lines

__all__ = [
    "File",
    "Image",
    "Letter",
    "Quoted",
    "answered_ids",
    "compose",
    "forward",
    "forward_subject",
    "forwarded_file",
    "letter_html",
    "needs_smtputf8",
    "quote",
    "quote_with_images",
    "reply_subject",
    "whom_to_answer",
]

MAX_REFERENCES = 20  # the first and the latest: servers limit the size of a header
MAX_REFERENCES_SIZE = 998  # characters of the whole field: some servers unfold it and then count
_SEVEN_BIT_LINE = 78


@dataclass(frozen=True)
class Letter:
    """What is to be written. `message_id`, `in_reply_to` and `references` are without <>."""

    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]  # for the envelope; never written into the message
    subject: str
    text: str
    html: str  # "" for none
    message_id: str
    date: datetime  # aware
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    reply_to: Address | None = None
    files: tuple[File, ...] = ()
    images: tuple[Image, ...] = ()  # that `html` shows
    automatic: bool = False  # a program answers: RFC 3834


def compose(letter: Letter) -> bytes:
    """The message as bytes with CRLF, in seven bits, no line over 998. The same letter gives the same bytes.

    Only a letter that `needs_smtputf8` has UTF-8 in its header, and there in addresses alone (RFC 6532).
    Raises Unwritable for a field with control characters, an address or Message-ID that is none, or no recipient.
    """
    if not letter.to and not letter.cc and not letter.bcc:
        raise Unwritable("to", "no recipient")
    header = "\r\n".join(_fields(letter)).encode()
    return header + b"\r\n" + _content(letter)


def _fields(letter: Letter) -> list[str]:
    if letter.date.tzinfo is None:
        raise Unwritable("date", "no time zone")
    fields = [address_field("From", [letter.sender])]
    if letter.reply_to:
        fields.append(address_field("Reply-To", [letter.reply_to]))
    if letter.to:
        fields.append(address_field("To", letter.to))
    if letter.cc:
        fields.append(address_field("Cc", letter.cc))
    if not letter.to and not letter.cc:
        fields.append("To: undisclosed-recipients:;")
    fields += [
        text_field("Subject", letter.subject),
        f"Date: {format_datetime(letter.date)}",
        ids_field("Message-ID", [letter.message_id]),
    ]
    if letter.in_reply_to:
        fields.append(ids_field("In-Reply-To", [letter.in_reply_to]))
    if letter.references:
        fields.append(ids_field("References", _fewer(letter.references)))
    if letter.automatic:
        # RFC 3834 5.1; the second is what Exchange looks for.
        fields += ["Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All"]
    return [*fields, "MIME-Version: 1.0"]


def _fewer(references: Sequence[str]) -> list[str]:
    """The first, which names the thread, and the latest: what RFC 5537 3.4.4 keeps when there are too many."""
    first, *rest = dict.fromkeys(references)
    kept: list[str] = []
    room = MAX_REFERENCES_SIZE - len("References:") - _room(first)
    for reference in reversed(rest[1 - MAX_REFERENCES :]):
        room -= _room(reference)
        if kept and room < 0:
            break
        kept.append(reference)
    return [first, *reversed(kept)]


def _room(reference: str) -> int:
    return len(reference) + 3  # a blank and the brackets


def _content(letter: Letter) -> bytes:
    """The entity of the whole letter: its Content fields, an empty line, its body."""
    text = _text_entity("plain", letter.text)
    if letter.html:
        text = _multipart("alternative", [text, _html_entity(letter)], letter.message_id)
    if letter.files:
        text = _multipart("mixed", [text, *(file_entity(file) for file in letter.files)], letter.message_id)
    return text


def _html_entity(letter: Letter) -> bytes:
    """The HTML, together with the pictures that it shows (RFC 2387)."""
    html = _text_entity("html", letter.html)
    shown = dict.fromkeys(image for image in letter.images if f"cid:{image.content_id}" in letter.html)
    if not shown:
        return html
    entities = [html, *(image_entity(image) for image in shown)]
    return _multipart("related", entities, letter.message_id, '; type="text/html"')


def _text_entity(subtype: str, text: str) -> bytes:
    data = unix_lines(storable(text)).replace("\n", "\r\n").encode()
    if data and not data.endswith(b"\r\n"):
        data += b"\r\n"
    plain = data.isascii() and all(_goes_as_it_is(line) for line in data.split(b"\r\n"))
    encoding = "7bit" if plain else "quoted-printable"
    if not plain:
        # RFC 2049 3: a line that begins with "From " does not survive an mbox.
        data = follow(data, "qp:76:crlf::")
        data = re.sub(rb"(?m)^From ", b"=46rom ", data)
        data = re.sub(rb"(?m)^\.(?=\r?$)", b"=2E", data)
    return entity(f"text/{subtype}; charset=utf-8", encoding, "", data)


def _goes_as_it_is(line: bytes) -> bool:
    if len(line) > _SEVEN_BIT_LINE or line.startswith(b"From ") or line == b".":
        return False
    return not line.endswith((b" ", b"\t")) and all(octet >= 32 or octet == 9 for octet in line) and b"\x7f" not in line


def _multipart(subtype: str, entities: Sequence[bytes], seed: str, more: str = "") -> bytes:
    boundary = _boundary(subtype, entities, seed)
    delimiter = b"\r\n--" + boundary
    body = b"".join(delimiter + b"\r\n" + entity for entity in entities) + delimiter + b"--\r\n"
    content_type = f'Content-Type: multipart/{subtype}{more};\r\n boundary="{boundary.decode("ascii")}"\r\n\r\n'
    return content_type.encode("ascii") + body[2:]


def _boundary(subtype: str, entities: Sequence[bytes], seed: str) -> bytes:
    """A boundary that is in none of the entities; "=_" is in no base64 and no quoted-printable (RFC 2045 6.7)."""
    attempt = 0
    while True:
        digest = hashlib.sha256(f"{subtype} {attempt} {seed}".encode()).hexdigest()[:32]
        boundary = f"=_{digest}".encode("ascii")
        if not any(boundary in entity for entity in entities):
            return boundary
        attempt += 1


def letter_html(text: str, quoted_html: str) -> str:
    """The HTML page of a letter: what was typed, and the quoted original below it."""
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>'
        f"<div>{text_as_html(text)}</div>{quoted_html}</body></html>\n"
    )
