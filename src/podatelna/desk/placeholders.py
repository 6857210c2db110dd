"""Places in texts of one's own that are filled in when they are used: {contact.name}, {case.number}, {today}.

A name that is not known is found when the text is saved, and never goes out as it stands. What is filled in is one
line of plain text, and is not looked at again: a partner whose name is "{me.name}" stays that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

PLACEHOLDERS = (
    "contact.name",
    "contact.address",
    "organisation.name",
    "process.name",
    "process.address",
    "case.number",
    "case.title",
    "order.number",
    "conversation.number",
    "subject",
    "me.name",
    "today",
)
LONGEST = 300  # characters of what is filled in
# With a capital or a space only where there is a dot: \p{Lu} and "{2,3}" of a regular expression are no places.
_PLACE = re.compile(r"\{([a-z]+(?:[._][a-z_]+)*)\}")
_NEARLY = re.compile(r"\{\s*([^\W\d]+(?:\s*[._]\s*[^\W\d]+)+|[a-z]+)\s*\}")


def unknown(text: str) -> list[str]:
    """What looks like a place in `text` and is none, each once, in its order."""
    named = {place[1]: place[0] for place in _NEARLY.finditer(text)}
    return [name for name, written in named.items() if written != f"{{{name}}}" or name not in PLACEHOLDERS]


def fill(text: str, values: Mapping[str, str], *, written: Callable[[str], str] = lambda value: value) -> str:
    """`text` with its places filled in; what has no value leaves nothing. `written` is done to each value."""

    def filled(place: re.Match[str]) -> str:
        name = place[1]
        return written(_one_line(values.get(name, ""))) if name in PLACEHOLDERS else place[0]

    return _PLACE.sub(filled, text)


def _one_line(value: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())[:LONGEST]
