"""Mailboxes that Outlook keeps in one file (.pst, .ost; MS-PST); needs the extra `pst` (libpff-python)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

from podatelna.archive.labels import folder as folder_label
from podatelna.mail.charset_tables import codepage

from .found import Findings, Found, Place, Skipped, Unusable
from .outlook import File, Item, as_mail
from .outlook_items import DEEPEST, EMBEDDED, METHOD, file_of, is_mail, item_of, message_class

_MAGIC = b"!BDN"
MISSING = "Outlook's .pst files need an extra package: install podatelna[pst]"
# What Outlook puts around the folders that people see.
_HIDDEN = {"top of personal folders", "top of outlook data file", "ipm_subtree", "root - mailbox", "root - public"}
_SEARCH_FOLDER = 3  # MS-PST 2.2.2.1: the type of a node in its lowest bits; its messages stand in other folders too
_DEEPEST_FOLDER = 100
_CODEPAGE, _TEXT_CODEPAGE, _DELIVERED = 0x3FDE, 0x3FFD, 0x0E06
_UNICODE, _BYTES = 0x1F, 0x1E
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


def is_pst(head: bytes) -> bool:
    """Whether a file that begins with `head` is such a mailbox."""
    return head.startswith(_MAGIC)


def messages(file: BinaryIO, place: Place) -> Findings:
    """All mail in it, each with its folder as a label. Raises Unusable when it cannot be opened."""
    try:
        import pypff  # type: ignore[import-not-found]  # it ships no types
    except ImportError:
        raise Unusable(MISSING) from None
    mailbox = pypff.file()
    try:
        mailbox.open_file_object(file)
        root = mailbox.get_root_folder()
    except (OSError, SystemError, ValueError) as error:
        raise Unusable(f"not a mailbox that can be read ({_words(error)})") from error
    for folder, names in _folders(root):
        label = folder_label("/".join(names))
        for number in range(_count(folder, "number_of_sub_messages")):
            yield from _message(folder, number, place.inside((*names, f"{number + 1}")), label)


def _folders(root: Any) -> Iterator[tuple[Any, tuple[str, ...]]]:
    waiting: list[tuple[Any, tuple[str, ...]]] = [(root, ())]
    while waiting:
        folder, names = waiting.pop()
        if folder.identifier & 0x1F != _SEARCH_FOLDER:
            yield folder, names
        if len(names) < _DEEPEST_FOLDER:
            waiting.extend(_below(folder, names))


def _below(folder: Any, names: tuple[str, ...]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    for number in reversed(range(_count(folder, "number_of_sub_folders"))):
        try:
            inner = folder.get_sub_folder(number)
            name = inner.name or ""
        except (OSError, SystemError):
            continue  # what is damaged there cannot be told from what is not: libpff has said no name
        yield inner, names if not name or name.lower() in _HIDDEN else (*names, name.replace("/", "-"))


def _count(of: Any, name: str) -> int:
    try:
        return int(getattr(of, name))
    except (OSError, SystemError):
        return 0


def _message(folder: Any, number: int, place: Place, label: str) -> Findings:
    try:
        message = folder.get_sub_message(number)
        known = _Properties(message)
        kind = message_class(known)
        if not is_mail(kind):
            yield Skipped(place.path, f"no mail but {kind}")
            return
        item = _item(message, known, 0)
    except (OSError, SystemError, ValueError, MemoryError) as error:
        yield Skipped(place.path, f"damaged ({_words(error)})")
        return
    labels = (*((label,) if label else ()), *(("\\Seen",) if item.read else ()))
    yield Found(place.path, as_mail(item), labels, known.time(_DELIVERED))


def _item(message: Any, known: _Properties, depth: int) -> Item:
    files = [_file(message.get_attachment(number), depth) for number in range(_count(message, "number_of_attachments"))]
    recipients = message.recipients
    people = [_Properties(recipients, number) for number in range(_count(recipients, "number_of_record_sets"))]
    return item_of(known, people, files)


def _file(attachment: Any, depth: int) -> File:
    known = _Properties(attachment)
    if known.number(METHOD, 1) == EMBEDDED and depth < DEEPEST and _count(attachment, "number_of_sub_items"):
        inner = attachment.get_sub_item(0)
        return file_of(known, _embedded(inner, depth + 1))
    return file_of(_Attached(attachment))


def _embedded(item: Any, depth: int) -> Item:
    """An attached message; without recipients' records its transport headers name them."""
    if hasattr(item, "number_of_attachments"):
        return _item(item, _Properties(item), depth)
    return item_of(_Properties(item), [], [])


class _Properties:
    """One of the record sets of an item as `outlook_items.Known`."""

    def __init__(self, item: Any, number: int = 0) -> None:
        self._entries: dict[int, Any] = {}
        if _count(item, "number_of_record_sets") > number:
            for entry in item.get_record_set(number).entries:
                self._entries.setdefault(entry.entry_type or 0, entry)

    def text(self, tag: int) -> str:
        data, kind = self._data(tag)
        if kind == _UNICODE:
            return data.decode("utf-16-le", "replace").rstrip("\0")
        return data.decode(self._codepage(_TEXT_CODEPAGE), "replace").rstrip("\0") if kind == _BYTES else ""

    def data(self, tag: int) -> bytes:
        data, kind = self._data(tag)
        return b"" if kind in (_UNICODE, _BYTES) else data

    def time(self, tag: int) -> datetime | None:
        data, _ = self._data(tag)
        try:
            return _EPOCH + timedelta(microseconds=int.from_bytes(data, "little") // 10) if len(data) == 8 else None
        except OverflowError:
            return None

    def number(self, tag: int, missing: int) -> int:
        data, _ = self._data(tag)
        return int.from_bytes(data, "little", signed=True) if len(data) in (2, 4) else missing

    @property
    def charset(self) -> str:
        return self._codepage(_CODEPAGE)

    def _codepage(self, tag: int) -> str:
        number = self.number(tag, 0)
        return codepage(number) or "cp1252"

    def _data(self, tag: int) -> tuple[bytes, int]:
        entry = self._entries.get(tag)
        try:
            return (entry.data or b"", entry.value_type) if entry is not None else (b"", 0)
        except (OSError, SystemError):
            return b"", 0


class _Attached(_Properties):
    """An attachment, whose content libpff reads in another way."""

    def __init__(self, attachment: Any) -> None:
        super().__init__(attachment)
        self._attachment = attachment

    def data(self, tag: int) -> bytes:
        if tag != 0x3701:
            return super().data(tag)
        size = _count(self._attachment, "size")
        return bytes(self._attachment.read_buffer(size)) if size else b""


def _words(error: BaseException) -> str:
    """What libpff says first; the rest of its lines are of use to its authors."""
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
