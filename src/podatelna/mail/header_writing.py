"""Header fields written: folded, in ASCII by encoded words (RFC 2047), refused when there is a control in them."""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import quote as percent_encoded

from .addresses import Address, normal_address
from .errors import Unwritable

MAX_LINE = 76
MAX_WORD = 75  # RFC 2047 2
MAX_UTF8_ADDRESS = 400  # octets
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_MESSAGE_ID = re.compile(r"[\x21-\x3b\x3d\x3f-\x7e]{1,900}")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_Q_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")  # RFC 2047 5 (3)


def needs_smtputf8(raw: bytes) -> bool:
    """Whether a message has UTF-8 in its header, so that only servers that say SMTPUTF8 may get it (RFC 6531 3.2)."""
    end = raw.find(b"\r\n\r\n")
    return not (raw if end < 0 else raw[:end]).isascii()


def refuse_controls(field: str, value: str) -> str:
    """`value`, when it may stand in a header; Unwritable otherwise: a line break would begin a field of its own."""
    if _CONTROL.search(value):
        raise Unwritable(field, "control character")
    return value


def text_field(name: str, value: str) -> str:
    """An unstructured field like Subject, folded. `name` is our own."""
    value = refuse_controls(name.lower(), value).strip()
    words = value.split(" ")
    if value.isascii() and "=?" not in value and all(len(word) < MAX_LINE for word in words):
        return _folded(f"{name}:", words, "")
    return _folded(f"{name}:", encoded_words(value, MAX_WORD - len(name) - 2), "")


def address_field(name: str, people: Sequence[Address]) -> str:
    """A field of addresses, one after the other, folded."""
    return _folded(f"{name}:", [written_address(name.lower(), person) for person in people], ",")


def written_address(field: str, person: Address) -> str:
    """One address as a header has it; may be folded itself."""
    address = normal_address(refuse_controls(field, person.address))
    if not address:
        raise Unwritable(field, f"not an address: {person.address[:100]}")
    if not address.isascii():
        # RFC 6532 3.1: in one way of writing; the domain is in ASCII already.
        address = unicodedata.normalize("NFC", address)
        if len(address.encode()) > MAX_UTF8_ADDRESS:
            raise Unwritable(field, f"too long: {person.address[:100]}")
    name = " ".join(refuse_controls(field, person.name).split(" ")).strip()
    if not name:
        return address
    return f"{_phrase(name)} <{address}>"


def _phrase(name: str) -> str:
    # Brackets in quotes are rightly written, and yet many programs read an address there.
    if name.isascii() and not any(sign in name for sign in ("=?", "<", ">")) and len(name) <= 60:
        if _ATOMS.fullmatch(name):
            return name
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return "\r\n ".join(encoded_words(name, MAX_WORD - 15))


def is_writable_id(message_id: str) -> bool:
    """Whether a Message-ID, without <>, may stand in a header that we write: those of the wild are anything."""
    return _MESSAGE_ID.fullmatch(message_id) is not None


def ids_field(name: str, ids: Sequence[str]) -> str:
    """A field of Message-IDs, which are given without <>."""
    for message_id in ids:
        if not is_writable_id(message_id):
            raise Unwritable(name.lower(), f"not a Message-ID: {message_id[:100]!r}")
    return _folded(f"{name}:", [f"<{message_id}>" for message_id in ids], "")


def encoded_words(text: str, first_room: int) -> list[str]:
    """`text` as encoded words in UTF-8, each at most 75 long and of whole characters (RFC 2047 5)."""
    octets = text.encode()
    escaped = sum(octet not in _Q_PLAIN and octet != 32 for octet in octets)
    in_base64 = escaped * 2 > len(octets)
    words: list[str] = []
    piece = ""
    size = 0
    for char in text:
        cost = _cost(char, in_base64)
        room = min(first_room, MAX_WORD) if not words else MAX_WORD
        if piece and size + cost > (room - 12) * (3 if in_base64 else 1) // (4 if in_base64 else 1):
            words.append(_encoded_word(piece, in_base64))
            piece, size = "", 0
        piece += char
        size += cost
    return [*words, _encoded_word(piece, in_base64)]


def _cost(char: str, in_base64: bool) -> int:
    octets = char.encode()
    if in_base64:
        return len(octets)
    return sum(1 if octet in _Q_PLAIN or octet == 32 else 3 for octet in octets)


def _encoded_word(text: str, in_base64: bool) -> str:
    octets = text.encode()
    if in_base64:
        return f"=?utf-8?b?{base64.b64encode(octets).decode('ascii')}?="
    body = "".join(chr(octet) if octet in _Q_PLAIN else "_" if octet == 32 else f"={octet:02X}" for octet in octets)
    return f"=?utf-8?q?{body}?="


def _folded(start: str, pieces: Sequence[str], separator: str) -> str:
    """`start` and the pieces with a blank between, broken into lines where one grows too long (RFC 5322 2.2.3)."""
    lines = [start]
    for place, piece in enumerate(pieces):
        text = piece + (separator if place < len(pieces) - 1 else "")
        size = len(lines[-1].rsplit("\r\n", 1)[-1]) + 1 + len(text.split("\r\n", 1)[0])
        # A line of blanks only would end the header: an empty piece (two blanks in a subject) stays where it is.
        if size > MAX_LINE and lines[-1].strip(" ") and lines[-1] != start and text:
            lines.append(" " + text)
        else:
            lines[-1] += " " + text
    return "\r\n".join(lines)


def filename_parameter(name: str) -> str:
    """`; filename=…` for any name (RFC 2231), folded."""
    refuse_controls("filename", name)
    if name.isascii() and len(name) <= 60:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f';\r\n filename="{escaped}"'
    pieces: list[str] = [""]
    for char in name:
        encoded = percent_encoded(char, safe="!#$&+-.^_`|~")
        if len(pieces[-1]) + len(encoded) > 55:
            pieces.append("")
        pieces[-1] += encoded
    if len(pieces) == 1:
        return f";\r\n filename*=UTF-8''{pieces[0]}"
    sections = [f"filename*{place}*={piece}" for place, piece in enumerate(pieces)]
    sections[0] = sections[0].replace("=", "=UTF-8''", 1)
    return "".join(f";\r\n {section}" for section in sections)
