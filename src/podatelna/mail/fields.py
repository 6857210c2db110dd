"""Header blocks taken apart into fields, as bytes: any line breaks, stray lines, no empty line at the end.

Nearly all mail is written by the book, and such a block is read whole: decoded, unfolded and split by a few calls over
all of it. Any other is read field by field. Both ways give the same (tests/mail/test_fields.py).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

MAX_FIELDS = 20_000  # of one block; further ones are not looked at
MAX_VALUE = 262_144  # bytes of one field that are read; a longer one is cut
_MAX_PLAIN = 200_000  # bytes of a block that is read whole
_MAX_KNOWN = 5_000  # names of fields that are remembered
_SHORT = 250  # bytes of a block that is remembered
_FEW = 4  # values that are looked for one by one, before it pays to make a table of them

# \r\r\n is one line break: copying in text mode makes it of \r\n.
_LINE = re.compile(rb"[^\r\n]*(?:\r{0,3}\n|\r)?")
_EMPTY_LINE = re.compile(rb"\n\r{0,3}\n")
# What some programs leave before the first field: the mark of UTF-8, empty lines.
_LEAD = re.compile(rb"(?:\xef\xbb\xbf)?+(?:[ \t]*+(?:\r{0,3}\n|\r))*+")
# A name, a colon, and a value with all its continuation lines. The quantifiers never give back: linear for any bytes.
_FIELD = re.compile(rb"([!-9;-~]++)[ \t]*+:([^\r\n]*+(?:\r{0,3}\n|\r)?+(?:[ \t][^\r\n]*+(?:\r{0,3}\n|\r)?+)*+)")
_MAILBOX_LINE = re.compile(rb">?From [ \t]*+(?!:)[^\r\n]*+\r?\n(?![ \t])")
_BARE_CR = re.compile(rb"\r(?!\n)")
_MAILBOX = (b"From ", b">From ")
_NAME = re.compile(r"[!-,.-9;-~][!-9;-~]{0,200}")  # one that begins with "-" may be a delimiter
# RFC 5322 2.2.3: folding is a line break before a blank, and the blank stays.
_FOLD = re.compile(r"[\r\n]+(?=[ \t])")
_FOLDED = re.compile(r"\n(?=[ \t])")  # the same where every line ends with \n and none is empty: much faster
_BREAK = re.compile(r"[\r\n]+")
_BLANKS = " \t\r\n\x0b\x0c"
# A stray line among header fields does not end them when the next line is surely a field.
_SURE_FIELD = re.compile(
    rb"(?:content-[a-z-]+|mime-version|from|to|cc|subject|date|message-id|received|reply-to|return-path|references"
    rb"|in-reply-to|sender|x-[a-z0-9-]+|delivered-to|dkim-signature|list-[a-z-]+):",
    re.IGNORECASE,
)


class Field(NamedTuple):
    """One header field: its name as written, and its value as bytes with the folding still in it."""

    name: str
    key: str  # the name in lower case
    value: bytes


class Header:
    """The fields of one header block, in order.

    `names` as written, `keys` in lower case, and `values` unfolded, each octet read as the character of its number
    (ISO 8859-1): where a value is ASCII that is its text, where not `value.encode("latin-1")` has the octets.
    `ascii`: no octet is over 127. `clean`: neither is any a NUL or an escape, so that each value is its text, perhaps
    with encoded words. `plain`: without any.
    """

    __slots__ = ("_asked", "_block", "_fields", "_firsts", "ascii", "clean", "keys", "names", "plain", "values")

    def __init__(
        self, names: Sequence[str], keys: Sequence[str], values: Sequence[str], block: bytes, text: str
    ) -> None:
        self.names, self.keys, self.values = names, keys, values
        self.ascii = text.isascii()
        self.clean = self.ascii and "\x1b" not in text and "\x00" not in text
        self.plain = self.clean and not _has_words(text)
        self._asked = 0
        self._block = block
        self._fields: list[Field] | None = None
        self._firsts: dict[str, str] | None = None

    @property
    def fields(self) -> list[Field]:
        """The fields with their values as bytes, folding and all."""
        if self._fields is None:
            values = _FIELD.findall(self._block, _mailbox_line_end(self._block))
            self._fields = list(map(Field, self.names, self.keys, (value for _, value in values)))
        return self._fields

    def octets(self) -> Iterator[tuple[str, bytes]]:
        """(name in lower case, value as bytes) of each field; line breaks of folding may be in the value or not."""
        if self._fields is not None:
            return ((entry.key, entry.value) for entry in self._fields)
        return zip(self.keys, (value.encode("latin-1") for value in self.values), strict=True)

    def first(self, name: str) -> str | None:
        """The value of the first field called `name` (lower case), or None."""
        if self._firsts is None:
            if self._asked < _FEW:
                self._asked += 1
                return self.values[self.keys.index(name)] if name in self.keys else None
            # A name that comes again is put down again: the first must come last.
            self._firsts = dict(zip(self.keys[::-1], self.values[::-1], strict=True))
        return self._firsts.get(name)

    def said(self, name: str) -> str:
        """The first value of a field called `name` that says anything, "" when none does."""
        return self.first(name) or next(filter(None, self.all(name)), "")

    def all(self, name: str) -> list[str]:
        """The values of all fields called `name` (lower case), in order."""
        if self.first(name) is None:
            return []
        return [value for key, value in zip(self.keys, self.values, strict=True) if key == name]


def _has_words(text: str) -> bool:
    """Whether "=?" is in `text`, which begins every encoded word. Faster than to look for two letters."""
    position = text.find("?", 1)
    for _ in range(_FEW):
        if position < 0 or text[position - 1] == "=":
            break
        position = text.find("?", position + 1)
    else:
        return "=?" in text
    return position > 0


_EMPTY = Header([], [], [], b"", "")


def read_header(raw: bytes) -> tuple[list[Field], int]:
    """The fields of a message's own header block, and where its body begins: just behind the empty line."""
    return read_fields(raw, 0, (), [])


def read_fields(raw: bytes, start: int, boundaries: Container[bytes], defects: list[str]) -> tuple[list[Field], int]:
    """The fields of the header block at `start`, and where its body begins. Adds to `defects`.

    A line that is the delimiter of one of `boundaries` ends the block.
    """
    header, body = HeaderReader(raw).read(start, boundaries, defects)
    return header.fields, body


class HeaderReader:
    """Reads the header blocks of a message, in the order of its bytes."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.empty_line = (-1, -1)  # the span of the last one looked for: blocks without one must not look twice

    def read(self, start: int, boundaries: Container[bytes], defects: list[str]) -> tuple[Header, int]:
        """The header block at `start`, and where its body begins: see `read_fields`."""
        raw = self.raw
        if start == 0 and not raw[:1].isalpha():
            start = _behind_lead(raw)
        if raw.startswith((b"\n", b"\r\n"), start):
            return _EMPTY, start + (1 if raw[start] == 10 else 2)
        if self.empty_line[0] < start:
            found = _EMPTY_LINE.search(raw, start)
            self.empty_line = found.span() if found else (len(raw), len(raw))
        end, body = self.empty_line
        if end < len(raw) and end - start < _MAX_PLAIN:
            block = raw[start : end + 1]
            header = _read_whole(block) if len(block) > _SHORT else _read_short(block)
            if header is not None:
                return header, body
        fields, body = _read_slowly(raw, start, boundaries, defects)
        return _as_header(fields), body


def _behind_lead(raw: bytes) -> int:
    """Where the first field of a message may stand: behind a mark of UTF-8, or empty lines if a sure field follows."""
    mark = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    if raw[mark : mark + 1] not in (b"\r", b"\n", b" ", b"\t"):
        return mark
    lead = _LEAD.match(raw)
    return lead.end() if lead and _SURE_FIELD.match(raw, lead.end()) else mark


def _read_whole(block: bytes) -> Header | None:
    """The header in `block`, whose last line ends with its last octet; None when it is not written by the book."""
    start = _mailbox_line_end(block) if block.startswith(_MAILBOX) else 0
    octets = block[start:]
    if b"\r" in octets:
        if _BARE_CR.search(octets) is not None:
            return None
        octets = octets.replace(b"\r", b"")  # of one letter: three times as fast as of "\r\n"
    text = octets.decode("latin-1")
    lines = _FOLDED.sub("", text).split("\n")
    lines.pop()
    if not lines or len(lines) > MAX_FIELDS:
        return None
    names, values = list[str](), list[str]()
    # One loop with little in it: nothing in Python takes a header apart faster. Nearly all write a blank behind the
    # colon, and what is not stripped is not copied.
    for line in lines:
        name, colon, value = line.partition(": ")
        if not colon or ":" in name:
            name, colon, value = line.partition(":")
            if not colon:
                return None
        names.append(name)
        values.append(value.strip(_BLANKS))
    keys = _keys_of(names)
    return Header(names, keys, values, block, text) if keys is not None else None


def _keys_of(names: list[str]) -> list[str] | None:
    """The names in lower case; None when one of them can be no field's."""
    try:
        return list(map(_KEYS.__getitem__, names))
    except KeyError:
        keys = [_KEYS.get(name) or _learn(name) for name in names]
        return None if "" in keys else keys


_read_short = lru_cache(maxsize=1_000)(_read_whole)  # those of text parts are the same in most mail


def _mailbox_line_end(block: bytes) -> int:
    found = _MAILBOX_LINE.match(block)
    return found.end() if found else 0


_KEYS: dict[str, str] = {}  # names seen → lower case: each is looked at letter by letter but once


def _learn(name: str) -> str:
    """The key of a field's name, "" when it cannot be one."""
    if _NAME.fullmatch(name) is None:
        return ""
    if len(_KEYS) >= _MAX_KNOWN:
        _KEYS.clear()
    return _KEYS.setdefault(name, name.lower())


def _as_header(fields: list[Field]) -> Header:
    values = [_unfolded(entry.value) for entry in fields]
    names, keys = [entry.name for entry in fields], [entry.key for entry in fields]
    header = Header(names, keys, values, b"", "\n".join(values))
    header._fields = fields
    return header


def _unfolded(value: bytes) -> str:
    text = value[:MAX_VALUE].strip().decode("latin-1")
    if "\n" in text or "\r" in text:
        text = _BREAK.sub(" ", _FOLD.sub("", text))
    return text.strip(" \t")


def _read_slowly(raw: bytes, start: int, boundaries: Container[bytes], defects: list[str]) -> tuple[list[Field], int]:
    """The fields of the block at `start`, one after the other, and where its body begins."""
    fields: list[Field] = []
    position = start
    while position < len(raw):
        # Looked at first: a boundary may have a colon in it.
        if raw.startswith(b"--", position) and _is_delimiter(raw[position + 2 : line_end(raw, position)], boundaries):
            break
        found = _FIELD.match(raw, position)
        if found is not None:
            if len(fields) < MAX_FIELDS:
                name = found.group(1).decode("ascii")
                fields.append(Field(name, name.lower(), found.group(2)))
            position = found.end()
            continue
        end = line_end(raw, position)
        if not raw[position:end].strip(b" \t\r\n"):
            position = end  # the empty line; some programs put blanks into it
            break
        if not _skippable(raw, start, position, end):
            if "no empty line behind the header" not in defects:
                defects.append("no empty line behind the header")
            break
        position = end
    return fields, position


def line_end(raw: bytes, position: int) -> int:
    """Just behind the line break of the line at `position`."""
    match = _LINE.match(raw, position)
    return match.end() if match else len(raw)


def _is_delimiter(line: bytes, boundaries: Container[bytes]) -> bool:
    text = line.rstrip(b" \t\r\n")
    return text in boundaries or (text.endswith(b"--") and text[:-2] in boundaries)


def _skippable(raw: bytes, start: int, position: int, end: int) -> bool:
    """Whether the line that is no field may stand in a header: an mbox line, or one with a sure field behind it."""
    if raw.startswith((b"From ", b">From "), position) and position == start:
        return True
    return _SURE_FIELD.match(raw, end) is not None
