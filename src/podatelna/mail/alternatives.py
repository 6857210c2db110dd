"""Which leaves make the text and which the HTML of a message, in any nesting of multiparts (RFC 2046 5.1.4).

Of the children of a multipart/alternative one is taken for the text and one for the HTML, the richest of each; of any
other multipart all are, in order. A text without words, or one that only says that the mail needs an HTML reader, is
no alternative to anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .structure import Structure

PLAIN, HTML, OTHER_PLAIN, OTHER_HTML, NOTICE, EMPTY = 1, 2, 4, 8, 16, 32
KINDS = {
    "text/plain": PLAIN,
    "text/html": HTML,
    "application/xhtml+xml": HTML,
    "text/enriched": OTHER_PLAIN,
    "text/richtext": OTHER_PLAIN,
    "text/markdown": OTHER_PLAIN,
    "text/x-markdown": OTHER_PLAIN,
    "text/x-web-markdown": OTHER_PLAIN,
    "text/watch-html": OTHER_HTML,
    "text/x-watch-html": OTHER_HTML,
    "text/x-amp-html": OTHER_HTML,
}
ALTERNATIVE = "multipart/alternative"
_LONGEST_NOTICE = 600
# What programs write into the plain part when they do not want to write the text: nobody wants to read that.
_NOTICE = re.compile(
    r"(?:does(?: not|n't)|do(?: not|n't)|cannot|can't|unable to|not able to|must)\b.{0,40}"
    r"\b(?:support|display|view|show|read|render).{0,40}\b(?:html|this (?:e-?mail|message))"
    r"|\bhtml[ -]?(?:e-?mail|message|format|enabled|capable|compatible|content).{0,60}"
    r"\b(?:client|reader|program|viewer|software)"
    r"|(?:view|read|see|display) this (?:e-?mail|message|newsletter).{0,60}\b(?:html|browser)"
    r"|this is an? html (?:e-?mail|message|part)|this message is in html"
    r"|(?:nepodporuje|neumí|nedokáže|nelze|neumožňuje|nevie|nepodporovaný).{0,60}\bhtml"
    r"|html.{0,40}(?:nepodporuje|nelze zobrazit|zobrazit v prohlížeči)"
    r"|(?:zpráva|e-?mail|správa) (?:je|byla?|bol[ao]?) (?:ve?|odeslán[ao]?|odoslan[áý]) (?:ve? )?(?:formátu )?html"
    r"|(?:unterstützt|kann) (?:kein|keine)? ?.{0,30}\bhtml|html.{0,40}(?:nicht|unterstütz)"
    r"|ne (?:prend|supporte|permet) pas.{0,60}\bhtml|nie obsługuje.{0,40}\bhtml|no (?:admite|soporta).{0,40}\bhtml"
    r"|non supporta.{0,40}\bhtml|не поддерживает.{0,40}\bhtml",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a leaf is taken for."""

    text: bool
    html: bool


def is_notice(text: str) -> bool:
    """Whether `text` only tells that the HTML cannot be seen."""
    small = text.casefold() if len(text.strip()) <= _LONGEST_NOTICE else ""
    # One of these is in each of them. Looked for first: it is found in few texts, and the rest takes ten times as long.
    if "html" not in small and "this" not in small:
        return False
    bare = " ".join(text[: _LONGEST_NOTICE * 2].split())
    return _NOTICE.search(bare) is not None


def choose(structure: Structure, kinds: dict[int, int]) -> dict[int, Choice]:
    """What each leaf is taken for. `kinds`: of each body leaf by its index, EMPTY or NOTICE for no text."""
    entities = structure.entities
    offers = [0] * len(entities)  # the kinds in the entity and all below it
    for index, kind in kinds.items():
        offers[index] = kind
    for index in range(len(entities) - 1, 0, -1):
        offers[entities[index].parent] |= offers[index]
    text_of, html_of = _picks(structure, offers)
    wanted: dict[int, Choice] = {0: Choice(True, True)}
    for index in range(1, len(entities)):
        holder = entities[index].parent
        outer = wanted.get(holder)
        if outer is None or not offers[index]:
            continue
        if holder in text_of:
            outer = Choice(outer.text and text_of[holder] == index, outer.html and html_of[holder] == index)
        if outer.text or outer.html:
            wanted[index] = outer
    return {index: wanted[index] for index in kinds if index in wanted}


def _picks(structure: Structure, offers: list[int]) -> tuple[dict[int, int], dict[int, int]]:
    """For each multipart/alternative the child that is its text and the one that is its HTML."""
    children: dict[int, list[int]] = {}
    for index, entity in enumerate(structure.entities):
        if entity.parent >= 0 and offers[index] and structure.entities[entity.parent].content_type == ALTERNATIVE:
            children.setdefault(entity.parent, []).append(index)
    text_of: dict[int, int] = {}
    html_of: dict[int, int] = {}
    for holder, below in children.items():
        only_text = _last(below, offers, PLAIN, without=HTML)
        text = only_text if only_text >= 0 else _last(below, offers, PLAIN)
        html = _last(below, offers, HTML)
        for kind in (OTHER_PLAIN, OTHER_HTML, NOTICE, EMPTY):
            if text < 0 and html < 0:
                text = _last(below, offers, kind)
        text_of[holder] = text if text >= 0 else html
        html_of[holder] = html if html >= 0 else text
    return text_of, html_of


def _last(children: list[int], offers: list[int], kind: int, without: int = 0) -> int:
    return max((child for child in children if offers[child] & kind and not offers[child] & without), default=-1)
