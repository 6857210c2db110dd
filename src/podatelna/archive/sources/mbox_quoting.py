"""How mbox files hide a line "From …" of a text: who writes the dialect mboxrd can be undone to the byte.

What we write says so: its separators are "From mboxrd@z <date>" (the convention of public-inbox), a line feed stands
behind each message, and every line of ">"s and "From " has one more ">".
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

MARK = b"From mboxrd@z "
SEPARATOR = re.compile(rb"From mboxrd@z [A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4,5}\n")
_TO_QUOTE = re.compile(rb"^(?=>*From )", re.MULTILINE)
_QUOTED_ONCE = re.compile(rb"^>(?=From )", re.MULTILINE)
_QUOTED = re.compile(rb"^>(?=>*From )", re.MULTILINE)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def quoted(raw: bytes, at: datetime) -> bytes:
    """A message as it stands in an mboxrd, with its separator (RFC 4155: UTC, asctime) and the line feed behind it."""
    return separator(at) + _TO_QUOTE.sub(b">", raw) + b"\n"


def separator(at: datetime) -> bytes:
    """The line before a message."""
    at = at.astimezone(UTC)
    day, month = _DAYS[at.weekday()], _MONTHS[at.month - 1]
    return MARK + f"{day} {month} {at.day:2} {at:%H:%M:%S} {at.year:04}\n".encode("ascii")


def unquoted(raw: bytes, *, once: bool) -> bytes:
    """What the sender wrote: `once` of mboxo, where only "From " was quoted; else of mboxrd."""
    return (_QUOTED_ONCE if once else _QUOTED).sub(b"", raw)
