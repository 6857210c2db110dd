"""SPF (RFC 7208): whether the domain of MAIL FROM lets the client send. pyspf computes, our resolver answers it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Any

import spf

from .resolver import Resolver, Unanswered, is_name, plain_name

_RESULTS = frozenset({"pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"})


@dataclass(frozen=True)
class SenderPolicy:
    """The result for one client, and the domain it is about."""

    result: str  # one of the seven of RFC 7208 2.6
    domain: str  # ASCII; "" when there was none to ask about
    identity: str  # "mailfrom", or "helo" for the null sender
    code: str  # as in trust.CODES


class _Query(spf.query):  # type: ignore[misc]  # pyspf has no types
    """pyspf's evaluation without its own look-ups: nothing global is touched, no network is used."""

    def __init__(self, client: str, sender: str, helo: str, resolver: Resolver) -> None:
        super().__init__(client, sender, helo, strict=True)
        self._resolver = resolver

    def dns(self, name: str, qtype: str, cnames: object = None, ignore_void: bool = False) -> list[Any]:
        """The records as pyspf wants them; counts look-ups that find nothing (RFC 7208 4.6.4)."""
        name = str(name)
        try:
            texts = self._resolver(name, qtype) if is_name(plain_name(name)) else []
        except Unanswered:
            raise spf.TempError("DNS error", name) from None
        if not texts and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError("too many look-ups that found nothing")
        if qtype in ("TXT", "SPF"):
            return [[text.encode("utf-8", "replace")] for text in texts]
        return [_exchange(text) for text in texts] if qtype == "MX" else list(texts)


def _exchange(text: str) -> tuple[int, str]:
    """An MX record: "10 mx.acme.cz"."""
    preference, _, host = text.strip().rpartition(" ")
    return int(preference) if preference.strip().isdecimal() else 0, host.rstrip(".")


def check_sender(client: str, mail_from: str | None, helo: str, resolver: Resolver) -> SenderPolicy:
    """May `client` (an IP address) send for `mail_from`, or for `helo` when that is ""? Never raises.

    `mail_from` is None when it is not known.
    """
    identity = "helo" if mail_from == "" else "mailfrom"
    domain = plain_name(helo if mail_from == "" else (mail_from or "").rpartition("@")[2])
    if not _is_address(client):
        return SenderPolicy("none", domain, identity, "client-unknown")
    if mail_from is None or not is_name(domain) or "." not in domain or domain.startswith("["):
        return SenderPolicy("none", "", identity, "envelope-unknown")
    local = (mail_from.rpartition("@")[0] or "postmaster").encode("ascii", "replace").decode("ascii")
    try:
        result = str(_Query(client, f"{local}@{domain}", plain_name(helo) or domain, resolver).check()[0])
    except Exception:
        # A record made to break the evaluation: the verdict says that it could not be evaluated.
        result = "permerror"
    result = result if result in _RESULTS else "permerror"
    return SenderPolicy(result, domain, identity, f"spf-{result}")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
