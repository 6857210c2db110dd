"""The values of a `Header` as text: what nearly all of them are already, and what evidence makes of the others."""

from __future__ import annotations

import binascii
import re
from functools import lru_cache
from typing import Any

from .charsets import decode_bytes
from .encoded_words import decode_words
from .fields import Header
from .headers import unfolded
from .mojibake import begins_otherwise, encoded_once
from .text import storable

_UTF8 = ("utf-8", "UTF-8")
_SHORT = 300  # characters of a value that is remembered
# An encoded word as RFC 2047 2 has it; whether its base64 is whole and its escapes are true is seen behind.
_WORD = re.compile(r"=\?([A-Za-z0-9-]{1,30}+)\?(?:[bB]\?([A-Za-z0-9+/]*+={0,2}+)|[qQ]\?([!->@-~]*+))\?=")


def text_of(value: str, hint: str = "") -> str:
    """The text of one of `Header.values`, encoded words still in it; `hint` is a likely charset."""
    if value.isascii() and "\x1b" not in value and "\x00" not in value:
        return value
    return unfolded(value.encode("latin-1"), hint)


def decoded_text(value: str, hint: str = "") -> str:
    """The text of one of `Header.values` as a person reads it."""
    text = text_of(value, hint)
    return _words_read(text, hint) if "=?" in text else text


def _words_read(text: str, hint: str) -> str:
    # The same people write again and again: their names are remembered.
    return (_decoded if len(text) <= _SHORT else _decoded.__wrapped__)(text, hint)


@lru_cache(maxsize=2_000)
def _decoded(text: str, hint: str) -> str:
    return _words_by_the_book(text, hint) or decode_words(text, hint)


def _words_by_the_book(text: str, hint: str) -> str:
    """`text` with its encoded words decoded; "" when one is not by the book."""
    # Text, and for each word: charset, base64 or None, escapes or None, text behind it.
    pieces: list[Any] = _WORD.split(text)
    if "?" in "".join(pieces[::4]):
        return ""
    made = [pieces[0]]
    octets = b""
    last = len(pieces) - 4
    for place in range(1, len(pieces), 4):
        charset, letters, escaped, behind = pieces[place : place + 4]
        if escaped is None:
            if len(letters) % 4:
                return ""
            octets += binascii.a2b_base64(letters)
        else:
            data = binascii.a2b_qp(escaped, header=True)
            if len(data) != len(escaped) - 2 * escaped.count("="):
                return ""
            octets += data
        if place < last and not behind.strip():
            # RFC 2047 6.2: blanks between words fall away. And a letter may begin in one word and end in the next.
            if pieces[place + 4].lower() == charset.lower():
                continue
            behind = ""
        made.append(_in_utf8(octets, hint) if charset in _UTF8 else decode_bytes(octets, charset.lower(), hint)[0])
        made.append(behind)
        octets = b""
    return storable("".join(made))


def _in_utf8(data: bytes, hint: str) -> str:
    """What `decode_bytes` makes of UTF-8, by the short way where nothing is odd about it."""
    if b"\x00" not in data and b"\x1b" not in data and not data.startswith(b"\xef\xbb\xbf"):
        try:
            text = data.decode()
            return text if data.isascii() or begins_otherwise(text) else encoded_once(text) or text
        except UnicodeDecodeError:
            pass  # in another charset, or broken
    return decode_bytes(data, "utf-8", hint)[0]


def decoded_texts(header: Header, hint: str, limit: int) -> list[tuple[str, str]]:
    """(name, text as a person reads it) of the first `limit` fields."""
    named = zip(header.names, header.values, strict=True)
    if len(header.names) > limit:
        named = zip(header.names[:limit], header.values[:limit], strict=True)
    if header.plain:
        return list(named)
    if header.clean:
        # One letter is looked for many times faster than two.
        return [(name, _words_read(value, hint) if "?" in value and "=?" in value else value) for name, value in named]
    return [(name, decoded_text(value, hint)) for name, value in named]
