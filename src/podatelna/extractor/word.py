"""The text of a Word document (DOCX), straight from its XML.

kreuzberg 4.10 leaves out what is written as an entity there, so that "Novák & syn, AT&T" becomes "Novák syn, ATT".
"""

from __future__ import annotations

import re
from xml.parsers import expat

from .findings import BROKEN, Budget, Unreadable
from .packages import Package

MAIN = "word/document.xml"
# In the order of reading: the text, what stands around it, what was remarked on it.
_PARTS = tuple(
    re.compile(rf"word/{name}\d*\.xml")
    for name in ("document", "header", "footer", "footnotes", "endnotes", "comments")
)
_BREAKS = {"p": "\n", "br": "\n", "cr": "\n", "tab": "\t", "tc": "\t", "tr": "\n"}


def add_word(package: Package, budget: Budget) -> None:
    """Add the words of a document and of all that stands around them. Raises Unreadable."""
    for pattern in _PARTS:
        for name in package.names:
            if pattern.fullmatch(name):
                budget.add(_text_of(package.read(name)))


def _text_of(xml: bytes) -> str:
    pieces: list[str] = []
    inside = 0  # of elements that hold text: <w:t>, <w:delText> is what was struck out

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal inside
        inside += name.rpartition(":")[2] == "t"

    def end(name: str) -> None:
        nonlocal inside
        local = name.rpartition(":")[2]
        inside -= local == "t"
        pieces.append(_BREAKS.get(local, ""))

    def characters(text: str) -> None:
        if inside:
            pieces.append(text)

    def refuse(*_: object) -> None:
        # No Word document has one, and entities are how a few bytes become gigabytes.
        raise Unreadable(BROKEN, "a document type definition in DOCX")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = characters, refuse
    parser.buffer_text = True
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError) as error:
        raise Unreadable(BROKEN, f"DOCX: {error}") from error
    return "".join(pieces)
