"""Header blocks taken apart into fields, as bytes: any line breaks, stray lines, no empty line at the end."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

MAX_FIELDS = 20_000  # of one block; further ones are not looked at

_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)?")
# A name, a colon, and a value with all its continuation lines. The quantifiers never give back: linear for any bytes.
_FIELD = re.compile(rb"([!-9;-~]++)[ \t]*+:([^\r\n]*+(?:\r\n|[\r\n])?+(?:[ \t][^\r\n]*+(?:\r\n|[\r\n])?+)*+)")
# A stray line among header fields does not end them when the next line is surely a field.
_SURE_FIELD = re.compile(
    rb"(?:content-[a-z-]+|mime-version|from|to|cc|subject|date|message-id|received|reply-to|return-path|references"
    rb"|in-reply-to|sender|x-[a-z0-9-]+|delivered-to|dkim-signature|list-[a-z-]+):",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Field:
    """One header field: its name as written, and its value as bytes with the folding still in it."""

    name: str
    key: str  # the name in lower case
    value: bytes


def read_header(raw: bytes) -> tuple[list[Field], int]:
    """The fields of a message's own header block, and where its body begins: just behind the empty line."""
    return read_fields(raw, 0, (), [])


def read_fields(raw: bytes, start: int, boundaries: Container[bytes], defects: list[str]) -> tuple[list[Field], int]:
    """The fields of the header block at `start`, and where its body begins. Adds to `defects`.

    A line that is the delimiter of one of `boundaries` ends the block.
    """
    fields: list[Field] = []
    position = start
    while position < len(raw):
        # Looked at first: a boundary may have a colon in it.
        if raw.startswith(b"--", position) and _is_delimiter(raw[position + 2 : line_end(raw, position)], boundaries):
            break
        found = _FIELD.match(raw, position)
        if found is not None:
            if len(fields) < MAX_FIELDS:
                name = found.group(1).decode("ascii")
                fields.append(Field(name, name.lower(), found.group(2)))
            position = found.end()
            continue
        end = line_end(raw, position)
        if not raw[position:end].strip(b" \t\r\n"):
            position = end  # the empty line; some programs put blanks into it
            break
        if not _skippable(raw, start, position, end):
            if "no empty line behind the header" not in defects:
                defects.append("no empty line behind the header")
            break
        position = end
    return fields, position


def line_end(raw: bytes, position: int) -> int:
    """Just behind the line break of the line at `position`."""
    match = _LINE.match(raw, position)
    return match.end() if match else len(raw)


def _is_delimiter(line: bytes, boundaries: Container[bytes]) -> bool:
    text = line.rstrip(b" \t\r\n")
    return text in boundaries or (text.endswith(b"--") and text[:-2] in boundaries)


def _skippable(raw: bytes, start: int, position: int, end: int) -> bool:
    """Whether the line that is no field may stand in a header: an mbox line, or one with a sure field behind it."""
    if raw.startswith((b"From ", b">From "), position) and position == start:
        return True
    return _SURE_FIELD.match(raw, end) is not None
