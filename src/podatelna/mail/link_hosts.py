"""Links that name one host and lead to another: the true one is written beside them, where no style can hide it."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from .public_suffixes import is_known_ending, is_public_suffix, registered_domain

MAX_TEXT = 1000  # characters of a link's text that are looked at
# A domain as people write one: with or without its scheme, also as the end of an address. Looked for at the beginnings
# of words alone, or long words would take quadratic time.
_NAMED = re.compile(
    r"(?<![\w.-])(?P<plain>https?://|www\.)?(?P<host>(?:[^\W_][\w-]{0,62}\.){1,40}[^\W\d_][\w-]{1,62})(?![\w-])(?(plain)|(?!@))",
    re.IGNORECASE,
)
# Names of files that end like domains: a link may be called notes.md or photos.zip.
_FILES = frozenset("md zip mov py rs sh ps so".split())
# Each with !important, which in a style attribute nothing of the mail's own styles can win against (CSS Cascading 8).
STYLE = "; ".join(
    f"{declaration} !important"
    for declaration in (
        "display: inline", "visibility: visible", "opacity: 1", "float: none", "margin: 0 4px", "padding: 0 4px",
        "border: 1px solid #8a4a12", "border-radius: 4px", "background: #fbe7d6", "color: #6d3a0e",
        "font: 12px/1.5 sans-serif", "letter-spacing: normal", "word-spacing: normal", "text-indent: 0",
        "text-shadow: none", "text-transform: none", "text-decoration: none", "white-space: normal",
        "overflow-wrap: anywhere", "direction: ltr", "unicode-bidi: isolate",
    )
)  # fmt: skip


def show_true_hosts(tree: LexborHTMLParser, body: LexborNode) -> None:
    """Behind each link below `body` whose text names another host than its title (see html.true_host), write that."""
    for link in body.css("a[href][title]"):
        true = link.attributes.get("title") or ""
        if true and names_another(shown_text(link), true):
            mark = tree.create_node("span")
            mark.attrs["style"] = STYLE
            mark.insert_child(true)
            link.insert_after(mark)


def shown_text(link: LexborNode) -> str:
    """What a reader sees of a link: its text, and what its pictures are called while they are not loaded."""
    pictures = " ".join(picture.attributes.get("alt") or "" for picture in link.css("img[alt]")[:10])
    return f"{(link.text() or '')[:MAX_TEXT]} {pictures[:MAX_TEXT]}"


def names_another(text: str, true: str) -> bool:
    """Whether the first host that `text` names is of another domain than `true`: a host, or an address of mailto.

    What follows counts for nothing: in https://bank.cz@evil.cz and bank.cz/?evil.cz a reader sees the bank.
    """
    found = next((one for one in _NAMED.finditer(text[: 2 * MAX_TEXT + 1]) if _is_meant(one)), None)
    return found is not None and registered_domain(found["host"]) != registered_domain(true.rpartition("@")[2])


def _is_meant(found: re.Match[str]) -> bool:
    """Without a scheme, only what ends like a domain that somebody could have: not 2.5.pdf, and not name.md."""
    if found["plain"]:
        return True
    host, end = found["host"], found["host"].rpartition(".")[2].lower()
    return end not in _FILES and is_known_ending(end) and not is_public_suffix(host)
