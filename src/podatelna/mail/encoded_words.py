"""Encoded words in headers (RFC 2047), read as they are really written, in linear time."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

from .charsets import decode_bytes
from .text import storable

_Q_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_AFTER_ESCAPE = re.compile(r"[0-9A-F]{2}")
_MAX_CHARSET = 60


@dataclass(slots=True)
class _Word:
    start: int
    end: int
    charset: str
    base64: bool
    text: str


def decode_words(text: str) -> str:
    """`text` (unfolded) with its encoded words decoded.

    Neighbours of one charset are joined before they are decoded, since senders split characters and even base64
    groups between words; blanks between encoded words fall away (RFC 2047 6.2). What is no encoded word stays.
    """
    if "=?" not in text:
        return storable(text)
    out: list[str] = []
    position = 0
    for run in _runs(text):
        between = text[position : run[0].start]
        if not (position and not between.strip()):
            out.append(between)
        out.append(_decode_run(run))
        position = run[-1].end
    out.append(text[position:])
    return storable("".join(out))


def _runs(text: str) -> list[list[_Word]]:
    """Encoded words in order, those together that only blanks separate and that name the same charset."""
    runs: list[list[_Word]] = []
    for word in _words(text):
        last = runs[-1][-1] if runs else None
        if last and last.charset == word.charset and not text[last.end : word.start].strip():
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs


def _words(text: str) -> list[_Word]:
    found: list[_Word] = []
    position, last = 0, text.rfind("?=")
    while True:
        start = text.find("=?", position, last)
        if start < 0:
            return found
        word = _word_at(text, start)
        if word is None:
            position = start + 2
        else:
            found.append(word)
            position = word.end


def _word_at(text: str, start: int) -> _Word | None:
    mark = text.find("?", start + 2, start + 2 + _MAX_CHARSET)
    if mark < 0 or text[mark + 2 : mark + 3] != "?" or text[mark + 1] not in "bBqQ":
        return None
    charset = text[start + 2 : mark]
    if not charset or any(char in charset for char in ' \t"<>()'):
        return None
    base64 = text[mark + 1] in "bB"
    end = _word_end(text, mark + 3, base64)
    if end < 0:
        return None
    return _Word(start, end + 2, charset.split("*", 1)[0].lower(), base64, text[mark + 3 : end])


def _word_end(text: str, start: int, base64: bool) -> int:
    """Where the closing "?=" stands; -1 when there is none."""
    end = text.find("?=", start)
    if base64 or end < 0:
        return end
    # A question mark that the sender forgot to encode, with an encoded byte behind it: "…?=20rest?=".
    for _ in range(100):
        if _AFTER_ESCAPE.match(text, end + 2) is None or text.startswith("=?", end + 2):
            return end
        following = text.find("?=", end + 2)
        opening = text.find("=?", end + 2, following) if following >= 0 else -1
        if following < 0 or opening >= 0:
            return end
        end = following
    return end


def _decode_run(run: list[_Word]) -> str:
    data = bytearray()
    pending = ""
    for word in run:
        if not word.base64:
            data += _from_base64(pending) + _from_q(word.text)
            pending = ""
            continue
        # Base64 that goes on in the next word in the middle of a group of four.
        joined = pending + word.text.strip()
        if len(joined) % 4 and not joined.endswith("="):
            pending = joined
        else:
            data += _from_base64(joined)
            pending = ""
    data += _from_base64(pending)
    return decode_bytes(bytes(data), run[0].charset)[0]


def _from_q(text: str) -> bytes:
    octets = text.replace("_", " ").encode("utf-8", "replace")
    return _Q_ESCAPE.sub(lambda match: bytes([int(match.group(1), 16)]), octets)


def _from_base64(text: str) -> bytes:
    letters = _NOT_BASE64.sub(b"", text.encode("ascii", "ignore"))
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    try:
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
    except binascii.Error:
        return b""
