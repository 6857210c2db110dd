"""HTML read as text: for reading where no plain text came, and for the search index; and plain text as HTML."""

from __future__ import annotations

import html as escaping
import re
from collections.abc import Callable, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from .tame import tame
from .text import storable, unix_lines

_SKIPPED = {
    "script",
    "style",
    "head",
    "title",
    "template",
    "noscript",
    "iframe",
    "object",
    "svg",
    "math",
    "select",
    "textarea",
}
_BLOCKS = {
    "address", "article", "aside", "center", "dd", "details", "dir", "div", "dl", "dt", "fieldset", "figure",
    "footer", "form",
    "header", "li", "main", "nav", "ol", "section", "summary", "table", "tr", "ul", "caption", "body", "html",
}  # fmt: skip
_INLINE = {"a", "b", "big", "code", "em", "font", "i", "s", "small", "span", "strike", "strong", "sub", "sup", "u"}
_TEXT = "-text"  # what selectolax calls a node that is text
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr"}
_BLANKS = re.compile(r"[ \t\r\n\f]{2,}|[\t\r\n\f]")  # those that are not one space already
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_URL = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'\u00a0]{1,2000}|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}", re.IGNORECASE
)


def display_text(html: str) -> str:
    """`html` as plain text to read: paragraphs, lists, rows of tables; quotes marked with "> "."""
    return _Writer(may_hide=_may_hide(html)).write(_root(html))


def _may_hide(html: str) -> bool:
    """Whether a style in `html` may hide what it is on: most pages have none that does, and none need be looked at."""
    small = html.lower()
    # Letters written as entities are as good as never met; NUL falls out.
    return "display" in small or "mso-hide" in small or "&#" in small or "\x00" in small


def node_text(root: LexborNode, is_quote: Callable[[LexborNode], bool]) -> str:
    """What `display_text` makes of a tree, where `is_quote` says which elements are marked as quotes."""
    return _Writer(is_quote).write(root)


def parse_html(html: str) -> LexborHTMLParser:
    """`html` as a tree, brought to a size and depth that takes linear time first."""
    return LexborHTMLParser(tame(storable(html)))


def index_text(html: str) -> str:
    """All words of `html` for the search index, hidden ones too; also titles and descriptions of images."""
    words: list[str] = []
    for kind, node in _walk(_root(html)):
        if kind == "text":
            words.append(node.text_content or "")
        elif kind == "start":
            if node.tag in _BLOCKS or node.tag in _PARAGRAPHS or node.tag in ("br", "td", "th"):
                words.append(" ")
            if node.tag == "img":
                words.append(f" {node.attributes.get('alt') or ''} ")
    return " ".join("".join(words).split())


def text_as_html(text: str) -> str:
    """Plain text as HTML: escaped, paragraphs apart, addresses made into links."""
    paragraphs = re.split(r"\n[ \t]*\n", unix_lines(storable(text)).strip("\n"))
    return "".join(f"<p>{_linkified(paragraph)}</p>" for paragraph in paragraphs if paragraph.strip())


def _linkified(paragraph: str) -> str:
    out: list[str] = []
    position = 0
    for match in _URL.finditer(paragraph):
        address = match.group().rstrip(".,;:!?)]}>'\"")
        out.append(_escape(paragraph[position : match.start()]))
        target = address if address.lower().startswith("http") else _target(address)
        out.append(
            f'<a href="{escaping.escape(target)}" target="_blank" rel="noopener noreferrer">{_escape(address)}</a>'
        )
        position = match.start() + len(address)
    out.append(_escape(paragraph[position:]))
    return "".join(out)


def _target(address: str) -> str:
    return f"http://{address}" if address.lower().startswith("www.") else f"mailto:{address}"


def _escape(text: str) -> str:
    # Blanks that a person aligned with stay; single ones may break.
    return escaping.escape(text).replace("  ", "&nbsp; ").replace("\n", "<br>\n")


def _root(html: str) -> LexborNode | None:
    return parse_html(html).root


def _walk(root: LexborNode | None) -> Iterator[tuple[str, LexborNode]]:
    """("start" | "end" | "text", node) of what is in `root`, in order, no recursion; without what is never shown."""
    node = root
    top = root.mem_id if root is not None else 0
    while node is not None:
        inside = None
        if node.is_text_node:
            yield "text", node
        elif node.is_element_node and node.tag not in _SKIPPED:
            yield "start", node
            inside = node.first_child
            if inside is None:
                yield "end", node
        if inside is not None:
            node = inside
            continue
        while node is not None and node.mem_id != top and node.next is None:
            node = node.parent
            if node is not None and node.is_element_node:
                yield "end", node
        node = node.next if node is not None and node.mem_id != top else None


class _Writer:
    """Lines of text out of a tree; collapses blanks as a browser does."""

    def __init__(
        self, is_quote: Callable[[LexborNode], bool] = lambda node: node.tag == "blockquote", *, may_hide: bool = True
    ) -> None:
        self.is_quote = is_quote
        self.may_hide = may_hide  # False: no style of an element hides it, and none need be looked at
        self.lines: list[str] = []
        self.line = ""
        self.quotes = 0
        self.hidden = 0
        self.preformatted = 0
        self.lists: list[int] = []  # the next number of each open list, 0 in a bulleted one
        self.rows = 0

    def write(self, root: LexborNode | None) -> str:
        node = root
        holders: list[tuple[LexborNode, str, bool]] = []  # the elements around `node`, outermost first
        while node is not None:
            tag = node.tag or ""
            if tag == _TEXT:
                self._text(node.text_content or "")
            elif tag not in _SKIPPED and node.is_element_node:
                quote = self._start(node, tag)
                inside = node.first_child
                if inside is not None:
                    holders.append((node, tag, quote))
                    node = inside
                    continue
                self._end(tag, quote)
            node = self._following(node, holders)
        self._break()
        return _squeezed(self.lines)

    def _following(self, node: LexborNode, holders: list[tuple[LexborNode, str, bool]]) -> LexborNode | None:
        """The node behind `node`, with the elements ended that end before it; None behind the last of the root."""
        while holders:
            following: LexborNode | None = node.next
            if following is not None:
                return following
            node, tag, quote = holders.pop()
            self._end(tag, quote)
        return None

    def _text(self, text: str) -> None:
        if self.hidden:
            return
        if self.preformatted:
            first, *rest = unix_lines(text).split("\n")
            self.line += first
            for line in rest:
                self._break(force=True)
                self.line += line
            return
        text = _BLANKS.sub(" ", text)
        if not text.isascii():
            text = text.replace("\u200b", "").replace("\u200c", "")
        self.line += text.lstrip(" ") if not self.line or self.line.endswith(" ") else text

    def _start(self, node: LexborNode, tag: str) -> bool:
        """Begin an element; whether it is a quote."""
        if self.hidden or (self.may_hide and _HIDDEN.search(node.attributes.get("style") or "")):
            self.hidden += 1
            return False
        if tag in _INLINE:
            return False
        quote = False
        if tag == "br":
            self._break(force=True)
        elif tag in _PARAGRAPHS:
            self._paragraph()
            quote = self.is_quote(node)
            self.preformatted += tag == "pre"
            self.line += "-----" if tag == "hr" else ""
        elif tag in _BLOCKS:
            self._break()
            quote = self.is_quote(node)
            self._list(node, tag)
        elif tag in ("td", "th") and self.line and not self.line.endswith(" "):
            self.line += " "
        elif tag == "img" and (node.attributes.get("alt") or "").strip():
            self._text(f"[{(node.attributes.get('alt') or '').strip()}]")
        self.quotes += quote
        return quote

    def _list(self, node: LexborNode, tag: str) -> None:
        if tag in ("ul", "ol", "dir"):
            self.lists.append(1 if tag == "ol" else 0)
        elif tag == "li":
            number = self.lists[-1] if self.lists else 0
            self.line = "  " * (len(self.lists) - 1) + (f"{number}. " if number else "- ")
            if number:
                self.lists[-1] += 1

    def _end(self, tag: str, quote: bool) -> None:
        if self.hidden:
            self.hidden -= 1
            return
        if tag in _INLINE:
            return
        if tag in _PARAGRAPHS:
            self._break()
            self.quotes -= quote
            self.preformatted -= tag == "pre"
            self._paragraph()
        elif tag in _BLOCKS:
            self._break()
            self.quotes -= quote
            if tag in ("ul", "ol", "dir") and self.lists:
                self.lists.pop()

    def _paragraph(self) -> None:
        self._break()
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append(self._prefix().rstrip())
        elif self.lines and len(self.lines[-1]) > self.quotes:
            # Two quotes end together: the empty line belongs to the outer one.
            self.lines[-1] = self._prefix().rstrip()

    def _break(self, *, force: bool = False) -> None:
        text = self.line.replace("\u00a0", " ").rstrip()
        if text or force:
            self.lines.append(self._prefix() + text if text else self._prefix().rstrip())
        self.line = ""

    def _prefix(self) -> str:
        depth = min(self.quotes, 20)
        return ">" * depth + " " if depth else ""


def _squeezed(lines: list[str]) -> str:
    """At most one empty line together, none at the ends."""
    out: list[str] = []
    for line in lines:
        if line.strip("> ") or (out and out[-1].strip("> ")):
            out.append(line)
    return "\n".join(out).strip("\n")
