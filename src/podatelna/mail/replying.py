"""Whom an answer goes to, and how the original is quoted below it."""

from __future__ import annotations

import hashlib
import html as escaping
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from .addresses import Address
from .enclosures import File, Image
from .filenames import safe_filename
from .header_writing import is_writable_id
from .html import quotable_html, text_as_html
from .parse import Parsed

MAX_QUOTED = 300_000  # characters; a longer original is quoted as text
MAX_QUOTED_TEXT = 100_000
MAX_FORWARDED_TEXT = 1_000_000
MAX_PICTURES = 50
MAX_PICTURES_SIZE = 8_000_000  # octets of all of them; an answer must still fit into mailboxes
_PICTURES = frozenset({"image/png", "image/jpeg", "image/jpg", "image/pjpeg", "image/gif", "image/webp", "image/bmp"})
_PLACE = "quoted.invalid"  # RFC 2045 7 wants a domain; nobody is to look for one
_BAR = "margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex"


def whom_to_answer(
    parsed: Parsed, own: frozenset[str], everyone: bool
) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    """(To, Cc) of an answer, without `own` addresses (lower case), nobody twice.

    Reply-To goes before From (RFC 5322 3.6.2). An answer to one's own message goes to those it was written to.
    """
    sender = (parsed.sender,) if parsed.sender else ()
    mine = parsed.sender is not None and parsed.sender.address.lower() in own
    to = _without(parsed.to if mine else parsed.reply_to or sender, own)
    if not to and not mine:
        to = _without(sender, own)
    others = (parsed.cc if mine else parsed.to + parsed.cc) if everyone else ()
    return to, _without(others, own | {person.address.lower() for person in to})


def _without(people: tuple[Address, ...], excluded: frozenset[str]) -> tuple[Address, ...]:
    kept: dict[str, Address] = {}
    for person in people:
        key = person.address.lower()
        if key not in excluded:
            kept.setdefault(key, person)
    return tuple(kept.values())


@dataclass(frozen=True)
class Quoted:
    """The original as it stands below a new text."""

    text: str
    html: str
    images: tuple[Image, ...]  # that `html` shows


def quote(parsed: Parsed, attribution: str) -> tuple[str, str]:
    """(text, HTML) of the quoted original, without its pictures. `attribution` is "On …, Jana wrote:", translated."""
    return _quoted_text(parsed.text, attribution), _quoted_html(parsed, attribution, lambda _: None)


def quote_with_images(parsed: Parsed, attribution: str) -> Quoted:
    """The quoted original, to stand below a reply. `attribution` is "On …, Jana wrote:", translated."""
    pictures = _Pictures(parsed)
    html = _quoted_html(parsed, attribution, pictures.address)
    return Quoted(_quoted_text(parsed.text, attribution), html, pictures.shown())


def forward(parsed: Parsed, heading: str) -> Quoted:
    """The original passed on: `heading` (lines of text, translated) and all of it, neither marked nor indented."""
    pictures = _Pictures(parsed)
    html = f'<div class="gmail_quote">{text_as_html(heading)}<br>{_inner_html(parsed, pictures.address)}</div>'
    return Quoted(f"{heading}\n\n{parsed.text[:MAX_FORWARDED_TEXT]}", html, pictures.shown())


def forwarded_file(raw: bytes, parsed: Parsed) -> File:
    """The original, octet by octet, as an attachment called by its subject."""
    return File(safe_filename(f"{safe_filename(parsed.subject[:120]) or 'message'}.eml"), "message/rfc822", raw)


def answered_ids(parsed: Parsed) -> tuple[str, tuple[str, ...]]:
    """(In-Reply-To, References) of what answers or forwards `parsed`: its References and its Message-ID.

    RFC 5322 3.6.4. What no header may have is left out: mail with a damaged Message-ID can be answered too.
    """
    own = parsed.message_id if is_writable_id(parsed.message_id) else ""
    before = (reference for reference in parsed.references if is_writable_id(reference))
    return own, tuple(dict.fromkeys([*before, *filter(None, [own])]))


class _Pictures:
    """The pictures inside a message, each named anew by what is in it: two that are the same travel once."""

    def __init__(self, parsed: Parsed) -> None:
        self._parts = {part.content_id: part for part in parsed.parts if part.content_id}
        self._shown: dict[str, Image] = {}
        self._room = MAX_PICTURES_SIZE

    def address(self, content_id: str) -> str | None:
        """The new address of a picture; None for one that is not there, is no picture, or is too much."""
        part = self._parts.get(content_id) or self._parts.get(unquote(content_id))
        if part is None or part.content_type not in _PICTURES:
            return None
        name = f"{hashlib.sha256(part.content).hexdigest()[:32]}@{_PLACE}"
        if name not in self._shown:
            if len(self._shown) >= MAX_PICTURES or len(part.content) > self._room:
                return None
            self._room -= len(part.content)
            self._shown[name] = Image(name, part.content_type, part.content, part.filename)
        return f"cid:{name}"

    def shown(self) -> tuple[Image, ...]:
        """The pictures that have been asked for, in order."""
        return tuple(self._shown.values())


def _quoted_text(text: str, attribution: str) -> str:
    lines = text[:MAX_QUOTED_TEXT].rstrip().split("\n")
    # RFC 3676 4.5: no blank between marks, one before the text.
    marked = [f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines]
    return "\n".join([attribution, *marked]) + "\n"


def _quoted_html(parsed: Parsed, attribution: str, cid_url: Callable[[str], str | None]) -> str:
    return (
        f'<div class="gmail_quote"><div>{escaping.escape(attribution)}</div>'
        f'<blockquote type="cite" style="{_BAR}">{_inner_html(parsed, cid_url)}</blockquote></div>'
    )


def _inner_html(parsed: Parsed, cid_url: Callable[[str], str | None]) -> str:
    inner = quotable_html(parsed.html, cid_url) if parsed.html and len(parsed.html) <= MAX_QUOTED else ""
    return inner or text_as_html(parsed.text[:MAX_QUOTED_TEXT])
