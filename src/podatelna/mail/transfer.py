"""Content-Transfer-Encoding undone, as far as a broken body goes (RFC 2045 6)."""

from __future__ import annotations

import binascii
import re

from .structure import Entity, transfer_encoding

_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_PADDING = re.compile(rb"={1,2}(?=[A-Za-z0-9+/])")
_SOFT_BREAK = re.compile(rb"=[ \t]*(?:\r\n|\r|\n)")
_TRAILING_BLANKS = re.compile(rb"(?<![ \t])[ \t]+(?=[\r\n]|\Z)")
_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")
_NO_ESCAPE = re.compile(rb"=(?![0-9A-Fa-f]{2}|\r?\n)")
_BLANK_LINE_ENDS = (b" \n", b" \r", b"\t\n", b"\t\r")
_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} [^\r\n]*(?:\r\n|\r|\n)", re.MULTILINE)
_IDENTITY = ("", "7bit", "8bit", "binary", "7-bit", "8-bit", "none", "plain", "utf-8", "text", "us-ascii")


def decode_body(raw: bytes, entity: Entity) -> tuple[bytes, str]:
    """The content of a leaf, and what was wrong with its encoding ("" when nothing was)."""
    encoding = transfer_encoding(entity)
    start, end = entity.body, entity.end
    if encoding in _IDENTITY:
        return raw[start:end], ""
    # Read where they stand: a large attachment is not copied to be decoded.
    if encoding == "base64":
        content = _whole_base64(raw, start, end)
        return (content, "") if content is not None else _broken_base64(raw[start:end])
    if encoding == "quoted-printable":
        if _is_whole_quoted_printable(raw, start, end):
            return binascii.a2b_qp(memoryview(raw)[start:end]), ""
        return _broken_quoted_printable(raw[start:end])
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return from_uuencode(raw[start:end])
    return raw[start:end], f"unknown transfer encoding {encoding[:40]}"


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


def _is_whole_quoted_printable(raw: bytes, start: int, end: int) -> bool:
    """Whether [start, end) is what the standard library reads rightly: true escapes, true line ends, no blank there."""
    return (
        _NO_ESCAPE.search(raw, start, end) is None
        and not raw.endswith((b" ", b"\t", b"="), start, end)
        and all(raw.find(blank, start, end) < 0 for blank in _BLANK_LINE_ENDS)
        and raw.count(b"\r", start, end) == raw.count(b"\r\n", start, end)
    )


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


def from_quoted_printable(body: bytes) -> tuple[bytes, str]:
    """`body` decoded as quoted-printable; an "=" that escapes nothing stays."""
    if _is_whole_quoted_printable(body, 0, len(body)):
        return binascii.a2b_qp(body), ""
    return _broken_quoted_printable(body)


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
    """`body` decoded as uuencoded data between "begin" and "end"; lines that are none end it."""
    begin = _UU_BEGIN.search(body)
    if begin is None:
        return body, "uuencoded data without a beginning"
    out = bytearray()
    for line in body[begin.end() :].splitlines():
        if line.rstrip() in (b"end", b"`", b""):
            if line.rstrip() == b"end":
                return bytes(out), ""
            continue
        try:
            out += binascii.a2b_uu(line)
        except binascii.Error:
            # Some encoders count the padding wrong: take what the length octet says.
            needed = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                out += binascii.a2b_uu(line[:needed])
            except binascii.Error:
                return bytes(out), "broken uuencoded data"
    return bytes(out), "uuencoded data without an end"
