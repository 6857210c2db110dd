"""Room on the disk of the data folder."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

_LEAST = 1 << 30  # bytes
_SMALL_PART, _PLENTY = 0.05, 10 << 30  # of a large disk 5 % is still a lot


@dataclass(frozen=True)
class Room:
    """Bytes of the disk that a folder is on."""

    free: int
    total: int

    @property
    def is_short(self) -> bool:
        """Less than 1 GiB, or less than a twentieth where that is less than 10 GiB."""
        return self.free < _LEAST or (self.free < self.total * _SMALL_PART and self.free < _PLENTY)


def room_in(folder: Path) -> Room:
    """How much room there is for `folder`. Raises OSError when it is not there."""
    usage = shutil.disk_usage(folder)
    return Room(usage.free, usage.total)


def in_words(size: int) -> str:
    """Bytes for a person: "3.2 GiB"."""
    return f"{size / (1 << 30):.1f} GiB" if size >= 1 << 30 else f"{size / (1 << 20):.0f} MiB"
