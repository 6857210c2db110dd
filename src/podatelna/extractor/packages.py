"""ZIP and what is built on it: opened with bounds, because what stands in its directory is a stranger's word."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from .findings import BOMB, BROKEN, PASSWORD, TOO_LARGE, Budget, Unreadable

SIGNATURE = b"PK\x03\x04"
_MOST_ENTRIES = 100_000  # of a directory: each costs memory before one is read
_LARGEST = 64 << 20  # bytes of one entry
# Text that a machine wrote shrinks fifty times; a bomb a thousand times.
_RATIO, _WORTH_A_LOOK = 200, 8 << 20
_CHUNK = 1 << 16
# zipfile raises these for what is in the directory, the file and the packing.
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, IndexError, KeyError, NotImplementedError)


class Package:
    """A ZIP whose entries are read one at a time, on account of a budget."""

    def __init__(self, data: bytes, budget: Budget) -> None:
        """Raises Unreadable."""
        self._budget = budget
        if data.count(b"PK\x01\x02") > _MOST_ENTRIES:
            raise Unreadable(BOMB, "its directory has too many entries")
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except _DAMAGE as error:
            raise Unreadable(BROKEN, f"ZIP: {error}") from error
        self._entries = {entry.filename: entry for entry in self._archive.infolist() if not entry.is_dir()}

    @property
    def names(self) -> list[str]:
        """The names of its files, in the order of its directory."""
        return list(self._entries)

    def read(self, name: str) -> bytes:
        """The content of one. Raises Unreadable."""
        entry = self._entries[name]
        if entry.flag_bits & 1:
            raise Unreadable(PASSWORD)
        try:
            return b"".join(self._chunks(entry))
        except _DAMAGE as error:
            raise Unreadable(BROKEN, f"ZIP: {error}") from error
        except RuntimeError as error:  # what zipfile says of a packing that needs a password or a missing module
            raise Unreadable(PASSWORD, str(error)) from error

    def _chunks(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        size = 0
        with self._archive.open(entry) as file:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                self._budget.take_bytes(len(chunk))
                if size > _WORTH_A_LOOK and size > _RATIO * max(entry.compress_size, 1):
                    raise Unreadable(BOMB, "an entry is hundreds of times its packed size")
                if size > _LARGEST:
                    raise Unreadable(TOO_LARGE)
                yield chunk
