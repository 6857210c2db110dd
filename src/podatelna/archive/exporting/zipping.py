"""A zip archive written from the front, also beyond 4 GB (zip64); its directory waits on the disk, not in memory."""

from __future__ import annotations

import struct
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import IO

_STORED, _DEFLATED = 0, 8
_UTF8 = 1 << 11
_LATER = 1 << 3  # sizes stand behind the content
_FULL, _MANY = 0xFFFFFFFF, 0xFFFF
_CHUNK = 256 * 1024
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
_UNIX = 3 << 8 | 45


class Zip:
    """Entries come one by one; `add` gives the bytes to be written, `end` the rest."""

    def __init__(self) -> None:
        self._offset = 0
        self._count = 0
        self._directory: IO[bytes] = tempfile.SpooledTemporaryFile(1024 * 1024)  # noqa: SIM115  # closed by end

    def add(self, name: str, data: bytes, at: datetime) -> Iterator[bytes]:
        """A file whose content is at hand."""
        squeezed = _deflated(data)
        method, packed = (_DEFLATED, squeezed) if len(squeezed) < len(data) else (_STORED, data)
        known = struct.pack("<III", zlib.crc32(data), len(packed), len(data))
        encoded = name.encode("utf-8", "replace")
        head = struct.pack("<HHH", 45, _UTF8, method) + _dos_time(at) + known
        self._remember(head, encoded, len(packed), len(data))
        yield from self._counted(b"PK\x03\x04" + head + struct.pack("<HH", len(encoded), 0) + encoded, packed)

    def add_pieces(self, name: str, pieces: Iterable[bytes], at: datetime) -> Iterator[bytes]:
        """A file that is too long to be held; its sizes stand behind it (APPNOTE 4.3.9), in 8 bytes each."""
        encoded = name.encode("utf-8", "replace")
        extra = struct.pack("<HHQQ", 1, 16, 0, 0)  # says that they are of 8 bytes
        start = struct.pack("<HHH", 45, _UTF8 | _LATER, _DEFLATED) + _dos_time(at)
        local = start + struct.pack("<IIIHH", 0, _FULL, _FULL, len(encoded), len(extra)) + encoded + extra
        where, crc, plain, packed = self._offset, 0, 0, 0
        yield from self._counted(b"PK\x03\x04" + local)
        squeezer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        for piece in pieces:
            crc, plain = zlib.crc32(piece, crc), plain + len(piece)
            out = squeezer.compress(piece)
            packed += len(out)
            yield from self._counted(out)
        out = squeezer.flush()
        packed += len(out)
        yield from self._counted(out, b"PK\x07\x08" + struct.pack("<IQQ", crc, packed, plain))
        head = start + struct.pack("<III", crc, min(packed, _FULL), min(plain, _FULL))
        self._remember(head, encoded, packed, plain, where)

    def end(self) -> Iterator[bytes]:
        """The directory and what says where it is (APPNOTE 4.3.12 to 4.3.16)."""
        start, size = self._offset, self._directory.tell()
        self._directory.seek(0)
        while piece := self._directory.read(_CHUNK):
            yield piece
        self._directory.close()
        if self._count >= _MANY or start >= _FULL or size >= _FULL:
            record = struct.pack("<QHHIIQQQQ", 44, _UNIX, 45, 0, 0, self._count, self._count, size, start)
            yield b"PK\x06\x06" + record + b"PK\x06\x07" + struct.pack("<IQI", 0, start + size, 1)
        count = min(self._count, _MANY)
        yield b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, min(size, _FULL), min(start, _FULL), 0)

    def _counted(self, *pieces: bytes) -> Iterator[bytes]:
        for piece in pieces:
            self._offset += len(piece)
            if piece:
                yield piece

    def _remember(self, head: bytes, name: bytes, packed: int, plain: int, where: int | None = None) -> None:
        offset = self._offset if where is None else where
        numbers = b"".join(struct.pack("<Q", number) for number in (plain, packed, offset) if number >= _FULL)
        extra = struct.pack("<HH", 1, len(numbers)) + numbers if numbers else b""
        self._directory.write(b"PK\x01\x02" + struct.pack("<H", _UNIX) + head)
        self._directory.write(
            struct.pack("<HHHHHII", len(name), len(extra), 0, 0, 0, 0o100600 << 16, min(offset, _FULL))
        )
        self._directory.write(name + extra)
        self._count += 1


def _deflated(data: bytes) -> bytes:
    squeezer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return squeezer.compress(data) + squeezer.flush()


def _dos_time(at: datetime) -> bytes:
    at = max(at.astimezone(UTC), _EARLIEST)
    year = min(at.year, 2107)
    return struct.pack(
        "<HH", at.hour << 11 | at.minute << 5 | at.second // 2, (year - 1980) << 9 | at.month << 5 | at.day
    )
