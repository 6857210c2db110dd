"""Parameters of Content-Type and Content-Disposition (RFC 2045 5.1, RFC 2231), also as they are really written."""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from .charsets import decode_bytes, find_charset

MAX_PARAMETERS = 500
MAX_SECTIONS = 2_000  # of continued values, all parameters together
_SECTION = re.compile(r"([^*\s]+)\*(\d{1,4})?(\*)?$")
_NAME = r"[!#$&'*+.^_`|~0-9A-Za-z-]{1,80}"
_NEXT = re.compile(rf",?\s+({_NAME})\s{{0,5}}=")
_LAST_WORD = re.compile(rf"({_NAME})\s*$")
_COMMENT_BEHIND = re.compile(r"\s*\([^()]*\)\s*$")
# RFC 8187: charset'language'percent-escapes, where a plain value should stand.
_EXTENDED = re.compile(r"([A-Za-z0-9_.:-]{2,40})'[A-Za-z0-9-]{0,20}'")
_ENCODED_WORD = re.compile(r"=\?[^?\s\"<>()]{1,60}\?[bBqQ]\?[^?]{0,1000}\?=")
_FILE_NAMES = ("filename", "name")


def read_parameters(value: str) -> dict[str, str]:
    """The parameters of a header value `type/subtype; name=value; …`: names in lower case, values unquoted.

    RFC 2231 continuations are put together and their charset decoded; an encoded word (RFC 2047) stays as it is.
    Of two parameters of one name the first counts, and the RFC 2231 form before the plain one (RFC 6266 4.3).
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
        joined, broken = _join_sections(pieces)
        if not broken or name not in plain:
            plain[name] = joined
    return plain


def decode_extended(text: str) -> str:
    """The name in a plain parameter that is written as RFC 8187 or a URL would have it; others stay as they are.

    utf-8''P%C5%99.pdf is always decoded, P%C5%99.pdf where its escapes make letters of UTF-8.
    """
    if "%" not in text:
        return text
    extended = _EXTENDED.match(text)
    if extended is not None and find_charset(extended.group(1)) is not None:
        return decode_bytes(_percent_decoded(text[extended.end() :]), extended.group(1))[0]
    octets = _percent_decoded(text)
    try:
        decoded = octets.decode("utf-8")
    except UnicodeDecodeError:
        return text
    # Escapes of ASCII alone stay: the file may be called "100%25.pdf".
    return decoded if text.isascii() and not decoded.isascii() else text


def _split(value: str) -> list[tuple[str, str]]:
    """(name, unquoted value) of each parameter, in order. Linear, whatever quotes are missing."""
    found: list[tuple[str, str]] = []
    pieces = split_outside_quotes(value.replace("\r", " ").replace("\n", " "), ";")
    for place, piece in enumerate(pieces[:MAX_SECTIONS]):
        name, equals, text = piece.partition("=")
        if place == 0:
            # "attachment filename=a.pdf", "text/plain charset=utf-8": the semicolon was forgotten.
            word = _LAST_WORD.search(name[-100:]) if equals else None
            if word is None:
                continue
            name = word.group(1)
        name = name.strip().lower().replace(" *", "*")
        if equals and name and not any(char in name for char in ' \t"?'):
            _add(found, name, text.strip())
        elif found and piece.strip():
            # filename=Faktura; 55.pdf: the semicolon was meant.
            found[-1] = (found[-1][0], f"{found[-1][1]};{piece.rstrip()}"[:_MAX_JOINED])
        if len(found) >= MAX_SECTIONS:
            break
    return found


_MAX_JOINED = 20_000


def _add(found: list[tuple[str, str]], name: str, text: str) -> None:
    """Add what `text` says, more than one parameter where semicolons between them were forgotten."""
    for _ in range(20):
        end = quote_end(text, 0) if text.startswith('"') else 0
        following = _NEXT.match(text, end) if end else None
        if following is None and not text.startswith('"') and name not in _FILE_NAMES and "=" in text:
            following = _NEXT.search(text[:1_000])
        if following is None:
            break
        found.append((name, _unquoted(name, text[: following.start()])))
        name, text = following.group(1).lower(), text[following.end() :].strip()
    found.append((name, _unquoted(name, text)))


def split_outside_quotes(text: str, separator: str) -> list[str]:
    """`text` split at `separator` where it is not inside a quoted string or an encoded word.

    A quote that never ends is a letter.
    """
    words = {match.start(): match.end() for match in _ENCODED_WORD.finditer(text)} if "=?" in text else {}
    if '"' not in text and not words:
        return text.split(separator)
    marks = re.compile(rf'["{re.escape(separator)}]|=\?')
    pieces: list[str] = []
    start = position = 0
    closed = True
    while True:
        mark = marks.search(text, position)
        if mark is None:
            break
        position = mark.end()
        if mark.group() == separator:
            pieces.append(text[start : mark.start()])
            start = position
        elif mark.group() == '"' and closed:
            end = quote_end(text, mark.start())
            closed = end > 0
            position = end if closed else position
        else:
            position = max(words.get(mark.start(), 0), position)
    pieces.append(text[start:])
    return pieces


_QUOTE_MARK = re.compile(r'\\|"')


def quote_end(text: str, start: int) -> int:
    """Just behind the quote that closes the one at `start`; 0 when none does."""
    position = start + 1
    while True:
        mark = _QUOTE_MARK.search(text, position)
        if mark is None:
            return 0
        if mark.group() == '"':
            return mark.end()
        position = mark.end() + 1


def _unquoted(name: str, text: str) -> str:
    if not text.startswith('"'):
        # RFC 2045 5.1: charset=us-ascii (Plain text). In names of files "(1)" is no comment.
        return text if name.partition("*")[0] in _FILE_NAMES else _COMMENT_BEHIND.sub("", text)
    end = quote_end(text, 0)
    if end == 0:
        return unescape(text[1:])
    behind = _COMMENT_BEHIND.sub("", text[end:]).strip(" \t,")
    if not behind or name.partition("*")[0] not in _FILE_NAMES:
        return unescape(text[1 : end - 1])
    # Quotes that nobody escaped: filename="Smlouva "nová".pdf", or a name only half in quotes.
    whole = text.rstrip(" \t,")
    return unescape(whole[1:-1] if whole.endswith('"') else whole[1 : end - 1] + whole[end:])


def unescape(text: str) -> str:
    """Quoted pairs undone. A backslash before a letter stays: C:\\faktura.pdf is what people's programs write."""
    return re.sub(r"\\([\"\\])", r"\1", text) if "\\" in text else text


def _join_sections(pieces: list[tuple[int, bool, str]]) -> tuple[str, bool]:
    """RFC 2231 3 and 4: the value, and whether its bytes were not what its charset has.

    Sections go in the order of their numbers, the charset is in the first; the first of two counts.
    """
    ordered = sorted({number: (number, encoded, text) for number, encoded, text in reversed(pieces)}.values())
    data = bytearray()
    charset = ""
    number, encoded, text = ordered[0]
    extended = _EXTENDED.match(text)
    if encoded and text.count("'") >= 2:
        charset, _, rest = text.split("'", 2)
        ordered[0] = (number, True, rest)
    elif not encoded and extended and "%" in text and find_charset(extended.group(1)) is not None:
        # The star of "filename*0*" was forgotten.
        charset = extended.group(1)
        ordered = [(place, True, piece) for place, _, piece in ordered]
        ordered[0] = (number, True, text[extended.end() :])
    for _, encoded, text in ordered:
        data += _percent_decoded(text) if encoded else text.encode("utf-8", "replace")
    text, defect = decode_bytes(bytes(data), charset)
    return text, bool(defect)


def _percent_decoded(text: str) -> bytes:
    """The bytes of `text` with its escapes undone; a wrong escape stays as it is."""
    return unquote_to_bytes(text.encode("utf-8", "replace"))
