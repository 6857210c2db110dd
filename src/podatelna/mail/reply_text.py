"""The new part of a message: what its sender wrote, apart from quotes, the lines above them, and signatures."""

from __future__ import annotations

import re
from bisect import bisect_right

from selectolax.lexbor import LexborNode

from . import quote_marks as marks
from .html_fold import inside_details, is_folded
from .html_quotes import wrap_quotes
from .html_text import node_text, parse_html
from .parse import Parsed
from .quotes import NEW, QUOTE, SIGNATURE, Block, fold
from .subjects import base_subject

_LINK = re.compile(r"[<\[(]\s?(?:https?:|mailto:|cid:)[^\s<>\])]{1,2000}\s?[>\])]|[<\[(]https?:[^<>]{0,500}$")
_WORD = re.compile(r"\w+")
MAX_SIGNATURE = 2_000  # characters; a longer one holds what a person wrote into it
MAX_SIGNATURES = 20
_SIGNATURES = ", ".join(
    (
        ".gmail_signature",
        ".gmail_signature_prefix",
        '[data-smartmail="gmail_signature"]',
        ".moz-signature",
        "#Signature",
        "#x_Signature",
        "#ms-outlook-mobile-signature",
        "#AppleMailSignature",
        "#composer_signature",  # Samsung
        ".protonmail_signature_block",
        '[name="messageSignatureSection"]',  # Spark
        '[data-marker="__SIG_PRE__"]',  # Zimbra
        '[data-marker="__SIG_POST__"]',
        "#_rc_sig",  # Roundcube
        "#ymail_android_signature",
        '[class$="yahoo_signature"]',
        "#zmail_signature",
        'div[name="signature"]',
    )
)


def reply_text(parsed: Parsed) -> str:
    """What is newly written in `parsed`, without blank lines around it; "" where nothing is.

    Plain text is preferred; HTML tells where only it marks the quote or the signature. Answers between quotes keep the
    quotes between them: an answer means nothing without its question. A forward or a reply without a word of its own
    has no new text, though `new_text` shows it whole. What only looks quoted, in a message that answers and forwards
    nothing, is its own text.
    """
    if not parsed.html.strip():
        return _chosen(parsed, fold(parsed.text), parsed.text)
    page = _Page(parsed.html)
    if not _has_plain(parsed):
        return page.new_text(parsed)
    blocks = fold(parsed.text)
    if page.quotes and not any(block.kind == QUOTE for block in blocks):
        return page.new_text(parsed)
    new = _chosen(parsed, blocks, parsed.text)
    if page.quotes:
        new = _without_rest(new, page.new_text(parsed))
    return _without_ending(new, page.signatures)


def _has_plain(parsed: Parsed) -> bool:
    return any(
        part.content_type == "text/plain" and not part.is_attachment and part.content.strip() for part in parsed.parts
    )


def _chosen(parsed: Parsed, blocks: tuple[Block, ...], text: str) -> str:
    new = _new(blocks)
    if new or any(block.kind == SIGNATURE for block in blocks) or _answers(parsed) or _is_forward(text):
        return new
    return text.strip("\r\n ")


def _new(blocks: tuple[Block, ...]) -> str:
    return "".join(block.text for block in blocks if block.kind == NEW).strip("\r\n \u00a0")


def _answers(parsed: Parsed) -> bool:
    """Whether the message says that it answers or forwards another."""
    return bool(parsed.references) or base_subject(parsed.subject).strip() != " ".join(parsed.subject.split())


def _is_forward(text: str) -> bool:
    first = next((line for line in text[:2_000].split("\n") if line.strip()), "")
    return marks.is_separator(first)


def _without_rest(text: str, shorter: str) -> str:
    """`text` up to where `shorter`, the same words from the HTML, ends: what is behind introduces a quote there."""
    words = [match.group() for match in _WORD.finditer(_LINK.sub(" ", shorter))]
    links = [match.span() for match in _LINK.finditer(text)]
    found = [match for match in _WORD.finditer(text) if not _inside(match.start(), links)]
    if not 0 < len(words) < len(found) or [match.group() for match in found[: len(words)]] != words:
        return text
    end = text.find("\n", found[len(words) - 1].end())
    # In one line with the last word there are only signs.
    return text[:end].rstrip() if end >= 0 and end <= found[len(words)].start() else text


def _inside(position: int, spans: list[tuple[int, int]]) -> bool:
    place = bisect_right(spans, (position, len(spans) and spans[-1][1])) - 1
    return place >= 0 and spans[place][0] <= position < spans[place][1]


def _without_ending(text: str, endings: list[str]) -> str:
    """`text` without a signature that the HTML marks and the plain text repeats at its end, however it is wrapped."""
    for ending in endings:
        words = ending.split()
        position = len(text)
        for word in reversed(words):
            bare = text[:position].rstrip()
            if not bare.endswith(word):
                break
            position = len(bare) - len(word)
        else:
            # All of it would be a signature into which somebody wrote.
            before = text[:position].rstrip()
            if before and words and (position == 0 or text[position - 1].isspace()):
                text = before.removesuffix("\n--").rstrip()
    return text


class _Page:
    """An HTML body with its quotes and signatures found."""

    def __init__(self, html: str) -> None:
        tree = parse_html(html)
        self.root = tree.body or tree.root
        self.quotes = False
        self.signatures: list[str] = []
        self._nodes: list[LexborNode] = []
        if tree.body is not None:
            wrap_quotes(tree, tree.body)
            folds = tree.body.css("details.quote > summary")
            self.quotes = bool(folds)
            for summary in folds:
                summary.decompose()
            self._find_signatures(tree.body)

    def _find_signatures(self, body: LexborNode) -> None:
        for node in body.css(_SIGNATURES)[:MAX_SIGNATURES]:
            if inside_details(node) or node.css_first("details, blockquote") is not None:
                continue
            text = node_text(node, is_folded)
            if len(text) <= MAX_SIGNATURE:
                self._nodes.append(node)
                self.signatures.append(text)

    def new_text(self, parsed: Parsed) -> str:
        """What is new in the page."""
        if self.root is None:
            return ""
        whole = _page_text(self.root)
        blocks = fold(whole)
        if self._nodes:
            kept = _kept(self.root, self._nodes)
            # A program that puts its mark around what a person wrote must not make it vanish.
            blocks = fold(kept) if _new(fold(kept)) or not _new(blocks) else blocks
        return _chosen(parsed, blocks, whole)


def _kept(root: LexborNode, signatures: list[LexborNode]) -> str:
    """The text of the page without the signatures."""
    for node in signatures:
        node.attrs["style"] = "display:none"
    return _page_text(root)


def _page_text(root: LexborNode) -> str:
    """The text with marked quotes; an empty marked line at the end of a quote is only an empty line."""
    lines = node_text(root, is_folded).split("\n")
    for place, line in enumerate(lines):
        if line and not line.strip(">") and not all(_is_marked(lines, beside) for beside in (place - 1, place + 1)):
            lines[place] = ""
    return "\n".join(lines)


def _is_marked(lines: list[str], place: int) -> bool:
    return 0 <= place < len(lines) and lines[place].startswith(">")
