"""Entries of a zip archive (also zip64), read by its central directory, in flat memory however many there are.

Not by the standard library, which keeps every entry of the directory: a million files would be half a gigabyte.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from .allowance import CHUNK, Allowance, Stream
from .found import Unusable
from .tars import safe_parts

_END, _END64, _LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_CENTRAL, _LOCAL = b"PK\x01\x02", b"PK\x03\x04"
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _UTF8 = 1, 1 << 11
_FULL = 0xFFFFFFFF


@dataclass(frozen=True)
class Entry:
    """A file in the archive; `problem` says why it cannot be read, if so."""

    parts: tuple[str, ...]
    problem: str
    method: int
    crc: int
    packed: int
    offset: int


def is_zip(head: bytes) -> bool:
    """Whether a file that begins with `head` is a zip archive."""
    return head.startswith((_LOCAL, _END))


def entries(file: BinaryIO) -> Iterator[Entry]:
    """The files in the order of the directory. Raises Unusable when there is no directory, or where it is damaged."""
    start, size, count = _directory(file)
    end = start + size
    for _ in range(count):
        file.seek(start)
        fixed = file.read(46)
        if len(fixed) < 46 or fixed[:4] != _CENTRAL or start >= end:
            raise Unusable("the archive is damaged (its directory ends too early)")
        flags, method = struct.unpack_from("<HH", fixed, 8)
        crc, packed, plain = struct.unpack_from("<III", fixed, 16)
        name_size, extra_size, comment_size = struct.unpack_from("<HHH", fixed, 28)
        (offset,) = struct.unpack_from("<I", fixed, 42)
        name, extra = file.read(name_size), file.read(extra_size)
        start += 46 + name_size + extra_size + comment_size
        packed, offset = _long(extra, plain, packed, offset)
        if not name.endswith((b"/", b"\\")):
            parts = safe_parts(name.decode("utf-8" if flags & _UTF8 else "cp437", "replace"))
            yield Entry(parts, _problem(flags, method), method, crc, packed, offset)


def content(file: BinaryIO, entry: Entry, allowance: Allowance) -> Stream:
    """What an entry holds; reading it raises Unusable where it is damaged or too much."""
    file.seek(entry.offset)
    fixed = file.read(30)
    if len(fixed) < 30 or fixed[:4] != _LOCAL:
        raise Unusable("it is damaged (it does not stand where the directory says)")
    name_size, extra_size = struct.unpack_from("<HH", fixed, 26)
    return Stream(_Content(file, entry, entry.offset + 30 + name_size + extra_size, allowance))


class _Content:
    def __init__(self, file: BinaryIO, entry: Entry, at: int, allowance: Allowance) -> None:
        self._file, self._entry, self._at, self._allowance = file, entry, at, allowance
        self._left = entry.packed
        self._decoder = zlib.decompressobj(-zlib.MAX_WBITS) if entry.method == _DEFLATED else None
        self._crc = 0
        self._ended = False

    def read(self, size: int, /) -> bytes:
        while not self._ended:
            piece = self._stored(size) if self._decoder is None else self._inflated(size)
            if piece:
                self._crc = zlib.crc32(piece, self._crc)
                self._allowance.spend(len(piece))
                return piece
        if self._crc != self._entry.crc:
            raise Unusable("it is damaged (its checksum is another)")
        return b""

    def _stored(self, size: int) -> bytes:
        piece = self._take(size)
        self._ended = not piece
        return piece

    def _inflated(self, size: int) -> bytes:
        assert self._decoder is not None
        data = self._decoder.unconsumed_tail or self._take(CHUNK)
        try:
            piece = self._decoder.decompress(data, size)
        except zlib.error as error:
            raise Unusable(f"it is damaged ({error})") from error
        self._ended = self._decoder.eof or (not data and not piece)
        return piece

    def _take(self, size: int) -> bytes:
        # The file is shared with the directory and with entries inside of this one: the place is ours to remember.
        self._file.seek(self._at)
        piece = self._file.read(min(size, self._left))
        self._at += len(piece)
        self._left -= len(piece)
        return piece


def _problem(flags: int, method: int) -> str:
    if flags & _ENCRYPTED:
        return "it is encrypted with a password"
    return "" if method in {_STORED, _DEFLATED} else f"it is compressed by method {method}, which is not known here"


def _long(extra: bytes, plain: int, packed: int, offset: int) -> tuple[int, int]:
    """Sizes over 4 GB stand in the zip64 extra field, those that are full, in this order (APPNOTE 4.5.3)."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if kind == 1:
            numbers = [struct.unpack_from("<Q", extra, at)[0] for at in range(4, min(4 + size, len(extra)) - 7, 8)]
            if plain == _FULL and numbers:
                numbers.pop(0)
            if packed == _FULL and numbers:
                packed = numbers.pop(0)
            if offset == _FULL and numbers:
                offset = numbers.pop(0)
        extra = extra[4 + size :]
    return packed, offset


def _directory(file: BinaryIO) -> tuple[int, int, int]:
    """Where the central directory starts, how long it is, how many entries it has."""
    length = file.seek(0, io.SEEK_END)
    file.seek(max(0, length - 66_000))  # the end record, and a comment of at most 64 kB behind it
    tail = file.read(66_000)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        raise Unusable("the archive is damaged (it has no directory, or ends too early)")
    count, size, start = struct.unpack_from("<HII", tail, at + 10)
    if at >= 20 and tail[at - 20 : at - 16] == _LOCATOR64:
        (where,) = struct.unpack_from("<Q", tail, at - 12)
        file.seek(min(where, length))
        record = file.read(56)
        if len(record) < 56 or record[:4] != _END64:
            raise Unusable("the archive is damaged (its zip64 directory is not there)")
        count, size, start = struct.unpack_from("<QQQ", record, 32)
    if start + size > length:
        raise Unusable("the archive is damaged (its directory lies outside)")
    return start, size, count
