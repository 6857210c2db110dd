"""Messages that Outlook saved as files (.msg, MS-OXMSG); needs the extra `msg` (python-oxmsg)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .found import Unusable
from .outlook import File, Item
from .outlook import as_mail as written
from .outlook_items import DEEPEST, EMBEDDED, METHOD, file_of, item_of

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MISSING = "Outlook's .msg files need an extra package: install podatelna[msg]"
_EMBEDDED_STORAGE = "__substg1.0_3701000D"
_MESSAGE_HEADER, _EMBEDDED_HEADER, _PART_HEADER = 32, 24, 8  # bytes before the properties (MS-OXMSG 2.4)


def is_compound_file(head: bytes) -> bool:
    """Whether a file that begins with `head` is a compound file of Microsoft's, as .msg, .doc and .xls are."""
    return head.startswith(_MAGIC)


def as_mail(data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The message as e-mail, and its flags. Raises Unusable when it is none, or the extra is not installed."""
    try:
        from oxmsg import Message
    except ImportError:
        raise Unusable(MISSING) from None
    try:
        storage: Any = Message.load(data)._storage
        if not storage.properties_stream_bytes:
            raise Unusable("a message without properties")
        item = _item(storage, _MESSAGE_HEADER, 0)
    except Exception as error:  # shown as the reason why it was skipped: the library does not say what it raises
        raise Unusable(f"not a message that can be read ({type(error).__name__}: {error})") from error
    return written(item), ("\\Seen",) if item.read else ()


def _item(storage: Any, header: int, depth: int) -> Item:
    people = [_Properties(one, _PART_HEADER) for one in storage.iter_recipient_storages()]
    files = [_file(one, depth) for one in storage.iter_attachment_storages()]
    return item_of(_Properties(storage, header), people, files)


def _file(storage: Any, depth: int) -> File:
    known = _Properties(storage, _PART_HEADER)
    if known.number(METHOD, 1) == EMBEDDED and depth < DEEPEST:
        for inner in storage.storages:
            if inner.name == _EMBEDDED_STORAGE:
                return file_of(known, _item(inner, _EMBEDDED_HEADER, depth + 1))
    return file_of(known)


class _Properties:
    """The properties of a storage as `outlook_items.Known`."""

    def __init__(self, storage: Any, header: int) -> None:
        from oxmsg.properties import Properties

        self._properties: Any = Properties(storage, properties_header_offset=header)

    def text(self, tag: int) -> str:
        return str(self._value(self._properties.str_prop_value, tag) or "").rstrip("\0")

    def data(self, tag: int) -> bytes:
        return bytes(self._value(self._properties.binary_prop_value, tag) or b"")

    def time(self, tag: int) -> datetime | None:
        found = self._value(self._properties.date_prop_value, tag)
        return found if isinstance(found, datetime) else None

    def number(self, tag: int, missing: int) -> int:
        found = self._value(self._properties.int_prop_value, tag)
        return found if isinstance(found, int) else missing

    @property
    def charset(self) -> str:
        try:
            return str(self._properties.body_encoding)
        except (LookupError, ValueError):
            return "utf-8"

    def _value(self, read: Any, tag: int) -> Any:
        try:
            return read(tag)
        except (LookupError, ValueError, AttributeError, OverflowError):
            return None  # a property without its stream, a text of another charset: the others are there
