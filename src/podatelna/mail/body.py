"""Which leaves are the message's text, which its HTML, and which are attachments."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from . import partial, sealed
from .alternatives import ALTERNATIVE, EMPTY, HTML, KINDS, NOTICE, OTHER_HTML, Choice, choose, is_notice
from .charsets import decode_bytes
from .enriched import enriched_text
from .flowed import deletes_space, is_flowed, unflow
from .html import display_text, text_as_html
from .leaves import Leaf, ParsedPart, read_leaves
from .packed import Unpacked, as_part, unpack
from .parameters import read_parameters
from .pictures import shown_in
from .structure import Structure, read_structure
from .text import unix_lines

# What is shown of a text that is no letter any more; the parts keep everything. A page may hold pictures in itself.
MAX_TEXT = 2_000_000  # characters
MAX_PAGE = 4_000_000  # characters of HTML
MAX_READ = 1_500_000  # characters of HTML that are read as text, without the pictures in it
CUT = "text cut: it is longer than can be shown"
_META = re.compile(rb"<meta[^>]{0,500}?charset\s{0,10}=\s{0,10}[\"']?\s{0,10}([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>|&nbsp;|&#160;|\s+")
_DATA = re.compile(r"data:[A-Za-z0-9.+/-]{0,100};base64,[A-Za-z0-9+/=%\s]*+")
_ANY = HTML | OTHER_HTML
_MARKUP = re.compile(r"<[^<>]*+>|&[#a-z0-9]+;?")
_HIDING = re.compile(
    r"<(?:!--|script|style|head|title|template|noscript|iframe|object|svg|math|select|textarea|xmp|noembed|noframes"
    r"|plaintext)|display|mso-hide|&#"
)
_PAIRED = re.compile(r"(?:[^<>]*+<[^<>]*+>)*+[^<>]*+")
_SEEN = re.compile(r">[^<>&]*?[a-z0-9]{2}")
_TWO_LETTERS = re.compile("[a-z0-9]{2}")


@dataclass(frozen=True)
class Body:
    """The body chosen: text, HTML, and the parts with `is_attachment` decided.

    Behind the message's own leaves come the files that were found inside of them.
    """

    text: str
    html: str
    parts: tuple[ParsedPart, ...]


def choose_body(structure: Structure, leaves: list[Leaf], defects: list[str]) -> Body:
    """Choose among alternative, related and mixed. Adds to `defects` what was wrong with what is inside.

    Where there is nothing to read but a signed S/MIME block, the message inside of it is read.
    """
    outer = _choose(structure, leaves, defects)
    blocks = [leaf.part for leaf in leaves if leaf.part.content_type in sealed.TYPES]
    if blocks and not outer.text.strip() and not outer.html.strip():
        message = sealed.open_signed(blocks[0].content)
        if message is not None:
            within = read_structure(message)
            defects += within.defects
            return _opened(outer, blocks[0].position, _choose(within, read_leaves(message, within, defects), defects))
    pieces = [leaf for leaf in leaves if leaf.part.content_type == partial.TYPE]
    return _with_piece(outer, pieces[0], defects) if pieces else outer


def _with_piece(outer: Body, leaf: Leaf, defects: list[str]) -> Body:
    """The body with what a piece of a message says, where nothing else does. The piece stays among the files: only
    with the others can it be put together.
    """
    number, words = partial.which_piece(leaf.entity.declared)
    defects.append(f"one piece of a message: {words}")
    if outer.text.strip() or outer.html.strip():
        return outer
    content = leaf.part.content
    if number != 1:
        return Body(partial.continued_text(content), "", outer.parts)
    # RFC 2046 5.2.2.1: it begins with the header of the whole. That the rest is missing is said already.
    within = read_structure(content)
    begun = _choose(within, read_leaves(content, within, []), [])
    return Body(begun.text, begun.html, outer.parts)


def _opened(outer: Body, position: int, inner: Body) -> Body:
    """The body with the parts of a message that lay inside of its part at `position`."""
    own = [part.marked(is_attachment=part.is_attachment and part.position != position) for part in outer.parts]
    further = [replace(part, position=len(own) + place) for place, part in enumerate(inner.parts)]
    return Body(inner.text, inner.html, (*own, *further))


def _choose(structure: Structure, leaves: list[Leaf], defects: list[str]) -> Body:
    bodies = [leaf for leaf in leaves if _is_body(structure, leaf)]
    parts = [leaf.part for leaf in leaves]
    plain = {leaf.part.position for leaf in bodies if not _kind(leaf) & _ANY}
    unpacked = unpack(parts, plain, defects)
    decoded = {leaf.index: _decoded(leaf, unpacked, defects) for leaf in bodies}
    chosen = choose(structure, _offers(structure, bodies, decoded))
    text, html = _written(bodies, decoded, chosen)
    text, html = _with_packages(text, html, unpacked)
    parts += [as_part(file, len(leaves) + place) for place, file in enumerate(unpacked.files)]
    parts_shown = _shown(bodies, chosen, unpacked) | shown_in(html, parts)
    among = {leaf.part.position for leaf in leaves if _among_alternatives(structure, leaf)}
    return Body(
        text[:MAX_TEXT],
        html[:MAX_PAGE],
        tuple(
            part.marked(is_attachment=part.position not in parts_shown and _is_file(part, part.position in among))
            for part in parts
        ),
    )


def _shown(bodies: list[Leaf], chosen: dict[int, Choice], unpacked: Unpacked) -> set[int]:
    """The positions of the parts that are read as text, and of those whose files stand for them."""
    opened = {place for place, package in unpacked.packages.items() if package.files or not package.defects}
    return opened | {leaf.part.position for leaf in bodies if leaf.index in chosen}


def _kind(leaf: Leaf) -> int:
    return KINDS.get(leaf.part.content_type, 0)


def _is_body(structure: Structure, leaf: Leaf) -> bool:
    """Whether a leaf may be text to read, and not a file."""
    if not _kind(leaf) or leaf.part.disposition == "attachment":
        return False
    # A text with a name is a file, unless it comes first or is an alternative: some programs name the body.
    return not leaf.part.filename or leaf.part.position == 0 or _is_named_body(structure, leaf)


def _is_named_body(structure: Structure, leaf: Leaf) -> bool:
    holder = leaf.entity.parent
    kind = structure.entities[max(holder, 0)].content_type
    return kind == ALTERNATIVE or (kind == "multipart/related" and leaf.index == holder + 1)


def _among_alternatives(structure: Structure, leaf: Leaf) -> bool:
    return structure.entities[max(leaf.entity.parent, 0)].content_type == ALTERNATIVE


def _decoded(leaf: Leaf, unpacked: Unpacked, defects: list[str]) -> str:
    part = leaf.part
    most = MAX_PAGE if _kind(leaf) & _ANY else MAX_TEXT
    # Decoded no further than it can be shown: a letter of 20 MB must not take 100.
    rest = unpacked.texts.get(part.position)
    content = part.content if rest is None else rest
    is_cut = len(content) > most * 2
    content = content[: most * 2]
    page = _page_charset(content) if _kind(leaf) & _ANY else ""
    text, defect = decode_bytes(content, part.charset or page, page)
    if defect:
        defects.append(defect)
    if is_cut or len(text) > most:
        defects.append(CUT)
        text = text[:most]
    text = unix_lines(text)
    if part.content_type in ("text/enriched", "text/richtext"):
        return enriched_text(text, richtext=part.content_type == "text/richtext")
    return _reflowed(leaf, text) if part.content_type == "text/plain" else text


def _page_charset(content: bytes) -> str:
    """The charset that an HTML page names in its own head; a page that can be read so far is no UTF-16."""
    found = _META.search(content[:4_096])
    named = found.group(1).decode("ascii") if found else ""
    return "utf-8" if named.lower().startswith(("utf-16", "utf-32", "unicode")) else named


def _reflowed(leaf: Leaf, text: str) -> str:
    if "flowed" not in leaf.entity.declared.lower():
        return text
    parameters = read_parameters(leaf.entity.declared)
    return unflow(text, delete_space=deletes_space(parameters)) if is_flowed(parameters) else text


def _offers(structure: Structure, bodies: list[Leaf], decoded: dict[int, str]) -> dict[int, int]:
    """The kind of each body; EMPTY or NOTICE for one that says nothing, which matters among alternatives only."""
    if all(entity.content_type != ALTERNATIVE for entity in structure.entities):
        return {leaf.index: _kind(leaf) for leaf in bodies}
    return {leaf.index: _offer(leaf, decoded[leaf.index]) for leaf in bodies}


def _offer(leaf: Leaf, text: str) -> int:
    if not _says_something(leaf, text):
        return EMPTY
    return NOTICE if not _kind(leaf) & _ANY and is_notice(text) else _kind(leaf)


def _says_something(leaf: Leaf, text: str) -> bool:
    if _kind(leaf) & _ANY:
        if len(text) > 5_000 or "<img" in text.lower():
            return True
        return _surely_says(text) or (bool(_TAG.sub("", text)) and bool(display_text(text)))
    return bool(text.strip())


def _surely_says(html: str) -> bool:
    """Whether two letters are seen in a page that hides nothing: then it need not be read as text to know."""
    small = html.lower()
    seen = small[max(small.rfind("<body"), 0) :]
    if _HIDING.search(seen) is not None:
        return False
    if _SEEN.search(seen) is not None and _PAIRED.fullmatch(seen) is not None:
        return True  # nearly always: nothing need be taken out to know
    bare = _MARKUP.sub("", seen)
    return "<" not in bare and ">" not in bare and _TWO_LETTERS.search(bare) is not None


def _written(bodies: list[Leaf], decoded: dict[int, str], chosen: dict[int, Choice]) -> tuple[str, str]:
    """The text and the HTML that the chosen bodies make; no HTML where all of them are plain."""
    texts: list[str] = []
    pages: list[str] = []
    rich = any(chosen[leaf.index].html and _kind(leaf) & _ANY for leaf in bodies if leaf.index in chosen)
    for leaf in bodies:
        choice = chosen.get(leaf.index)
        if choice is None:
            continue
        text, is_page = decoded[leaf.index], bool(_kind(leaf) & _ANY)
        if choice.text:
            texts.append(_read_page(text) if is_page else text)
        if choice.html and rich:
            pages.append(text if is_page else text_as_html(text))
    return "\n".join(texts), "\n".join(pages)


def _read_page(html: str) -> str:
    if len(html) > MAX_READ:
        html = _DATA.sub("data:", html)[:MAX_READ]
    return display_text(html)


def _with_packages(text: str, html: str, unpacked: Unpacked) -> tuple[str, str]:
    """What a winmail.dat says, where the message itself says nothing or has no HTML."""
    for package in unpacked.packages.values():
        if not text.strip():
            text = unix_lines(package.text) or display_text(package.html)
        html = html or package.html
    return text, html


def _is_file(part: ParsedPart, among: bool) -> bool:
    if part.filename or part.disposition == "attachment" or not part.content_type.startswith("text/"):
        return True
    # A text without a name is no file: an alternative that was not chosen (also in AMP or rich text), an empty body.
    # An invitation is one, though it stands among the alternatives.
    return part.content_type == "text/calendar" or not (among or part.content_type in KINDS)
