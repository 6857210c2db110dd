"""Content-Transfer-Encoding undone, as far as a broken body goes (RFC 2045 6)."""

from __future__ import annotations

import binascii
import re

from . import uuencode, yenc
from .charsets import decode_bytes
from .structure import Entity, transfer_encoding

_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
FOOTER = "text behind the base64"
# A line of several words with something in it that base64 has not, with the rule above it.
_FOOTER = re.compile(
    rb"(?m)^(?:[_*~=-]{5,}[ \t]*+\r?\n)?(?=[^\r\n]*[^\s][ \t]+[^\s])(?=[^\r\n]*[^A-Za-z0-9+/=\s])[^\r\n]*+"
)
_PADDING = re.compile(rb"={1,2}(?=[A-Za-z0-9+/])")
_SOFT_BREAK = re.compile(rb"=[ \t]*(?:\r\n|\r|\n)")
_TRAILING_BLANKS = re.compile(rb"(?<![ \t])[ \t]++(?=[\r\n]|\Z)")
_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")
_WINDOW = 100_000
# Each begins with the letter that is looked for: that is the fastest way to find it.
_BARE_CR = re.compile(rb"\r(?!\n)")
_BARE_LF = re.compile(rb"\n(?<!\r\n)")
_BARE_LF_OR_BLANK = re.compile(rb"\n(?<![^ \t]\r\n)")
_BLANK_LF = re.compile(rb"\n(?<=[ \t]\n)")
_UUENCODE = ("x-uuencode", "uuencode", "x-uue", "uue")
_YENC = ("x-yenc", "yenc")
_IDENTITY = ("", "7bit", "8bit", "binary", "7-bit", "8-bit", "none", "plain", "utf-8", "text", "us-ascii")


def is_decoded(entity: Entity) -> bool:
    """Whether the content of a leaf is its body as it stands."""
    return transfer_encoding(entity) in _IDENTITY


def decode_body(raw: bytes, entity: Entity) -> tuple[bytes, str]:
    """The content of a leaf, and what was wrong with its encoding ("" when nothing was)."""
    encoding = transfer_encoding(entity)
    start, end = entity.body, entity.end
    if encoding in _IDENTITY:
        return raw[start:end], ""
    # Read where they stand: a large attachment is not copied to be decoded.
    if encoding == "base64":
        footer = _footer(raw, start, end)
        if footer < end:
            return _before_footer(raw[start:footer], raw[footer:end], entity)
        content = _whole_base64(raw, start, end)
        return (content, "") if content is not None else _broken_base64(raw[start:end])
    if encoding == "quoted-printable":
        return _read_quoted_printable(raw, start, end)
    if encoding in _UUENCODE:
        return from_uuencode(raw[start:end])
    if encoding in _YENC:
        return yenc.decode_whole(raw[start:end])
    return raw[start:end], f"unknown transfer encoding {encoding[:40]}"


def _footer(raw: bytes, start: int, end: int) -> int:
    """Where plain text begins that a list server or scanner added behind the base64; `end` when there is none."""
    found = _FOOTER.search(raw, start, end) if raw.find(b" ", start, end) >= 0 else None
    return found.start() if found else end


def _before_footer(letters: bytes, footer: bytes, entity: Entity) -> tuple[bytes, str]:
    content, defect = from_base64(letters)
    if not entity.content_type.startswith("text/"):
        return content, defect or FOOTER
    line_break = b"" if not content or content.endswith((b"\n", b"\r")) else b"\n"
    return content + line_break + footer, defect or FOOTER


def _whole_base64(raw: bytes, start: int, end: int) -> bytes | None:
    """The content of the base64 in [start, end); None when it is not padded by the book."""
    padding = raw.find(b"=", start, end)
    tail = raw[padding:end] if padding >= 0 and end - padding < 100 else b""
    if (padding >= 0) != bool(tail) or tail.strip(b"= \t\r\n"):
        return None
    try:
        content = binascii.a2b_base64(memoryview(raw)[start:end])
    except binascii.Error:
        return None
    return content if tail.count(b"=") == -len(content) % 3 else None


def _read_quoted_printable(raw: bytes, start: int, end: int) -> tuple[bytes, str]:
    """The content of the quoted-printable in [start, end), and what was wrong with it."""
    crlf = raw.find(b"\r", start, end) >= 0
    odd = (_BARE_LF_OR_BLANK if crlf else _BLANK_LF).search(raw, start, end)
    if crlf and (_BARE_CR.search(raw, start, end) or (odd and _BARE_LF.search(raw, start, end))):
        return _broken_quoted_printable(raw[start:end])
    line_break = b"\r\n" if crlf else b"\n"
    if odd or raw.endswith((b" ", b"\t"), start, end):
        # RFC 2045 6.7 (3): blanks at the end of a line were added on the way.
        raw = _without_trailing_blanks(raw[start:end], line_break)
        start, end = 0, len(raw)
    # A soft break cut off at the very end stands for nothing.
    last = end - 1 if raw.endswith(b"=", start, end) else end
    content = binascii.a2b_qp(memoryview(raw)[start:last])
    if b"=" not in content and not raw.endswith(b"==", start, end):
        return content, ""
    # What escapes nothing comes out as it stands, and the content is longer than it may be.
    soft = raw.count(b"=" + line_break, start, last)
    escapes = raw.count(b"=", start, last) - soft
    if len(content) != last - start - 2 * escapes - soft * (1 + len(line_break)):
        return _broken_quoted_printable(raw[start:end])
    return content, ""


def _without_trailing_blanks(body: bytes, line_break: bytes) -> bytes:
    pieces: list[bytes] = []
    position = 0
    while position < len(body):  # a window at a time: the lines of a large text take more room than it
        found = body.find(line_break, position + _WINDOW)
        end = found + len(line_break) if found >= 0 else len(body)
        pieces.append(line_break.join([line.rstrip(b" \t") for line in body[position:end].split(line_break)]))
        position = end
    return b"".join(pieces)


def from_base64(body: bytes) -> tuple[bytes, str]:
    """`body` decoded as base64; what does not belong there is skipped, padding in the middle starts anew."""
    content = _whole_base64(body, 0, len(body))
    if content is not None:
        return content, ""
    return _broken_base64(body)


def _broken_base64(body: bytes) -> tuple[bytes, str]:
    letters = body.translate(None, _NOT_BASE64)
    defect = ""
    try:
        if b"=" not in letters.rstrip(b"=") and len(letters) % 4 == 0:
            return binascii.a2b_base64(letters), ""
    except binascii.Error:
        defect = "broken base64"
    out = bytearray()
    for piece in _PADDING.sub(rb"\g<0> ", letters).split(b" ") if b"=" in letters else [letters]:
        bare = piece.replace(b"=", b"")
        if len(bare) % 4 == 1:
            bare, defect = bare[:-1], "broken base64"
        if (len(piece) % 4) and not defect:
            defect = "broken base64"
        out += binascii.a2b_base64(bare + b"=" * (-len(bare) % 4))
    return bytes(out), defect


def from_quoted_printable(raw: bytes, start: int = 0, end: int | None = None) -> tuple[bytes, str]:
    """raw[start:end] decoded as quoted-printable; an "=" that escapes nothing stays."""
    return _read_quoted_printable(raw, start, len(raw) if end is None else end)


def _broken_quoted_printable(body: bytes) -> tuple[bytes, str]:
    joined = _TRAILING_BLANKS.sub(b"", body)
    joined = _SOFT_BREAK.sub(b"", joined)
    # A soft break cut off at the very end.
    joined = joined[:-1] if joined.endswith(b"=") else joined
    text = _ESCAPE.sub(lambda match: _OCTETS[match.group(1)], joined)
    stray = joined.count(b"=") - len(_ESCAPE.findall(joined))
    return text, "broken quoted-printable" if stray else ""


_OCTETS = {
    bytes(f"{high}{low}", "ascii"): bytes([int(high + low, 16)])
    for high in "0123456789ABCDEFabcdef"
    for low in "0123456789ABCDEFabcdef"
}


def from_uuencode(body: bytes) -> tuple[bytes, str]:
    """`body` decoded as uuencoded data between "begin" and "end"; lines that are none are passed over."""
    return uuencode.decode_whole(body)


def name_inside(raw: bytes, entity: Entity) -> str:
    """The name that a uuencoded or yEnc body gives itself, "" for any other."""
    encoding = transfer_encoding(entity)
    if encoding in _UUENCODE:
        return decode_bytes(uuencode.name_in(raw[entity.body : entity.end]))[0]
    return decode_bytes(yenc.name_in(raw[entity.body : entity.end]))[0] if encoding in _YENC else ""
