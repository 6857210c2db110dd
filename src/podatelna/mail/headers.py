"""Header fields as text: unfolded, decoded, whatever bytes a sender put into them."""

from __future__ import annotations

import re

from .charsets import decode_bytes
from .encoded_words import decode_words
from .fields import Field
from .parameters import read_parameters
from .structure import Entity

MAX_VALUE = 262_144  # bytes of one field that are read; a longer one is cut
# RFC 5322 2.2.3: folding is a line break before a blank, and the blank stays.
_FOLD = re.compile(r"[\r\n]+(?=[ \t])")
_BREAK = re.compile(r"[\r\n]+")


def unfolded(value: bytes, hint: str = "") -> str:
    """The value as one line of text, encoded words still in it (RFC 5322 2.2.3).

    Bytes over 127 are read as UTF-8 (RFC 6532), else by evidence; `hint` is the charset of the body.
    """
    value = value[:MAX_VALUE].strip()
    plain = value.isascii() and b"\x1b" not in value and b"\x00" not in value
    text = value.decode("ascii") if plain else decode_bytes(value, "", hint)[0]
    if "\n" in text or "\r" in text:
        text = _BREAK.sub(" ", _FOLD.sub("", text))
    return text.strip(" \t")


def decoded(value: bytes, hint: str = "") -> str:
    """The value as a person reads it: unfolded, encoded words decoded."""
    return decode_words(unfolded(value, hint))


def named(fields: list[Field], name: str) -> list[bytes]:
    """The values of all fields called `name` (lower case), in order."""
    return [entry.value for entry in fields if entry.key == name]


def disposition(entity: Entity) -> str:
    """The Content-Disposition of a part in lower case, "" when there is none."""
    value = unfolded(entity.first("content-disposition") or b"")
    return value.split(";", 1)[0].strip().strip('"').lower()[:40]


def declared_filename(entity: Entity, hint: str = "") -> str:
    """The name that the sender gave a part, decoded and not yet safe; "" when there is none.

    Content-Disposition's filename goes before Content-Type's name; both are read with RFC 2231 and with the
    RFC 2047 words that do not belong there and are common.
    """
    for field, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        value = entity.first(field)
        if value is None:
            continue
        name = read_parameters(unfolded(value, hint)).get(parameter, "")
        if name.strip():
            return decode_words(name)
    return ""
