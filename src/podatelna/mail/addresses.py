"""Addresses as people type them and as headers carry them (RFC 5322 3.4), groups, comments and errors included."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import idna

from .address_lists import Item, split_list
from .encoded_words import decode_words
from .parameters import unescape
from .text import one_line

MAX_NAME = 300
MAX_ADDRESS = 320  # RFC 3696: 64 + 1 + 255
MAX_ADDRESSES = 5_000
_NEEDS_QUOTES = re.compile(r'[()<>\[\]:;@\\,."]')
_LOCAL_BAD = re.compile(r"[\x00-\x20\x7f<>(),;:\\\"\[\]@]")
_DOMAIN = re.compile(r"[^\x00-\x2c\x2f\x3a-\x40\x5b-\x60\x7b-\x9f\s]{1,255}|\[[0-9A-Za-z.:]{2,60}\]")


@dataclass(frozen=True)
class Address:
    """Somebody's name ("" when not given) and address. The domain is in lower case and ASCII (IDNA)."""

    name: str
    address: str


def read_addresses(text: str) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    """The addresses in `text`, typed by a person or taken from a decoded header, and the pieces not understood.

    Commas, semicolons and line breaks separate; groups are opened (RFC 5322 3.4); comments may give the name.
    """
    return _collect(split_list(text), lambda name: name)


def read_header_addresses(text: str) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    """Like `read_addresses`, for an unfolded header value whose encoded words are not decoded yet.

    Decoding comes after the taking apart: an encoded name may have commas and brackets of its own.
    """
    items = _with_parted_names(split_list(text))
    good, bad = _collect(items, decode_words)
    if not good and "=?" in text:
        # The address itself encoded, which RFC 2047 5 (3) forbids and programs do.
        return _collect(split_list(decode_words(text)), lambda name: name)
    return good, bad


def _with_parted_names(items: list[Item]) -> list[Item]:
    """A name with a comma that nobody quoted, put together: Nováková, Jana <jana@acme.cz>."""
    joined: list[Item] = []
    for item in items:
        before = joined[-1] if joined else None
        parted = before is not None and before.ended == "," and before.angle is None and "@" not in before.source
        if before is not None and parted and before.phrase and item.angle is not None and item.phrase:
            before.phrase[-1] += ","
            item.phrase[:0] = before.phrase
            joined.pop()
        joined.append(item)
    return joined


def _collect(items: list[Item], decode: Callable[[str], str]) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    good: list[Address] = []
    bad: list[str] = []
    for item in items:
        found = _addresses_of(item, decode)
        if found:
            good.extend(found)
        elif item.source.strip(" \t,;"):
            bad.append(one_line(decode(item.source), MAX_NAME))
        if len(good) + len(bad) >= MAX_ADDRESSES:
            break
    return tuple(good), tuple(bad)


def written(address: Address) -> str:
    """The address for display and for a field to type in: `Jana Nováková <jana@acme.cz>`."""
    shown = shown_address(address.address)
    if not address.name:
        return shown
    name = address.name
    if _NEEDS_QUOTES.search(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{shown}>"


def shown_address(address: str) -> str:
    """The address with the domain in its own letters when these are Latin; a look-alike stays in ASCII."""
    local, at, domain = address.rpartition("@")
    if not at or "xn--" not in domain:
        return address
    try:
        readable = idna.decode(domain)
    except (idna.IDNAError, UnicodeError):
        return address
    latin = all(char < "\x80" or unicodedata.name(char, "").startswith("LATIN ") for char in readable)
    return f"{local}@{readable}" if latin else address


def normal_address(text: str) -> str:
    """`text` as an address with its domain in lower-case ASCII, or "" when it is none."""
    text = text.strip().strip("'").removeprefix("mailto:").removeprefix("MAILTO:")
    local, at, domain = text.rpartition("@")
    local, domain = local.strip(), domain.strip().rstrip(".")
    if not at or not local or not domain or len(text) > MAX_ADDRESS:
        return ""
    if local.startswith('"') and local.endswith('"') and len(local) > 2:
        bare = unescape(local[1:-1])
        local = bare if _LOCAL_BAD.search(bare) is None else local
        if any(ord(char) < 32 or char == "\x7f" for char in local):
            return ""
    elif _LOCAL_BAD.search(local):
        return ""
    domain = _ascii_domain(domain)
    return f"{local}@{domain}" if domain else ""


def _ascii_domain(domain: str) -> str:
    if _DOMAIN.fullmatch(domain) is None or ".." in domain or domain[0] in ".-":
        return ""
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return ""


def _addresses_of(item: Item, decode: Callable[[str], str]) -> list[Address]:
    if item.angle is not None:
        # RFC 5322 4.4: an obsolete route stands before a colon.
        address = normal_address("".join(item.angle.rsplit(":", 1)[-1].split()))
        if address:
            return [_named(" ".join(item.phrase) or " ".join(item.comments[:1]), address, decode)]
    found = [normal_address(word) for word in item.phrase]
    addresses = [address for address in found if address]
    if not addresses:
        joined = normal_address("".join(item.phrase)) if any("@" in word for word in item.phrase) else ""
        return [_named(" ".join(item.comments[:1]), joined, decode)] if joined else []
    if len(addresses) == 1:
        rest = [word for word, address in zip(item.phrase, found, strict=True) if not address]
        return [_named(" ".join(rest) or " ".join(item.comments[:1]), addresses[0], decode)]
    return [Address("", address) for address in addresses]


def _named(name: str, address: str, decode: Callable[[str], str]) -> Address:
    text = one_line(decode(name), MAX_NAME).strip("\"' ")
    return Address("" if text.lower() == address.lower() else text, address)
