"""Files that came inside of other parts, made parts of their own behind the leaves of the message."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import uuencode, yenc
from .charsets import decode_bytes
from .contained import Contained, type_of
from .filenames import safe_filename
from .leaves import ParsedPart
from .text import one_line, storable
from .tnef import SIGNATURE, Tnef, may_be_tnef, read_tnef

MAX_FILES = 2_000
MAX_PACKAGES = 5  # winmail.dat that are taken apart
MAX_CONTENT_ID = 500


@dataclass
class Unpacked:
    """What was found: the files, the winmail.dat that were opened, and text that has files in it no more."""

    files: list[Contained] = field(default_factory=list)
    packages: dict[int, Tnef] = field(default_factory=dict)  # by position of the part
    texts: dict[int, bytes] = field(default_factory=dict)  # by position of the part


def unpack(parts: list[ParsedPart], texts: set[int], defects: list[str]) -> Unpacked:
    """Take apart what is packed in `parts`; `texts` are the positions of those that are shown as plain text."""
    found = Unpacked()
    blocks: list[yenc.Block] = []
    for part in parts:
        if part.position in texts:
            _from_text(part, found, blocks, defects)
        elif len(found.packages) < MAX_PACKAGES and may_be_tnef(part.content_type, part.filename):
            _open_package(part, found, defects)
    for file in yenc.join(blocks):
        if file.defect:
            defects.append(file.defect)
        name = decode_bytes(file.name)[0]
        found.files.append(Contained(name, file.content, type_of(name)))
    del found.files[MAX_FILES:]
    return found


def _open_package(part: ParsedPart, found: Unpacked, defects: list[str]) -> None:
    if part.content.startswith(SIGNATURE):
        package = read_tnef(part.content)
        defects += package.defects
        if not (package.files or package.text or package.html):
            return  # it stays a file like any other: nothing came out that could stand for it
        found.packages[part.position] = package
        found.files += package.files


def _from_text(part: ParsedPart, found: Unpacked, blocks: list[yenc.Block], defects: list[str]) -> None:
    text = part.content
    if b"begin" in text:
        pieces, position = [], 0
        for block in uuencode.find_blocks(text):
            pieces.append(text[position : block.start])
            position = block.end
            name = decode_bytes(block.name, "", part.charset)[0]
            found.files.append(Contained(name, block.content, type_of(name)))
            if block.defect:
                defects.append(block.defect)
        if pieces:
            text = found.texts[part.position] = b"".join([*pieces, text[position:]])
    if b"=ybegin " in text:
        pieces, position = [], 0
        for piece in yenc.find_blocks(text):
            pieces.append(text[position : piece.start])
            position = piece.end
            blocks.append(piece)
        if pieces:
            found.texts[part.position] = b"".join([*pieces, text[position:]])


def as_part(file: Contained, position: int) -> ParsedPart:
    """A found file as a part at `position`, behind the leaves that the message has itself."""
    return ParsedPart(
        position=position,
        content_type=one_line(file.content_type, 255).lower(),
        charset="",
        filename=safe_filename(file.name),
        content_id=one_line(storable(file.content_id), MAX_CONTENT_ID),
        disposition="attachment",
        is_attachment=True,
        content=file.content,
    )
