"""How much may be read out of a file: what unpacks to a thousand times its size is a bomb and not a mailbox."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from .found import Bomb, Unusable

_FREE = 256 * 1024 * 1024
_MOST_TIMES = 300  # mail that was compressed with everything else in it is 5 to 50 times larger
CHUNK = 256 * 1024


class Readable(Protocol):
    """Anything that can be read from the front."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; b"" at the end."""


@dataclass
class Tally:
    """Bytes that were read of the files that were named, for the progress."""

    read: int = 0


class Allowance:
    """For one file on the disk: everything that is unpacked out of it, at any depth, is counted together."""

    def __init__(self, size: int) -> None:
        self._left = _FREE + _MOST_TIMES * size

    def spend(self, size: int) -> None:
        """Count `size` unpacked bytes. Raises Bomb when it is too much."""
        self._left -= size
        if self._left < 0:
            raise Bomb(f"it unpacks to more than {_MOST_TIMES} times its size: not read on, it may be a bomb")


class Counted(io.RawIOBase):
    """A file whose reading is counted."""

    def __init__(self, file: io.RawIOBase, tally: Tally) -> None:
        self._file = file
        self._tally = tally

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # a buffer of any kind
        size = self._file.readinto(buffer) or 0
        self._tally.read += size
        return size

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True


class Stream:
    """Bytes from the front, with a look ahead. `file` is the whole, where it can be read anywhere."""

    def __init__(self, source: Readable, file: BinaryIO | None = None) -> None:
        self._source = source
        self._ahead = b""
        self.file = file

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, fewer at the end; they are still to be read."""
        while len(self._ahead) < size:
            more = self._source.read(max(size - len(self._ahead), CHUNK))
            if not more:
                break
            self._ahead += more
        return self._ahead[:size]

    def read(self, size: int) -> bytes:
        """At most `size` bytes; b"" at the end."""
        if not self._ahead:
            return self._source.read(size)
        piece, self._ahead = self._ahead[:size], self._ahead[size:]
        return piece

    def exactly(self, size: int) -> bytes:
        """`size` bytes, fewer at the end."""
        pieces = []
        while size > 0 and (piece := self.read(min(size, CHUNK))):
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def skip(self, size: int) -> bool:
        """Pass over so many bytes; False when the end came first."""
        while size > 0:
            piece = self.read(min(size, CHUNK))
            if not piece:
                return False
            size -= len(piece)
        return True

    def rest(self, most: int) -> bytes | None:
        """Everything that is left; None when it is more than `most` bytes."""
        whole = self.exactly(most + 1)
        return whole if len(whole) <= most else None


class Section:
    """The next `size` bytes of a stream, as a stream of their own."""

    def __init__(self, stream: Stream, size: int) -> None:
        self._stream = stream
        self.left = size

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; b"" at the end. Raises Unusable when the stream ends within it."""
        wanted = min(size, self.left)
        if not wanted:
            return b""
        piece = self._stream.read(wanted)
        if not piece:
            raise Unusable("it ends too early")
        self.left -= len(piece)
        return piece
