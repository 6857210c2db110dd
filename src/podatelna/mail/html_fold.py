"""Elements of a page put into <details class="quote">, where they stand."""

from __future__ import annotations

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

SUMMARY = "•••"  # no words, so no language
MAX_ABOVE = 300  # elements around one; pages are cut to fewer
_STRUCTURE = {"table", "tbody", "thead", "tfoot", "tr", "colgroup", "ul", "ol", "dl", "select", "map"}
_BREAKS = {
    "br", "p", "div", "tr", "li", "table", "blockquote", "pre", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "aside",
    "section", "article", "header", "footer", "center", "ul", "ol", "dt", "dd", "td", "th", "address",
}  # fmt: skip
_UNSEEN = {"style", "script", "head", "title", "template", "summary"}
_SEEN = {"img", "hr", "table"}


def is_folded(node: LexborNode) -> bool:
    """Whether the element is one that was made here."""
    return node.tag == "details" and "quote" in (node.attributes.get("class") or "").split()


def inside_details(node: LexborNode) -> bool:
    """Whether something around `node` is folded already."""
    parent = node.parent
    for _ in range(MAX_ABOVE):
        if parent is None:
            return False
        if parent.tag == "details":
            return True
        parent = parent.parent
    return True


def wrap(tree: LexborHTMLParser, first: LexborNode, last: LexborNode) -> None:
    """Fold `first` and what follows it beside it, up to `last`."""
    first.insert_before(_details(tree))
    details = first.prev
    while details is not None:
        after = details.next
        if after is None:
            return
        reached = after.mem_id == last.mem_id
        details.insert_child(after, move=True)
        if reached:
            return


def wrap_from(tree: LexborHTMLParser, node: LexborNode) -> None:
    """Fold `node` and everything behind it in the page, a fold for each element that it has to be done in."""
    start: LexborNode | None = node
    for _ in range(MAX_ABOVE):
        if start is None:
            return
        parent = start.parent
        if parent is None or not parent.is_element_node:
            return
        if parent.tag not in _STRUCTURE and (start.mem_id == node.mem_id or _anything_from(start)):
            last = parent.last_child
            if last is not None:
                wrap(tree, start, last)
        if parent.tag in ("body", "html"):
            return
        start = parent
        while start is not None and start.next is None:
            start = start.parent
            if start is None or start.tag in ("body", "html"):
                return
        start = start.next if start is not None else None


def _anything_from(node: LexborNode | None) -> bool:
    while node is not None:
        if not is_blank(node):
            return True
        node = node.next
    return False


def outermost(node: LexborNode) -> LexborNode:
    """The element around `node` that begins with it: what is behind that one is behind `node` too."""
    parent = node.parent
    for _ in range(MAX_ABOVE):
        if parent is None or parent.tag in ("body", "html") or neighbour(node, back=True) is not None:
            return node
        node, parent = parent, parent.parent
    return node


def with_rule(node: LexborNode) -> LexborNode:
    """From the rule and the empty marks that Outlook puts before its header block."""
    before = neighbour(node, back=True)
    if before is not None and (before.tag == "hr" or _is_only_rule(before)):
        node = before
    while (
        node.prev is not None
        and (node.prev.attributes.get("id") if node.prev.is_element_node else "") == "appendonsend"
    ):
        node = node.prev
    return node


def _is_only_rule(node: LexborNode) -> bool:
    inside = list(walk(node, 30))
    ruled = any(inner.tag == "hr" for inner in inside)
    return ruled and len(inside) < 30 and all(is_blank(inner) for inner in inside if inner.is_text_node)


def neighbour(node: LexborNode, *, back: bool) -> LexborNode | None:
    """The next thing beside `node` that shows anything."""
    following = node.prev if back else node.next
    for _ in range(50):
        if following is None or not is_blank(following):
            break
        following = following.prev if back else following.next
    return following


def is_blank(node: LexborNode) -> bool:
    """Whether nothing of it is seen: blanks, comments, line breaks, empty elements."""
    if node.is_text_node:
        return not (node.text_content or "").strip(" \t\r\n\u00a0\u200b\ufeff")
    if not node.is_element_node or node.tag in _UNSEEN:
        return True
    if node.tag in _SEEN:
        return False
    return all(
        not (inner.text_content or "").strip(" \t\r\n\u00a0\u200b\ufeff")
        if inner.is_text_node
        else inner.tag not in _SEEN
        for inner in walk(node, 200)
    )


def walk(root: LexborNode, limit: int) -> Iterator[LexborNode]:
    """`root` and what is in it, in order, at most `limit` nodes; no recursion."""
    yield from _following(root, root, limit)


def _following(start: LexborNode, root: LexborNode | None, limit: int) -> Iterator[LexborNode]:
    node: LexborNode | None = start
    for _ in range(limit):
        if node is None:
            return
        yield node
        inside = node.first_child if node.tag not in _UNSEEN else None
        if inside is not None:
            node = inside
            continue
        while node is not None and node.next is None:
            if root is not None and node.mem_id == root.mem_id:
                return
            node = node.parent
        if node is None or (root is not None and node.mem_id == root.mem_id):
            return
        node = node.next


def lines_from(start: LexborNode, *, within: LexborNode | None = None, limit: int = 80) -> list[str]:
    """The first lines that a reader sees from `start` on (only of what is in `within`, if given)."""
    lines = [""]
    for node in _following(start, within, limit):
        if node.is_text_node:
            lines[-1] += _collapsed((node.text_content or "")[:1_000])
        elif node.tag in _BREAKS and (lines[-1].strip() or node.tag == "br"):
            lines.append("")
        if len(lines) > 30:
            break
    return [line.strip() + "\n" for line in lines]


def _collapsed(text: str) -> str:
    bare = " ".join(text.split())
    return f"{' ' if text[:1].isspace() else ''}{bare}{' ' if bare and text[-1:].isspace() else ''}"


def _details(tree: LexborHTMLParser) -> LexborNode:
    details = tree.create_node("details")
    details.attrs["class"] = "quote"
    summary = tree.create_node("summary")
    summary.insert_child(SUMMARY)
    details.insert_child(summary)
    return details
