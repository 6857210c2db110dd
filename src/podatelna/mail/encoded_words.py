"""Encoded words in headers (RFC 2047), read as they are really written, in linear time."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

from .charsets import decode_bytes, find_charset
from .text import storable

_OPENING = re.compile(r"=\?([^?*\s\"<>()][^?\s\"<>()]{0,59})\?([bBqQ])\?")
_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")
_ESCAPED_IN_BASE64 = re.compile(r"=[0-9A-Fa-f]{2}(=[0-9A-Fa-f]{2})?")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=]+")
_AFTER_ESCAPE = re.compile(r"[0-9A-F]{2}")
_CUT_OFF = re.compile(r"[A-Za-z0-9+/=_!*%&'.;:?~$^#-]{2,}")
_URL_SAFE = str.maketrans("-_", "+/")
_HALF_A_LETTER = re.compile(rb"(?:[\xc2-\xf4]|[\xe0-\xf4][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{2})\Z")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")


@dataclass(slots=True)
class Word:
    """One encoded word: where it stands in the text, its charset (lower case, no language) and what is encoded."""

    start: int
    end: int
    charset: str
    base64: bool
    text: str
    whole: bool = True  # False when its end is missing


def decode_words(text: str, hint: str = "") -> str:
    """`text` (unfolded) with its encoded words decoded; `hint` is a charset for words that name none that is known.

    Neighbours of one charset are joined before they are decoded, since senders split characters and even base64
    groups between words; blanks between encoded words fall away (RFC 2047 6.2). What is no encoded word stays.
    """
    if "=?" not in text:
        return storable(text)
    out: list[str] = []
    position = 0
    for run in _runs(text):
        between = text[position : run[0].start]
        if not (position and not between.strip()):
            out.append(between)
        out.append(_decode_run(run, hint))
        position = run[-1].end
    out.append(text[position:])
    return storable("".join(out))


def _runs(text: str) -> list[list[Word]]:
    """Encoded words in order, those together that only blanks separate and that name the same charset."""
    runs: list[list[Word]] = []
    for word in find_words(text):
        last = runs[-1][-1] if runs else None
        if last and last.charset == word.charset and not text[last.end : word.start].strip():
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs


def find_words(text: str) -> list[Word]:
    """The encoded words of `text` in order, those without their end too where it is plain where they end."""
    found: list[Word] = []
    position = closing = 0
    last = text.rfind("?=")
    while True:
        opening = _OPENING.search(text, position)
        if opening is None:
            return found
        start = opening.end()
        if closing < start and closing >= 0:
            closing = text.find("?=", start) if start <= last else -1
        word = _word_at(text, opening, closing)
        if word is not None:
            found.append(word)
        position = word.end if word is not None else start


def _word_at(text: str, opening: re.Match[str], closing: int) -> Word | None:
    """The word that begins with `opening`; `closing` is where the next "?=" stands, -1 when there is none."""
    start = opening.end()
    base64 = opening.group(2) in "bB"
    charset = opening.group(1).split("*", 1)[0].lower()
    # Another word opens before this one is closed: its end was forgotten or cut off.
    following = _OPENING.search(text, start, closing + 1 if closing >= 0 else start + 2_000)
    if closing >= 0 and following is None:
        end = closing if base64 else _end_of_q(text, start, closing)
        return Word(opening.start(), end + 2, charset, base64, text[start:end])
    limit = following.start() if following is not None else len(text)
    rest = _CUT_OFF.match(text, start, limit)
    if rest is None:
        return None
    end = rest.end()
    return Word(opening.start(), end, charset, base64, text[start:end].rstrip("?"), whole=False)


def _end_of_q(text: str, start: int, closing: int) -> int:
    """Where the "?=" that closes a word in Q really stands, the first one being at `closing`."""
    # A question mark that the sender forgot to encode, with an encoded byte behind it: "…?=20rest?=".
    end = closing
    for _ in range(100):
        if _AFTER_ESCAPE.match(text, end + 2) is None or text.startswith("=?", end + 2):
            return end
        following = text.find("?=", end + 2, end + 2_000)
        if following < 0 or text.find("=?", end + 2, following) >= 0:
            return end
        end = following
    return end


def escape_raw(value: bytes) -> bytes:
    """`value` with the bytes over 127 that stand inside its words in Q written as Q writes them.

    They are in the charset of their word, while those outside are in a charset that has to be found.
    """
    text = value.decode("latin-1")
    out: list[str] = []
    position = 0
    for word in find_words(text):
        if not word.base64 and not word.text.isascii():
            out.append(text[position : word.start])
            inner = text[word.start : word.end]
            out.append("".join(char if char < "\x80" else f"={ord(char):02X}" for char in inner))
            position = word.end
    out.append(text[position:])
    return "".join(out).encode("latin-1")


def _decode_run(run: list[Word], hint: str) -> str:
    charset = run[0].charset
    joined = _octets(run, charset, joined=True)
    if len(run) > 1 and not _reads(joined, charset):
        # Words that are whole each by itself, only without the padding of their base64.
        apart = _octets(run, charset, joined=False)
        joined = apart if _reads(apart, charset) else joined
    if not run[-1].whole and find_charset(charset) == "utf-8":
        joined = _HALF_A_LETTER.sub(b"", joined)
    return decode_bytes(joined, charset, hint)[0]


def _octets(run: list[Word], charset: str, joined: bool) -> bytes:
    """The bytes of the words; `joined`: what ends in the middle of an escape or base64 group goes on in the next."""
    data = bytearray()
    pending = ""
    for place, word in enumerate(run):
        more = joined and place + 1 < len(run) and run[place + 1].base64 == word.base64
        text, pending = pending + word.text, ""
        if word.base64 and not _is_q(text):
            letters = _NOT_BASE64.sub("", text.translate(_URL_SAFE))
            whole = len(letters) - len(letters) % 4 if more and not letters.endswith("=") else len(letters)
            letters, pending = letters[:whole], letters[whole:]
            data += _from_base64(letters)
            continue
        if more and (text.endswith("=") or text[-2:-1] == "="):
            cut = text.rindex("=")
            text, pending = text[:cut], text[cut:]
        data += _from_q(text, charset)
    return bytes(data)


def _is_q(text: str) -> bool:
    """Whether what is called base64 is escapes of Q: several, or where no padding can stand."""
    escape = _ESCAPED_IN_BASE64.search(text)
    return escape is not None and (escape.group(1) is not None or escape.start() % 4 < 2)


def _reads(data: bytes, charset: str) -> bool:
    """Whether `data` is text in `charset`, as far as that can be said."""
    name = find_charset(charset) or "utf-8"
    try:
        return _CONTROLS.search(data.decode(name)) is None
    except (UnicodeError, LookupError, ValueError, AttributeError):
        return False


def _from_q(text: str, charset: str) -> bytes:
    text = text.replace("_", " ")
    try:
        octets = text.encode("ascii")
    except UnicodeEncodeError:
        octets = _encoded(text, charset)
    return _ESCAPE.sub(lambda match: bytes([int(match.group(1), 16)]), octets)


def _encoded(text: str, charset: str) -> bytes:
    """Letters that stand raw in a word, in the bytes that its charset has for them."""
    try:
        return text.encode(find_charset(charset) or "utf-8")
    except (UnicodeError, LookupError, ValueError, AttributeError):
        return text.encode("utf-8", "replace")


def _from_base64(letters: str) -> bytes:
    # Padding in the middle: several values one behind the other.
    return b"".join(_group_bytes(group) for group in letters.split("=") if group)


def _group_bytes(letters: str) -> bytes:
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    try:
        return binascii.a2b_base64(letters + "=" * (-len(letters) % 4))
    except binascii.Error:
        return b""
