"""The leaves of a message, decoded: content, name, type, and how the sender wanted them shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from .fields import read_header
from .filenames import safe_filename
from .header_text import text_of
from .headers import declared_filename, decoded, disposition, named
from .parameters import read_parameters
from .structure import Entity, Structure
from .text import one_line, storable
from .transfer import decode_body, is_decoded, name_inside

MAX_CONTENT_ID = 500
MAX_LOCATION = 1_000
_MESSAGES = ("message/rfc822", "message/global", "message/news")


@dataclass(frozen=True)
class ParsedPart:
    """One leaf of the MIME tree. An attached message is one leaf, however much is inside it."""

    position: int  # among the leaves, from 0
    content_type: str  # lower case
    charset: str  # as declared, "" when none is
    filename: str  # safe to be used as a file's name, "" when it has none
    content_id: str  # without <>
    disposition: str  # lower case: "attachment", "inline", "" …
    is_attachment: bool
    content: bytes  # transfer encoding undone
    location: str = ""  # Content-Location: how the HTML beside it may call it

    if not TYPE_CHECKING:  # a type checker would take any name for a value

        def __getattr__(self, name: str) -> bytes:
            """The content of a part that is not encoded: cut out of the message each time, not held twice."""
            source = self.__dict__.get("_source")
            if name != "content" or source is None:
                raise AttributeError(name)
            raw, start, end = source
            return raw[start:end]

    def marked(self, *, is_attachment: bool) -> ParsedPart:
        """The same part, decided whether it is an attachment."""
        part = object.__new__(ParsedPart)
        part.__dict__.update(self.__dict__, is_attachment=is_attachment)
        return part


@dataclass(slots=True)
class Leaf:
    """A leaf with its place in the structure, before the body is chosen."""

    index: int
    entity: Entity
    part: ParsedPart


def read_leaves(raw: bytes, structure: Structure, defects: list[str]) -> list[Leaf]:
    """The leaves in order; what is inside an attached message is not looked at. Adds to `defects`."""
    leaves: list[Leaf] = []
    hidden = [False] * len(structure.entities)
    for index, entity in enumerate(structure.entities):
        holder = entity.parent
        hidden[index] = holder >= 0 and (hidden[holder] or structure.entities[holder].content_type in _MESSAGES)
        if hidden[index]:
            continue
        if entity.leaf or entity.content_type in _MESSAGES:
            leaves.append(Leaf(index, entity, _read_part(raw, len(leaves), entity, defects)))
    return leaves


def _read_part(raw: bytes, position: int, entity: Entity, defects: list[str]) -> ParsedPart:
    content: bytes | None = None
    if not is_decoded(entity):
        content, defect = decode_body(raw, entity)
        if defect:
            defects.append(defect)
    charset = charset_of(entity.declared)
    filename = _filename(entity, charset)
    if entity.content_type in _MESSAGES and not filename:
        filename = _message_name(raw[entity.body : entity.end] if content is None else content)
    filename = filename or safe_filename(name_inside(raw, entity))
    part = ParsedPart(
        position=position,
        # RFC 2045 5.2: text is what has no type that can be understood, and so has a multipart without parts.
        content_type="text/plain" if entity.content_type.startswith("multipart/") else storable(entity.content_type),
        charset=charset,
        filename=filename,
        content_id=_content_id(entity),
        disposition=storable(disposition(entity)) if entity.header.first("content-disposition") else "",
        is_attachment=False,
        content=content or b"",
        location=_location(entity),
    )
    if content is None:
        del part.__dict__["content"]
        part.__dict__["_source"] = raw, entity.body, entity.end
    return part


def charset_of(declared: str) -> str:
    """The charset in a Content-Type's value as one line, "" when none is named."""
    if "=" not in declared:
        return ""
    # The same few values stand in most mail; a long one is not worth remembering.
    return (_read_charset if len(declared) <= 200 else _read_charset.__wrapped__)(declared)


@lru_cache(maxsize=1_000)
def _read_charset(declared: str) -> str:
    return storable(read_parameters(text_of(declared)).get("charset", "")[:60])


def _filename(entity: Entity, charset: str) -> str:
    # Neither field can name it: most parts, and nothing to be read.
    if entity.header.first("content-disposition") is None and "name" not in entity.declared.lower():
        return ""
    return safe_filename(declared_filename(entity, charset))


def _content_id(entity: Entity) -> str:
    value = entity.header.first("content-id")
    return one_line(text_of(value).strip().strip("<>").strip(), MAX_CONTENT_ID) if value else ""


def _location(entity: Entity) -> str:
    value = entity.header.first("content-location")
    # RFC 2557 4.4.2: a long one is folded, and its blanks mean nothing.
    return "".join(one_line(text_of(value), MAX_LOCATION).split()) if value else ""


def _message_name(content: bytes) -> str:
    """An attached message is called by its subject."""
    fields, _ = read_header(content[:65_536])
    subject = decoded(next(iter(named(fields, "subject")), b""))
    return safe_filename(f"{safe_filename(one_line(subject, 120)) or 'message'}.eml")
