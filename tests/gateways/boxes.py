"""Gateways to mailboxes on a Dovecot, and ways to break off in the middle."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from podatelna.archive.intake import accept
from podatelna.gateways.cycle import Looked
from podatelna.gateways.fetch import fetch
from podatelna.gateways.models import Gateway, LedgerEntry
from podatelna.protocols.imap import ImapServer, Mailbox, connect
from tests.cast import Clock, a_gateway
from tests.servers import HOST, SECRET, Box, Dovecot

_users = count(1)


def a_box(server: Dovecot) -> Box:
    """A mailbox that no other test uses."""
    return server.mailbox(f"gateways{next(_users)}")


def gateway_to(box: Box, **fields: object) -> Gateway:
    """A gateway to it."""
    settings: dict[str, object] = {
        "imap_host": HOST,
        "imap_port": box.server.imap_port,
        "imap_security": "none",
        "imap_login": box.user,
    }
    gateway = a_gateway(f"{box.user}@acme.cz", **{**settings, **fields})
    gateway.set_imap_password(SECRET)
    gateway.save()
    return gateway


def take_in(gateway: Gateway, clock: Clock, **instead: Any) -> Looked:
    """Fetch once, with the real archive."""
    return fetch(gateway, **{"accept": accept, "now": clock, "arrived": lambda: None, **instead})


def entries(gateway: Gateway) -> list[tuple[int, str, str]]:
    """The ledger: UID, how it ended, where it is."""
    rows = LedgerEntry.objects.filter(folder__gateway=gateway).order_by("folder_id", "uid")
    return list(rows.values_list("uid", "end", "move"))


class Killed(BaseException):
    """The process died here: no handler runs, as after kill -9."""


class Tripwire:
    """A mailbox in which the process dies before or after the server has done what `method` asks."""

    def __init__(self, mailbox: Mailbox, method: str, *, after: bool) -> None:
        self._mailbox, self._method, self._after = mailbox, method, after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._mailbox, name)
        return self._trip(found) if name == self._method else found

    def _trip(self, found: Callable[..., object]) -> Callable[..., object]:
        def dying(*args: object, **kwargs: object) -> object:
            if self._after:
                found(*args, **kwargs)
            raise Killed

        return dying


def dying_at(method: str, *, after: bool = False) -> Callable[[ImapServer], Any]:
    """A `connect` whose sessions die at `method`."""
    return lambda server: Tripwire(connect(server), method, after=after)
