"""Where our own mail server listens and which hosts it knows, as settings name them."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TypeAlias

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


@dataclass(frozen=True)
class Place:
    """An address and a port, or a path in the file system."""

    host: str = ""
    port: int = 0
    path: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.path or f"{host}:{self.port}"


def read_places(text: str) -> tuple[Place, ...]:
    """Places like 0.0.0.0:25, [::]:25, localhost:24 or /run/podatelna/lmtp, with commas between. Raises ValueError."""
    return tuple(_place(word.strip()) for word in text.split(",") if word.strip())


def _place(word: str) -> Place:
    if word.startswith("/"):
        return Place(path=word)
    host, _, port = word.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if not host or not port.isdecimal() or not 1 <= int(port) <= 65535 or (":" in host and not bracketed):
        raise ValueError("expected places like 0.0.0.0:25, [::]:25 or /run/podatelna/lmtp")
    return Place(host.strip("[]"), int(port))


def read_networks(text: str) -> tuple[Network, ...]:
    """Nets and addresses like 192.0.2.0/24 or 2001:db8::1, with commas between. Raises ValueError."""
    try:
        return tuple(ipaddress.ip_network(word.strip()) for word in text.split(",") if word.strip())
    except ValueError:
        raise ValueError("expected addresses or nets like 192.0.2.7 or 192.0.2.0/24") from None
