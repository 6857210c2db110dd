"""Names of one's own mail servers: what an administrator types, what the worker asks for, and what mail suggests."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from podatelna.archive import store
from podatelna.archive.errors import ArchiveError
from podatelna.archive.models import Delivery
from podatelna.blobs import BlobMissing
from podatelna.mail.authentication_results import read_results
from podatelna.mail.fields import read_header
from podatelna.mail.resolver import is_name, plain_name

from .models import Gateway

NAMELESS = "-"  # stands for servers that leave their name out (Microsoft 365)
MOST_NAMES = 20
_LOOKED_AT = 10


def read_names(typed: str) -> tuple[list[str], list[str]]:
    """(names, what is none) of names with blanks, commas or semicolons between, each once; "-" stays as it is."""
    words = dict.fromkeys(word for word in typed.replace(",", " ").replace(";", " ").split())
    names = {word: word if word == NAMELESS else plain_name(word) for word in words}
    good = [name for name in names.values() if name == NAMELESS or _is_server(name)]
    return list(dict.fromkeys(good)), [word for word, name in names.items() if name not in good]


def _is_server(name: str) -> bool:
    # RFC 8601 2.5: mostly the server's own name, but any word will do.
    return is_name(name) and all(char.isalnum() or char in "-._" for char in name)


def trusted_servers(origin: int) -> frozenset[str]:
    """The names that hold for what comes from this origin, as mail.trust.judge wants them; empty: none is believed."""
    typed = Gateway.objects.filter(origin_id=origin).values_list("trusted_servers", flat=True).first() or ""
    return frozenset("" if name == NAMELESS else name for name in read_names(typed)[0])


@dataclass(frozen=True)
class Suggested:
    """A server that wrote its findings into mail of this mailbox, and into how many of the messages looked at."""

    name: str  # NAMELESS for one that leaves its name out
    count: int
    of: int


def suggested_servers(gateway: Gateway) -> list[Suggested]:
    """Whose findings stand uppermost in the last messages; the most frequent first. Only suggestions: anybody can write
    such a field, and the own server's is the one that stands in nearly every message.
    """
    names: Counter[str] = Counter()
    deliveries = Delivery.objects.filter(origin=gateway.origin_id).select_related("message").order_by("-pk")
    looked = list(deliveries[:_LOOKED_AT])
    for delivery in looked:
        name = _uppermost(delivery)
        if name:
            names[name] += 1
    return [Suggested(name, count, len(looked)) for name, count in names.most_common(3)]


def _uppermost(delivery: Delivery) -> str:
    """The server of the first Authentication-Results above the second trace field; "" when there is none."""
    try:
        fields, _ = read_header(store.original(delivery))
    except (ArchiveError, BlobMissing):
        return ""  # damage is shown elsewhere
    hops = 0
    for field in fields:
        hops += field.key == "received"
        if hops > 1:
            break
        if field.key == "authentication-results":
            said = read_results(field.value)
            if said is not None and said.results:
                name = plain_name(said.server)
                return (name if _is_server(name) else "") if said.server else NAMELESS
    return ""
