"""A message as values: who, when, what about, what it says, and the files with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .addresses import Address
from .leaves import ParsedPart
from .reading import Reading
from .structure import Structure

__all__ = ["Parsed", "ParsedPart", "parse"]


@dataclass(frozen=True)
class Parsed:
    """What a message says. Every str in it is free of NUL and lone surrogates."""

    subject: str
    sender: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    sent_at: datetime | None  # aware
    message_id: str  # without <>
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]  # oldest first; In-Reply-To at the end when it was not among them
    text: str  # \n line breaks; made from the HTML where there is no plain text
    html: str  # as it came, decoded; "" when there is none
    parts: tuple[ParsedPart, ...]  # the leaves, in order
    headers: tuple[tuple[str, str], ...]  # decoded, in order
    automatic: str  # "", "auto-reply", "bulk", "list", "report"
    defects: tuple[str, ...]
    authors: tuple[Address, ...] = field(default_factory=tuple)  # all who are in From
    # False where sent_at is in UTC because nobody said more (RFC 5322 3.3: "-0000", or nothing).
    # Factories: a default would be found before __getattr__ is asked.
    zone_known: bool = field(default_factory=bool)

    if not TYPE_CHECKING:  # a type checker would take any name for a value

        def __getattr__(self, name: str) -> Any:
            """A value that `parse` left to be read when it is asked for. Read once."""
            reading = self.__dict__.get("_reading")
            if reading is None or name not in Parsed.__dataclass_fields__:
                raise AttributeError(name)
            value = self.__dict__[name] = reading.read(name)
            if len(self.__dict__) > len(Parsed.__dataclass_fields__):
                self.__dict__.pop("_reading", None)  # all is read: the original's bytes need not be held
            return value


def parse(raw: bytes, *, structure: Structure | None = None) -> Parsed:
    """Read a message. Never raises, whatever the bytes; what is wrong with it is named in `defects`.

    The structure is read now, each value when it is first asked for: who wants the subject waits for no HTML. Who has
    the `structure` of `raw` (see `read_structure`) hands it in, and `cut` and `fingerprint` the same.
    """
    parsed = object.__new__(Parsed)
    parsed.__dict__["_reading"] = Reading(raw, structure)
    return parsed
