"""What reading a file gives: its text, and why there is not more of it; and how much may be read at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

# Half a million characters are a book of 250 pages: the same as of a message's own text.
MOST_CHARACTERS = 500_000

# Why there is no text, or not all of it. The desk has words for each.
PASSWORD = "password"  # noqa: S105  # protected by one
BROKEN = "broken"  # it is not, or no longer, what it says it is
EMPTY = "empty"  # a document without text: a scan, most often
BOMB = "bomb"  # it unpacks to far more than it is
DEEP = "deep"  # packed in packages in packages
TOO_LARGE = "too-large"
TOO_LONG = "too-long"  # reading it took too long
MEMORY = "memory"  # reading it needed too much
CRASH = "crash"  # the process that read it died
UNAVAILABLE = "unavailable"  # the package that reads such files is missing here
CUT = "cut"  # read, as far as a book goes


@dataclass(frozen=True)
class Found:
    """The text of a file, and why there is not (all of) it, "" when there is; `detail` is for administrators."""

    text: str = ""
    reason: str = ""
    detail: str = ""


class Unreadable(Exception):
    """A file, or one inside of it, cannot be read. `reason` is one of the words above."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


@dataclass
class Budget:
    """How much one attachment may cost, with everything inside of it; what is left is counted down."""

    characters: int = MOST_CHARACTERS
    unpacked: int = 200 << 20  # bytes that come out of its archives
    files: int = 1_000  # in its archives and messages
    depth: int = 5  # archives in archives, messages in messages
    pieces: list[str] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)  # to their details, in the order of their coming

    def add(self, text: str) -> None:
        """Keep a piece of text, as far as there is room."""
        if len(text) > self.characters:
            self.note(CUT)
        kept = text[: self.characters]
        if kept.strip():
            self.pieces.append(kept)
            self.characters -= len(kept)

    def note(self, reason: str, detail: str = "") -> None:
        """Something inside could not be read; the rest goes on."""
        self.reasons.setdefault(reason, detail)

    def take_file(self) -> None:
        """One more file inside. Raises Unreadable when they are too many."""
        self.files -= 1
        if self.files < 0:
            raise Unreadable(BOMB, "too many files inside")

    def take_bytes(self, count: int) -> None:
        """So many bytes came out of an archive. Raises Unreadable when they are too many."""
        self.unpacked -= count
        if self.unpacked < 0:
            raise Unreadable(BOMB, "it unpacks to more than is read")

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Within an archive or a message. Raises Unreadable when they are packed in each other too deep."""
        if self.depth <= 0:
            raise Unreadable(DEEP)
        self.depth -= 1
        try:
            yield
        finally:
            self.depth += 1

    def found(self) -> Found:
        """What all of it comes to: the gravest reason is not hidden by that of a cut."""
        text = "\n".join(self.pieces)
        reason = next((one for one in self.reasons if one != CUT), CUT if CUT in self.reasons else "")
        if not text and not reason:
            reason = EMPTY
        return Found(text, reason, self.reasons.get(reason, ""))
