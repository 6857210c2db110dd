"""Text that may be stored and shown: without NUL, lone surrogates and characters that turn the writing around."""

from __future__ import annotations

import re

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# Controls, and the marks that reorder or hide: a name or a file must look like what it is. Joiners stay where letters
# and pictures are written with them: in the scripts of Asia and between emoji.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
    "|(?<![\u0620-\u1cff\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]"
    "|[\u200c\u200d](?![\u0620-\u1cff\u2600-\u27bf\U0001f000-\U0001faff])"
)


def storable(text: str) -> str:
    """`text` without NUL (PostgreSQL takes none) and with U+FFFD for surrogates that stand alone."""
    if text.isascii():
        return text.replace("\x00", "")
    if _UNSTORABLE.search(text) is None:
        return text
    return _UNSTORABLE.sub("�", text.replace("\x00", ""))


def one_line(text: str, limit: int) -> str:
    """`text` as one line for a subject or a name: no controls, no reordering marks, blanks run together."""
    seen = _INVISIBLE.sub(_visible, storable(text[: limit * 4]))
    return " ".join(seen.split())[:limit].rstrip()


def _visible(match: re.Match[str]) -> str:
    return " " if match.group() in "\t\n\r\v\f\x85\u2028\u2029" else ""


def unix_lines(text: str) -> str:
    """`text` with every line break written as \\n."""
    if "\r" not in text:
        return text
    # \r\r\n is one line break: copying in text mode makes it of \r\n.
    return text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
