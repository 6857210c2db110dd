"""yEnc files in the text of a message (yEnc draft 1.3): whole, in several pieces, and checked by their CRC."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

MAX_BLOCKS = 2_000
_BEGIN = re.compile(rb"(?m)^=ybegin ([^\r\n]{1,1000})\r?$")
_PART = re.compile(rb"(?:\r\n|\r|\n)=ypart ([^\r\n]{1,500})")
_END = re.compile(rb"(?m)^=yend([^\r\n]{0,500})(?:\r\n|\r|\n|\Z)")
_VALUE = re.compile(rb"(?:^| )([a-z0-9]{1,20})=([^ ]{1,40})")
_LESS_42 = bytes((octet - 42) & 255 for octet in range(256))


@dataclass(frozen=True)
class Block:
    """One =ybegin … =yend: where it stands in the text [start, end), and what it says."""

    start: int
    end: int
    name: bytes
    content: bytes
    total: int  # bytes of the whole file, as the sender says
    part: int  # 0: the file is whole
    parts: int  # how many there are, 0 when that is not said
    offset: int  # of this part within the file, from 0
    defect: str


@dataclass(frozen=True)
class File:
    """A file put together; `defect` is "" when its size and CRC are right."""

    name: bytes
    content: bytes
    defect: str


def find_blocks(text: bytes) -> list[Block]:
    """The yEnc blocks in `text`, in order."""
    found: list[Block] = []
    position = 0
    while len(found) < MAX_BLOCKS and b"=ybegin " in text:
        begin = _BEGIN.search(text, position)
        if begin is None or b"name=" not in begin.group(1):
            if begin is None:
                break
            position = begin.end()
            continue
        following = _BEGIN.search(text, begin.end())
        limit = following.start() if following else len(text)
        found.append(_read_block(text, begin, limit))
        position = found[-1].end
    return found


def name_in(body: bytes) -> bytes:
    """The name in the first line of a body that is declared to be yEnc, b"" where there is none."""
    begin = _BEGIN.search(body)
    return begin.group(1).partition(b"name=")[2].strip().strip(b'"') if begin else b""


def decode_whole(body: bytes) -> tuple[bytes, str]:
    """A body that is declared to be yEnc: its content, and what was wrong."""
    files = join(find_blocks(body))
    if not files:
        return body, "yEnc data without a beginning"
    return files[0].content, files[0].defect


def join(blocks: Iterable[Block]) -> list[File]:
    """The files that `blocks` make: the parts of one name and size together, in the order of their offsets."""
    groups: dict[tuple[bytes, int, int], list[Block]] = {}
    for place, block in enumerate(blocks):
        key = (block.name, block.total, -1) if block.part else (block.name, block.total, place)
        groups.setdefault(key, []).append(block)
    return [_file(group) for group in groups.values()]


def _read_block(text: bytes, begin: re.Match[bytes], limit: int) -> Block:
    details, _, name = begin.group(1).partition(b"name=")
    said = _values(details)
    part = _PART.match(text, begin.end())
    start = part.end() if part else begin.end()
    end = _END.search(text, start, limit)
    content = _decode(text[start : end.start() if end else limit])
    number = _number(said, b"part")
    offset = max(_number(_values(part.group(1)), b"begin") - 1, 0) if part else 0
    defect = _checked(content, _values(end.group(1)), number) if end else "yEnc data without an end"
    return Block(
        begin.start(),
        end.end() if end else limit,
        name.strip().strip(b'"'),
        content,
        _number(said, b"size"),
        number,
        _number(said, b"total"),
        offset,
        defect,
    )


def _checked(content: bytes, said: dict[bytes, bytes], part: int) -> str:
    if b"size" in said and _number(said, b"size") != len(content):
        return "yEnc data of a wrong size"
    crc = said.get(b"pcrc32" if part else b"crc32")
    return "yEnc data with a wrong CRC" if crc is not None and not _is_crc(content, crc) else ""


def _is_crc(content: bytes, written: bytes) -> bool:
    try:
        return int(written[:16], 16) & 0xFFFFFFFF == zlib.crc32(content)
    except ValueError:
        return False


def _file(group: list[Block]) -> File:
    ordered = sorted(group, key=lambda block: (block.offset, block.part))
    content = b"".join(block.content for block in ordered)
    defect = next((block.defect for block in ordered if block.defect), "")
    expected = ordered[0].total
    if not defect and ordered[0].part and expected and len(content) != expected:
        defect = "yEnc file with a part missing"
    return File(ordered[0].name, content, defect)


def _decode(data: bytes) -> bytes:
    joined = data.translate(None, b"\r\n")
    first, *rest = joined.split(b"=")
    out = [first.translate(_LESS_42)]
    for piece in rest:
        # The octet behind "=" was moved by another 64.
        out.append(bytes([(piece[0] - 106) & 255]) + piece[1:].translate(_LESS_42) if piece else b"")
    return b"".join(out)


def _values(text: bytes) -> dict[bytes, bytes]:
    return {match.group(1): match.group(2) for match in _VALUE.finditer(text)}


def _number(values: dict[bytes, bytes], name: bytes) -> int:
    written = values.get(name, b"")
    return int(written[:15]) if written.isdigit() else 0
