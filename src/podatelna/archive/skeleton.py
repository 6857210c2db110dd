"""The body of a message in two: a skeleton with everything small in it, and large parts that stand outside as blobs.

A skeleton is a row of records, each one byte of kind and what belongs to it (lengths are LEB128 numbers):

    H length bytes                          the header block of the message's first copy; stands first or not at all
    L length bytes                          a literal span of the body
    C length recipe length bytes            a small decoded content and its recipe
    B                                       the next blob; its recipe is kept with the Piece
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from podatelna.mail.cut import Content, Literal

from .numbers import number_at, written

# Below this a blob's rows cost more than they save.
SMALL = 1024
# A literal longer than this is no boundary but a body: it is worth being a blob.
LONG_LITERAL = 64 * 1024

_HEADER, _LITERAL, _CONTENT, _BLOB = b"H", b"L", b"C", b"B"


@dataclass(frozen=True)
class Skeleton:
    """`data` as described above, and the contents that stand outside, in the order of their B records."""

    data: bytes
    outside: tuple[Content, ...]


def build(pieces: Iterable[Literal | Content]) -> Skeleton:
    """Sort `pieces` into what stays inside and what stands outside."""
    records: list[bytes] = []
    outside: list[Content] = []
    for piece in pieces:
        if isinstance(piece, Literal) and len(piece.data) < LONG_LITERAL:
            records += (_LITERAL, written(len(piece.data)), piece.data)
        elif isinstance(piece, Content) and len(piece.data) < (SMALL if piece.shared else LONG_LITERAL):
            recipe = piece.recipe.encode("ascii")
            records += (_CONTENT, written(len(recipe)), recipe, written(len(piece.data)), piece.data)
        else:
            records.append(_BLOB)
            outside.append(piece if isinstance(piece, Content) else Content(piece.data, ""))
    return Skeleton(b"".join(records), tuple(outside))


def with_header(header: bytes, data: bytes) -> bytes:
    """A skeleton's `data` with the header block in front: packed together they share words and take one frame."""
    return b"".join((_HEADER, written(len(header)), header, data))


def part_header(data: bytes) -> tuple[bytes | None, bytes]:
    """The header block in front of a skeleton (None: it has none), and the rest. Raises IndexError."""
    if data[:1] != _HEADER:
        return None, data
    header, at = _span(data, 1)
    return header, data[at:]


def pieces_of(data: bytes, outside: Sequence[Content]) -> Iterator[Literal | Content]:
    """The pieces that `build` was given. Raises ValueError or IndexError when `data` is no skeleton for `outside`."""
    at, blobs = 0, 0
    while at < len(data):
        kind, at = data[at : at + 1], at + 1
        if kind == _LITERAL:
            span, at = _span(data, at)
            yield Literal(span)
        elif kind == _CONTENT:
            recipe, at = _span(data, at)
            span, at = _span(data, at)
            yield Content(span, recipe.decode("ascii"))
        elif kind == _BLOB:
            yield outside[blobs]
            blobs += 1
        else:
            raise ValueError(f"unknown record {kind!r} in a skeleton")


def _span(data: bytes, at: int) -> tuple[bytes, int]:
    length, at = number_at(data, at)
    return data[at : at + length], at + length
