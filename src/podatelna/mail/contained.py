"""A file found inside of another part: in uuencoded text, in yEnc, in a winmail.dat."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass

UNKNOWN = "application/octet-stream"
# The tables of Python alone: what a machine has in its own would make one message read differently on two of them.
_TYPES = mimetypes.MimeTypes(filenames=())


@dataclass(frozen=True)
class Contained:
    """A file with the name that it was given there (not yet safe)."""

    name: str
    content: bytes
    content_type: str = UNKNOWN
    content_id: str = ""
    inline: bool = False


def type_of(name: str) -> str:
    """The content type that a file's name suggests."""
    guessed, encoding = _TYPES.guess_type(f"x.{name.rpartition('.')[2]}" if "." in name else "x")
    return guessed if guessed and not encoding else UNKNOWN
