"""text/enriched (RFC 1896) and text/richtext (RFC 1341) read as plain text."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"<(/?)([a-z0-9-]{1,60})>|<<|\n+", re.IGNORECASE)


def enriched_text(text: str, *, richtext: bool = False) -> str:
    """`text` (\\n line breaks) without its commands; single line breaks are blanks, further ones stay."""
    out: list[str] = []
    position = hidden = unfilled = 0
    for match in _TOKEN.finditer(text):
        if not hidden:
            out.append(text[position : match.start()])
        position = match.end()
        found, name = match.group(), (match.group(2) or "").lower()
        step = -1 if match.group(1) else 1
        if name in ("param", "comment"):
            hidden = max(hidden + step, 0)
        elif name in ("nofill", "verbatim"):
            unfilled = max(unfilled + step, 0)
        elif hidden:
            continue
        elif name in ("nl", "lt"):
            out.append("\n" if name == "nl" else "<")
        elif name == "paragraph" and match.group(1):
            out.append("\n")
        elif found == "<<":
            out.append("<" if not richtext else "<<")
        elif not name:
            out.append(_break(len(found), filled=not unfilled, richtext=richtext))
    if not hidden:
        out.append(text[position:])
    return "".join(out).strip(" ")


def _break(count: int, *, filled: bool, richtext: bool) -> str:
    if not filled:
        return "\n" * count
    return " " if count == 1 or richtext else "\n" * (count - 1)
