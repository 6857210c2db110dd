"""Messages out of an mbox file, one after the other, in flat memory.

All four dialects are read: mboxo and mboxrd (a line "From …" in a body is written ">From …"), mboxcl and mboxcl2 (a
Content-Length says how long the body is). The bytes between two separators are given as they stand, as files of others
do not say which dialect they are, and taking a ">" away that was the sender's own would change the mail. Who knows the
dialect names it; files that we wrote say it themselves (mbox_quoting.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from .allowance import Readable
from .found import Bomb, Unusable
from .mbox_quoting import MARK, unquoted
from .mbox_quoting import SEPARATOR as OURS

Dialect = Literal["auto", "mboxo", "mboxrd", "mboxcl", "mboxcl2"]

LONGEST_MESSAGE = 256 * 1024 * 1024  # more than any mail server takes; what is longer is not a mailbox

_CHUNK = 1024 * 1024
_LOOK_AHEAD = 2048  # enough to know a separator and the field below it
# "From someone Mon May  4 10:00:00 2026", and a header field below: in a quoted text the field is missing.
_SEPARATOR = re.compile(rb"From [^\r\n]{0,1000}?\d:\d\d[^\r\n]{0,100}\r?\n(?=>?[!-9;-~]{1,200}[ \t]*:|>From )")
# As asctime() writes it: this one is believed without an empty line above (the message before had no last line break).
_STRICT = re.compile(
    rb"From \S{1,320} +(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
    rb"[ \d]\d \d\d:\d\d(?::\d\d)? (?:[-+A-Z\d]{1,6} )?\d{4}[ \t]*\r?\n"
)
# Some programs write no time at all: believed only in a file that begins so, below an empty line.
_TIMELESS = re.compile(rb"From [^\s]{1,320}[ \t]*\r?\n(?=[!-9;-~]{1,200}[ \t]*:)")
_FIRST = re.compile(rb"From [^\r\n]{0,1000}\r?\n")
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,12})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_BREAKS = re.compile(rb"(?:\r?\n){0,2}")


class TooLong(Exception):
    """A message longer than LONGEST_MESSAGE; its offset in the file is the argument. The reading goes on behind it."""


def is_mbox(head: bytes) -> bool:
    """Whether a file that begins with `head` is an mbox."""
    return _FIRST.match(head) is not None


def split(file: Readable, longest: int = LONGEST_MESSAGE, dialect: Dialect = "auto") -> Iterator[bytes | TooLong]:
    """The messages of an mbox, without separator and the empty line before the next one.

    With `dialect` "auto" the bytes are given as they stand, but for a file of our own writing.
    """
    splitter = _Splitter(file, longest)
    if splitter.begins_with(MARK):
        splitter.ours, dialect = True, "mboxrd"
    if dialect in {"auto", "mboxcl2"}:
        yield from splitter.messages()
        return
    # mboxcl quotes as mboxo does, besides saying the length.
    for message in splitter.messages():
        yield message if isinstance(message, TooLong) else unquoted(message, once=dialect != "mboxrd")


class _Splitter:
    """Reads on as far as is needed to see where a message ends."""

    def __init__(self, file: Readable, longest: int) -> None:
        self._file = file
        self._longest = longest
        self._buffer = bytearray()
        self._offset = 0
        self._ended = False
        self._timeless = False
        self._damage: Unusable | None = None
        self.ours = False  # written by us: where a message ends is certain

    def begins_with(self, mark: bytes) -> bool:
        """Whether the file does."""
        self._reach(_LOOK_AHEAD)
        return self._buffer.startswith(mark)

    def messages(self) -> Iterator[bytes | TooLong]:
        self._reach(_LOOK_AHEAD)
        first = _FIRST.match(self._buffer)
        self._timeless = not self.ours and _TIMELESS.match(self._buffer) is not None
        self._drop(first.end() if first else 0)
        while self._buffer:
            offset = self._offset
            end, following = self._end_of_ours() if self.ours else self._by_length() or self._by_separator()
            if self._offset > offset:
                yield TooLong(offset)
            elif self._damage is not None and following == len(self._buffer):
                raise self._damage  # the message that it cuts off is not whole; those before it are out
            else:
                yield bytes(self._buffer[:end])
            self._drop(following)

    def _end_of_ours(self) -> tuple[int, int]:
        at = 0
        while True:
            newline = self._buffer.find(b"\n" + MARK, at)
            if newline >= 0:
                self._reach(newline + _LOOK_AHEAD)
                if separator := OURS.match(self._buffer, newline + 1):
                    return newline, separator.end()
                at = newline + 1
            elif not self._read():
                length = len(self._buffer)
                return length - self._buffer.endswith(b"\n"), length
            else:
                at = self._forget_if_too_long(max(0, len(self._buffer) - _CHUNK - len(MARK) - 1))

    def _by_length(self) -> tuple[int, int] | None:
        """Where the message ends by its Content-Length, if a separator or the end of the file stands there."""
        self._reach(_CHUNK)
        header = _HEADER_END.search(self._buffer)
        length = _LENGTH.search(self._buffer, 0, header.start() + 1) if header else None
        if not header or not length or int(length[1]) > self._longest:
            return None
        end = header.end() + int(length[1])
        self._reach(end + _LOOK_AHEAD)
        breaks = _BREAKS.match(self._buffer, end)
        behind = breaks.end() if breaks else end
        separator = self._separator(behind)
        if separator and self._buffer[behind - 1 : behind] == b"\n":
            return end, separator.end()
        if self._ended and behind == len(self._buffer) and end <= behind:
            return end, behind
        return None

    def _by_separator(self) -> tuple[int, int]:
        at = 0
        while True:
            newline = self._buffer.find(b"\nFrom ", at)
            if newline < 0:
                if not self._read():
                    return self._to_the_end()
                at = max(0, len(self._buffer) - _CHUNK - 8)
                at = self._forget_if_too_long(at)
                continue
            self._reach(newline + _LOOK_AHEAD)
            separator = self._separator(newline + 1)
            end = _end_before(self._buffer, newline) if separator else -1
            if separator and end >= 0:
                return end, separator.end()
            at = newline + 1

    def _separator(self, at: int) -> re.Match[bytes] | None:
        found = _SEPARATOR.match(self._buffer, at)
        return found or (_TIMELESS.match(self._buffer, at) if self._timeless else None)

    def _to_the_end(self) -> tuple[int, int]:
        length = len(self._buffer)
        if self._buffer.endswith(b"\n\r\n"):
            return length - 2, length
        if self._buffer.endswith(b"\n\n"):
            return length - 1, length
        return length, length

    def _forget_if_too_long(self, at: int) -> int:
        if len(self._buffer) <= self._longest:
            return at
        self._drop(at)
        return 0

    def _reach(self, length: int) -> None:
        while len(self._buffer) < length and self._read():
            pass

    def _read(self) -> bool:
        try:
            chunk = b"" if self._ended else self._file.read(_CHUNK)
        except Bomb:
            raise
        except Unusable as damage:
            self._damage, chunk = damage, b""
        self._buffer += chunk
        self._ended = not chunk
        return bool(chunk)

    def _drop(self, length: int) -> None:
        del self._buffer[:length]
        self._offset += length


def _end_before(buffer: bytearray, newline: int) -> int:
    """Where a message ends before the separator behind `newline`; -1 when that is only a line of its text."""
    if buffer[newline - 1 : newline] == b"\n":
        return newline
    if buffer[newline - 2 : newline] == b"\n\r":
        return newline - 1
    return newline + 1 if _STRICT.match(buffer, newline + 1) else -1
