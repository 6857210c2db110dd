"""Addresses that mail came back from for good: remembered, and forgotten when one works again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from podatelna.accounts.models import Person
from podatelna.outbox.models import Outgoing
from podatelna.rows import groups

from .models import BadAddress

# RFC 3463 3.2, 3.3, RFC 7505: there is no such mailbox or domain, it takes no mail, it moved, it is closed. A full
# mailbox or a filter that refuses a text says nothing about the address.
_ABOUT_THE_ADDRESS = frozenset({"1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1", "4.1", "4.4"})


def is_about_the_address(status: str) -> bool:
    """Whether a permanent failure with this enhanced status ("5.1.1", "" for none) will come again for any letter."""
    return not status or status.partition(".")[2] in _ABOUT_THE_ADDRESS


def remember_bad(address: str, outgoing: Outgoing, status: str, reason: str, now: datetime) -> None:
    """Mail to `address` came back; doing it again for the same letter changes nothing."""
    told = {"status": status[:16], "reason": reason.replace("\0", "")[:1000], "at": now}
    BadAddress.objects.get_or_create(address=address.lower()[:320], outgoing=outgoing, defaults=told)


def works_again(addresses: Collection[str], now: datetime, by: Person | None = None) -> int:
    """Forget that mail to `addresses` came back: mail came from there, or a person (`by`) knows better; how many."""
    cleared = 0
    for some in groups(sorted({address.lower() for address in addresses})):
        stand = BadAddress.objects.filter(address__in=some, cleared_at=None)
        if stand.exists():
            cleared += stand.update(cleared_at=now, cleared_by=by)
    return cleared
