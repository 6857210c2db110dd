"""The text of a message as a client streams it after DATA, put into a file as it comes (RFC 5321 4.1.1.4, 4.5.2)."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

_CRLF = b"\r\n"
_END = b".\r\n"


class TooLong(Exception):
    """It is longer than allowed, and it was no use to wait for its end."""


@dataclass
class Text:
    """What came between DATA and the final dot. Use it in a `with`, which removes the file.

    `bare`: a CR or LF stood by itself; `large`: it is over the limit; `full`: the disk was. Nothing is kept of such.
    """

    limit: int
    in_memory: int
    folder: Path | None = None
    size: int = 0
    bare: bool = False
    large: bool = False
    full: bool = False
    _file: IO[bytes] = field(init=False)

    def __post_init__(self) -> None:
        folder = str(self.folder) if self.folder else None
        self._file = tempfile.SpooledTemporaryFile(self.in_memory, dir=folder)  # noqa: SIM115  # __exit__ closes it

    def __enter__(self) -> Text:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self) -> bytes:
        """All of it; it takes that much memory from now on."""
        self._file.seek(0)
        return self._file.read()

    async def receive(self, reader: asyncio.StreamReader, alive: Callable[[], None]) -> None:
        """Read up to the final dot, which is <CRLF>.<CRLF> and nothing else, and not an octet further.

        What comes after a bare line end is still of this message: who lets such a dot end a message can be made to take
        a second one that the sender's server never saw ("SMTP smuggling"). `alive` is called with each piece.
        Raises TooLong when twice the limit came, IncompleteReadError when the client is gone.
        """
        begins = True
        while True:
            piece = await _piece(reader)
            if begins and piece == _END:
                return
            ends = piece.endswith(_CRLF)
            self._add(piece[1:] if begins and piece.startswith(b".") else piece, ends)
            begins = ends
            alive()

    def _add(self, piece: bytes, ends: bool) -> None:
        self.size += len(piece)
        if self.size > self.limit:
            self.large = True
            if self.size > 2 * self.limit:
                raise TooLong
        line = piece[:-2] if ends else piece
        if b"\n" in line or b"\r" in line:
            self.bare = True
        try:
            self._write(piece)
        except OSError:
            self.full = True

    def _write(self, piece: bytes) -> None:
        if not (self.large or self.bare or self.full):
            self._file.write(piece)
        elif self._file.tell():
            self._file.seek(0)
            self._file.truncate()


async def _piece(reader: asyncio.StreamReader) -> bytes:
    """The next line with its CRLF; of one that is longer than the reader's limit what is there."""
    try:
        return await reader.readuntil(_CRLF)
    except asyncio.LimitOverrunError as error:
        # What is left behind may be the first half of a CRLF.
        return await reader.read(error.consumed)
