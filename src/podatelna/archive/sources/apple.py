"""Messages of Apple Mail (.emlx): their length, the message, a property list with flags and times behind it."""

from __future__ import annotations

import plistlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.parsers.expat import ExpatError

_FIRST_LINE = re.compile(rb"(\d{1,12})[ \t]*\r?\n")
_LONGEST_LIST = 1024 * 1024


@dataclass(frozen=True)
class Emlx:
    """What an .emlx holds; `flags` is Apple's bit field."""

    raw: bytes
    flags: int
    at: datetime | None


def is_emlx(head: bytes) -> bool:
    """Whether a file that begins with `head` may be an .emlx: a number alone in its first line."""
    return _FIRST_LINE.match(head) is not None


def read(data: bytes) -> Emlx | None:
    """The message; None when the number in the first line is not its length."""
    first = _FIRST_LINE.match(data)
    if not first or first.end() + int(first[1]) > len(data):
        return None
    end = first.end() + int(first[1])
    flags, at = _known(data[end:])
    return Emlx(data[first.end() : end], flags, at)


def _known(listed: bytes) -> tuple[int, datetime | None]:
    try:
        known = plistlib.loads(listed.strip(), fmt=plistlib.FMT_XML) if len(listed) < _LONGEST_LIST else {}
    except (plistlib.InvalidFileException, ExpatError, ValueError, AttributeError, KeyError, TypeError, IndexError):
        return 0, None  # of the message nothing is lost
    flags, at = (known.get(name) for name in ("flags", "date-received")) if isinstance(known, dict) else (0, None)
    try:
        moment = datetime.fromtimestamp(at, UTC) if isinstance(at, int | float) else None
    except (ValueError, OverflowError, OSError):
        moment = None
    return flags if isinstance(flags, int) else 0, moment
