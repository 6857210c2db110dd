"""The values of a `Header` as text: what nearly all of them are already, and what evidence makes of the others."""

from __future__ import annotations

from .encoded_words import decode_words
from .fields import Header
from .headers import unfolded


def text_of(value: str, hint: str = "") -> str:
    """The text of one of `Header.values`, encoded words still in it; `hint` is a likely charset."""
    if value.isascii() and "\x1b" not in value and "\x00" not in value:
        return value
    return unfolded(value.encode("latin-1"), hint)


def decoded_text(value: str, hint: str = "") -> str:
    """The text of one of `Header.values` as a person reads it."""
    text = text_of(value, hint)
    return decode_words(text, hint) if "=?" in text else text


def decoded_texts(header: Header, hint: str, limit: int) -> list[tuple[str, str]]:
    """(name, text as a person reads it) of the first `limit` fields."""
    named = zip(header.names[:limit], header.values[:limit], strict=True)
    return list(named) if header.plain else [(name, decoded_text(value, hint)) for name, value in named]
