"""Ways to bend a server's honest answer: cut it, lie in it, put something before it, never end it, wait in it.

A bend gets the command and the honest answer and gives pieces to be sent: bytes, seconds to wait, HANG_UP.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """What a client said. `name` is like "UID FETCH" or "RCPT", `rest` what follows it."""

    tag: str
    name: str
    rest: str


class HangUp:
    """The connection ends here."""


HANG_UP = HangUp()
Piece = bytes | float | HangUp
Bend = Callable[[Command, bytes], Iterable[Piece]]

_FLOOD = 64 * 1024


def cut(at: int) -> Bend:
    """Hang up after so many bytes; counted from the end when negative."""

    def bend(command: Command, answer: bytes) -> Iterator[Piece]:
        yield answer[:at]
        yield HANG_UP

    return bend


def replaced(pattern: bytes, by: bytes, *, count: int = 0) -> Bend:
    """The answer with a regular expression replaced: a lie."""

    def bend(command: Command, answer: bytes) -> Iterator[Piece]:
        yield re.sub(pattern, by, answer, count=count)

    return bend


def first(unasked: bytes) -> Bend:
    """Something nobody asked for, and then the answer."""
    return lambda command, answer: (unasked, answer)


def then_bye(command: Command, answer: bytes) -> Iterable[Piece]:
    """The untagged part of an IMAP answer, then BYE in place of the tagged line."""
    untagged = b"".join(line for line in answer.splitlines(keepends=True) if not line.startswith(command.tag.encode()))
    return untagged, b"* BYE going down\r\n", HANG_UP


def bye(command: Command, answer: bytes) -> Iterable[Piece]:
    """BYE instead of an answer."""
    return b"* BYE going down\r\n", HANG_UP


def says(words: str) -> Bend:
    """The tagged line alone, with other words: `NO [LIMIT] not now`."""
    return lambda command, answer: (f"{command.tag} {words}\r\n".encode(),)


def answers(*pieces: Piece) -> Bend:
    """Exactly this, whatever was asked; `%TAG%` stands for the command's tag."""
    return lambda command, answer: [
        piece.replace(b"%TAG%", command.tag.encode()) if isinstance(piece, bytes) else piece for piece in pieces
    ]


def slowly(pieces: int, seconds: float) -> Bend:
    """The answer in so many pieces with a pause after each."""

    def bend(command: Command, answer: bytes) -> Iterator[Piece]:
        size = max(1, len(answer) // pieces)
        for at in range(0, len(answer), size):
            yield answer[at : at + size]
            yield seconds

    return bend


def trickling(seconds: float) -> Bend:
    """A line of which a byte comes now and then, for ever: no single wait is long."""

    def bend(command: Command, answer: bytes) -> Iterator[Piece]:
        yield b"* OK "
        while True:
            yield b"x"
            yield seconds

    return bend


def silent(command: Command, answer: bytes) -> Iterable[Piece]:
    """No answer; the connection stays."""
    return ()


def dropped(command: Command, answer: bytes) -> Iterable[Piece]:
    """No answer; the connection ends."""
    return (HANG_UP,)


def endless(before: bytes = b"* ", filling: bytes = b"x") -> Bend:
    """A line, or whatever `before` begins, that never ends."""

    def bend(command: Command, answer: bytes) -> Iterator[Piece]:
        yield before
        while True:
            yield filling * (_FLOOD // len(filling))

    return bend
