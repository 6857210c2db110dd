"""What a source gives: a message with what was known around it, or a place that was passed over and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath

_MAILDIR_NAME = re.compile(r"\d{6,}\.|.*[:;!]2,[A-Za-z]*$")  # seconds since 1970 first, or flags at the end


@dataclass(frozen=True)
class Found:
    """One message, its bytes as they stand in the file at `path` (inside an archive: the archive's path, then its own).

    `labels`: folders, flags and keywords as archive/labels.py writes them. `at`: when its mailbox got it, where known.
    """

    path: PurePath
    raw: bytes
    labels: tuple[str, ...] = ()
    at: datetime | None = None


@dataclass(frozen=True)
class Skipped:
    """A file, or a place in one, that was not taken; `reason` is for people."""

    path: PurePath
    reason: str


Finding = Found | Skipped


class Unusable(Exception):
    """A file or an archive cannot be read (on); the words are for people. What came before stays."""


class Bomb(Unusable):
    """A file unpacks to far more than a mailbox would: nothing more is read out of it."""


@dataclass(frozen=True)
class Place:
    """Where something stands: its path for people, its folders and name below what was named, how deep in archives."""

    path: PurePath
    parts: tuple[str, ...]
    depth: int = 0
    in_maildir: bool = False

    @property
    def name(self) -> str:
        """Its own name."""
        return self.parts[-1] if self.parts else self.path.name

    @property
    def suffix(self) -> str:
        """The last suffix of its name, in lower case, with the dot."""
        return PurePath(self.name).suffix.lower()

    def renamed(self, name: str) -> Place:
        """What is inside of a compressed file: the same place under another name, one layer deeper."""
        return replace(self, parts=(*self.parts[:-1], name), depth=self.depth + 1)

    def inside(self, parts: tuple[str, ...]) -> Place:
        """An entry of the archive that stands here."""
        below = (*self.parts[:-1], *parts)
        return Place(self.path.joinpath(*parts), below, self.depth + 1, is_maildir_entry(parts))


def is_maildir_entry(parts: tuple[str, ...]) -> bool:
    """Whether a path in an archive looks like a message of a Maildir."""
    return len(parts) > 1 and parts[-2] in {"cur", "new"} and _MAILDIR_NAME.match(parts[-1]) is not None


Findings = Iterator[Finding]
