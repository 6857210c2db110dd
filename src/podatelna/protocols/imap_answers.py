"""What a server answers to FETCH (RFC 3501 7.4.2), read: bodies byte for byte, sizes, dates and flags by UID."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from imapclient.datetime_util import parse_to_datetime

# imaplib gives a FETCH answer as (text before the literal, literal) tuples, closed by the text after the last literal.
Answer = Sequence["bytes | tuple[bytes, bytes] | None"]


@dataclass(frozen=True)
class Fetched:
    """A message's bytes, and when the mailbox got it (INTERNALDATE) where the server says so."""

    raw: bytes
    at: datetime | None


_UID = re.compile(rb"\bUID (\d+)", re.IGNORECASE)
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)", re.IGNORECASE)
_EMPTY = re.compile(rb"\bRFC822\.SIZE 0\b", re.IGNORECASE)
_FLAGS = re.compile(rb"\bFLAGS \(([^()]*)\)", re.IGNORECASE)
_DATE = re.compile(rb'\bINTERNALDATE "([^"]*)"', re.IGNORECASE)
_LITERAL_HEADER = re.compile(rb"\bBODY\[HEADER\.FIELDS \([^)]*\)\] ~?\{\d+\}$", re.IGNORECASE)
_LITERAL_BODY = re.compile(rb"\bBODY\[\] ~?\{\d+\}$", re.IGNORECASE)
_QUOTED_BODY = re.compile(rb'\bBODY\[\] "((?:[^"\\]|\\.)*)"', re.IGNORECASE)


def read_uids(answer: Answer) -> set[int]:
    """The UIDs that an answer tells of."""
    return {int(uid[1]) for text, _ in _responses(answer) if (uid := _UID.search(text))}


def read_bodies(answer: Answer) -> dict[int, Fetched]:
    """Messages by UID from an answer to `UID FETCH … (UID RFC822.SIZE INTERNALDATE BODY.PEEK[])`.

    What came unasked is passed over, and so is an empty body of a message that has a size: that is how some servers
    say that they cannot read it. Raises ValueError when it cannot be told which body is whose.
    """
    found: dict[int, Fetched] = {}
    for text, body in _responses(answer):
        uid = _UID.search(text)
        if uid is None or body is None or (not body and not _EMPTY.search(text)):
            continue
        fetched = Fetched(body, _internal_date(text))
        if found.setdefault(int(uid[1]), fetched).raw != body:
            raise ValueError(f"two messages under UID {int(uid[1])}")
    return found


def read_headers(answer: Answer) -> dict[int, bytes]:
    """Header lines by UID from `UID FETCH … (UID BODY.PEEK[HEADER.FIELDS (…)])`."""
    found: dict[int, bytes] = {}
    for text, lines in _responses(answer, _LITERAL_HEADER):
        if (uid := _UID.search(text)) and lines is not None:
            found[int(uid[1])] = lines
    return found


def _internal_date(text: bytes) -> datetime | None:
    date = _DATE.search(text)
    try:
        found = parse_to_datetime(date[1], normalise=False) if date else None
    except (ValueError, OverflowError):
        return None
    return found if isinstance(found, datetime) and found.tzinfo else None


def read_dates(answer: Answer) -> dict[int, datetime]:
    """INTERNALDATE by UID."""
    found: dict[int, datetime] = {}
    for text, _ in _responses(answer):
        uid, at = _UID.search(text), _internal_date(text)
        if uid and at:
            found[int(uid[1])] = at
    return found


def read_sizes(answer: Answer) -> dict[int, int]:
    """RFC822.SIZE by UID."""
    found: dict[int, int] = {}
    for text, _ in _responses(answer):
        uid, size = _UID.search(text), _SIZE.search(text)
        if uid and size:
            found[int(uid[1])] = int(size[1])
    return found


def read_flags(answer: Answer) -> dict[int, tuple[str, ...]]:
    """Flags by UID."""
    found: dict[int, tuple[str, ...]] = {}
    for text, _ in _responses(answer):
        uid, flags = _UID.search(text), _FLAGS.search(text)
        if uid and flags:
            names = flags[1].decode("ascii", "replace").split()
            found[int(uid[1])] = tuple(name for name in names if name.lower() != "\\recent")
    return found


def _responses(answer: Answer, literal: re.Pattern[bytes] = _LITERAL_BODY) -> Iterator[tuple[bytes, bytes | None]]:
    """Each response without its body, and the body. Raises ValueError for one that runs into the next."""
    text, body = b"", None
    for item in answer:
        if isinstance(item, tuple):
            text += item[0] + b" "
            if literal.search(item[0]):
                # Of a literal that is longer than announced, or shorter, the rest is read as text: under the UID of
                # one message would stand the bytes of another.
                if body is not None:
                    raise ValueError("one answer has two bodies: the length of one is wrong")
                body = item[1]
        elif item is not None:
            short = _QUOTED_BODY.search(item)  # a server may send a short body as a quoted string
            if short and body is None:
                body = re.sub(rb"\\(.)", rb"\1", short[1])
                item = item[: short.start()] + item[short.end() :]
            if body is not None and not item.rstrip().endswith(b")"):
                raise ValueError("a body is not followed by the end of its answer: its length is wrong")
            yield text + item, body
            text, body = b"", None
