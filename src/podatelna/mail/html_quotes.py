"""Quoted history in HTML mail, put into <details> so that it is folded and still there."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

from . import quote_marks as marks
from .attributions import Strength
from .header_blocks import MAX_LINE
from .html_fold import (
    inside_details,
    is_blank,
    is_folded,
    lines_from,
    neighbour,
    outermost,
    walk,
    with_rule,
    wrap,
    wrap_from,
)
from .html_unmarked import wrap_unmarked

MAX_QUOTES = 200
MAX_CANDIDATES = 2_000

# Around what a program quotes, whole or in pieces with answers between.
_CONTAINERS = (
    '[class*="gmail_quote"]',  # Gmail, K-9, BlueMail; others keep the class with a prefix
    '[class*="yahoo_quoted"]',
    ".protonmail_quote",
    ".tutanota_quote",
    ".moz-forward-container",
    ".zmail_extra",  # Zoho
    ".missive_quote",
    ".front-blockquote",
    ".freshdesk_quote",
    ".history_container",  # Mailbird
    ".ms-outlook-mobile-reference-message",
    '[data-marker="__QUOTED_TEXT__"]',  # Zimbra
    '[name="messageReplySection"]',  # Spark
    'div[name="quote"]',  # GMX, web.de
    "#isReplyContent",  # 163.com
    "#isForwardContent",
)
# Where the rest of the message is the quote: a header block or a rule before it.
_FROM_HERE = (
    '[id$="divRplyFwdMsg"]',
    '[id$="appendonsend"]',
    "#OLK_SRC_BODY_SECTION",
    ".OutlookMessageHeader",
    "#mail-editor-reference-message-container",
    "#replySplit",
    "#zwchr",  # Zimbra's rule
    '[data-marker="__DIVIDER__"]',
    ".zmail_extra_hr",
)
_CANDIDATES = ", ".join(("blockquote", *_CONTAINERS, *_FROM_HERE, '[style*="border-top"]'))
_CONTAINER, _REST = ", ".join(_CONTAINERS), ", ".join(_FROM_HERE)
_QUOTING_CLASSES = ("quote", "cite", "history")
_INTRODUCTIONS = {"moz-cite-prefix", "gmail_attr", "moz-email-headers-table"}


def wrap_quotes(tree: LexborHTMLParser, body: LexborNode) -> None:
    """Wrap each outermost quote below `body` in <details class="quote">, changing the tree in place.

    Where nothing but quotes is left, they are open: a forwarded message is there to be read.
    """
    if not _wrap_marked(tree, body):
        wrap_unmarked(tree, body)
    if not _anything_new(body):
        for details in body.css("details.quote")[:MAX_QUOTES]:
            details.attrs["open"] = ""


def _wrap_marked(tree: LexborHTMLParser, body: LexborNode) -> bool:
    """Wrap what programs mark as a quote; whether one of them was the rest of the page."""
    wrapped = 0
    seen: set[int] = set()
    rests = {node.mem_id for node in body.css(_REST)[:MAX_CANDIDATES]}
    containers = {node.mem_id for node in body.css(_CONTAINER)[:MAX_CANDIDATES]}
    for node in body.css(_CANDIDATES)[:MAX_CANDIDATES]:
        if wrapped >= MAX_QUOTES or node.mem_id in seen:
            continue
        seen.add(node.mem_id)
        if inside_details(node):
            continue
        if node.mem_id in rests or _is_ruled_header(node):
            wrap_from(tree, with_rule(outermost(node)))
            return True
        if node.mem_id in containers and node.tag != "blockquote":
            wrapped += _wrap_container(tree, node)
        elif node.tag == "blockquote" and _is_quote(node):
            _wrap_introduced(tree, node)
            wrapped += 1
    return False


def _is_ruled_header(node: LexborNode) -> bool:
    """Outlook's div with a line above it and the header block in it."""
    style = "".join((node.attributes.get("style") or "").lower().split())
    if "border-top:none" in style:
        return False
    lines = [line for line in lines_from(node, within=node) if line.strip()]
    return bool(lines) and marks.separator_size(lines, 0) > 0


def _is_quote(node: LexborNode) -> bool:
    """Whether a blockquote quotes; editors also use it to indent."""
    attributes = node.attributes
    if (attributes.get("type") or "").lower() == "cite" or "data-email" in attributes or "data-marker" in attributes:
        return True
    named = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".lower()
    if any(word in named for word in _QUOTING_CLASSES) or "cite" in attributes:
        return True
    style = "".join((attributes.get("style") or "").lower().split())
    if "border-left:" in style and "border-left:none" not in style and "border-left:0" not in style:
        return True
    return _introduction_of(node) is not None or _begins_introduced(node)


def _begins_introduced(node: LexborNode) -> bool:
    lines = [line for line in lines_from(node, within=node, limit=40) if line.strip()]
    return bool(lines) and (marks.separator_size(lines, 0) > 0 or marks.attribution(lines, 0)[1] == Strength.STRONG)


def _wrap_container(tree: LexborHTMLParser, container: LexborNode) -> int:
    """Fold a container; where a person wrote between or below the quotes in it, only those. Gives how many folds."""
    quotes = _quotes_in(container)
    if not quotes or _is_forward(container) or not _answered_below(quotes[0]):
        _wrap_introduced(tree, container)
        return 1
    first = container.first_child
    for quote in quotes[:MAX_QUOTES]:
        # What is above the first quote in its container introduces it.
        wrap(tree, first if first is not None else quote, quote)
        first = None
    return len(quotes)


def _quotes_in(container: LexborNode) -> list[LexborNode]:
    found: list[LexborNode] = []
    child = container.first_child
    while child is not None and len(found) < MAX_QUOTES:
        if child.tag == "blockquote":
            found.append(child)
        child = child.next
    return found


def _answered_below(quote: LexborNode) -> bool:
    child = quote.next
    while child is not None:
        if child.tag != "blockquote" and not is_blank(child):
            return True
        child = child.next
    return False


def _is_forward(container: LexborNode) -> bool:
    lines = [line for line in lines_from(container, within=container, limit=40) if line.strip()]
    return bool(lines) and marks.separator_size(lines, 0) > 0


def _wrap_introduced(tree: LexborHTMLParser, node: LexborNode) -> None:
    """Fold `node` with the lines that introduce it where they stand before it."""
    first = _introduction_of(node)
    if first is None:
        around = outermost(node)
        if (
            around.mem_id != node.mem_id
            and neighbour(node, back=False) is None
            and _introduction_of(around) is not None
        ):
            node, first = around, _introduction_of(around)
    wrap(tree, first if first is not None else node, node)


def _introduction_of(node: LexborNode) -> LexborNode | None:
    """Where the attribution before `node` begins: an element of its own, or the text since the last line break."""
    before = neighbour(node, back=True)
    if before is None:
        return None
    if before.is_element_node:
        if before.tag in ("details", "table", "ul", "ol", "blockquote"):
            return None
        if _INTRODUCTIONS & set((before.attributes.get("class") or "").split()):
            return before
        if before.attributes.get("id") == "reply-intro":
            return before
        if _introduces([before]):
            return before
    return _inline_introduction(before)


def _inline_introduction(before: LexborNode) -> LexborNode | None:
    """Text, links and bold names before a quote, up to three lines of it."""
    run: list[LexborNode] = []
    node: LexborNode | None = before
    breaks = 0
    for _ in range(20):
        if (
            node is None
            or breaks > 3
            or (node.is_element_node and node.tag in ("p", "div", "table", "blockquote", "details"))
        ):
            break
        breaks += node.tag == "br"
        run.insert(0, node)
        if node.tag != "br" and not is_blank(node) and _introduces(run):
            whole = node.prev is None or node.prev.tag in ("br", "p", "div") or is_blank(node.prev)
            if whole:
                return node
        node = node.prev
    return None


def _introduces(nodes: list[LexborNode]) -> bool:
    text = ""
    for node in nodes:
        pieces = (inner.text_content or "" for inner in walk(node, 40) if inner.is_text_node)
        text += " ".join(pieces) if node.is_element_node else (node.text_content or "")
    text = " ".join(text[:600].split())
    return len(text) < MAX_LINE and marks.is_introduction(text)


def _anything_new(body: LexborNode) -> bool:
    """Whether anything is shown outside of the folds."""
    child = body.first_child
    for _ in range(1_000):
        if child is None:
            return False
        if not is_folded(child) and not _only_folds(child):
            return True
        child = child.next
    return True


def _only_folds(node: LexborNode) -> bool:
    if is_blank(node):
        return True
    return not any(
        not inside_details(inner) and (inner.tag == "img" or (inner.is_text_node and not is_blank(inner)))
        for inner in walk(node, 2_000)
    )
