"""Uuencoded files: a whole body of one, and the blocks "begin 644 name … end" that old programs put into the text."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

MAX_BLOCKS = 1_000
_BEGIN = re.compile(rb"(?m)^begin(-base64)? [0-7]{3,4} ([^\r\n]{1,500})\r?$")
_LINE = re.compile(rb"[^\r\n]*")
_BREAK = re.compile(rb"\r\n|\r|\n")
_NOT_UU = re.compile(rb"[^ -`]")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]")
NO_END = "uuencoded data without an end"
BROKEN = "broken uuencoded data"


@dataclass(frozen=True)
class Block:
    """One file: where its lines stand in the text [start, end), its name in the bytes of the sender, its content."""

    start: int
    end: int
    name: bytes
    content: bytes
    defect: str  # "" when nothing was wrong


def find_blocks(text: bytes) -> list[Block]:
    """The uuencoded files in `text`, in order. What only looks like one (a sentence that begins so) is left alone."""
    found: list[Block] = []
    position = 0
    while len(found) < MAX_BLOCKS and b"begin" in text:
        begin = _BEGIN.search(text, position)
        if begin is None:
            break
        block = _read_block(text, begin)
        position = begin.end()
        if block is not None:
            found.append(block)
            position = block.end
    return found


def name_in(body: bytes) -> bytes:
    """The name in the first line of a body that is declared to be uuencoded, b"" where there is none."""
    begin = _BEGIN.search(body)
    return begin.group(2).strip() if begin else b""


def decode_whole(body: bytes) -> tuple[bytes, str]:
    """A body that is declared to be uuencoded: its content, and what was wrong."""
    begin = _BEGIN.search(body)
    if begin is None:
        return body, "uuencoded data without a beginning"
    if begin.group(1):
        content, _, ended, _ = _base64_lines(body, _next_line(body, begin.end()))
        return content, "" if ended else NO_END
    lines = _Lines(body, _next_line(body, begin.end()), strict=False)
    return lines.content(), lines.defect


def _read_block(text: bytes, begin: re.Match[bytes]) -> Block | None:
    start, name = begin.start(), begin.group(2).strip()
    first = _next_line(text, begin.end())
    if begin.group(1):
        content, end, ended, whole = _base64_lines(text, first)
        good = ended or (whole and content)
        return Block(start, end, name, content, "" if ended else NO_END) if good else None
    lines = _Lines(text, first, strict=True)
    if not lines.ended and not lines.is_sure():
        return None
    return Block(start, lines.position, name, lines.content(), lines.defect)


class _Lines:
    """Uuencoded lines from `start` on. A strict reader stops before the first line that cannot be one."""

    def __init__(self, text: bytes, start: int, *, strict: bool) -> None:
        self.out: list[bytes] = []
        self.ended = False
        self.exact: list[bool] = []  # whether each line has just the length that it names
        self.broken = False
        self.position = start
        while self.position < len(text) and not self.ended:
            match = _LINE.match(text, self.position)
            line = match.group() if match else b""
            following = _next_line(text, self.position + len(line))
            if line.rstrip() == b"end":
                self.ended = True
            elif line.strip(b" `\t") and not self._take(line):
                if strict:
                    break
                self.broken = True
            self.position = following

    @property
    def defect(self) -> str:
        return BROKEN if self.broken else "" if self.ended else NO_END

    def is_sure(self) -> bool:
        """Whether this is uuencoded data though nothing says where it ends; its last line may be cut off."""
        return bool(self.out) and all(self.exact[:-1]) and (self.exact[-1] or len(self.exact) > 1)

    def content(self) -> bytes:
        return b"".join(self.out)

    def _take(self, line: bytes) -> bool:
        count = (line[0] - 32) & 63
        needed = (count + 2) // 3 * 4
        letters = line[1:]
        # Blanks at the end fall off on the way; some encoders add a checksum, some count the padding wrong.
        if count == 0 or _NOT_UU.search(line) or len(letters.rstrip()) > needed + 2:
            return False
        try:
            self.out.append(binascii.a2b_uu(line[:1] + letters[:needed].ljust(needed)))
        except binascii.Error:
            return False
        self.exact.append(len(letters) >= needed - 2)
        return True


def _base64_lines(text: bytes, start: int) -> tuple[bytes, int, bool, bool]:
    """(content, where it ends, whether the end was marked, whether each line was base64)."""
    letters: list[bytes] = []
    position = start
    while position < len(text):
        match = _LINE.match(text, position)
        line = (match.group() if match else b"").strip()
        following = _next_line(text, position + len(match.group() if match else b""))
        if line == b"====":
            return _from_base64(letters), following, True, True
        if _NOT_BASE64.search(line):
            return _from_base64(letters), position, False, False
        letters.append(line)
        position = following
    return _from_base64(letters), position, False, True


def _from_base64(lines: list[bytes]) -> bytes:
    joined = b"".join(lines).rstrip(b"=").replace(b"=", b"")
    if len(joined) % 4 == 1:
        joined = joined[:-1]
    return binascii.a2b_base64(joined + b"=" * (-len(joined) % 4))


def _next_line(text: bytes, position: int) -> int:
    match = _BREAK.match(text, position)
    return match.end() if match else len(text)
