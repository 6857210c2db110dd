"""Servers that mean no good, and what must hold whatever they do."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import pytest

from podatelna.archive.intake import accept
from podatelna.archive.models import Delivery
from podatelna.archive.store import original
from podatelna.gateways import health
from podatelna.gateways.fetch import fetch
from podatelna.gateways.models import Gateway, LedgerEntry
from podatelna.protocols import imap
from podatelna.protocols.errors import ServerError
from podatelna.protocols.network import Timeouts
from podatelna.web.administration.words import WORDS
from tests.cast import Clock, a_gateway
from tests.servers import HOST

from .imap import LOGIN, PASSWORD, HostileImap, hostile_imap

IMPATIENT = Timeouts(connect=5.0, read=0.4)  # a server that says nothing is given up soon
PROCESSED = "Podatelna"


@pytest.fixture
def server() -> Iterator[HostileImap]:
    """An IMAP server that can be bent."""
    with hostile_imap() as started:
        yield started


class Fetching:
    """A gateway to a hostile server: looked into as the worker does, and what must hold after each look."""

    def __init__(self, server: HostileImap, clock: Clock, address: str = "helpdesk@acme.cz") -> None:
        self.server, self.clock = server, clock
        self.gateway: Gateway = a_gateway(
            address, imap_host=HOST, imap_port=server.port, imap_security="none", imap_login=LOGIN
        )
        self.gateway.set_imap_password(PASSWORD)
        self.gateway.processed_folder = PROCESSED
        self.gateway.save()
        self.by_arrival = True  # whether each message arrives once

    def look(self, **instead: Any) -> str:
        """One look; the code of what went wrong, "" when nothing did. It has words, and nothing was lost."""
        connect = partial(imap.connect, timeouts=IMPATIENT)
        given: dict[str, Any] = {"accept": accept, "now": self.clock, "arrived": lambda: None, "connect": connect}
        try:
            fetch(self.gateway, **{**given, **instead})
        except ServerError as error:
            health.failed(self.gateway, error, self.clock())
            return self._explained(error)
        finally:
            self.check()
        health.succeeded(self.gateway, self.clock())
        return ""

    def _explained(self, error: ServerError) -> str:
        assert error.code in WORDS
        return error.code

    def check(self) -> None:
        """Nothing is lost, nothing is here twice, and nothing was put aside that is not here."""
        assert not self.server.missing()
        arrived = self._digests()
        assert arrived.keys() <= _hashed(self.server.given).keys()
        assert not self.by_arrival or not arrived - _hashed(self.server.given)
        assert not _hashed(self.server.raws(PROCESSED)) - arrived
        assert not LedgerEntry.objects.filter(end="failed", reason="").exists()

    def _digests(self) -> Counter[bytes]:
        rows = Delivery.objects.filter(origin=self.gateway.origin)
        return Counter(bytes(sha256) for sha256 in rows.values_list("sha256", flat=True))

    def archived(self) -> Counter[bytes]:
        """What is in the archive, byte for byte, by arrival."""
        return Counter(original(row) for row in Delivery.objects.filter(origin=self.gateway.origin))

    def settle(self, looks: int = 2) -> None:
        """The server is honest from now on: soon everything is here once and put aside, and nothing is open."""
        self.server.honest()
        for _ in range(looks):
            self.clock.forward(hours=13)  # longer than the longest wait before something is tried again
            assert self.look() == ""
        assert self.archived() == Counter(self.server.given)
        assert Counter(self.server.raws(PROCESSED)) == Counter(self.server.given)
        assert self.server.raws("INBOX") == []
        assert not self.failed()

    def failed(self) -> dict[int, str]:
        """UIDs in the ledger that could not be taken, with the reason."""
        rows = LedgerEntry.objects.filter(folder__gateway=self.gateway, end="failed").exclude(move="gone")
        return dict(rows.values_list("uid", "reason"))


def _hashed(raws: Iterable[bytes]) -> Counter[bytes]:
    return Counter(hashlib.sha256(raw).digest() for raw in raws)


@pytest.fixture
def fetching(server: HostileImap, clock: Clock, db: None) -> Fetching:
    """A gateway to it."""
    return Fetching(server, clock)
