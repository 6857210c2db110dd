"""The values of a `Header` as text: what nearly all of them are already, and what evidence makes of the others."""

from __future__ import annotations

import binascii
import re

from .charsets import decode_bytes
from .encoded_words import decode_words
from .fields import Header
from .headers import unfolded
from .mojibake import encoded_once
from .text import storable

_UTF8 = ("utf-8", "UTF-8")
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
    if "=?" not in text:
        return text
    return _words_by_the_book(text, hint) or decode_words(text, hint)


def _words_by_the_book(text: str, hint: str) -> str:
    """`text` with its encoded words decoded; "" when one is not by the book, or goes on in the next."""
    made: list[str] = []
    position = 0
    for word in _WORD.finditer(text):
        between = text[position : word.start()]
        if "?" in between or (position and not between.strip()):
            return ""
        charset, letters, escaped = word.groups()
        if escaped is None:
            if len(letters) % 4:
                return ""
            data = binascii.a2b_base64(letters)
        else:
            data = binascii.a2b_qp(escaped, header=True)
            if len(data) != len(escaped) - 2 * escaped.count("="):
                return ""
        made += between, _in_utf8(data, hint) if charset in _UTF8 else decode_bytes(data, charset.lower(), hint)[0]
        position = word.end()
    rest = text[position:]
    return "" if "?" in rest else storable("".join([*made, rest]))


def _in_utf8(data: bytes, hint: str) -> str:
    """What `decode_bytes` makes of UTF-8, by the short way where nothing is odd about it."""
    if b"\x00" not in data and b"\x1b" not in data and not data.startswith(b"\xef\xbb\xbf"):
        try:
            text = data.decode()
            return text if data.isascii() else encoded_once(text) or text
        except UnicodeDecodeError:
            pass  # in another charset, or broken
    return decode_bytes(data, "utf-8", hint)[0]


def decoded_texts(header: Header, hint: str, limit: int) -> list[tuple[str, str]]:
    """(name, text as a person reads it) of the first `limit` fields."""
    named = zip(header.names[:limit], header.values[:limit], strict=True)
    if header.plain:
        return list(named)
    return [(name, value if _is_plain(value) else decoded_text(value, hint)) for name, value in named]


def _is_plain(value: str) -> bool:
    return value.isascii() and "=?" not in value and "\x1b" not in value and "\x00" not in value
