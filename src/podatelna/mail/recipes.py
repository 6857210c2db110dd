"""How a decoded body is made into the very bytes again that it had in the message.

A recipe is a short word: "" (as it is), "base64:76:crlf:1" (lines of 76, CRLF between, one line break behind the
last) or "qp:76:crlf:3f:l" (lines of 76, these further characters escaped, and how the writer breaks lines). A body
gets a recipe only when following it gives the original bytes; any other body is stored as it is.
"""

from __future__ import annotations

import binascii
import re

from .errors import UnknownRecipe
from .transfer import from_quoted_printable

_BREAKS = {"crlf": b"\r\n", "lf": b"\n", "cr": b"\r"}
_MAX_EXTRA = 10  # characters beyond the usual that an encoder escapes; more do not fit the recipe's column
# How writers of quoted-printable break a line: anywhere or behind a word ("w"), and whether the last piece may be as
# long as the others are with their "=" ("l").
_STYLES = ("", "l", "w", "wl")
_BLANK_AT_END = re.compile(rb"=(?:20|09)(?:[\r\n]|\Z)")
_QP_ESCAPE = re.compile(rb"=([0-9A-F]{2})")


def find_base64(body: bytes) -> tuple[bytes, str] | None:
    """The content of a base64 `body` with the recipe that makes it again, or None."""
    stripped = body.rstrip(b"\r\n")
    line_break, word = _line_break(body)
    first = stripped.find(line_break)
    length = first if first >= 0 else len(stripped)
    tail = body[len(stripped) :]
    count = len(tail) // len(line_break)
    if length == 0 or length % 4 or length > 100_000_000 or tail != line_break * count or count > 99:
        return None
    try:
        content = binascii.a2b_base64(stripped)
    except binascii.Error:
        return None
    recipe = f"base64:{length if first >= 0 else 0}:{word}:{count}"
    return (content, recipe) if follow(content, recipe) == body else None


def find_quoted_printable(body: bytes) -> tuple[bytes, str] | None:
    """The content of a quoted-printable `body` with the recipe that makes it again, or None."""
    line_break, word = _line_break(body)
    content, defect = from_quoted_printable(body)
    if defect:
        return None
    # A blank at the end of a line must be escaped, wherever else it is not.
    escaped = {match.group(1) for match in _QP_ESCAPE.finditer(body) if not _BLANK_AT_END.match(body, match.start())}
    plain = sorted(code for code in escaped if _needs_no_escape(int(code, 16)))
    extra = b"".join(plain).decode("ascii").lower()
    longest = max((len(line) for line in body.split(line_break) if line.endswith(b"=")), default=76)
    if len(plain) > _MAX_EXTRA or not 4 <= longest <= 998:
        return None
    for style in _STYLES:
        recipe = f"qp:{longest}:{word}:{extra}:{style}"
        if follow(content, recipe) == body:
            return content, recipe
    return None


def follow(content: bytes, recipe: str) -> bytes:
    """The original bytes of a body. Raises UnknownRecipe for a recipe that was not made here."""
    if not recipe:
        return content
    name, *details = recipe.split(":")
    try:
        if name == "base64":
            length, word, count = details
            return _write_base64(content, int(length), _BREAKS[word], int(count))
        if name == "qp":
            longest, word, extra, style = details
            return write_quoted_printable(content, int(longest), _BREAKS[word], bytes.fromhex(extra), style)
    except (ValueError, KeyError) as error:
        raise UnknownRecipe(recipe) from error
    raise UnknownRecipe(recipe)


def _line_break(body: bytes) -> tuple[bytes, str]:
    """The first line break of `body`, and the word for it."""
    newline = body.find(b"\n")
    if newline > 0 and body[newline - 1] == 13:
        return b"\r\n", "crlf"
    if newline >= 0:
        return b"\n", "lf"
    return (b"\r", "cr") if b"\r" in body else (b"\r\n", "crlf")


def _write_base64(content: bytes, length: int, line_break: bytes, count: int) -> bytes:
    letters = binascii.b2a_base64(content, newline=False)
    if length:
        letters = line_break.join([letters[start : start + length] for start in range(0, len(letters), length)])
    return letters + line_break * count


def _needs_no_escape(octet: int) -> bool:
    return (33 <= octet <= 126 and octet != 61) or octet in b" \t\r\n"


def write_quoted_printable(content: bytes, longest: int, line_break: bytes, extra: bytes, style: str) -> bytes:
    """`content` in quoted-printable: lines of at most `longest`, the octets of `extra` escaped too (RFC 2045 6.7)."""
    table = {octet: b"=%02X" % octet for octet in range(256) if not _needs_no_escape(octet) or octet in extra}
    unsafe = re.compile(b"[" + b"".join(b"\\x%02x" % octet for octet in sorted(table)) + b"]")
    lines = []
    for line in content.split(line_break):
        escaped = unsafe.sub(lambda match: table[match.group()[0]], line)
        if escaped[-1:] in (b" ", b"\t"):
            escaped = escaped[:-1] + b"=%02X" % escaped[-1]
        lines.append(_fold_quoted_printable(escaped, longest, line_break, style))
    return line_break.join(lines)


def _fold_quoted_printable(line: bytes, longest: int, line_break: bytes, style: str) -> bytes:
    """`line` with soft breaks. `style` is how its writer breaks: see _STYLES."""
    room = longest - 1
    limit = longest if "l" in style else room
    if len(line) <= limit:
        return line
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
    pieces.append(line[start:])
    return (b"=" + line_break).join(pieces)
