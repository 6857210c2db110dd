"""Which leaves are the message's text, which its HTML, and which are attachments (as RFC 8621 4.1.4 chooses)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import unquote

from .charsets import decode_bytes
from .html import display_text, text_as_html
from .leaves import Leaf, ParsedPart
from .structure import Structure
from .text import unix_lines

MAX_TEXT = 10_000_000  # characters of text and of HTML that are shown; the parts keep everything
_CID = re.compile(r"cid:([^\s\"'<>()]{1,500})", re.IGNORECASE)
_PLAIN, _HTML = "text/plain", "text/html"


@dataclass(frozen=True)
class Body:
    """The body chosen: text, HTML, and the leaves with `is_attachment` decided."""

    text: str
    html: str
    parts: tuple[ParsedPart, ...]


@dataclass(slots=True)
class _Alternative:
    plain: bool = False
    html: bool = False


def choose_body(structure: Structure, leaves: list[Leaf], defects: list[str]) -> Body:
    """Choose among alternative, related and mixed. Adds to `defects` what was wrong with the charsets."""
    bodies = _superseded(structure, [leaf for leaf in leaves if _is_body(structure, leaf)])
    nearest, alternatives = _alternatives(structure, bodies)
    texts: list[str] = []
    htmls: list[str] = []
    rich = any(leaf.part.content_type == _HTML for leaf in bodies)
    for leaf in bodies:
        text = _decoded(leaf.part, defects)
        offer = alternatives.get(nearest[leaf.index], _Alternative())
        if leaf.part.content_type == _HTML:
            htmls.append(text)
            if not offer.plain:
                texts.append(display_text(text))
        else:
            texts.append(_reflowed(leaf, text))
            if rich and not offer.html:
                htmls.append(text_as_html(text))
    chosen = {leaf.index for leaf in bodies}
    html = "\n".join(htmls)[:MAX_TEXT] if rich else ""
    # Looked for only where a part has an id: in long HTML it takes a while.
    named = any(leaf.part.content_id for leaf in leaves)
    shown = {unquote(found) for found in _CID.findall(html)} if named else set()
    parts = tuple(replace(leaf.part, is_attachment=_is_attachment(structure, leaf, chosen, shown)) for leaf in leaves)
    return Body("\n".join(texts)[:MAX_TEXT], html, parts)


def _is_body(structure: Structure, leaf: Leaf) -> bool:
    if leaf.part.content_type not in (_PLAIN, _HTML) or leaf.part.disposition == "attachment":
        return False
    if not leaf.part.filename:
        return True
    # A text with a name is a file, unless it comes first: some programs name the body.
    return leaf.part.position == 0 and leaf.part.disposition != "attachment"


def _superseded(structure: Structure, bodies: list[Leaf]) -> list[Leaf]:
    """RFC 2046 5.1.4: of two alternatives of one type, the last is the richest."""
    last: dict[tuple[int, str], int] = {}
    for leaf in bodies:
        if structure.entities[max(leaf.entity.parent, 0)].content_type == "multipart/alternative":
            last[leaf.entity.parent, leaf.part.content_type] = leaf.index
    return [leaf for leaf in bodies if last.get((leaf.entity.parent, leaf.part.content_type), leaf.index) == leaf.index]


def _alternatives(structure: Structure, bodies: list[Leaf]) -> tuple[list[int], dict[int, _Alternative]]:
    """For each entity the multipart/alternative that it is in (-1: none), and what each of those offers."""
    nearest = [-1] * len(structure.entities)
    for index, entity in enumerate(structure.entities):
        if entity.content_type == "multipart/alternative" and not entity.leaf:
            nearest[index] = index
        elif entity.parent >= 0:
            nearest[index] = nearest[entity.parent]
    offers: dict[int, _Alternative] = {}
    for leaf in bodies:
        if nearest[leaf.index] >= 0:
            offer = offers.setdefault(nearest[leaf.index], _Alternative())
            offer.plain = offer.plain or leaf.part.content_type == _PLAIN
            offer.html = offer.html or leaf.part.content_type == _HTML
    return nearest, offers


def _decoded(part: ParsedPart, defects: list[str]) -> str:
    text, defect = decode_bytes(part.content[: MAX_TEXT * 4], part.charset or _meta_charset(part))
    if defect:
        defects.append(defect)
    return unix_lines(text)


def _meta_charset(part: ParsedPart) -> str:
    """The charset that an HTML page names in its own head, where the header names none."""
    if part.content_type != _HTML:
        return ""
    head = part.content[:2_000].lower()
    start = head.find(b"charset=")
    return (
        head[start + 8 : start + 48].strip(b"\"' ").split(b'"')[0].split(b"'")[0].decode("latin-1")
        if start >= 0
        else ""
    )


def _reflowed(leaf: Leaf, text: str) -> str:
    """RFC 3676: paragraphs of format=flowed put together again."""
    declared = leaf.entity.declared.lower()
    if "flowed" not in declared or "format" not in declared:
        return text
    joined: list[str] = []
    depth_before, soft = -1, False
    delsp = "delsp=yes" in declared.replace(" ", "").replace('"', "")
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        if soft and depth == depth_before and bare != "-- ":
            joined.append(bare)
        else:
            joined.append(("\n" if joined else "") + (">" * depth + " " if depth else "") + bare)
        soft = bare.endswith(" ") and bare != "-- "
        if soft and delsp:
            joined[-1] = joined[-1][:-1]
        depth_before = depth
    return "".join(joined)


def _is_attachment(structure: Structure, leaf: Leaf, bodies: set[int], shown: set[str]) -> bool:
    part = leaf.part
    if leaf.index in bodies:
        return False
    if part.content_id and part.content_type.startswith("image/") and part.content_id in shown:
        return False
    if part.filename or part.disposition == "attachment" or not part.content_type.startswith("text/"):
        return True
    # A text without a name is no file: an alternative that was not chosen (also in AMP or rich text), an empty body.
    # An invitation is one, though it stands among the alternatives.
    among = structure.entities[max(leaf.entity.parent, 0)].content_type == "multipart/alternative"
    return part.content_type == "text/calendar" or not (among or part.content_type in (_PLAIN, _HTML))
