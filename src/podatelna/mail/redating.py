"""The Date of a composed message set anew, for one that leaves later than it was written."""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime


def redated(raw: bytes, date: datetime) -> bytes:
    """`raw` as `compose` writes it (CRLF, one unfolded Date) with `date` (aware) in its Date field, else as it is.

    RFC 5322 3.6.1: when the message was ready to go; readers sort by it.
    """
    header, empty, body = raw.partition(b"\r\n\r\n")
    lines = header.split(b"\r\n")
    for place, line in enumerate(lines):
        if line[:5].lower() == b"date:":
            lines[place] = f"Date: {format_datetime(date)}".encode("ascii")
            return b"\r\n".join(lines) + empty + body
    return raw
