"""All mail in files and folders: walked without a list of their names, each file read by what it begins with."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

from .allowance import CHUNK, Allowance, Counted, Stream, Tally
from .found import Findings, Found, Place, Skipped, Unusable
from .marks import keywords_beside
from .mbox import LONGEST_MESSAGE, Dialect
from .reading import OWN_LIST, OWN_LISTS, Reader, is_compressed


def find_mail(paths: Iterable[Path], tally: Tally | None = None, dialect: Dialect = "auto") -> Findings:
    """All messages in `paths` and below. Never raises for what cannot be read: that one is Skipped."""
    walk = _Walk(tally or Tally(), dialect)
    for top in paths:
        for path in _files(top):
            if isinstance(path, Skipped):
                yield path
            else:
                yield from walk.read(top, path)


def size_of(paths: Iterable[Path]) -> int:
    """How many bytes there are to be read."""
    total = 0
    for top in paths:
        for path in _files(top):
            if isinstance(path, Path):
                try:
                    total += path.stat().st_size
                except OSError:
                    continue  # it is named when it is its turn
    return total


def _files(top: Path) -> Iterator[Path | Skipped]:
    if top.is_file():
        yield top
        return
    if not top.is_dir():
        yield Skipped(top, "no such file or folder" if not top.exists() else "neither a file nor a folder")
        return
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            yield from _entries(folder, waiting, top)
        except OSError as error:
            yield Skipped(folder, _words(error))


def _entries(folder: Path, waiting: list[Path], top: Path) -> Iterator[Path | Skipped]:
    # Not sorted: a Maildir of a million files is walked without a list of their names.
    with os.scandir(folder) as entries:
        for entry in entries:
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            elif not entry.is_file():
                yield Skipped(path, "not a regular file")
            elif entry.is_symlink() and not path.resolve().is_relative_to(top.resolve()):
                # Folders of others may be imported; what is not in them is not theirs to give.
                yield Skipped(path, "a link that leads out of the folder")
            elif folder.name == "tmp" and (folder.parent / "cur").is_dir():
                yield Skipped(path, "a delivery into this Maildir that was not finished")
            else:
                yield path


class _Walk:
    """Reads file after file; of the folder it is in it knows whether that is one of a Maildir."""

    def __init__(self, tally: Tally, dialect: Dialect) -> None:
        self._tally, self._dialect = tally, dialect
        self._folder: Path | None = None
        self._maildir = False
        self._keywords: dict[str, str] = {}

    def read(self, top: Path, path: Path) -> Findings:
        """All messages in one file."""
        if path.name in OWN_LISTS:
            yield Skipped(path, OWN_LIST)
            return
        self._enter(path.parent)
        parts = path.relative_to(top).parts if path != top else (path.name,)
        try:
            with path.open("rb", buffering=0) as file:
                yield from self._open(file, Place(path, parts, in_maildir=self._maildir))
        except OSError as error:
            yield Skipped(path, _words(error))
        except Unusable as error:
            yield Skipped(path, str(error))

    def _enter(self, folder: Path) -> None:
        if folder != self._folder:
            self._folder = folder
            self._maildir = folder.name in {"cur", "new"} and (folder.parent / "tmp").is_dir()
            self._keywords = keywords_beside(folder.parent) if self._maildir else {}

    def _open(self, file: io.FileIO, place: Place) -> Findings:
        size = os.fstat(file.fileno()).st_size
        reader = Reader(Allowance(size), self._dialect, self._keywords)
        if place.in_maildir and size <= LONGEST_MESSAGE:
            yield from self._small(file, size, place, reader)
            return
        counted = io.BufferedReader(Counted(file, self._tally), CHUNK)
        yield from reader.read(Stream(counted, cast(BinaryIO, counted)), place)

    def _small(self, file: io.FileIO, size: int, place: Place, reader: Reader) -> Findings:
        """The short way for the most frequent kind: a million small files, each a message."""
        raw = file.read(size + 1)
        self._tally.read += len(raw)
        if raw and not is_compressed(raw):
            yield Found(place.path, raw, reader.maildir_labels(place))
        else:
            yield from reader.read(Stream(io.BytesIO(raw)), place)


def _words(error: OSError) -> str:
    return error.strerror or str(error)
