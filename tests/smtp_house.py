"""Our own SMTP or LMTP server on a free port, in a thread; and a client that says exactly what it is told to."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from podatelna.protocols.listening import Place
from podatelna.protocols.smtp_server import Brought, House, NotNow, UnknownRecipient, serve


@dataclass
class Memory:
    """A reception that keeps what it is given; `known` are its addresses, `away` stands for a database that is."""

    known: tuple[str, ...] = ("helpdesk@acme.cz", "sales@acme.cz")
    away: bool = False
    held: threading.Event | None = None  # accept() waits for it
    brought: list[Brought] = field(default_factory=list)

    def check(self, recipient: str) -> None:
        if self.away:
            raise NotNow("the database is away")
        if recipient.lower() not in self.known:
            raise UnknownRecipient(recipient)

    def accept(self, brought: Brought) -> None:
        if self.held is not None:
            self.held.wait(20)
        if self.away:
            raise NotNow("the database is away")
        self.brought.append(brought)


@contextmanager
def opened(house: House, place: Place | None = None) -> Iterator[Place]:
    """Serve while inside; gives where."""
    stop, ready = threading.Event(), threading.Event()
    found: list[Place] = []

    def listening(places: list[Place]) -> None:
        found.extend(places)
        ready.set()

    def run() -> None:
        asyncio.run(serve([(place or Place("127.0.0.1", 0), house)], stop.is_set, listening))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield found[0]
    finally:
        stop.set()
        thread.join(10)


class Raw:
    """A connection on which any bytes can be said."""

    def __init__(self, place: Place) -> None:
        self.socket = socket.socket(socket.AF_UNIX if place.path else socket.AF_INET)
        self.socket.settimeout(15)
        self.socket.connect(place.path or (place.host, place.port))
        self.file = self.socket.makefile("rb")

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self.socket.close()

    def say(self, data: bytes) -> None:
        self.socket.sendall(data)

    def hear(self) -> str:
        """The next reply, all its lines; "" when the server has hung up."""
        lines = []
        while True:
            try:
                line = self.file.readline().decode()
            except ConnectionResetError:
                return ""
            lines.append(line.rstrip())
            if line[3:4] != "-":
                return "\n".join(lines)

    def ask(self, line: str) -> str:
        """A command and its reply."""
        self.say(line.encode() + b"\r\n")
        return self.hear()

    def until_data(self, *recipients: str, hello: str = "EHLO mx.example.cz", sender: str = "jana@example.cz") -> None:
        """Greetings, envelope, DATA; every reply is as it should be."""
        assert self.hear().startswith("220")
        assert self.ask(hello).startswith("250")
        assert self.ask(f"MAIL FROM:<{sender}>").startswith("250")
        for recipient in recipients:
            assert self.ask(f"RCPT TO:<{recipient}>").startswith("250")
        assert self.ask("DATA").startswith("354")
