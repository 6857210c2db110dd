"""Parameters of Content-Type and Content-Disposition (RFC 2045 5.1, RFC 2231), also as they are really written."""

from __future__ import annotations

import re

from .charsets import decode_bytes

MAX_PARAMETERS = 500
_SECTION = re.compile(r"([^*\s]+)\*(\d{1,4})?(\*)?$")
_HEX = re.compile(rb"%([0-9A-Fa-f]{2})")


def read_parameters(value: str) -> dict[str, str]:
    """The parameters of a header value `type/subtype; name=value; …`: names in lower case, values unquoted.

    RFC 2231 continuations are put together and their charset decoded; an encoded word (RFC 2047) stays as it is.
    """
    plain: dict[str, str] = {}
    sections: dict[str, list[tuple[int, bool, str]]] = {}
    for name, text in _split(value):
        section = _SECTION.match(name) if "*" in name else None
        if section is None:
            plain.setdefault(name, text)
        else:
            number = int(section.group(2) or 0)
            encoded = section.group(2) is None or section.group(3) is not None
            sections.setdefault(section.group(1), []).append((number, encoded, text))
    for name, pieces in sections.items():
        plain[name] = _join_sections(pieces)
    return plain


def _split(value: str) -> list[tuple[str, str]]:
    """(name, unquoted value) of each parameter, in order. Linear, whatever quotes are missing."""
    found: list[tuple[str, str]] = []
    pieces = split_outside_quotes(value.replace("\r", " ").replace("\n", " "), ";")
    for piece in pieces[1:MAX_PARAMETERS]:
        name, equals, text = piece.partition("=")
        name = name.strip().lower()
        if equals and name and " " not in name and '"' not in name:
            found.append((name, _unquote(text.strip())))
        elif found and piece.strip() and not equals:
            # filename=Faktura; 55.pdf: the semicolon was meant.
            found[-1] = (found[-1][0], f"{found[-1][1]};{piece.rstrip()}")
    return found


def split_outside_quotes(text: str, separator: str) -> list[str]:
    """`text` split at `separator` where it is not inside a quoted string; a quote that never ends is a letter."""
    if '"' not in text:
        return text.split(separator)
    pieces: list[str] = []
    start = position = 0
    closed = True
    while position < len(text):
        char = text[position]
        if char == '"' and closed:
            end = _quote_end(text, position)
            closed = end > 0
            position = end if closed else position + 1
            continue
        if char == separator:
            pieces.append(text[start:position])
            start = position + 1
        position += 1
    pieces.append(text[start:])
    return pieces


def _quote_end(text: str, start: int) -> int:
    """Just behind the quote that closes the one at `start`; 0 when none does."""
    position = start + 1
    while position < len(text):
        if text[position] == "\\":
            position += 2
        elif text[position] == '"':
            return position + 1
        else:
            position += 1
    return 0


def _unquote(text: str) -> str:
    if not text.startswith('"'):
        return text
    end = _quote_end(text, 0)
    inner = text[1 : end - 1] if end else text[1:]
    return unescape(inner)


def unescape(text: str) -> str:
    """Quoted pairs undone. A backslash before a letter stays: C:\\faktura.pdf is what people's programs write."""
    return re.sub(r"\\([\"\\])", r"\1", text) if "\\" in text else text


def _join_sections(pieces: list[tuple[int, bool, str]]) -> str:
    ordered = sorted(pieces, key=lambda piece: piece[0])
    data = bytearray()
    charset = ""
    for place, (_, encoded, text) in enumerate(ordered):
        rest = text
        if place == 0 and encoded and text.count("'") >= 2:
            charset, _, rest = text.split("'", 2)
        octets = rest.encode("utf-8", "replace")
        data += _HEX.sub(lambda match: bytes([int(match.group(1), 16)]), octets) if encoded else octets
    return decode_bytes(bytes(data), charset)[0]
