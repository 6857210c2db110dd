"""What Outlook knows of an item (MAPI properties, MS-OXPROPS), whichever file it comes from, as an `outlook.Item`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from podatelna.mail.addresses import Address

from .outlook import File, Item

_HEADERS, _CLASS, _SUBJECT, _BODY, _HTML, _RTF = 0x007D, 0x001A, 0x0037, 0x1000, 0x1013, 0x1009
_SENT, _MESSAGE_ID, _REPLY_TO = 0x0039, 0x1035, 0x1042
_SENDER_NAME, _SENDER_ADDRESS, _SENDER_SMTP = 0x0C1A, 0x0C1F, 0x5D01
_NAME, _ADDRESS, _SMTP, _ROLE, _FLAGS = 0x3001, 0x3003, 0x39FE, 0x0C15, 0x0E07
_LONG_NAME, _SHORT_NAME, _TYPE, _DATA, _CONTENT_ID = 0x3707, 0x3704, 0x370E, 0x3701, 0x3712
_READ = 1
METHOD, EMBEDDED = 0x3705, 5
DEEPEST = 8  # messages attached to messages


class Known(Protocol):
    """The properties of an item, a recipient or an attachment; what is missing or unreadable is empty."""

    def text(self, tag: int) -> str:
        """A text."""

    def data(self, tag: int) -> bytes:
        """Bytes."""

    def time(self, tag: int) -> datetime | None:
        """A moment."""

    def number(self, tag: int, missing: int) -> int:
        """A number, `missing` where there is none."""

    @property
    def charset(self) -> str:
        """Of the HTML body where that is kept as bytes."""


def item_of(known: Known, people: Sequence[Known], files: Sequence[File]) -> Item:
    """The item with its recipients and files."""
    html = known.data(_HTML)
    return Item(
        headers=known.text(_HEADERS),
        subject=_without_prefix(known.text(_SUBJECT)),
        sender=_sender(known),
        to=_role(people, 1),
        cc=_role(people, 2),
        bcc=_role(people, 3),
        message_id=known.text(_MESSAGE_ID),
        in_reply_to=known.text(_REPLY_TO),
        sent_at=known.time(_SENT),
        text=known.text(_BODY),
        html=html or known.text(_HTML).encode("utf-8", "replace"),
        html_charset=known.charset if html else "utf-8",
        rtf=known.data(_RTF),
        files=files,
        message_class=known.text(_CLASS),
        read=bool(known.number(_FLAGS, _READ) & _READ),
    )


def file_of(known: Known, item: Item | None = None) -> File:
    """An attachment; `item` where it is a message."""
    name = known.text(_LONG_NAME) or known.text(_SHORT_NAME) or known.text(_NAME)
    if item is not None:
        return File(name, "message/rfc822", item=item)
    return File(name, known.text(_TYPE), known.data(_DATA), known.text(_CONTENT_ID))


def is_mail(message_class: str) -> bool:
    """Whether an item of this class is a letter, a report or an invitation, and no contact, note or appointment."""
    name = message_class.upper()
    return (
        not name or name == "IPM" or name.startswith(("IPM.NOTE", "REPORT.", "IPM.SCHEDULE.", "IPM.POST", "IPM.RECALL"))
    )


def message_class(known: Known) -> str:
    """What kind of item it is, like "IPM.Note"."""
    return known.text(_CLASS)


def _without_prefix(subject: str) -> str:
    # MS-PST 2.5.3.1.1.1: a subject may begin with U+0001 and the length of its "Re: ".
    return subject[2:] if subject.startswith("\x01") else subject


def _sender(known: Known) -> Address | None:
    name, address = known.text(_SENDER_NAME), known.text(_SENDER_SMTP) or known.text(_SENDER_ADDRESS)
    return Address(name, address) if name or address else None


def _role(people: Sequence[Known], role: int) -> list[Address]:
    rows = [one for one in people if one.number(_ROLE, 1) == role]
    return [Address(one.text(_NAME), one.text(_SMTP) or one.text(_ADDRESS)) for one in rows]
