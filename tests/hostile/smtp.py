"""A small SMTP receiver, every reply of which can be bent; it remembers what it took, and what it was handed."""

from __future__ import annotations

import io
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import RLock
from typing import BinaryIO

from tests.servers import Scripted

from .bends import Bend, Command, HangUp, Piece

FEATURES = ("SIZE 33554432", "8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN")
STEPS = ("GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "BODY", "QUIT")


@dataclass
class Handed:
    """A message whose bytes came whole; `taken`, `refused`: the reply to it said so, and left here whole."""

    mail_from: str
    rcpt_to: list[str]
    raw: bytes
    taken: bool = False
    refused: bool = False


@dataclass
class _Order:
    bend: Bend
    times: int | None
    only: str  # where the command has these words


class HostileSmtp:
    """The receiver. `bend` says what is done to which replies; `honest()` ends all of that."""

    def __init__(self) -> None:
        self.features = list(FEATURES)
        self.handed: list[Handed] = []
        self.said: list[Command] = []
        self.grey: set[str] = set()  # recipients that were refused once, where `greylisting` is on
        self.greylisting = False
        self.state = RLock()
        self._orders: dict[str, list[_Order]] = {}
        self._server = Scripted(lambda file: _Session(self, file).talk())
        self.port = self._server.port

    @property
    def connections(self) -> int:
        """How often it was dialled."""
        return self._server.connections

    def stop(self) -> None:
        """Listen no more."""
        self._server.stop()

    def bend(self, step: str, bend: Bend, *, times: int | None = None, only: str = "") -> None:
        """Bend the replies at a step, one of STEPS; `only` where the command has these words."""
        self._orders.setdefault(step, []).append(_Order(bend, times, only))

    def honest(self) -> None:
        """From now on nothing is bent."""
        self._orders.clear()

    def taken(self) -> Counter[tuple[str, bytes]]:
        """How often each recipient got each message: the reply said so."""
        return self._counted([one for one in self.handed if one.taken])

    def whole(self) -> Counter[tuple[str, bytes]]:
        """How often each message came whole for each recipient, whatever was replied."""
        return self._counted(self.handed)

    def kept(self) -> Counter[tuple[str, bytes]]:
        """How often each recipient has each message if what came whole is kept unless it was refused."""
        return self._counted([one for one in self.handed if not one.refused])

    def _counted(self, handed: Iterable[Handed]) -> Counter[tuple[str, bytes]]:
        with self.state:
            return Counter((recipient, one.raw) for one in handed for recipient in one.rcpt_to)

    def order_for(self, step: str, said: str) -> _Order | None:
        """The bend whose turn it is."""
        with self.state:
            for order in self._orders.get(step, ()):
                if order.only in said and order.times != 0:
                    order.times = None if order.times is None else order.times - 1
                    return order
        return None


@contextmanager
def hostile_smtp() -> Iterator[HostileSmtp]:
    """A receiver for the length of a block."""
    server = HostileSmtp()
    try:
        yield server
    finally:
        server.stop()


class _Over(Exception):
    """The connection ends."""


@dataclass
class _Session:
    server: HostileSmtp
    out: BinaryIO
    mail_from: str = ""
    rcpt_to: list[str] = field(default_factory=list)

    def talk(self) -> None:
        self.lines = io.BufferedReader(self.out)  # type: ignore[arg-type]  # a socket's raw file
        with suppress(_Over):
            self._reply("GREETING", "", b"220 ready\r\n")
            while True:
                self._one(self._line().decode("utf-8", "surrogateescape").rstrip("\r\n"))

    def _one(self, said: str) -> None:
        word = said.partition(" ")[0].upper()
        if word == "EHLO":
            self._reply("EHLO", said, _lines(250, ["hostile", *self.server.features]))
        elif word == "HELO":
            self._reply("EHLO", said, b"250 hostile\r\n")
        elif word == "AUTH":
            self._reply("AUTH", said, b"235 2.7.0 welcome\r\n")
        elif word == "MAIL":
            if self._reply("MAIL", said, b"250 2.1.0 ok\r\n"):
                self.mail_from, self.rcpt_to = _address(said), []
        elif word == "RCPT":
            self._recipient(said)
        elif word == "DATA":
            if self._reply("DATA", said, b"354 go on\r\n") == 354:
                self._body()
        elif word == "QUIT":
            self._reply("QUIT", said, b"221 2.0.0 bye\r\n")
            raise _Over
        else:
            self._write(b"250 2.0.0 ok\r\n" if word in {"RSET", "NOOP"} else b"502 5.5.1 unknown\r\n")

    def _recipient(self, said: str) -> None:
        address = _address(said)
        if self.server.greylisting and address not in self.server.grey:
            self.server.grey.add(address)
            self._write(b"451 4.7.1 greylisted, come again in some minutes\r\n")
        elif self._reply("RCPT", said, b"250 2.1.5 ok\r\n") // 100 == 2:
            self.rcpt_to.append(address)

    def _body(self) -> None:
        pieces: list[bytes] = []
        while (line := self._line()) != b".\r\n":
            pieces.append(line[1:] if line.startswith(b".") else line)
        handed = Handed(self.mail_from, list(self.rcpt_to), b"".join(pieces))
        with self.server.state:
            self.server.handed.append(handed)
        code = self._reply("BODY", "", b"250 2.0.0 queued as 4711\r\n")
        handed.taken, handed.refused = 200 <= code < 300, 400 <= code < 600

    def _reply(self, step: str, said: str, honest: bytes) -> int:
        """Send the reply, or what was made of it; its code when it was one whole reply, else 0."""
        command = Command("", step, said)
        self.server.said.append(command)
        order = self.server.order_for(step, said)
        pieces: Iterable[Piece] = order.bend(command, honest) if order else (honest,)
        sent = b""
        for piece in pieces:
            if isinstance(piece, HangUp):
                raise _Over
            if isinstance(piece, bytes):
                sent = (sent + piece)[-4096:]
                self._write(piece)
            else:
                time.sleep(piece)
        last = sent.rstrip(b"\r\n").rsplit(b"\n", 1)[-1]
        return int(last[:3]) if sent.endswith(b"\n") and last[:3].isdigit() and last[3:4] in (b"", b" ") else 0

    def _line(self) -> bytes:
        line = self.lines.readline()
        if not line.endswith(b"\n"):
            raise _Over
        return line

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self.out.write(rest) or 0 :]


def _lines(code: int, words: list[str]) -> bytes:
    return b"".join(
        b"%d%s%s\r\n" % (code, b" " if at == len(words) else b"-", word.encode()) for at, word in enumerate(words, 1)
    )


def _address(said: str) -> str:
    return said.partition("<")[2].partition(">")[0]
