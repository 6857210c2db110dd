"""Lists of tag=value, as DKIM, ARC and DMARC write them (RFC 6376 3.2)."""

from __future__ import annotations

import re

MAX_TAGS = 100
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_BLANK = re.compile(r"[ \t\r\n]+")


def read_tags(text: str) -> dict[str, str] | None:
    """The tags in `text`, values without blanks around them; None when it is no such list or names a tag twice."""
    tags: dict[str, str] = {}
    pieces = text.split(";")
    for piece in pieces[:MAX_TAGS]:
        if not piece.strip():
            continue
        name, equals, value = piece.partition("=")
        name = name.strip()
        if not equals or _NAME.fullmatch(name) is None or name in tags:
            return None
        tags[name] = value.strip(" \t\r\n")
    return tags if len(pieces) <= MAX_TAGS else None


def without_blanks(value: str) -> str:
    """`value` without the blanks and line breaks that may stand anywhere in base64 (RFC 6376 3.2, FWS)."""
    return _BLANK.sub("", value)
