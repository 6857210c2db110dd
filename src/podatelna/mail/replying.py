"""Whom an answer goes to, and how the original is quoted below it."""

from __future__ import annotations

import html as escaping

from .addresses import Address
from .html import quotable_html, text_as_html
from .parse import Parsed

MAX_QUOTED = 300_000  # characters; a longer original is quoted as text
MAX_QUOTED_TEXT = 100_000
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


def quote(parsed: Parsed, attribution: str) -> tuple[str, str]:
    """(text, HTML) of the quoted original, to stand below a reply. `attribution` is "On …, Jana wrote:", translated."""
    return _quoted_text(parsed.text, attribution), _quoted_html(parsed, attribution)


def _quoted_text(text: str, attribution: str) -> str:
    lines = text[:MAX_QUOTED_TEXT].rstrip().split("\n")
    # RFC 3676 4.5: no blank between marks, one before the text.
    marked = [f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines]
    return "\n".join([attribution, *marked]) + "\n"


def _quoted_html(parsed: Parsed, attribution: str) -> str:
    inner = quotable_html(parsed.html) if parsed.html and len(parsed.html) <= MAX_QUOTED else ""
    inner = inner or text_as_html(parsed.text[:MAX_QUOTED_TEXT])
    return (
        f'<div class="gmail_quote"><div>{escaping.escape(attribution)}</div>'
        f'<blockquote type="cite" style="{_BAR}">{inner}</blockquote></div>'
    )
