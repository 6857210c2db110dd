"""Folder names between people and IMAP servers: modified UTF-7 (RFC 3501 5.1.3) and special uses (RFC 6154)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from unicodedata import normalize

from imapclient import imap_utf7

from .folder_names import PARENTS, USUAL_NAMES

_SPECIAL = ("sent", "drafts", "junk", "trash", "archive", "all", "flagged")


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


def on_the_wire(name: str, *, utf8: bool = False) -> str:
    """`name` as it stands in a command, not yet quoted. `utf8`: after ENABLE UTF8=ACCEPT (RFC 6855 3).

    Raises ValueError for controls, which UTF-8 would leave as they are.
    """
    if not utf8:
        return encode(name).decode("ascii")
    if any(ord(c) < 32 or ord(c) == 127 for c in name):
        raise ValueError("a control character in the name of a folder")
    return name


def decode(raw: bytes) -> str | None:
    """The name that stands for `raw`, or None when it could not be sent back as the same bytes."""
    try:
        name = str(imap_utf7.decode(raw))
        return name if encode(name) == raw else None
    except (ValueError, UnicodeError):
        return None


def _decode_utf8(raw: bytes) -> str | None:
    try:
        return on_the_wire(raw.decode("utf-8"), utf8=True)
    except ValueError:
        return None


def read_list(rows: Iterable[tuple[object, object, object]], *, utf8: bool = False) -> list[FolderName]:
    """Rows of a LIST answer as folders, INBOX first, then by name; names that cannot be used are left out.

    `utf8`: after ENABLE UTF8=ACCEPT.
    """
    found = {}
    read = _decode_utf8 if utf8 else decode
    for flags, delimiter, raw in rows:
        name = read(raw) if isinstance(raw, bytes) else raw if isinstance(raw, str) else None
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
    path = name.split(delimiter) if delimiter else [name]
    if len(path) > 1 and path[0].casefold() not in PARENTS:
        return ""  # "Projects/2019/Sent" is somebody's own
    own = normalize("NFC", path[-1]).casefold()
    return next((special for special, names in USUAL_NAMES.items() if own in names), "")
