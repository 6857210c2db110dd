"""From which addresses somebody may write for a process."""

from __future__ import annotations

from dataclasses import dataclass

from podatelna.accounts.models import Person
from podatelna.gateways.models import Gateway
from podatelna.mail.addresses import Address

from .models import Process


@dataclass(frozen=True)
class Sender:
    """An address to write from, and the gateway it goes through. `kind` is "process" or "own"."""

    address: Address
    gateway: Gateway
    kind: str


def senders(person: Person, process: Process) -> list[Sender]:
    """The process's addresses, and the person's own where a gateway of the process allows it; the usual one first."""
    rows = list(process.addresses.select_related("gateway"))
    shared = [
        Sender(Address(row.gateway.display_name or process.name, row.address), row.gateway, "process") for row in rows
    ]
    own = [row.gateway for row in rows if row.gateway.own_addresses][:1]
    return shared + [Sender(Address(person.name, person.email), gateway, "own") for gateway in own]


def choose(person: Person, process: Process, address: str) -> Sender | None:
    """The sender with this address, or None when `person` may not write from it."""
    found = [sender for sender in senders(person, process) if sender.address.address == address.strip().lower()]
    return found[0] if found else None


def own_addresses(process: Process) -> frozenset[str]:
    """The process's own addresses, lower case: nobody answers themselves."""
    return frozenset(process.addresses.values_list("address", flat=True))
