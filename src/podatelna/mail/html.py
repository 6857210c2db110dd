"""HTML of strangers: made safe for a sandboxed frame, and read as text."""

from __future__ import annotations

import html as escaping
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import idna
import nh3
from selectolax.lexbor import LexborHTMLParser, LexborNode

from .css import Gate, filter_declarations, filter_stylesheet, for_media
from .html_quotes import wrap_quotes
from .html_text import display_text, index_text, text_as_html
from .link_hosts import show_true_hosts
from .tame import tame
from .text import storable

__all__ = ["SafeHtml", "display_text", "index_text", "quotable_html", "safe_html", "text_as_html"]

MAX_STYLES = 50

_TAGS = {
    "a", "abbr", "acronym", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br",
    "caption", "center",
    "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "dir", "div", "dl", "dt", "em", "figcaption",
    "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd",
    "li", "main",
    "map", "area", "mark", "nav", "nobr", "ol", "p", "pre", "q", "s", "samp", "section", "small", "span",
    "strike", "strong",
    "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u", "ul",
    "var", "wbr",
}  # fmt: skip
_REMOVED_WITH_CONTENT = {
    "script", "style", "title", "noscript", "template", "iframe", "frameset", "noframes", "noembed", "object",
    "applet", "audio",
    "video", "svg", "math", "select", "textarea", "canvas", "xmp",
}  # fmt: skip
_EVERYWHERE = {
    "style", "class", "id", "dir", "lang", "title", "align", "valign", "bgcolor", "width", "height", "border", "color",
    "hidden", "role", "aria-hidden", "aria-label",
}  # fmt: skip
_ATTRIBUTES = {
    "*": _EVERYWHERE,
    "a": {"href", "name", "target", "rel"},
    "area": {"href", "shape", "coords", "alt", "target", "rel"},
    "img": {"src", "alt", "hspace", "vspace", "srcset", "usemap"},
    "map": {"name"},
    "table": {"cellpadding", "cellspacing", "summary", "background", "frame", "rules", "bordercolor"},
    "tr": {"background"},
    "td": {"colspan", "rowspan", "nowrap", "background", "headers", "abbr", "scope"},
    "th": {"colspan", "rowspan", "nowrap", "background", "headers", "abbr", "scope"},
    "tbody": {"background"},
    "col": {"span"},
    "colgroup": {"span"},
    "font": {"face", "size"},
    "ol": {"start", "type", "reversed"},
    "ul": {"type"},
    "li": {"value", "type"},
    "hr": {"size", "noshade"},
    "br": {"clear"},
    "blockquote": {"cite"},
    "details": {"open"},
    "time": {"datetime"},
}  # fmt: skip
_OUTSIDE = {"target": "_blank", "rel": "noopener noreferrer"}
_LINK = re.compile(r"(?:https?://|mailto:|tel:|ftp://)[^\x00-\x20]", re.IGNORECASE)
_REMOTE = re.compile(r"https?://[^\x00-\x20]", re.IGNORECASE)
_DATA_IMAGE = re.compile(r"data:image/(?:png|gif|jpe?g|webp|bmp);base64,[A-Za-z0-9+/=\s]*", re.IGNORECASE)
# The sanitiser takes quadratic time for the entities of one run of text; no mail has a thousand of them.
_ENTITIES = re.compile(r"(?:&[^&<]*){1000}")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
# What a page is as large as; more only makes room for nothing.
_SIZE = re.compile(r"\s*\d{1,4}(?:\.\d{0,4})?\s*(?:px|%|pt|em|\*)?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class SafeHtml:
    """HTML for the body of a sandboxed frame, and how many remote things were not loaded."""

    html: str
    blocked: int


def safe_html(html: str, *, remote: bool, cid_url: Callable[[str], str | None]) -> SafeHtml:
    """`html` without anything that runs, loads or breaks out; mail styling is kept, quotes are in <details>.

    `remote` lets http(s) images load. `cid_url` gives the address of an inline image by its Content-ID, or None.
    Links open outside, without referrer, and their title shows the host they really go to; it is written beside a link
    whose text names another one.
    """
    return _clean(html, Gate(_make_allow(remote, cid_url)), folded=True)


def quotable_html(html: str, cid_url: Callable[[str], str | None] = lambda _: None) -> str:
    """`html` as safe as `safe_html` makes it, to be quoted in a reply: nothing folded, remote images as they were.

    `cid_url` gives the new address of an inline image by its Content-ID; without it they are left out.
    """
    return _clean(html, Gate(_make_allow(True, cid_url)), folded=False).html


def _clean(html: str, gate: Gate, *, folded: bool) -> SafeHtml:
    tree = LexborHTMLParser(tame(storable(html)))
    styles = _styles(tree, gate)
    frame = _body_style(tree, gate)
    body = tree.body
    if body is not None:
        if folded:
            wrap_quotes(tree, body)
        _mark_links(body)
        if folded:
            show_true_hosts(tree, body)
    clean = _cleaner(gate).clean(_ENTITIES.sub(r"\g<0><wbr>", _inner(body)))
    opening = f'<div class="mail" style="{escaping.escape(frame)}">' if frame else '<div class="mail">'
    return SafeHtml(f"{styles}{opening}{clean}</div>", gate.blocked)


def _inner(body: LexborNode | None) -> str:
    return (body.inner_html or "") if body is not None else ""


def _make_allow(remote: bool, cid_url: Callable[[str], str | None]) -> Callable[[str], str | None]:
    """What a found address is replaced by: the address to load, "" for nothing to load, None for not now."""

    def allow(address: str) -> str | None:
        bare = _as_url(address)
        if bare[:4].lower() == "cid:":
            return _own(bare[4:]) or ""
        if bare.startswith(("//", "\\\\")):
            bare = "https:" + bare
        if bare[:5].lower() == "data:":
            return bare if _DATA_IMAGE.fullmatch(bare) else ""
        # A part may be called by the address it was taken from (RFC 2557).
        own = _own(bare)
        if own or not _REMOTE.match(bare):
            return own or ""
        return bare if remote else None

    def _own(name: str) -> str | None:
        return cid_url(storable(name)) or cid_url(storable(unquote(name)))

    return allow


def _as_url(written: str) -> str:
    """An address as a browser takes it: no blanks around it, no controls in it, blanks in it encoded (WHATWG URL)."""
    return _CONTROLS.sub("", written).strip(" ").replace(" ", "%20")


def _cleaner(gate: Gate) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_REMOVED_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=_make_filter(gate),
        link_rel=None,
        set_tag_attribute_values={"a": _OUTSIDE, "area": _OUTSIDE},
        url_schemes={"http", "https", "mailto", "tel", "ftp", "cid", "data"},
    )


def _make_filter(gate: Gate) -> Callable[[str, str, str], str | None]:
    def keep(tag: str, name: str, value: str) -> str | None:
        if tag not in _TAGS:
            return None
        if name == "style":
            return filter_declarations(value, gate) or None
        if name in ("src", "background"):
            return _loaded(value, gate)
        if name == "srcset":
            return None  # `src` says the same image
        if name == "href":
            return _linked(value)
        if name == "usemap":
            return value if re.fullmatch(r"#[\w.-]{1,100}", value) else None
        if name in ("width", "height"):
            return value if _SIZE.fullmatch(value) else None
        if name == "cite":
            return None
        return value

    return keep


def _loaded(value: str, gate: Gate) -> str | None:
    allowed = gate.allow(value)
    if allowed is None:
        gate.refuse()
    return allowed or None


def _linked(value: str) -> str | None:
    bare = _as_url(value)
    if bare.startswith("//"):
        bare = "https:" + bare
    elif bare[:4].lower() == "www.":
        bare = "http://" + bare
    return bare if _LINK.match(bare) else None


def _styles(tree: LexborHTMLParser, gate: Gate) -> str:
    """One style element with what is safe of all of them."""
    kept = [
        for_media(node.attributes.get("media") or "", filter_stylesheet(node.text() or "", gate))
        for node in tree.css("style")[:MAX_STYLES]
    ]
    css = "\n".join(text for text in kept if text)
    # The filter lets no "<" through; this is the second lock on the door.
    return f"<style>{css}</style>" if css and "<" not in css else ""


def _body_style(tree: LexborHTMLParser, gate: Gate) -> str:
    """The look that the body element gives to the page, as declarations."""
    if tree.body is None:
        return ""
    attributes = tree.body.attributes
    style = attributes.get("style") or ""
    for name, declaration in (("text", "color"), ("bgcolor", "background-color")):
        if attributes.get(name):
            style = f"{declaration}: {attributes[name]}; {style}"
    if attributes.get("background"):
        style = f"background-image: url('{attributes['background']}'); {style}"
    return filter_declarations(style, gate)


def _mark_links(body: LexborNode) -> None:
    for link in body.css("a, area"):
        # The sanitiser sets these again; set here they stand in a fixed order.
        for name, value in _OUTSIDE.items():
            if name in link.attributes:
                del link.attrs[name]
            link.attrs[name] = value
        host = true_host(link.attributes.get("href") or "")
        if host:
            link.attrs["title"] = host
        elif "title" in link.attributes:
            del link.attrs["title"]


def true_host(href: str) -> str:
    """Where a link really goes: its host in plain ASCII when it is not Latin, or the address of a mailto link."""
    bare = _linked(href) or ""
    if bare.lower().startswith("mailto:"):
        return bare[7:].split("?", 1)[0][:320]
    if not _REMOTE.match(bare) and not bare.lower().startswith("ftp://"):
        return ""
    try:
        host = urlsplit(bare.replace("\\", "/")).hostname or ""
        return host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except (ValueError, UnicodeError):
        return ""
