"""vCards read and written: RFC 6350 (4.0) and RFC 2426 (3.0). Values only: no database, no clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from podatelna.mail.addresses import read_addresses

VERSIONS = ("4.0", "3.0")
MOST_CARDS = 5_000
MOST_ADDRESSES = 20  # of one card
_MOST_TEXT = 20_000
_FOLD = 75  # octets of a line, RFC 6350 3.2
_OWN = "X-PODATELNA-FIELD"
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LINES = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class VCard:
    """What of a card is used here. `own`: names and values of own fields."""

    name: str
    addresses: tuple[str, ...]  # the preferred one first
    organisation: str = ""
    language: str = ""  # "cs"
    note: str = ""
    own: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class _Property:
    name: str  # in capitals
    parameters: dict[str, str]  # names in capitals
    value: str


def read_cards(data: bytes) -> tuple[list[VCard], int]:
    """The cards in a file, and how many were left out: broken, of version 2.1, without an address, or too many."""
    cards: list[VCard] = []
    left_out = 0
    for properties in _blocks(_text(data)):
        card = _card(properties) if len(cards) < MOST_CARDS else None
        if card is None:
            left_out += 1
        else:
            cards.append(card)
    return cards, left_out


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("windows-1250", "replace")  # old programs of these parts


def _blocks(text: str) -> Iterator[list[_Property]]:
    """The properties of each card; a card inside another (AGENT of RFC 2426) is passed over."""
    depth, properties = 0, list[_Property]()
    for line in _unfolded(text):
        mark = line.strip().upper()
        if mark == "BEGIN:VCARD":
            depth += 1
            properties = [] if depth == 1 else properties
        elif mark == "END:VCARD" and depth:
            depth -= 1
            if depth == 0:
                yield properties
        elif depth == 1 and (read := _property(line)) is not None:
            properties.append(read)
    if depth:
        yield []  # cut off: it counts as one left out


def _unfolded(text: str) -> Iterator[str]:
    pieces: list[str] = []
    for line in _LINES.split(text):
        if line[:1] in {" ", "\t"} and pieces:
            pieces.append(line[1:])
            continue
        if pieces:
            yield "".join(pieces)
        pieces = [line]
    yield "".join(pieces)


def _property(line: str) -> _Property | None:
    """`group.NAME;PARAMETER="a:b":value`; colons and semicolons inside quotes belong to the parameter."""
    head, colon, value = _outside_quotes(line, ":")
    if not colon:
        return None
    name, _, rest = _outside_quotes(head, ";")
    parameters: dict[str, str] = {}
    while rest:
        one, _, rest = _outside_quotes(rest, ";")
        key, _, text = one.partition("=")
        key = key.strip().upper()
        parameters[key] = f"{parameters[key]},{text}" if key in parameters else text.strip().strip('"')
    return _Property(name.rpartition(".")[2].strip().upper(), parameters, value[:_MOST_TEXT])


def _outside_quotes(text: str, mark: str) -> tuple[str, str, str]:
    """As str.partition, at the first `mark` that stands in no quotes."""
    quoted = False
    for place, letter in enumerate(text):
        if letter == '"':
            quoted = not quoted
        elif letter == mark and not quoted:
            return text[:place], mark, text[place + 1 :]
    return text, "", ""


def _card(properties: Iterable[_Property]) -> VCard | None:
    found: dict[str, list[_Property]] = {}
    for one in properties:
        found.setdefault(one.name, []).append(one)
    if _first(found, "VERSION") not in VERSIONS or not (addresses := _addresses(found.get("EMAIL", []))):
        return None
    return VCard(
        name=" ".join((_first(found, "FN") or _assembled(found)).split()),
        addresses=addresses,
        organisation=next(iter(_parts(found["ORG"][0].value)), "").strip() if "ORG" in found else "",
        language=(_first(found, "LANG") or _first(found, "X-LANG")).lower().partition("-")[0][:8],
        note=_first(found, "NOTE"),
        own=tuple(pair for one in found.get(_OWN, []) if (pair := _pair(one.value))),
    )


def _first(found: dict[str, list[_Property]], name: str) -> str:
    return _unescaped(min(found[name], key=_preference).value).strip() if name in found else ""


def _preference(one: _Property) -> int:
    """RFC 6350 5.3: 1 is most preferred. RFC 2426 says TYPE=PREF."""
    given = one.parameters.get("PREF", "")
    if given.isascii() and given.isdecimal() and len(given) < 4:
        return int(given)
    types = one.parameters.get("TYPE", "").upper().split(",")
    return 1 if "PREF" in types or "PREF" in one.parameters else 101


def _addresses(properties: list[_Property]) -> tuple[str, ...]:
    values = [_unescaped(one.value).removeprefix("mailto:") for one in sorted(properties, key=_preference)]
    read = [addresses[0].address.lower() for value in values if (addresses := read_addresses(value[:500])[0])]
    return tuple(dict.fromkeys(read))[:MOST_ADDRESSES]


def _assembled(found: dict[str, list[_Property]]) -> str:
    """A name out of N: family; given; additional; prefixes; suffixes."""
    if "N" not in found:
        return ""
    family, given, *_ = [*_parts(found["N"][0].value), "", ""]
    return f"{given} {family}"


def _pair(value: str) -> tuple[str, str] | None:
    parts = _parts(value)
    return (parts[0], parts[1]) if len(parts) == 2 else None


def _parts(value: str) -> list[str]:
    """The components of a structured value, at semicolons that no backslash stands before."""
    parts, current, escaped = list[str](), list[str](), False
    for letter in value:
        if letter == ";" and not escaped:
            parts.append("".join(current))
            current = []
            continue
        escaped = letter == "\\" and not escaped
        current.append(letter)
    return [_unescaped(part) for part in [*parts, "".join(current)]]


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)


def write_cards(cards: Iterable[VCard], version: str = "4.0") -> bytes:
    """The cards as a file of `version` (one of VERSIONS), in UTF-8 with CRLF."""
    return "".join(
        f"{folded}\r\n" for card in cards for line in _lines(card, version) for folded in _folded(line)
    ).encode()


def _lines(card: VCard, version: str) -> Iterator[str]:
    yield "BEGIN:VCARD"
    yield f"VERSION:{version}"
    name = card.name or (card.addresses[0] if card.addresses else "")
    yield f"FN:{_escaped(name)}"
    if version == "3.0":  # RFC 2426 3.1.2: N must be there
        given, _, family = name.rpartition(" ")
        yield f"N:{_escaped(family)};{_escaped(given)};;;"
    for place, address in enumerate(card.addresses, 1):
        preferred = f";PREF={place}" if version == "4.0" else ";TYPE=INTERNET" + (",PREF" if place == 1 else "")
        yield f"EMAIL{preferred}:{_escaped(address)}"
    if card.organisation:
        yield f"ORG:{_escaped(card.organisation)}"
    if card.language:
        yield f"{'LANG' if version == '4.0' else 'X-LANG'}:{_escaped(card.language)}"
    if card.note:
        yield f"NOTE:{_escaped(card.note)}"
    for field, value in card.own:
        yield f"{_OWN}:{_escaped(field)};{_escaped(value)}"
    yield "END:VCARD"


def _escaped(text: str) -> str:
    """RFC 6350 3.4. Other controls than the line break have no place in a value."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\\", "\\\\")
    plain = plain.replace("\n", "\\n").replace(",", "\\,").replace(";", "\\;")
    return "".join(letter if letter.isprintable() else " " for letter in plain)


def _folded(line: str) -> Iterator[str]:
    """Lines of at most 75 octets, the further ones with a blank before them; no character is cut."""
    current, size = list[str](), 0
    for letter in line:
        octets = len(letter.encode("utf-8", "replace"))
        if size + octets > _FOLD:
            yield "".join(current)
            current, size = [" "], 1
        current.append(letter)
        size += octets
    yield "".join(current)
