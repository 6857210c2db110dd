"""Which host handed the message over, read from the trace fields of one's own servers (RFC 5321 4.4)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

from .addresses import normal_address
from .fields import Field
from .headers import unfolded

MAX_HOPS = 20
MAX_TRACE = 2_000  # characters of one Received field that are read
_BY = re.compile(r"(?:^|[\s)])by\s+([^\s;()]{1,255})", re.IGNORECASE)
_HELO = re.compile(r"\bhelo[= ]\s*([^\s()\[\]]{1,255})", re.IGNORECASE)
_FROM = re.compile(r"^from\s+([^\s()]{1,255})", re.IGNORECASE)
_ADDRESS = re.compile(
    r"\[(?:IPv6:)?([0-9A-Fa-f.:]{2,45})(?:%[^\]\s]{1,20})?\]|\(([0-9A-Fa-f.:]{2,45})\)|@?([0-9.]{7,15})"
)
# Postfix and Sendmail: in brackets behind what the client called itself stands its name in DNS, which they looked up.
_CLIENT = re.compile(r"\(([A-Za-z0-9._-]{1,253}) \[[0-9A-Fa-f.:IPv]{2,50}\]\)")
# RFC 3848: the A says that the client had signed in.
_SIGNED_IN = re.compile(r"\bwith\s+(?:UTF8)?(?:E?SMTP|LMTP)S?A\b", re.IGNORECASE)
_ENVELOPE = re.compile(r"envelope-from\s*[= ]?\s*\"?<?([^\s<>;\"()]{0,320})", re.IGNORECASE)
# Nets inside of which no stranger hands mail over. `is_private` would take those of documentation, too.
_INSIDE = [
    ipaddress.ip_network(net)
    for net in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
        "::1/128", "fc00::/7", "fe80::/10",
    )
]  # fmt: skip


@dataclass(frozen=True)
class Hop:
    """One Received field: who says so, and from where."""

    by: str  # lower case, "" when it does not say
    address: str  # of the client, "" when it does not say
    helo: str
    client: str = ""  # the client's name as the server found it in DNS, lower case; "" when it does not say
    signed_in: bool = False  # the client had an account there


@dataclass(frozen=True)
class Client:
    """Who handed the message to one's own servers. "" for what is not known."""

    address: str
    helo: str
    mail_from: str | None  # "" is the null sender of reports, None: not known
    signed_in: bool = False  # at one's own server
    inside: bool = False  # it was made by one's own server or inside one's own net: nobody from outside brought it


def find_client(fields: Sequence[Field], trusted: frozenset[str]) -> Client:
    """The client that the servers in `trusted` (their names, lower case) saw last before the message was theirs.

    Without such names the uppermost field that names a host outside of private nets is believed: the own server's is
    above all that a stranger could have written.
    """
    hops = [read_hop(field.value) for field in fields if field.key == "received"][:MAX_HOPS]
    own = hops[: count_own(hops, trusted)] if trusted else hops
    outside = [hop for hop in own if hop.address and not is_inside(hop.address)]
    if not trusted:
        hop = outside[0] if outside else Hop("", "", "")
        return Client(hop.address, hop.helo, _mail_from(fields))
    last = own[-1] if own else Hop("", "", "")
    hop = last if last in outside else Hop("", "", "")
    own_made = bool(own) and len(own) == len(hops) and is_own(own[0].by, trusted)
    inside = own_made and all(is_inside(one.address) if one.address else not one.helo for one in own)
    return Client(hop.address, hop.helo, _mail_from(fields), last.signed_in and is_own(last.by, trusted), inside)


def count_own(hops: Sequence[Hop], trusted: frozenset[str]) -> int:
    """How many of the uppermost hops were written by the servers in `trusted`.

    The next one is theirs as long as the client was one of them, too: below the hop that names a stranger as the client
    stands what the stranger wrote, whatever server it names. Servers that leave their name out of what they find (""
    among `trusted`, Exchange Online) reach each other by public addresses; there what the client calls itself counts.
    """
    for count, hop in enumerate(hops):
        if count and not is_own(hop.by, trusted):
            return count
        if not _is_handed_on(hop, trusted):
            return count + 1
    return len(hops)


def _is_handed_on(hop: Hop, trusted: frozenset[str]) -> bool:
    """Whether the client was one of one's own, or a program of the same machine."""
    if not hop.address:
        return not hop.helo or is_own(hop.helo, trusted)
    name = hop.client or (hop.helo if "" in trusted else "")
    return is_inside(hop.address) or is_own(name, trusted)


def is_own(host: str, trusted: frozenset[str]) -> bool:
    """Whether `host` is one of `trusted` or below one of them."""
    return any(host == name or host.endswith(f".{name}") for name in trusted if name)


def read_hop(value: bytes) -> Hop:
    """A Received field as Postfix, Exim, qmail, Exchange and others write it."""
    text = unfolded(value[: MAX_TRACE * 2])[:MAX_TRACE]
    # "(qmail 1234 invoked by uid 89)" is no trace of a host.
    by = _BY.search(text) if text[:5].lower() == "from " or text[:3].lower() == "by " else None
    before = text[: by.start()] if by else text
    first = _FROM.match(before)
    named = _HELO.search(before)
    helo = named.group(1) if named else first.group(1) if first else ""
    client = _CLIENT.search(before)
    return Hop(
        (by.group(1) if by else "").lower().rstrip("."),
        _client_address(before),
        helo.strip("[]").lower(),
        client.group(1).lower().rstrip(".") if client and client.group(1) != "unknown" else "",
        by is not None and _SIGNED_IN.search(text, by.end()) is not None,
    )


def _client_address(text: str) -> str:
    if text[:5].lower() != "from ":
        return ""  # handed over by a program of the same machine
    # In brackets behind the name is what the server saw; a HELO that is an address literal stands first.
    found = [_normal(next(filter(None, match.groups()), "")) for match in _ADDRESS.finditer(text)]
    known = [address for address in found if address]
    return known[-1] if known else ""


def _normal(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""


def is_inside(address: str) -> bool:
    """Whether an IP address is of a net inside of which no stranger hands mail over."""
    number = ipaddress.ip_address(address)
    mapped = getattr(number, "ipv4_mapped", None)
    return any((mapped or number) in net for net in _INSIDE)


def _mail_from(fields: Sequence[Field]) -> str | None:
    """MAIL FROM as the server that delivered it wrote it down."""
    for field in fields:
        if field.key in ("return-path", "x-envelope-from", "envelope-from"):
            text = unfolded(field.value[:2_000]).strip()
            return "" if text.startswith("<>") else normal_address(text.strip("<> ")) or None
    for field in fields:
        if field.key == "received":
            match = _ENVELOPE.search(unfolded(field.value[: MAX_TRACE * 2])[:MAX_TRACE])
            if match:
                return normal_address(match.group(1)) or None
            break
    return None
