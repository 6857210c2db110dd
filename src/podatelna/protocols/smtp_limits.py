"""How much a client of our SMTP or LMTP server may ask for: sizes, times, connections, messages a minute."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from .listening import Network

_MOST_KNOWN = 20_000  # clients whose rate is remembered; then those that have been quiet are forgotten


@dataclass(frozen=True)
class Limits:
    """What is enough for everybody. Times are in seconds, sizes in octets.

    `clients`: nets whose hosts are named; they have no rate. `only_clients`: nobody else may connect.
    """

    size: int = 50 * 1024 * 1024  # of a message (RFC 1870)
    in_memory: int = 256 * 1024  # of a message while it comes; the rest of it is in a file
    recipients: int = 100  # RFC 5321 4.5.3.1.8
    unknown_recipients: int = 20  # then the client is guessing addresses
    commands: int = 2000  # of one kind, in one connection
    connections: int = 200
    connections_per_client: int = 20
    messages_a_minute: int = 120  # of one client; 0: any number
    command_seconds: float = 300.0  # RFC 5321 4.5.3.2.7
    data_idle_seconds: float = 180.0  # RFC 5321 4.5.3.2.5
    data_seconds: float = 1800.0
    accept_seconds: float = 600.0  # RFC 5321 4.5.3.2.6: as long as a client waits
    clients: tuple[Network, ...] = ()
    only_clients: bool = False

    def names(self, address: str) -> bool:
        """Whether a client is among `clients`; "" is one on a socket in the file system, whose rights let it in."""
        if not address:
            return True
        number = plain_address(address)
        return any(number.version == net.version and number in net for net in self.clients)


def plain_address(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An IP address without a zone; one of IPv4 that was mapped into IPv6 as what it is. Raises ValueError."""
    number = ipaddress.ip_address(address.partition("%")[0])
    return getattr(number, "ipv4_mapped", None) or number


def client_key(address: str) -> str:
    """Whom a rate is for: an IPv4 address; a net /64 of IPv6, for who has one has all of it."""
    number = plain_address(address)
    return str(number) if number.version == 4 else str(ipaddress.ip_network((number, 64), strict=False))


@dataclass
class Door:
    """Who is in just now, and how much each has brought lately. Safe for several threads."""

    limits: Limits
    clock: Callable[[], float] = time.monotonic
    _inside: Counter[str] = field(default_factory=Counter)
    _brought: dict[str, tuple[float, float]] = field(default_factory=dict)  # what may still be brought, and when
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, address: str) -> str:
        """Let a client in, or say why not, as a reply of SMTP; "" is welcome. Who is in must `leave`."""
        named = self.limits.names(address)
        if self.limits.only_clients and not named:
            return "554 5.7.1 This server takes mail from certain hosts only, and yours is not among them"
        with self._lock:
            if self._inside.total() >= self.limits.connections:
                return "421 4.3.2 Too many connections, try again later"
            if not named and self._inside[_key(address)] >= self.limits.connections_per_client:
                return "421 4.7.0 Too many connections from your address, try again later"
            self._inside[_key(address)] += 1
        return ""

    def leave(self, address: str) -> None:
        """A client that was let in is gone."""
        with self._lock:
            self._inside[_key(address)] -= 1
            self._inside += Counter()  # drops those with nobody in

    def may_bring(self, address: str) -> bool:
        """Count one more message of a client; False when it is too much for now."""
        a_minute = self.limits.messages_a_minute
        if not a_minute or self.limits.names(address):
            return True
        now, key = self.clock(), _key(address)
        with self._lock:
            left, since = self._brought.get(key, (float(a_minute), now))
            left = min(float(a_minute), left + (now - since) * a_minute / 60)
            if left < 1:
                self._brought[key] = left, now
                return False
            self._brought[key] = left - 1, now
            if len(self._brought) > _MOST_KNOWN:
                self._forget(now)
        return True

    def _forget(self, now: float) -> None:
        quiet: Collection[str] = [key for key, (_, since) in self._brought.items() if now - since > 60]
        # All at once from ever new addresses: better forget everybody than run out of memory.
        for key in quiet or list(self._brought):
            del self._brought[key]


def _key(address: str) -> str:
    return client_key(address) if address else ""
