"""The parts of a message as spans of its original bytes: one pass, no recursion, any bytes.

Only line breaks, header fields and boundaries are looked at; nothing is copied or decoded, so that what lies between
the spans can be put together again to the very bytes that came (single-instance storage needs that).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .fields import Field, Header, HeaderReader, line_end
from .parameters import read_parameters

MAX_ENTITIES = 150_000  # a message of more parts is shown with the rest in its last part
MAX_DEPTH = 5_000  # deeper parts are not opened; they are leaves
_USUAL_TYPES = frozenset({"text/plain", "text/html", "multipart/alternative", "multipart/mixed", "multipart/related"})
_READ_TYPES = ("text/plain", "text/html")
_USUAL = ("7bit", "8bit", "quoted-printable", "base64")
# The first dashes in a line, which are a delimiter's if the line begins with them. Nothing finds them faster.
_DASHES = re.compile(rb"--[^\r\n]*+")
_BOUNDARY = re.compile(r';[ \t]*boundary="([^"\\;]+)"[ \t]*(?:;|$)', re.IGNORECASE)
_BLANKS = " \t\r\n\x0b\x0c"
_GUESS_WINDOW = 65_536
_GUESSES = 50  # how many multiparts of a message may have their boundary guessed: keeps hostile mail linear


@dataclass(slots=True)
class Entity:
    """One node of the tree. Offsets are into the original bytes: header block [start, body), body [body, end)."""

    start: int
    body: int
    end: int
    parent: int  # index of the entity that holds this one, -1 for the message itself
    header: Header
    content_type: str  # lower case "type/subtype", as declared or the default
    declared: str  # the Content-Type value as text, "" when there is none
    leaf: bool = True

    @property
    def fields(self) -> list[Field]:
        """The header's fields with their values as bytes, folding and all."""
        return self.header.fields

    def first(self, name: str) -> bytes | None:
        """The value of the first field called `name` (lower case), unfolded, or None."""
        value = self.header.first(name)
        return None if value is None else value.encode("latin-1")


@dataclass(slots=True)
class Structure:
    """All entities in the order of the bytes; `entities[0]` is the message. A parent comes before its children."""

    entities: list[Entity] = field(default_factory=list)
    defects: list[str] = field(default_factory=list)


def read_structure(raw: bytes) -> Structure:
    """The tree of `raw` as spans. Never raises; what is odd is named in `defects`. Time and memory are linear."""
    return _Reader(raw).read()


class _Reader:
    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.headers = HeaderReader(raw)
        self.result = Structure()
        self.open: list[int] = []  # indexes of entities whose end is not known yet, outermost first
        self.boundaries: list[bytes] = []  # the boundary of each of them, b"" where none is awaited
        self.multiparts: dict[bytes, list[int]] = {}  # boundary → positions in `open`, innermost last
        self.ended: set[int] = set()  # multiparts whose closing delimiter was seen
        self.guesses = _GUESSES

    def read(self) -> Structure:
        position = self._open_entity(0, -1, "text/plain")
        if self.multiparts:
            self._read_parts(position)
            self._close(0, len(self.raw))
        return self.result

    def _read_parts(self, position: int) -> None:
        """Act on each delimiter from `position` on."""
        raw = self.raw
        while self.multiparts:
            found = _DASHES.search(raw, position)
            if found is None:
                break
            start, position = found.span()
            if raw[start - 1] in b"\r\n":
                position = self._take_delimiter(start, position)
        for index, boundary in zip(self.open, self.boundaries, strict=True):
            if boundary and index not in self.ended:
                self._note("cut off: the closing boundary is missing")
                break
        self._keep_what_has_no_parts()

    def _keep_what_has_no_parts(self) -> None:
        """A multipart whose boundary never comes is a leaf: what is in it must not be lost."""
        entities = self.result.entities
        for index, entity in enumerate(entities):
            if entity.leaf or index in self.ended:
                continue
            # What comes next is its first part, or it has none: nothing is added to what an outer one has closed.
            if index + 1 == len(entities) or entities[index + 1].parent != index:
                entity.leaf = True
                self._note("multipart without parts")

    def _open_entity(self, start: int, parent: int, default: str) -> int:
        """Open the entity at `start` and, where it holds a message, that message too. Returns where to read on."""
        while True:
            header, body = self.headers.read(start, self.multiparts, self.result.defects)
            entity = _make_entity(start, body, len(self.raw), parent, header, default)
            entities = self.result.entities
            index = len(entities)
            entities.append(entity)
            self.open.append(index)
            self.boundaries.append(b"")
            if index + 1 >= MAX_ENTITIES or len(self.open) >= MAX_DEPTH:
                self._note("too many parts: the rest is not taken apart")
                return body
            kind = entity.content_type
            if kind in _READ_TYPES:
                return body
            if kind.startswith("multipart/"):
                self._open_multipart(index)
                return body
            if not kind.startswith("message/") or not _holds_message(entity):
                return body
            entity.leaf = False
            start, parent, default = body, index, "text/plain"

    def _open_multipart(self, index: int) -> None:
        entity = self.result.entities[index]
        boundary = _declared_boundary(entity.declared)
        if self.guesses and (not boundary or not self._occurs(boundary, entity.body)):
            self.guesses -= 1
            guessed = _guess_boundary(self.raw, entity.body)
            if guessed:
                self._note("wrong boundary: another one is used" if boundary else "missing boundary: guessed")
                boundary = guessed
        if not boundary:
            self._note("multipart without a boundary")
            return
        entity.leaf = False
        self.boundaries[-1] = boundary
        self.multiparts.setdefault(boundary, []).append(len(self.open) - 1)

    def _occurs(self, boundary: bytes, start: int) -> bool:
        return self.raw.find(b"--" + boundary, start, start + _GUESS_WINDOW) >= 0

    def _take_delimiter(self, start: int, end: int) -> int:
        """Act on the line [start, end) that begins with "--". Returns where to read on."""
        line = self.raw[start + 2 : end].rstrip(b" \t")
        closing = False
        levels = self.multiparts.get(line)
        if levels is None and line.endswith(b"--"):
            levels, closing = self.multiparts.get(line[:-2]), True
        if levels is None:
            return end
        level = levels[-1]
        self._close(level + 1, _before_line_break(self.raw, start))
        if closing:
            # A boundary used twice, one inside the other: the inner one is done. The only one stays known,
            # for parts that a list server or virus scanner added behind the end.
            self.ended.add(self.open[level])
            if len(levels) > 1:
                self.boundaries[levels.pop()] = b""
            return end
        if len(self.result.entities) >= MAX_ENTITIES:
            self.multiparts.clear()
            return end
        holder = self.open[level]
        digest = self.result.entities[holder].content_type == "multipart/digest"
        behind = end + 2 if self.raw.startswith(b"\r\n", end) else line_end(self.raw, end)
        return self._open_entity(behind, holder, "message/rfc822" if digest else "text/plain")

    def _close(self, level: int, end: int) -> None:
        """Everything open from `level` inwards ends at `end`."""
        if level >= len(self.open):
            return
        entities = self.result.entities
        for index in self.open[level:]:
            entity = entities[index]
            entity.end = end if end > entity.body else entity.body
        for boundary in reversed(self.boundaries[level:]):
            if boundary:
                self.multiparts[boundary].pop()
                if not self.multiparts[boundary]:
                    del self.multiparts[boundary]
        del self.open[level:]
        del self.boundaries[level:]

    def _note(self, defect: str) -> None:
        if defect not in self.result.defects:
            self.result.defects.append(defect)


def _make_entity(start: int, body: int, end: int, parent: int, header: Header, default: str) -> Entity:
    declared = header.first("content-type")
    if declared is None:
        return Entity(start, body, end, parent, header, default, "")
    content_type = declared.partition(";")[0].strip().lower()
    if content_type not in _USUAL_TYPES:
        main, _, sub = content_type.partition("/")
        if not sub.strip() or not main.strip():
            content_type = default if not content_type.startswith("multipart") else "multipart/mixed"
        content_type = content_type[:255]
    return Entity(start, body, end, parent, header, content_type, declared)


def transfer_encoding(entity: Entity) -> str:
    """The declared Content-Transfer-Encoding, lower case, "" when there is none."""
    value = entity.header.first("content-transfer-encoding")
    if value is None or value in _USUAL:
        return value or ""
    return value.partition(";")[0].partition("(")[0].strip(_BLANKS).strip('"').lower()


def _holds_message(entity: Entity) -> bool:
    # RFC 2046 5.2.1 allows no base64 here; where it stands nevertheless the part is a leaf like any file.
    if entity.content_type not in ("message/rfc822", "message/global", "message/news"):
        return False
    return transfer_encoding(entity) not in ("base64", "quoted-printable")


def _declared_boundary(declared: str) -> bytes:
    # As nearly all programs write it: no quotes but its own, nothing encoded.
    usual = _BOUNDARY.search(declared) if declared.count('"') == 2 and "*" not in declared else None
    boundary = usual.group(1) if usual else read_parameters(declared).get("boundary", "")
    return boundary.rstrip(" \t").encode("latin-1", "replace")


def _guess_boundary(raw: bytes, start: int) -> bytes:
    """The first line "--…" that a Content-… field follows, near `start`; b"" when there is none."""
    window = raw[start : start + _GUESS_WINDOW]
    position = 0 if window.startswith(b"--") else window.find(b"\n--") + 1
    while position or window.startswith(b"--"):
        end = line_end(window, position)
        line = window[position:end].strip()
        if len(line) > 2 and window[end : end + 8].lower() == b"content-":
            return line[2:]
        following = window.find(b"\n--", max(end - 1, position + 1))
        if following < 0:
            break
        position = following + 1
    return b""


def _before_line_break(raw: bytes, position: int) -> int:
    """RFC 2046 5.1.1: the line break before a delimiter belongs to the delimiter."""
    if raw.endswith(b"\r\n", 0, position):
        return position - 2
    return position - 1
