"""DNS as it is in the demo's world, where nothing is asked outside: whose mail can be known, and by what."""

from __future__ import annotations

from .partners import PARTNERS
from .post import DOMAIN

STRANGERS = frozenset({"podvod", "skener"})  # partners whose domains publish nothing


def known_domains() -> frozenset[str]:
    """The domains that say how their mail can be known."""
    partners = {one.address.partition("@")[2] for key, one in PARTNERS.items() if key not in STRANGERS}
    return frozenset(partners | {DOMAIN})


def records() -> dict[str, str]:
    """A table for mail.resolver.table_resolver."""
    return {f"_dmarc.{domain}": "v=DMARC1; p=reject" for domain in known_domains()}
