"""Folder names between people and IMAP servers: modified UTF-7 (RFC 3501 5.1.3) and special uses (RFC 6154)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from imapclient import imap_utf7

_SPECIAL = ("sent", "drafts", "junk", "trash", "archive", "all", "flagged")
_USUAL_NAMES = {
    "sent": {"sent", "sent items", "sent messages", "sent mail", "odeslaná pošta", "odeslané", "odoslaná pošta"},
    "drafts": {"drafts", "koncepty", "rozepsané"},
    "junk": {"junk", "junk e-mail", "spam", "nevyžádaná pošta"},
    "trash": {"trash", "deleted items", "deleted messages", "koš", "odstraněná pošta"},
}


@dataclass(frozen=True)
class FolderName:
    """A folder as LIST names it: decoded `name`, `delimiter` ("" for a flat list), special use ("sent", …, "")."""

    name: str
    delimiter: str = ""
    flags: frozenset[str] = field(default_factory=frozenset)  # lower case, like "\\noselect"
    special: str = ""

    @property
    def selectable(self) -> bool:
        """Whether it can hold messages at all."""
        return not self.flags & {"\\noselect", "\\nonexistent"}

    @property
    def label(self) -> str:
        """Its own name without its parents'."""
        return self.name.rsplit(self.delimiter, 1)[-1] if self.delimiter else self.name


def encode(name: str) -> bytes:
    """`name` for the wire; line breaks and other controls end up inside the base64, so they cannot end the command."""
    return bytes(imap_utf7.encode(name))


def decode(raw: bytes) -> str | None:
    """The name that stands for `raw`, or None when it could not be sent back as the same bytes."""
    try:
        name = str(imap_utf7.decode(raw))
        return name if encode(name) == raw else None
    except (ValueError, UnicodeError):
        return None


def read_list(rows: Iterable[tuple[object, object, object]]) -> list[FolderName]:
    """Rows of a LIST answer as folders, INBOX first, then by name; names that cannot be used are left out."""
    found = {}
    for flags, delimiter, raw in rows:
        name = decode(raw) if isinstance(raw, bytes) else raw if isinstance(raw, str) else None
        if name:
            found[name] = _folder(name, delimiter, flags)
    return sorted(found.values(), key=lambda folder: (folder.name.upper() != "INBOX", folder.name.casefold()))


def _folder(name: str, delimiter: object, flags: object) -> FolderName:
    written = delimiter.decode("ascii", "replace") if isinstance(delimiter, bytes) else ""
    known = flags if isinstance(flags, tuple) else ()
    marks = frozenset(flag.decode("ascii", "replace").lower() for flag in known if isinstance(flag, bytes))
    return FolderName(name, written, marks, _special(name, written, marks))


def _special(name: str, delimiter: str, flags: frozenset[str]) -> str:
    for special in _SPECIAL:
        if f"\\{special}" in flags:
            return special
    own = (name.rsplit(delimiter, 1)[-1] if delimiter else name).casefold()
    return next((special for special, names in _USUAL_NAMES.items() if own in names), "")
