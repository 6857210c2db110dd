"""The message that a report is about: its header, as returned in a part of its own or in the report's text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .addresses import read_header_addresses
from .fields import Field, read_header
from .headers import named, unfolded
from .identity import find_message_ids

if TYPE_CHECKING:
    from .parse import Parsed

MAX_HEADER = 65_536  # bytes of a returned message that are read
RETURNED = (
    "message/rfc822",
    "message/global",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
)
_STATUS = ("message/delivery-status", "message/global-delivery-status")
_LINE = re.compile(
    r"^[ \t>]{0,20}(?:x-)?(?:original-)?message[- ]id ?: ?(<[^<>\n]{3,998}>|[^\s<>@]{1,400}@[^\s<>]{1,255})",
    re.I | re.M,
)
_LOOKS_LIKE_HEADER = re.compile(rb"\s{0,20}[A-Za-z][A-Za-z0-9-]{1,60}:[ \t]")


def returned_fields(parsed: Parsed, copy: str) -> list[Field]:
    """The header fields of the message that is returned; `copy` is what follows a report in its own text."""
    parts = [part for part in parsed.parts if part.content_type in RETURNED]
    unnamed = [part for part in parsed.parts[1:20] if part not in parts and part.content_type not in _STATUS]
    for part in parts + [part for part in unnamed if _LOOKS_LIKE_HEADER.match(part.content[:200])]:
        fields = _header(part.content[:MAX_HEADER])
        if named(fields, "message-id") or named(fields, "from"):
            return fields
    return _header_in(copy)


def original_message_id(parsed: Parsed, fields: list[Field], text: str) -> str:
    """The Message-ID of the message that a report is about, "" when nothing tells it.

    `fields` are those of the returned message, `text` is all that the report says in words or quotes.
    """
    for value in named(fields, "message-id"):
        for found in find_message_ids(unfolded(value)):
            return found
    named_in_text = _LINE.search(text)
    if named_in_text is not None:
        return next(iter(find_message_ids(named_in_text.group(1))), "")
    for part in parsed.parts:
        if part.content_type in _STATUS:
            named_in_status = _LINE.search(part.content[:MAX_HEADER].decode("latin-1").replace("\r", ""))
            if named_in_status is not None:
                return next(iter(find_message_ids(named_in_status.group(1))), "")
    return next(iter(parsed.in_reply_to + parsed.references[-1:]), "")


def returned_recipients(fields: list[Field]) -> tuple[str, ...]:
    """The addresses that the returned message was written to."""
    values = [value for name in ("to", "cc") for value in named(fields, name)[:20]]
    people = [person for value in values for person in read_header_addresses(unfolded(value))[0]]
    return tuple(dict.fromkeys(person.address for person in people))


def _header(content: bytes) -> list[Field]:
    fields, _ = read_header(content.lstrip(b"\r\n \t"))
    return fields


def _header_in(copy: str) -> list[Field]:
    """The header in text that a report quotes: behind a line of dashes, maybe with blanks or ">" before each line."""
    lines = copy[:MAX_HEADER].split("\n")
    tried = 0
    for index, line in enumerate(lines[:60]):
        mark = line[: len(line) - len(line.lstrip(" \t>|"))]
        if tried < 5 and _LOOKS_LIKE_HEADER.match(line[len(mark) :].encode("utf-8", "replace")):
            tried += 1
            taken = [entry[len(mark) :] if entry.startswith(mark) else entry for entry in lines[index:]]
            fields = _header("\n".join(taken).encode("utf-8", "replace"))
            if named(fields, "message-id") or named(fields, "from") or named(fields, "to"):
                return fields
    return []
