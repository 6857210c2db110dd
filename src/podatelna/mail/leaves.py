"""The leaves of a message, decoded: content, name, type, and how the sender wanted them shown."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .fields import read_header
from .filenames import safe_filename
from .headers import declared_filename, decoded, disposition, named, unfolded
from .parameters import read_parameters
from .structure import Entity, Structure
from .text import one_line, storable
from .transfer import decode_body

MAX_CONTENT_ID = 500
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
    content, defect = decode_body(raw, entity)
    if defect:
        defects.append(defect)
    parameters = read_parameters(unfolded(entity.first("content-type") or b""))
    charset = parameters.get("charset", "")[:60]
    content_id = unfolded(entity.first("content-id") or b"").strip().strip("<>").strip()
    part = ParsedPart(
        position=position,
        content_type=storable(entity.content_type),
        charset=storable(charset),
        filename=safe_filename(declared_filename(entity, charset)),
        content_id=one_line(content_id, MAX_CONTENT_ID),
        disposition=storable(disposition(entity)),
        is_attachment=False,
        content=content,
    )
    if entity.content_type in _MESSAGES and not part.filename:
        return replace(part, filename=_message_name(content))
    return part


def _message_name(content: bytes) -> str:
    """An attached message is called by its subject."""
    fields, _ = read_header(content[:65_536])
    subject = decoded(next(iter(named(fields, "subject")), b""))
    return safe_filename(f"{safe_filename(one_line(subject, 120)) or 'message'}.eml")
