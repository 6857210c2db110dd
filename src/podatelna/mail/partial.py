"""One piece of a message that was sent in several (message/partial, RFC 2046 5.2.2): which it is, and what it says."""

from __future__ import annotations

import re

from .charsets import decode_bytes
from .parameters import read_parameters
from .text import unix_lines
from .transfer import from_quoted_printable

TYPE = "message/partial"
_MOST = 2_000_000  # bytes that are read of a piece
_BASE64_LINE = re.compile(rb"^[A-Za-z0-9+/=]{40,}\r?$", re.MULTILINE)
_QUOTED_PRINTABLE = re.compile(rb"=[0-9A-F]{2}(?:[^=]|=[0-9A-F]{2}){0,2000}=\r?\n")
_WINDOW = 8_192  # bytes by which it is seen what a piece consists of


def which_piece(declared: str) -> tuple[int, str]:
    """The number of the piece whose Content-Type is `declared`, 0 if it has none; and words for it: "2/3", "2/?"."""
    parameters = read_parameters(declared)
    number, total = (parameters.get(name, "").strip() for name in ("number", "total"))
    known = number.isascii() and number.isdigit() and len(number) < 6
    whole = total if total.isascii() and total.isdigit() and len(total) < 6 else "?"
    return int(number) if known else 0, f"{int(number) if known else '?'}/{whole}"


def continued_text(content: bytes) -> str:
    """What a piece behind the first says, as far as it is text: its encoding was said in the first; "" for files."""
    content = content[:_MOST]
    beginning = content[:_WINDOW]
    if b"\x00" in beginning or _BASE64_LINE.search(beginning) is not None:
        return ""
    if _QUOTED_PRINTABLE.search(beginning) is not None:
        content = from_quoted_printable(content)[0]
    return unix_lines(decode_bytes(content)[0])
