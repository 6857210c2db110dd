"""The RTF of Outlook: decompressed (MS-OXRTFCP), the HTML inside of it recovered (MS-OXRTFEX), or read as text."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from struct import unpack_from

from .charset_tables import codepage
from .charsets import decode_bytes

MAX_RTF = 8_000_000  # bytes after decompression
MAX_GROUPS = 10_000  # open at a time
MAX_TOKENS = 400_000  # words, signs and runs of text that are read
_COMPRESSED, _PLAIN = 0x75465A4C, 0x414C454D
_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_WINDOW = 4_096
BROKEN = "broken compressed RTF"
_TOKEN = re.compile(
    r"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?[0-9]{1,9})? ?|\\'(?P<hex>[0-9a-fA-F]{2})|\\(?P<sign>[^a-zA-Z'])"
    r"|(?P<brace>[{}])|(?P<text>[^\\{}\r\n]+)|[\r\n]+|\\"
)
_DESTINATIONS = {
    "fonttbl", "colortbl", "stylesheet", "info", "pict", "header", "headerl", "headerr", "headerf", "footer", "footerl",
    "footerr", "footerf", "object", "filetbl", "listtable", "rsidtbl", "generator", "themedata", "datastore",
    "latentstyles", "xmlnstbl", "fldinst", "ftnsep",
}  # fmt: skip
_WRITTEN = {
    "tab": "\t", "cell": "\t", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•",
    "endash": "–", "emdash": "—", "emspace": " ", "enspace": " ",
}  # fmt: skip
_BREAKS = {"par", "line", "row", "sect", "page"}
_SIGNS = {"~": "\u00a0", "_": "\u2011", "-": "\u00ad", "{": "{", "}": "}", "\\": "\\", "\n": "\n", "\r": "\n"}
_FONT_PAGES = {
    0: 1252, 77: 10000, 128: 932, 129: 949, 130: 1361, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255,
    178: 1256, 186: 1257, 204: 1251, 222: 874, 238: 1250, 255: 850,
}  # fmt: skip


def decompress(data: bytes, most: int = MAX_RTF) -> tuple[bytes, str]:
    """RTF out of PR_RTF_COMPRESSED, and what was wrong ("" when nothing was). At most `most` bytes."""
    if len(data) < 16:
        return b"", BROKEN
    size, kind = unpack_from("<4xII", data)
    limit = min(size, most)
    if kind == _PLAIN:
        return data[16 : 16 + limit], "" if len(data) >= 16 + size else BROKEN
    if kind != _COMPRESSED:
        return b"", BROKEN
    out = bytearray(_DICTIONARY)
    ended = _expand(data, out, limit + len(_DICTIONARY))
    made = bytes(out[len(_DICTIONARY) : len(_DICTIONARY) + limit])
    return made, "" if ended and len(made) == size else BROKEN


def _expand(data: bytes, out: bytearray, limit: int) -> bool:
    """Append what `data` expands to, up to `limit`; whether the end was marked or reached."""
    position, end = 16, len(data)
    while position < end and len(out) < limit:
        flags = data[position]
        position += 1
        for bit in range(8):
            if position >= end:
                return len(out) >= limit
            if not flags >> bit & 1:
                out.append(data[position])
                position += 1
                continue
            if position + 1 >= end:
                return False
            pair = data[position] << 8 | data[position + 1]
            position += 2
            back = (len(out) - (pair >> 4)) % _WINDOW
            if back == 0:
                return True  # a reference to where the next octet goes ends the data
            if back > len(out):
                return False
            _copy(out, back, (pair & 15) + 2)
    return len(out) >= limit


def _copy(out: bytearray, back: int, length: int) -> None:
    start = len(out) - back
    piece = out[start : start + length]
    while len(piece) < length:
        # The reference reaches into what it makes itself.
        piece += piece[: length - len(piece)]
    out += piece


def html_of(rtf: bytes) -> str:
    """The HTML that the RTF was made from, "" when it was made from none."""
    if b"\\fromhtml" not in rtf[:4_096]:
        return ""
    return _Reader(rtf, html=True).read()


def text_of(rtf: bytes) -> str:
    """The RTF as plain text with \\n line breaks."""
    return _Reader(rtf, html=False).read().strip("\n") if rtf.startswith(b"{\\rtf") else ""


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds inside of one pair of braces."""

    ignored: bool = False
    tag: bool = False  # inside {\*\htmltag …}: text is HTML itself
    shadow: bool = False  # between \htmlrtf and \htmlrtf0: RTF that only stands in for the HTML
    fonts: bool = False
    charset: str = "cp1252"
    after_unicode: int = 1  # characters that follow a \u for readers without Unicode


class _Reader:
    def __init__(self, rtf: bytes, *, html: bool) -> None:
        self.rtf = rtf.decode("latin-1")
        self.html = html
        self.out: list[str] = []
        self.octets = bytearray()  # not yet decoded: a character may be of two
        self.group = _Group()
        self.outer: list[_Group] = []
        self.starred = False
        self.skip = 0
        self.font = 0
        self.font_pages: dict[int, str] = {}
        self.high = ""  # the first half of a surrogate pair

    def read(self) -> str:
        for match in islice(_TOKEN.finditer(self.rtf), MAX_TOKENS):
            if match["text"] is not None:
                self._text(match["text"].encode("latin-1"))
            elif match["brace"] is not None:
                self._brace(match["brace"])
            elif match["hex"] is not None:
                self._text(bytes([int(match["hex"], 16)]))
            elif match["word"] is not None:
                self._word(match["word"], int(match["number"]) if match["number"] else None)
            elif match["sign"] is not None:
                self._sign(match["sign"])
        self._flush()
        return "".join(self.out)

    def _silent(self) -> bool:
        return self.group.ignored or (self.html and self.group.shadow)

    def _text(self, octets: bytes) -> None:
        self.starred = False
        if self.skip:
            skipped = min(self.skip, len(octets))
            self.skip -= skipped
            octets = octets[skipped:]
        if not self._silent():
            self.octets += octets

    def _write(self, text: str) -> None:
        self._flush()
        if not self._silent():
            self.out.append(text)

    def _flush(self) -> None:
        if self.octets:
            self.out.append(decode_bytes(bytes(self.octets), self.group.charset)[0])
            self.octets.clear()

    def _brace(self, brace: str) -> None:
        self._flush()
        self.starred = False
        self.skip = 0
        if brace == "{" and len(self.outer) < MAX_GROUPS:
            self.outer.append(self.group)
        elif brace == "}" and self.outer:
            self.group = self.outer.pop()

    def _sign(self, sign: str) -> None:
        if sign == "*":
            self.starred = True
        elif sign in _SIGNS:
            if self.skip:
                self.skip -= 1
            elif self.html and sign == "~":
                self._write("&nbsp;")
            elif not (self.html and sign in "-\r\n"):
                self._write(_SIGNS[sign])

    def _word(self, word: str, number: int | None) -> None:
        starred, self.starred = self.starred, False
        if word in ("htmltag", "mhtmltag", "htmlrtf"):
            self._html_word(word, number)
        elif starred or word in _DESTINATIONS or (self.html and word == "pntext"):
            self._flush()
            self.group = replace(self.group, ignored=True, fonts=word == "fonttbl")
        elif word in _BREAKS:
            self._write("\r\n" if self.html else "\n")
        elif word in _WRITTEN:
            self._write(_WRITTEN[word])
        elif number is not None:
            self._numbered(word, number)

    def _html_word(self, word: str, number: int | None) -> None:
        self._flush()
        if word == "htmlrtf":
            self.group = replace(self.group, shadow=number != 0)
        elif not self.html or word == "mhtmltag":
            self.group = replace(self.group, ignored=True)
        else:
            self.group = replace(self.group, tag=True)

    def _numbered(self, word: str, number: int) -> None:
        if word == "u":
            self._unicode(number & 0xFFFF)
        elif word == "uc":
            self.group = replace(self.group, after_unicode=min(max(number, 0), 10))
        elif word == "bin":
            self.skip = max(number, 0)
        elif word == "ansicpg":
            self.group = replace(self.group, charset=codepage(number) or self.group.charset)
        elif word == "f":
            self.font = number
            page = self.font_pages.get(number)
            if page and not self.group.fonts and page != self.group.charset:
                self._flush()
                self.group = replace(self.group, charset=page)
        elif word == "fcharset" and self.group.fonts and len(self.font_pages) < 10_000:
            page = codepage(_FONT_PAGES.get(number, 0))
            if page:
                self.font_pages[self.font] = page

    def _unicode(self, unit: int) -> None:
        self.skip = self.group.after_unicode
        if 0xD800 <= unit < 0xDC00:
            self.high = chr(unit)
        elif 0xDC00 <= unit < 0xE000:
            pair = (self.high + chr(unit)).encode("utf-16-le", "surrogatepass")
            self._write(pair.decode("utf-16-le", "replace") if self.high else "�")
            self.high = ""
        else:
            self._write(chr(unit))
