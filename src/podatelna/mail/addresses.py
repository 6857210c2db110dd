"""Addresses as people type them and as headers carry them (RFC 5322 3.4), groups, comments and errors included."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from .address_forms import MAX_ADDRESS, normal_address, shown_address
from .address_lists import ANGLE, COMMENT, QUOTED, Item, Token, split_list
from .encoded_words import decode_words
from .text import one_line

__all__ = [
    "MAX_ADDRESS", "Address", "normal_address", "read_addresses", "read_header_addresses", "shown_address", "written",
]  # fmt: skip

MAX_NAME = 300
MAX_ADDRESSES = 5_000
MAX_PARTED = 3  # commas in a name that nobody quoted
_NEEDS_QUOTES = re.compile(r'[()<>\[\]:;@\\,."]')
_INNER_COMMENT = re.compile(r"\([^()<>]{0,200}\)")
# "<>", and groups without anybody that programs put into brackets: <undisclosed-recipients:;@relay.cz>.
_NOBODY = re.compile(r"[\s,;<>\"']*(?:undisclosed[-_ ]{0,3}recipients?\b[^,]{0,300})?", re.IGNORECASE)
_BEFORE_DOT = re.compile(r"(?<=[^\s.])\s+\.\s*(?=[\w-])")
_USUAL = re.compile(
    r"\s*(?:\"([A-Za-z0-9][A-Za-z0-9 .,_@()&'/-]*[A-Za-z0-9.)])\"|([A-Za-z0-9][A-Za-z0-9 ._&'/-]*[A-Za-z0-9.]))?\s*<"
    r"([A-Za-z0-9_+.-]{1,64})@((?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,20})>\s*"
)
_AND = frozenset({"&", "+", "/", "|", "-", "and", "und", "et", "y", "e", "i", "a"})  # between addresses
_AROUND_AT = re.compile(r"\s*@\s*")


@dataclass(frozen=True)
class Address:
    """Somebody's name ("" when not given) and address. The domain is in lower case and ASCII (IDNA)."""

    name: str
    address: str


@dataclass(slots=True)
class _Mailbox:
    """An address being put together: the words of its name, its comments, and what stands in <>."""

    words: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    address: str = ""


def read_addresses(text: str) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    """The addresses in `text`, typed by a person or taken from a decoded header, and the pieces not understood.

    Commas, semicolons and line breaks separate; groups are opened (RFC 5322 3.4); comments may give the name.
    """
    return _collect(split_list(text), lambda name: name)


def read_header_addresses(text: str, hint: str = "") -> tuple[tuple[Address, ...], tuple[str, ...]]:
    """Like `read_addresses`, for an unfolded header value whose encoded words are not decoded yet.

    Decoding comes after the taking apart: an encoded name may have commas and brackets of its own. `hint` is a
    charset for names that come without one.
    """
    # The same few people write most of the mail, to the same few: they are remembered.
    return (_read_remembered if len(text) <= _SHORT else _read_value)(text, hint)


def _read_value(text: str, hint: str) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    usual = _USUAL.fullmatch(text) if len(text) < MAX_NAME else None
    if usual is not None:
        return (_by_the_book(usual),), ()
    return _collect(_with_parted_names(split_list(text)), lambda name: decode_words(name, hint))


_SHORT = 300  # characters of a value that is remembered
_read_remembered = lru_cache(maxsize=2_000)(_read_value)


def _by_the_book(usual: re.Match[str]) -> Address:
    """One address written as RFC 5322 3.4 has it, with a name in ASCII or none: most of what is read."""
    quoted, name, local, domain = usual.groups()
    address = f"{local}@{domain.lower()}"
    text = " ".join((quoted or name or "").split())
    return Address("" if text.lower() == address.lower() else text, address)


def _with_parted_names(items: list[Item]) -> list[Item]:
    """A name with commas that nobody quoted, put together: Nováková, Jana <jana@acme.cz>."""
    joined: list[Item] = []
    for item in items:
        named = item.tokens and item.tokens[0].kind != ANGLE and any(token.kind == ANGLE for token in item.tokens)
        for _ in range(MAX_PARTED if named else 0):
            before = joined[-1] if joined else None
            if before is None or before.ended != "," or not before.tokens or not _only_a_name(before):
                break
            before.tokens[-1].text += ","
            item.tokens[:0] = before.tokens
            item.source = f"{before.source},{item.source}"
            joined.pop()
        joined.append(item)
    return joined


def _only_a_name(item: Item) -> bool:
    return "@" not in item.source and all(token.kind not in (ANGLE, COMMENT) for token in item.tokens)


def _collect(items: list[Item], decode: Callable[[str], str]) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    good: list[Address] = []
    bad: list[str] = []
    for item in items:
        found = _addresses_of(item, decode) or _inside(item, decode)
        if found:
            good.extend(found)
        elif not _NOBODY.fullmatch(item.source) and any(token.kind != COMMENT for token in item.tokens):
            bad.append(one_line(decode(item.source), MAX_NAME))
        if len(good) + len(bad) >= MAX_ADDRESSES:
            break
    return tuple(good[:MAX_ADDRESSES]), tuple(bad)


def _inside(item: Item, decode: Callable[[str], str]) -> list[Address]:
    """The addresses of an item that is one only inside: encoded as a whole, quoted as a whole, a list in <>."""
    inner = decode(item.source) if "=?" in item.source else item.source
    if inner == item.source:
        inner = ", ".join(token.text for token in item.tokens if token.kind in (QUOTED, ANGLE) and "@" in token.text)
    if not inner or len(inner) > 20_000:
        return []
    return [address for piece in split_list(inner) for address in _addresses_of(piece, lambda name: name)]


def _addresses_of(item: Item, decode: Callable[[str], str]) -> list[Address]:
    boxes, rest = _in_angles(item.tokens, decode)
    if not boxes:
        return _bare(rest, decode)
    last = boxes[-1]
    for address in _bare(rest, decode, loose=False):
        boxes.append(_Mailbox([address.name] if address.name else [], [], address.address))
    if boxes[-1] is last:
        # "<jana@acme.cz> Jana": what stands behind is the name, or its rest.
        last.words += rest.words
        last.comments += rest.comments
    return [_named(box, decode) for box in boxes]


def _in_angles(tokens: list[Token], decode: Callable[[str], str]) -> tuple[list[_Mailbox], _Mailbox]:
    """The mailboxes of an item whose addresses stand in <>, and what stands behind the last of them."""
    boxes: list[_Mailbox] = []
    box = _Mailbox()
    for token in tokens:
        address = _in_angle(token.text, decode) if token.kind == ANGLE else ""
        if token.kind == COMMENT:
            box.comments.append(token.text)
        elif not address:
            box.words.append(token.text)
        else:
            before = boxes[-1] if boxes else None
            if before is not None and before.words and not box.words:
                # Jana <jana@bank.cz> <eva@outside.cz>: a name that looks like an address, and the address.
                box.words = [*before.words, f"<{before.address}>"] if before.address != address else before.words
                boxes.pop()
            box.address = address
            boxes.append(box)
            box = _Mailbox()
    return boxes, box


def _in_angle(text: str, decode: Callable[[str], str]) -> str:
    if "@" not in text and "=?" not in text:
        return ""
    if "(" in text:
        text = _INNER_COMMENT.sub("", text)
    if text.startswith('"') and text.endswith('"'):
        text = text[1:-1]
    # RFC 5322 4.4: an obsolete route stands before a colon.
    if text.lstrip().startswith("@"):
        text = text.rpartition(":")[2]
    return _address("".join(text.split()) if '"' not in text else text, decode)


def _bare(box: _Mailbox, decode: Callable[[str], str], loose: bool = True) -> list[Address]:
    """The addresses among words, each with the words before it as its name; one alone has them all."""
    if any(word.startswith(".") for word in box.words[1:]):
        # RFC 5322 A.6.3: jdoe@test  . example
        box.words = _BEFORE_DOT.sub(".", " ".join(box.words)).split()
    found = [_address(word, decode) if "@" in word or "=?" in word else "" for word in box.words]
    if not any(found):
        return _spaced_out(box, decode) if loose else []
    if sum(map(bool, found)) == 1:
        words = [word for word, address in zip(box.words, found, strict=True) if not address]
        return [_named(_Mailbox(words, box.comments, next(filter(None, found))), decode)]
    boxes: list[_Mailbox] = []
    words = []
    for word, address in zip(box.words, found, strict=True):
        if address:
            boxes.append(_Mailbox(words, [], address))
            words = []
        elif word.lower() not in _AND:
            words.append(word)
    return [_named(box, decode) for box in boxes]


def _spaced_out(box: _Mailbox, decode: Callable[[str], str]) -> list[Address]:
    """An address with blanks around its @: jana @ acme.cz."""
    spaced = " ".join(box.words)
    text = _AROUND_AT.sub("@", spaced) if spaced.count("@") == 1 else ""
    words = text.split()
    found = [_address(word, decode) if "@" in word else "" for word in words]
    if sum(map(bool, found)) != 1:
        return []
    names = [word for word, address in zip(words, found, strict=True) if not address]
    return [_named(_Mailbox(names, box.comments, next(filter(None, found))), decode)]


def _named(box: _Mailbox, decode: Callable[[str], str]) -> Address:
    text = one_line(decode(" ".join(box.words) or " ".join(box.comments[:1])), MAX_NAME).strip()
    for _ in range(3):
        if len(text) < 2 or text[0] != text[-1] or text[0] not in "\"'":
            break
        text = text[1:-1].strip()
    bare = text.strip("\"'<>")
    return Address("" if not bare or bare.lower() == box.address.lower() else text, box.address)


def _address(text: str, decode: Callable[[str], str]) -> str:
    """`text` as an address; its local part or all of it may be encoded, which RFC 2047 5 (3) forbids."""
    if "=?" in text:
        found = normal_address(decode(text))
        if found:
            return found
    return normal_address(text)


def written(address: Address) -> str:
    """The address for display and for a field to type in: `Jana Nováková <jana@acme.cz>`."""
    shown = shown_address(address.address)
    if not address.name:
        return shown
    name = address.name
    if _NEEDS_QUOTES.search(name):
        name = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name} <{shown}>"
