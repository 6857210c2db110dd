"""How a decoded body is made into the very bytes again that it had in the message.

A recipe is a short word: "" (as it is), "base64:76:crlf:1" (lines of 76, CRLF between, one line break behind the
last) or "qp:76:crlf:3f:l" (lines of 76, these further characters escaped, and how the writer breaks lines). A body
gets a recipe only when following it gives the original bytes; any other body is stored as it is.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator

from .errors import UnknownRecipe
from .transfer import from_quoted_printable

_BREAKS = {"crlf": b"\r\n", "lf": b"\n", "cr": b"\r"}
_MAX_EXTRA = 10  # characters beyond the usual that an encoder escapes; more do not fit the recipe's column
_MAX_LINE = 1_000
_WINDOW = 65_536  # bytes that are looked at or written at once: in pieces a body takes many times its room
# How writers of quoted-printable break a line: anywhere or behind a word ("w"), and whether the last piece may be as
# long as the others are with their "=" ("l").
_STYLES = ("", "l", "w", "wl")
# A blank at the end of a line must be escaped, wherever else it is not.
_QP_ESCAPE = re.compile(rb"=(?!(?:20|09)(?:[\r\n]|\Z))([0-9A-F]{2})")


def find_base64(raw: bytes, start: int = 0, end: int | None = None) -> tuple[bytes, str] | None:
    """The content of the base64 body raw[start:end] with the recipe that makes it again, or None."""
    end = len(raw) if end is None else end
    line_break, word = _line_break(raw, start, end)
    last = end
    while last > start and raw[last - 1] in b"\r\n":
        last -= 1
    first = raw.find(line_break, start, last)
    length = (first if first >= 0 else last) - start
    count = (end - last) // len(line_break)
    if length == 0 or length % 4 or length > 100_000_000 or count > 99 or raw[last:end] != line_break * count:
        return None
    try:
        content = binascii.a2b_base64(memoryview(raw)[start:last])
    except binascii.Error:
        return None
    recipe = f"base64:{length if first >= 0 else 0}:{word}:{count}"
    return (content, recipe) if _is_made(pieces_of(content, recipe), raw, start, end) else None


def find_quoted_printable(raw: bytes, start: int = 0, end: int | None = None) -> tuple[bytes, str] | None:
    """The content of the quoted-printable body raw[start:end] with the recipe that makes it again, or None."""
    end = len(raw) if end is None else end
    line_break, word = _line_break(raw, start, end)
    looked = _look_at(raw, start, end, line_break)
    if looked is None:
        return None
    longest, escaped = looked
    plain = sorted(code for code in escaped if _needs_no_escape(int(code, 16)))
    if len(plain) > _MAX_EXTRA or not 4 <= longest <= 998:
        return None
    content, defect = from_quoted_printable(raw, start, end)
    if defect:
        return None
    extra = b"".join(plain).decode("ascii").lower()
    for style in _STYLES:
        recipe = f"qp:{longest}:{word}:{extra}:{style}"
        if _is_made(pieces_of(content, recipe), raw, start, end):
            return content, recipe
    return None


def follow(content: bytes, recipe: str) -> bytes:
    """The original bytes of a body. Raises UnknownRecipe for a recipe that was not made here."""
    return b"".join(pieces_of(content, recipe))


def pieces_of(content: bytes, recipe: str) -> Iterator[bytes]:
    """The original bytes of a body, piece by piece. Raises UnknownRecipe for a recipe that was not made here."""
    if not recipe:
        return iter((content,))
    name, *details = recipe.split(":")
    try:
        if name == "base64":
            length, word, count = details
            return _write_base64(content, int(length), _BREAKS[word], int(count))
        if name == "qp":
            longest, word, extra, style = details
            return _write_quoted_printable(content, int(longest), _BREAKS[word], bytes.fromhex(extra), style)
    except (ValueError, KeyError) as error:
        raise UnknownRecipe(recipe) from error
    raise UnknownRecipe(recipe)


def _is_made(pieces: Iterable[bytes], raw: bytes, start: int, end: int) -> bool:
    """Whether `pieces` are raw[start:end]; ends with the first that is not."""
    position = start
    for piece in pieces:
        if not raw.startswith(piece, position, end):
            return False
        position += len(piece)
    return position == end


def _line_break(raw: bytes, start: int, end: int) -> tuple[bytes, str]:
    """The first line break of raw[start:end], and the word for it."""
    newline = raw.find(b"\n", start, end)
    if newline > start and raw[newline - 1] == 13:
        return b"\r\n", "crlf"
    if newline >= 0:
        return b"\n", "lf"
    return (b"\r", "cr") if raw.find(b"\r", start, end) >= 0 else (b"\r\n", "crlf")


def _write_base64(content: bytes, length: int, line_break: bytes, count: int) -> Iterator[bytes]:
    """Lines of `length` letters, 0 for all on one; `count` line breaks behind the last."""
    room = length * max(_WINDOW // length, 1) if length else _WINDOW
    whole = memoryview(content)
    for start in range(0, len(content), room // 4 * 3):
        letters = binascii.b2a_base64(whole[start : start + room // 4 * 3], newline=False)
        if length:
            letters = line_break.join([letters[place : place + length] for place in range(0, len(letters), length)])
            if start:
                yield line_break
        yield letters
    yield line_break * count


def _look_at(raw: bytes, start: int, end: int, line_break: bytes) -> tuple[int, set[bytes]] | None:
    """The longest line with a soft end, and the codes that are escaped; None where a line is longer than any may be."""
    longest, escaped = 0, set[bytes]()
    while start < end:
        found = raw.find(line_break, start + _WINDOW, end)
        stop = found + len(line_break) if found >= 0 else end
        lines = raw[start:stop].split(line_break)
        if max(map(len, lines)) > _MAX_LINE:
            return None
        longest = max(longest, max((len(line) for line in lines if line.endswith(b"=")), default=0))
        escaped.update(_QP_ESCAPE.findall(raw, start, stop))
        start = stop
    return longest or 76, escaped


def _needs_no_escape(octet: int) -> bool:
    return (33 <= octet <= 126 and octet != 61) or octet in b" \t\r\n"


def write_quoted_printable(content: bytes, longest: int, line_break: bytes, extra: bytes, style: str) -> bytes:
    """`content` in quoted-printable: lines of at most `longest`, the octets of `extra` escaped too (RFC 2045 6.7)."""
    return b"".join(_write_quoted_printable(content, longest, line_break, extra, style))


def _write_quoted_printable(
    content: bytes, longest: int, line_break: bytes, extra: bytes, style: str
) -> Iterator[bytes]:
    escapes = [octet for octet in range(256) if not _needs_no_escape(octet) or octet in extra]
    unsafe = re.compile(b"[" + b"".join(b"\\x%02x" % octet for octet in escapes) + b"]+")
    position = 0
    while True:
        found = content.find(line_break, position)
        end = found if found >= 0 else len(content)
        pending = b""
        for start in range(position, max(end, position + 1), _WINDOW):
            pending += unsafe.sub(_escape, content[start : min(start + _WINDOW, end)])
            if start + _WINDOW >= end and pending.endswith((b" ", b"\t")):
                pending = pending[:-1] + b"=%02X" % pending[-1]
            *softly_ended, pending = _folded(pending, longest, style)
            for line in softly_ended:
                yield line + b"=" + line_break
        yield pending
        if found < 0:
            return
        yield line_break
        position = end + len(line_break)


def _escape(found: re.Match[bytes]) -> bytes:
    return b"=" + binascii.hexlify(found.group(), b"=").upper()


def _folded(line: bytes, longest: int, style: str) -> list[bytes]:
    """`line` in pieces for soft breaks between them. `style` is how its writer breaks: see _STYLES."""
    room = longest - 1
    limit = longest if "l" in style else room
    if len(line) <= limit:
        return [line]
    pieces = []
    start = 0
    while len(line) - start > limit:
        end = line.rfind(b" ", start, start + room) + 1 if "w" in style else 0
        if end <= start:
            end = start + room
            # An escape is never broken in two.
            if line[end - 1] == 61:
                end -= 1
            elif line[end - 2] == 61:
                end -= 2
        pieces.append(line[start:end])
        start = end
    return [*pieces, line[start:]]
