"""What a file holds by how it begins: a message, an mbox, an archive with any of these in it, a mailbox of Outlook."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from . import apple, marks, outlook_msg, outlook_pst, tars, zips
from .allowance import CHUNK, Allowance, Stream
from .found import Bomb, Findings, Found, Place, Skipped, Unusable
from .mbox import LONGEST_MESSAGE, Dialect, TooLong, is_mbox, split
from .unpacking import compression, plain_name, unpacked

_HEAD = 64 * 1024
_DEEPEST = 4  # archives in archives
_IN_MEMORY = 8 * 1024 * 1024
_FIELD = re.compile(rb"^([!-9;-~]{1,100})[ \t]*:", re.MULTILINE)
_BLANK = re.compile(rb"\r?\n\r?\n")
_SURE = {b"from", b"received", b"return-path", b"message-id", b"delivered-to", b"to"}
_LIKELY = _SURE | {b"subject", b"date", b"cc", b"reply-to", b"sender", b"mime-version", b"content-type", b"x-mailer"}
# Zip archives that are documents or programs: nobody keeps mail in them.
_DOCUMENTS = {
    ".docx", ".xlsx", ".pptx", ".docm", ".xlsm", ".pptm", ".odt", ".ods", ".odp", ".epub", ".jar", ".apk", ".xpi",
    ".whl",
}  # fmt: skip
TOO_LONG = f"longer than {LONGEST_MESSAGE >> 20} MB"
OWN_LISTS = {"manifest.csv", "manifest.json"}
OWN_LIST = "the list that an export of Podatelna writes beside the mail"
NO_MAIL = "does not look like mail"


def is_compressed(head: bytes) -> bool:
    """Whether what begins with `head` must be unpacked first (Dovecot can keep the files of a Maildir so)."""
    return bool(compression(head))


class Reader:
    """Reads one file of the disk and everything in it."""

    def __init__(self, allowance: Allowance, dialect: Dialect, keywords: dict[str, str]) -> None:
        self._allowance, self._dialect, self._keywords = allowance, dialect, keywords

    def read(self, stream: Stream, place: Place) -> Findings:
        """All messages in `stream`. Raises Unusable and OSError where it cannot be read on."""
        head = stream.peek(_HEAD)
        if not head:
            yield Skipped(place.path, "empty file")
        elif how := compression(head):
            yield from self._deeper(place, lambda: self._unpack(stream, place, how))
        elif place.in_maildir:
            yield from self._message(stream, place, self.maildir_labels(place))
        elif zips.is_zip(head) and place.suffix not in _DOCUMENTS:
            yield from self._deeper(place, lambda: self._zip(stream, place))
        elif tars.is_tar(head):
            yield from self._deeper(place, lambda: self._tar(stream, place))
        elif outlook_pst.is_pst(head):
            with _whole(stream) as file:
                yield from outlook_pst.messages(file, place)
        elif outlook_msg.is_compound_file(head):
            yield from self._msg(stream, place)
        else:
            yield from self._text(stream, place, head)

    def maildir_labels(self, place: Place) -> tuple[str, ...]:
        """Folder, flags and keywords of a message of a Maildir."""
        return marks.of_maildir(place, self._keywords)

    # --- plain files

    def _text(self, stream: Stream, place: Place, head: bytes) -> Findings:
        # An .eml is one message as it stands, also with a line of an mbox above: what is exported must come back.
        if is_mbox(head) and place.suffix != ".eml":
            yield from self._mbox(stream, place)
        elif place.suffix == ".emlx" and apple.is_emlx(head):
            yield from self._emlx(stream, place)
        elif place.suffix == ".eml" or looks_like_mail(head):
            yield from self._message(stream, place, marks.of_folders(place))
        else:
            yield Skipped(place.path, NO_MAIL)

    def _message(self, stream: Stream, place: Place, labels: tuple[str, ...]) -> Findings:
        raw = stream.rest(LONGEST_MESSAGE)
        yield Skipped(place.path, TOO_LONG) if raw is None else Found(place.path, raw, labels)

    def _mbox(self, stream: Stream, place: Place) -> Findings:
        labels = marks.of_mbox(place)
        for message in split(stream, dialect=self._dialect):
            if isinstance(message, TooLong):
                yield Skipped(place.path, f"the message at byte {message.args[0]} is {TOO_LONG}")
            else:
                yield Found(place.path, message, (*labels, *marks.of_fields(message)))

    def _emlx(self, stream: Stream, place: Place) -> Findings:
        data = stream.rest(LONGEST_MESSAGE)
        emlx = apple.read(data) if data is not None else None
        if emlx is None:
            yield Skipped(place.path, TOO_LONG if data is None else "its first line is not the length of a message")
        else:
            yield Found(place.path, emlx.raw, marks.of_apple(place, emlx.flags), emlx.at)

    def _msg(self, stream: Stream, place: Place) -> Findings:
        if place.suffix != ".msg":
            yield Skipped(place.path, NO_MAIL)  # Word, Excel and the installer keep their files in the same way
            return
        data = stream.rest(LONGEST_MESSAGE)
        if data is None:
            yield Skipped(place.path, TOO_LONG)
        else:
            raw, flags = outlook_msg.as_mail(data)
            yield Found(place.path, raw, (*marks.of_folders(place), *flags))

    # --- archives

    def _deeper(self, place: Place, findings: Callable[[], Findings]) -> Findings:
        if place.depth >= _DEEPEST:
            yield Skipped(place.path, f"more than {_DEEPEST} archives in each other")
        else:
            yield from findings()

    def _unpack(self, stream: Stream, place: Place, how: str) -> Findings:
        yield from self.read(unpacked(stream, how, self._allowance), place.renamed(plain_name(place.name, how)))

    def _tar(self, stream: Stream, place: Place) -> Findings:
        for entry in tars.entries(stream):
            yield from self._entry(entry.content, place.inside(entry.parts))

    def _zip(self, stream: Stream, place: Place) -> Findings:
        with _whole(stream) as file:
            for entry in zips.entries(file):
                inner = place.inside(entry.parts)
                if entry.problem:
                    yield Skipped(inner.path, entry.problem)
                else:
                    yield from self._entry(zips.content(file, entry, self._allowance), inner)

    def _entry(self, stream: Stream, place: Place) -> Findings:
        try:
            yield from self._of_archive(stream, place)
        except Bomb:
            raise
        except Unusable as error:
            # Where the archive itself is damaged, asking for its next entry says so once more.
            yield Skipped(place.path, str(error))

    def _of_archive(self, stream: Stream, place: Place) -> Findings:
        if place.name in OWN_LISTS:
            yield Skipped(place.path, OWN_LIST)
        elif place.parts[-2:-1] == ("tmp",) and not place.suffix:
            yield Skipped(place.path, "a delivery into this Maildir that was not finished")
        else:
            yield from self.read(stream, place)


def looks_like_mail(head: bytes) -> bool:
    """Whether a file that begins with `head` begins with a mail's header: fields at once, and the usual ones."""
    head = head.removeprefix(b"\xef\xbb\xbf")
    end = _BLANK.search(head)
    header = head[: end.start() + 1] if end else head
    if not _FIELD.match(header):
        return False
    names = {name.lower() for name in _FIELD.findall(header)}
    return bool(names & _SURE) and len(names & _LIKELY) > 1


@contextmanager
def _whole(stream: Stream) -> Iterator[BinaryIO]:
    """The stream as a file that can be read anywhere: itself, or a copy that is gone afterwards."""
    if stream.file is not None:
        yield stream.file
        return
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
        while piece := stream.read(CHUNK):
            copy.write(piece)
        copy.seek(0)
        yield copy  # type: ignore[misc]  # a BinaryIO in all but name
