"""Addresses as people type them and as headers carry them (RFC 5322 3.4), groups, comments and errors included."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import idna

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
    return _read(text, lambda name: name)


def read_header_addresses(text: str) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    """Like `read_addresses`, for an unfolded header value whose encoded words are not decoded yet.

    Decoding comes after the taking apart: an encoded name may have commas and brackets of its own.
    """
    return _read(text, decode_words)


def _read(text: str, decode: Callable[[str], str]) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    good: list[Address] = []
    bad: list[str] = []
    for item in _items(text):
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


@dataclass(slots=True)
class _Item:
    """One piece between separators, taken apart: its words, what stood in <>, and its comments."""

    source: str
    phrase: list[str]
    angle: str | None
    comments: list[str]


class _Splitter:
    """Cuts a list of addresses at its separators in one pass; whatever never closes is taken for plain letters."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.open_ended: set[str] = set()  # kinds of brackets that do not close any more

    def items(self) -> list[_Item]:
        text = self.text
        items: list[_Item] = []
        phrase: list[str] = []
        comments: list[str] = []
        angle: str | None = None
        start = position = word = 0

        def end_word(at: int) -> None:
            if at > word:
                phrase.append(text[word:at])

        while position < len(text):
            char = text[position]
            closing = self._closing(char, position)
            if closing:
                end_word(position)
                inner = text[position + 1 : closing - 1]
                if char == '"' and text[closing : closing + 1] == "@":
                    word = position  # a quoted local part
                    position = closing
                    continue
                if char == '"':
                    phrase.append(unescape(inner))
                elif char == "(":
                    comments.append(inner)
                elif angle is None or "@" not in angle:
                    angle = inner
                position = word = closing
            elif char in ",;\r\n" or (char == ":" and angle is None and self._is_group(phrase, word, position)):
                end_word(position)
                if char != ":":
                    items.append(_Item(text[start:position], phrase, angle, comments))
                phrase, comments, angle = [], [], None
                start = position = word = position + 1
            elif char in ' \t">' or (char == "<" and "<" in self.open_ended):
                end_word(position)
                position = word = position + 1
            else:
                position += 1
        end_word(position)
        items.append(_Item(text[start:], phrase, angle, comments))
        return items

    def _closing(self, char: str, position: int) -> int:
        """Just behind the end of the quoted string, comment or <…> that starts here; 0 when none does."""
        if char not in '"(<' or char in self.open_ended:
            return 0
        end = {'"': self._quote_end, "(": self._comment_end, "<": self._angle_end}[char](position)
        if end == 0:
            self.open_ended.add(char)
        return max(end, 0)

    def _quote_end(self, start: int) -> int:
        position = start + 1
        while position < len(self.text):
            char = self.text[position]
            if char == "\\":
                position += 2
            elif char == '"':
                return position + 1
            elif char == "," and self.text[position - 1] == ">" and "@" in self.text[start:position][-MAX_ADDRESS:]:
                return -1  # the quote was forgotten: "Jana <jana@acme.cz>, "Petr" <…
            else:
                position += 1
        return 0

    def _comment_end(self, start: int) -> int:
        depth = 0
        position = start
        while position < len(self.text):
            char = self.text[position]
            if char == "\\":
                position += 1
            elif char == "(":
                depth += 1
            elif char == ")":
                depth -= 1
                if depth == 0:
                    return position + 1
            position += 1
        return 0

    def _angle_end(self, start: int) -> int:
        return self.text.find(">", start) + 1

    def _is_group(self, phrase: list[str], word: int, position: int) -> bool:
        """Whether the colon ends a group's name (RFC 5322 3.4): no address stands before it."""
        before = [*phrase, self.text[word:position]]
        name = "".join(before[-5:])
        return "@" not in name and name.strip().lower() != "mailto" and bool(name.strip())


def _items(text: str) -> list[_Item]:
    return _Splitter(text[:1_000_000]).items()


def _addresses_of(item: _Item, decode: Callable[[str], str]) -> list[Address]:
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
