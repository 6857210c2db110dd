"""Where an attachment stands in its original: so that a pack's verifier can take it out again with few means."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from podatelna.mail.structure import Entity, read_structure

from .verifier import DECODERS


@dataclass(frozen=True)
class Span:
    """The bytes [start, end) of an original, and how they are decoded: a key of the verifier's DECODERS."""

    start: int
    end: int
    encoding: str


def spans(raw: bytes) -> dict[bytes, Span]:
    """By the SHA-256 of what they decode to: the bodies of a message's leaves, as the verifier would decode them."""
    found: dict[bytes, Span] = {}
    for entity in read_structure(raw).entities:
        if entity.leaf:
            encoding = _encoding(entity)
            try:
                content = DECODERS[encoding](raw[entity.body : entity.end])
            except ValueError:
                continue  # broken as it is, our own reading of it is kinder than what a verifier can redo
            found.setdefault(hashlib.sha256(content).digest(), Span(entity.body, entity.end, encoding))
    return found


def _encoding(entity: Entity) -> str:
    declared = (entity.first("content-transfer-encoding") or b"").decode("ascii", "replace").strip().lower()
    return declared if declared in DECODERS else ""
