"""A message cut into what is stored once: its header block, small literal pieces, and contents shared by hash."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO

from .recipes import find_base64, find_quoted_printable, pieces_of
from .structure import Entity, Structure, read_structure, transfer_encoding

SMALLEST_ENCODED = 1_024  # bytes of an encoded body from which storing it by itself pays
SMALLEST_PLAIN = 4_096
# A text to be read is as good as never in another message too; left where it stands it takes a sixth less room, beside
# the words of its header, and half the time. From here on it is worth being stored by itself all the same.
LARGEST_READ = 65_536


@dataclass(frozen=True)
class Literal:
    """Bytes of the original, kept in the skeleton."""

    data: bytes


@dataclass(frozen=True)
class Content:
    """The content of a part, and the recipe that makes the original bytes of its body again (see recipes.py).

    `shared`: it may be in other messages too, as files are.
    """

    data: bytes
    recipe: str
    shared: bool = True


@dataclass(frozen=True)
class Cut:
    """A message in pieces; `join(header, pieces)` is the original."""

    header: bytes
    pieces: tuple[Literal | Content, ...]


def cut(raw: bytes, *, structure: Structure | None = None) -> Cut:
    """Cut a message by the spans of its parts. Never raises; `join` gives `raw` back for any bytes.

    Who has the `structure` of `raw` already hands it in.
    """
    entities = (structure or read_structure(raw)).entities
    position = header_end = entities[0].body
    pieces: list[Literal | Content] = []
    for entity in entities:
        content = _content(raw, entity) if entity.leaf and entity.body >= position else None
        if content is None:
            continue
        if entity.body > position:
            pieces.append(Literal(raw[position : entity.body]))
        pieces.append(content)
        position = entity.end
    if position < len(raw):
        pieces.append(Literal(raw[position:]))
    return Cut(raw[:header_end], tuple(pieces))


def join(header: bytes, pieces: Iterable[Literal | Content]) -> bytes:
    """The original bytes out of what `cut` gave. Raises UnknownRecipe for a recipe that `cut` never gives."""
    made = BytesIO()  # whose value is its own buffer: a list of pieces would hold everything twice
    made.write(header)
    for piece in pieces:
        made.writelines((piece.data,) if isinstance(piece, Literal) else pieces_of(piece.data, piece.recipe))
    return made.getvalue()


def _content(raw: bytes, entity: Entity) -> Content | None:
    size = entity.end - entity.body
    if size < SMALLEST_ENCODED:
        return None
    # Read where it stands: a large body is not copied to be decoded.
    span = raw, entity.body, entity.end
    encoding = transfer_encoding(entity)
    if size < LARGEST_READ and _is_read(entity):
        decoded = find_base64(*span) if encoding == "base64" else None
        return Content(*decoded, shared=False) if decoded else None
    found = None
    if encoding == "base64":
        found = find_base64(*span)
    elif encoding == "quoted-printable":
        found = find_quoted_printable(*span)
    if found is not None:
        return Content(*found)
    return Content(raw[entity.body : entity.end], "") if size >= SMALLEST_PLAIN else None


def _is_read(entity: Entity) -> bool:
    """Whether a leaf is a text to be read, and no file."""
    if entity.content_type not in ("text/plain", "text/html") or "name" in entity.declared.lower():
        return False
    return not (entity.first("content-disposition") or b"").lstrip().lower().startswith(b"attachment")
