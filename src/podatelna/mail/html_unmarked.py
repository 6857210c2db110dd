"""Quotes that no element marks: the words that introduce them tell where the rest of a page is one."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

from . import quote_marks as marks
from .attributions import Strength
from .header_blocks import label_kind
from .html_fold import inside_details, is_blank, lines_from, outermost, walk, with_rule, wrap_from
from .quote_words import BEGINS, DAYS, plain

MAX_TEXTS = 20_000  # pieces of text that are looked at for words that introduce a quote
MAX_LOOKS = 1_000  # of which so many are read on


def wrap_unmarked(tree: LexborHTMLParser, body: LexborNode) -> None:
    """Fold from the words that introduce an unmarked quote, as plain text has them, to the end."""
    looks = 0
    above = False
    folded = body.css_first("details") is not None
    for node in walk(body, MAX_TEXTS):
        if not node.is_text_node or is_blank(node):
            continue
        if folded and inside_details(node):
            continue
        if looks < MAX_LOOKS and _may_introduce((node.text_content or "")[:200].strip()) and _begins_line(node):
            looks += 1
            if _introduces_rest(lines_from(node), above=above):
                wrap_from(tree, with_rule(outermost(node)))
                return
        above = True


def _begins_line(node: LexborNode) -> bool:
    """Whether no text stands before `node` in its line."""
    for _ in range(6):
        before = node.prev
        while (
            before is not None
            and before.tag not in ("br", "p", "div", "hr", "blockquote", "details")
            and is_blank(before)
        ):
            before = before.prev
        if before is not None:
            return before.is_element_node and before.tag in (
                "br",
                "p",
                "div",
                "hr",
                "blockquote",
                "details",
                "table",
                "aside",
            )
        parent = node.parent
        if parent is None or parent.tag not in ("b", "strong", "span", "font", "i", "em", "a", "u", "o:p"):
            return True
        node = parent
    return True


def _may_introduce(text: str) -> bool:
    if text[:2] in ("--", "__", "==", "**", "##", ">>") or label_kind(text) or marks.is_separator(text):
        return True
    words = plain(text[:40]).split()
    first = words[0].strip(".,:") if words else ""
    return first in BEGINS or first in DAYS or first[:1].isdigit() or text.endswith(":")


def _introduces_rest(lines: list[str], *, above: bool) -> bool:
    filled = [line for line in lines if line.strip()]
    if not filled:
        return False
    if marks.separator_size(filled, 0) or marks.is_rule_of_quote(filled, 0):
        return True
    size, strength = marks.attribution(filled, 0)
    return bool(size) and strength == Strength.STRONG and above and len(filled) > size
