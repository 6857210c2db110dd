"""Which files hold mail, and the messages in them: mbox, Maildir, .eml, folders of these, text files that are mail."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .mbox import LONGEST_MESSAGE, TooLong, is_mbox, split

_HEAD = 64 * 1024
_FIELD = re.compile(rb"^([!-9;-~]{1,100})[ \t]*:", re.MULTILINE)
_BLANK = re.compile(rb"\r?\n\r?\n")
_SURE = {b"from", b"received", b"return-path", b"message-id", b"delivered-to", b"to"}
_LIKELY = _SURE | {b"subject", b"date", b"cc", b"reply-to", b"sender", b"mime-version", b"content-type", b"x-mailer"}


@dataclass(frozen=True)
class Found:
    """One message, its bytes as they stand in the file at `path`."""

    path: Path
    raw: bytes


@dataclass(frozen=True)
class Skipped:
    """A file, or a place in one, that was not taken; `reason` is for people."""

    path: Path
    reason: str


def find_mail(paths: Iterable[Path]) -> Iterator[Found | Skipped]:
    """All messages in `paths` and below. Never raises for a file that cannot be read: that one is Skipped."""
    for path in paths:
        for file in _files(path):
            yield from [file] if isinstance(file, Skipped) else _read(file)


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
            yield from _entries(folder, waiting)
        except OSError as error:
            yield Skipped(folder, _words(error))


def _entries(folder: Path, waiting: list[Path]) -> Iterator[Path | Skipped]:
    # Not sorted: a Maildir of a million files is walked without a list of their names.
    with os.scandir(folder) as entries:
        for entry in entries:
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            elif not entry.is_file():
                yield Skipped(path, "not a regular file")
            elif folder.name == "tmp" and (folder.parent / "cur").is_dir():
                yield Skipped(path, "a delivery into this Maildir that was not finished")
            else:
                yield path


def _read(path: Path) -> Iterator[Found | Skipped]:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
            file.seek(0)
            if is_mbox(head) and not _in_maildir(path):
                for message in split(file):
                    yield _found(path, message)
            elif reason := _reason_to_skip(path, head):
                yield Skipped(path, reason)
            else:
                yield Found(path, file.read())
    except OSError as error:
        yield Skipped(path, _words(error))


def _found(path: Path, message: bytes | TooLong) -> Found | Skipped:
    if isinstance(message, TooLong):
        return Skipped(path, f"the message at byte {message.args[0]} is longer than {LONGEST_MESSAGE >> 20} MB")
    return Found(path, message)


def _reason_to_skip(path: Path, head: bytes) -> str:
    if not head:
        return "empty file"
    if path.stat().st_size > LONGEST_MESSAGE:
        return f"longer than {LONGEST_MESSAGE >> 20} MB"
    if _in_maildir(path) or path.suffix.lower() == ".eml" or looks_like_mail(head):
        return ""
    return "does not look like mail"


def _in_maildir(path: Path) -> bool:
    return path.parent.name in {"cur", "new"} and (path.parent.parent / "tmp").is_dir()


def looks_like_mail(head: bytes) -> bool:
    """Whether a file that begins with `head` begins with a mail's header: fields at once, and the usual ones."""
    head = head.removeprefix(b"\xef\xbb\xbf")
    end = _BLANK.search(head)
    header = head[: end.start() + 1] if end else head
    if not _FIELD.match(header):
        return False
    names = {name.lower() for name in _FIELD.findall(header)}
    return bool(names & _SURE) and len(names & _LIKELY) > 1


def _words(error: OSError) -> str:
    return error.strerror or str(error)
