"""Header fields as text: unfolded, decoded, whatever bytes a sender put into them."""

from __future__ import annotations

import re

from .charset_evidence import as_utf8
from .charsets import decode_bytes, guess
from .encoded_words import decode_words, escape_raw
from .fields import Field
from .parameters import decode_extended, read_parameters
from .structure import Entity
from .text import storable

MAX_VALUE = 262_144  # bytes of one field that are read; a longer one is cut
# RFC 5322 2.2.3: folding is a line break before a blank, and the blank stays.
_FOLD = re.compile(r"[\r\n]+(?=[ \t])")
# What a program puts for letters that it could not write.
_LOST = re.compile(r"�|\?\?|^\?|^_{3,}")
_READ = frozenset({"subject", "from", "to", "cc", "reply-to", "sender", "comments", "keywords", "organization"})
# "attachment", also in quotes and with its semicolon forgotten; not the name of a parameter.
_KIND = re.compile(r"[\s\"']*([A-Za-z0-9._-]{1,40})(?![A-Za-z0-9._*-]|\s*=)")
_BREAK = re.compile(r"[\r\n]+")


def unfolded(value: bytes, hint: str = "") -> str:
    """The value as one line of text, encoded words still in it (RFC 5322 2.2.3).

    Bytes over 127 are read as UTF-8 (RFC 6532), else in `hint`, see `raw_charset`, else by evidence.
    """
    value = value[:MAX_VALUE].strip()
    if value.isascii() and b"\x1b" not in value and b"\x00" not in value:
        text = value.decode("ascii")
    else:
        octets = escape_raw(value) if b"=?" in value else value
        unicode = as_utf8(octets)
        text = decode_bytes(octets, hint)[0] if unicode is None else storable(unicode)
    if "\n" in text or "\r" in text:
        text = _BREAK.sub(" ", _FOLD.sub("", text))
    return text.strip(" \t")


def decoded(value: bytes, hint: str = "") -> str:
    """The value as a person reads it: unfolded, encoded words decoded."""
    return decode_words(unfolded(value, hint), hint)


def raw_charset(fields: list[Field], body: str) -> str:
    """The charset of header bytes over 127 that are not UTF-8; `body` is the one that the body declares.

    All fields that people read are weighed together: a name of one word says little, and one program wrote them all.
    """
    return _weighed([entry.value for entry in fields if entry.key in _READ], body)


def _weighed(values: list[bytes], near: str) -> str:
    unknown = [value for value in values if not value.isascii() and as_utf8(value) is None][:100]
    return guess(b"\n".join(unknown)[:MAX_VALUE], near)[1] if unknown else near


def named(fields: list[Field], name: str) -> list[bytes]:
    """The values of all fields called `name` (lower case), in order."""
    return [entry.value for entry in fields if entry.key == name]


def disposition(entity: Entity) -> str:
    """The Content-Disposition of a part in lower case, "" when there is none."""
    value = _KIND.match(unfolded(entity.first("content-disposition") or b""))
    return value.group(1).lower() if value else ""


def declared_filename(entity: Entity, hint: str = "") -> str:
    """The name that the sender gave a part, decoded and not yet safe; "" when there is none.

    Content-Disposition's filename goes before Content-Type's name; both are read with RFC 2231 and with the
    RFC 2047 words that do not belong there and are common. One that lost letters on its way goes behind a whole one.
    """
    names: list[str] = []
    values = (entity.first("content-disposition"), entity.first("content-type"))
    hint = _weighed([value for value in values if value is not None], hint)
    for value, parameters in zip(values, (("filename", "name"), ("name", "filename")), strict=True):
        if value is None:
            continue
        found = read_parameters(unfolded(value, hint))
        names += [_readable_name(found[name], hint) for name in parameters if found.get(name, "").strip()]
    whole = [name for name in names if not _LOST.search(name)]
    return next(iter(whole or names), "")


def _readable_name(name: str, hint: str) -> str:
    name = decode_words(name, hint) if "=?" in name else decode_extended(name)
    quoted = len(name) > 2 and name[0] == name[-1] == "'"
    return name[1:-1] if quoted else name
