"""A Maildir on the disk, filled one delivery at a time: what was cut off is repeated, and what is there stays."""

from __future__ import annotations

import os
from pathlib import Path

from .deliveries import Exported
from .names import maildir


class MaildirFolder:
    """A Maildir++ at `path`, made when missing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._made: set[str] = set()
        self._folder("")

    def add(self, one: Exported) -> str:
        """Write a delivery unless it is there; its path below the Maildir. Raises OSError."""
        folder, name = maildir(one)
        place = self._folder(folder) / "cur" / name
        if not _is_there(place, len(one.raw)):
            # Under its name there is never half of it, whatever is cut off.
            draft = self._path / "tmp" / name
            draft.write_bytes(one.raw)
            draft.replace(place)
        return str(place.relative_to(self._path))

    def _folder(self, name: str) -> Path:
        folder = self._path / name if name else self._path
        if name not in self._made:
            for part in ("tmp", "new", "cur"):
                (folder / part).mkdir(parents=True, exist_ok=True)
            if name:
                (folder / "maildirfolder").touch()  # says to mail programs that it is one of the folders above
            self._made.add(name)
        return folder


def _is_there(place: Path, size: int) -> bool:
    try:
        return os.stat(place).st_size == size
    except FileNotFoundError:
        return False
