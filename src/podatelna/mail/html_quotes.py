"""Quoted history in HTML mail, put into <details> so that it is folded and still there."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

from .quote_marks import is_introduction

MAX_QUOTES = 200
SUMMARY = "•••"  # no words, so no language

# What the clients put around what they quote.
_QUOTES = (
    'blockquote[type="cite"]',  # Apple Mail, Thunderbird, Roundcube
    "blockquote.gmail_quote",
    "div.gmail_quote",
    "div.gmail_quote_container",
    "blockquote[data-email]",  # Seznam
    "blockquote[data-marker]",  # Zimbra
    "div.yahoo_quoted",
    "div.protonmail_quote",
    "blockquote.protonmail_quote",
    "div.moz-forward-container",
    "div.zmail_extra",  # Zoho
)
# Where the rest of the message is the quote: a header block or a rule before it.
_FROM_HERE = (
    "#divRplyFwdMsg",
    "#appendonsend",
    "#OLK_SRC_BODY_SECTION",
    "div.OutlookMessageHeader",
    "#mail-editor-reference-message-container",
)
_OUTLOOK_RULES = (
    "border-top:solid #e1e1e1",
    "border-top:solid #b5c4df",
    "border-top:1px solid #e1e1e1",
    "border-top:1pxsolid#b5c4df",
)


def wrap_quotes(tree: LexborHTMLParser, body: LexborNode) -> None:
    """Wrap each outermost quote below `body` in <details class="quote">, changing the tree in place."""
    outlook = _outlook_header(body)
    if outlook is not None:
        _wrap_from(tree, outlook)
        return
    wrapped = 0
    for quote in body.css(", ".join(_QUOTES)):
        if wrapped >= MAX_QUOTES:
            break
        if not _inside_details(quote):
            _wrap(tree, quote)
            wrapped += 1


def _outlook_header(body: LexborNode) -> LexborNode | None:
    """The element that begins Outlook's header block: everything from there on is the quoted message."""
    for selector in _FROM_HERE:
        found = body.css_first(selector)
        if found is not None:
            return found
    for node in body.css('div[style*="border-top"]')[:50]:
        style = (node.attributes.get("style") or "").lower()
        compact = style.replace("; ", ";").replace(": ", ":")
        if any(rule in compact for rule in _OUTLOOK_RULES) and _has_header_labels(node):
            return _outer(node)
    return None


def _has_header_labels(node: LexborNode) -> bool:
    text = node.text()[:1_000]
    labels = (
        "From:",
        "Od:",
        "Von:",
        "Sent:",
        "Odesláno:",
        "Odoslané:",
        "Gesendet:",
        "To:",
        "Komu:",
        "An:",
        "Subject:",
        "Předmět:",
        "Predmet:",
        "Betreff:",
    )
    return sum(label in text for label in labels) >= 3


def _outer(node: LexborNode) -> LexborNode:
    """The rule's div stands alone in another div; that one's neighbours are the quoted message."""
    parent = node.parent
    while parent is not None and parent.tag == "div" and _only_child(node):
        node, parent = parent, parent.parent
    return node


def _only_child(node: LexborNode) -> bool:
    return _neighbour(node, back=True) is None and _neighbour(node, back=False) is None


def _neighbour(node: LexborNode, *, back: bool) -> LexborNode | None:
    following = node.prev if back else node.next
    while following is not None and following.is_text_node and not (following.text_content or "").strip():
        following = following.prev if back else following.next
    return following


def _inside_details(node: LexborNode) -> bool:
    parent = node.parent
    for _ in range(500):
        if parent is None:
            return False
        if parent.tag == "details":
            return True
        parent = parent.parent
    return True


def _wrap(tree: LexborHTMLParser, node: LexborNode) -> None:
    """Wrap `node`, with the line that introduces it where that is an element of its own before it."""
    before = _neighbour(node, back=True)
    first = before if before is not None and _introduces(before) else node
    first.insert_before(_details(tree))
    details = first.prev
    while details is not None:
        after = details.next
        if after is None:
            return
        reached = after.mem_id == node.mem_id
        details.insert_child(after, move=True)
        if reached:
            return


def _introduces(node: LexborNode) -> bool:
    if not node.is_element_node or node.tag in ("details", "table", "ul", "ol"):
        return False
    classes = (node.attributes.get("class") or "").split()
    if "moz-cite-prefix" in classes or "gmail_attr" in classes:
        return True
    text = " ".join(node.text()[:600].split())
    return len(text) < 500 and is_introduction(text)


def _wrap_from(tree: LexborHTMLParser, node: LexborNode) -> None:
    """Wrap `node` and all that follows it beside it."""
    node.insert_before(_details(tree))
    details = node.prev
    following: LexborNode | None = node
    while details is not None and following is not None:
        after = following.next
        details.insert_child(following, move=True)
        following = after


def _details(tree: LexborHTMLParser) -> LexborNode:
    details = tree.create_node("details")
    details.attrs["class"] = "quote"
    summary = tree.create_node("summary")
    summary.insert_child(SUMMARY)
    details.insert_child(summary)
    return details
