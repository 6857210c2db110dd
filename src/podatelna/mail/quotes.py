"""What is new in a plain-text reply, apart from quotes, the lines that introduce them, and signatures."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import quote_marks as marks

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
NEW, QUOTE, SIGNATURE = "new", "quote", "signature"
MAX_SIGNATURE = 40  # lines; what is longer was not meant to be a signature
MAX_SIGNATURES = 100  # marks that are looked at
MAX_LINES = 50_000  # what is below is taken as the last line above it


@dataclass(frozen=True)
class Block:
    """A run of lines: "new", "quote" (with its introduction) or "signature"."""

    kind: str
    text: str


def fold(text: str) -> tuple[Block, ...]:
    """`text` as blocks whose texts, joined, are `text` again. Linear in its length.

    A reply that answers piece by piece between the quotes is one "new" block up to its last answer: folding would tear
    the answers from the questions.
    """
    lines = _LINE.findall(text)
    kinds = _kinds(lines)
    _keep_interleaved(lines, kinds)
    return _blocks(lines, kinds)


def new_text(text: str) -> str:
    """Only what is new in `text`, without blank lines around it; all of it where everything looks quoted."""
    blocks = fold(text)
    new = "".join(block.text for block in blocks if block.kind == NEW).strip("\r\n ")
    return new or ("" if any(block.kind == SIGNATURE for block in blocks) else text.strip("\r\n "))


def _kinds(lines: list[str]) -> list[str]:
    """The kind of each line; blank lines go with what is before them."""
    kinds: list[str] = []
    position = signatures = 0
    while position < min(len(lines), MAX_LINES):
        count, rest = _introduction(lines, position)
        if rest:
            # Old mail without marks: everything below the separator is quoted.
            kinds += [QUOTE] * (len(lines) - position)
            break
        if count:
            kinds += [QUOTE] * count
            position += count
        elif marks.is_quoted(lines[position]):
            kinds.append(QUOTE)
            position += 1
        elif signatures < MAX_SIGNATURES and _begins_signature(lines[position]):
            signatures += 1
            size = _signature_size(lines, position)
            kinds += [SIGNATURE] * size if size else [NEW]
            position += max(size, 1)
        elif not lines[position].strip() and kinds:
            kinds.append(kinds[-1])
            position += 1
        else:
            kinds.append(NEW)
            position += 1
    return kinds + kinds[-1:] * (len(lines) - len(kinds))


def _begins_signature(line: str) -> bool:
    return marks.is_signature_mark(line) or marks.is_phone_signature(line)


def _introduction(lines: list[str], position: int) -> tuple[int, bool]:
    """How many lines from `position` introduce a quote (0: none), and whether all that follows is the quote."""
    if not lines[position].strip() or marks.is_quoted(lines[position]):
        return 0, False
    separator = marks.separator_size(lines, position)
    if separator:
        return separator, True
    size = marks.attribution_size(lines, position)
    if not size:
        return 0, False
    following = _next_filled(lines, position + size)
    if following < len(lines) and marks.is_quoted(lines[following]):
        return size, False
    # Some clients quote without marks: then there must be something new above to make sense of it.
    above = any(line.strip() for line in lines[max(0, position - 50) : position])
    return (size, True) if above and following < len(lines) else (0, False)


def _next_filled(lines: list[str], position: int) -> int:
    end = min(len(lines), position + 5)
    while position < end and not lines[position].strip():
        position += 1
    return position


def _signature_size(lines: list[str], position: int) -> int:
    """How many lines the signature has that begins here; 0 when this is none."""
    end = position + 1
    while end < len(lines) and end - position <= MAX_SIGNATURE:
        if marks.is_quoted(lines[end]) or _introduction(lines, end)[0]:
            break
        end += 1
    if end - position > MAX_SIGNATURE:
        return 0
    if marks.is_phone_signature(lines[position]):
        # "Sent from my iPhone" is one line; what a person wrote below it is not a signature.
        filled = [line for line in lines[position + 1 : end] if line.strip()]
        return end - position if len(filled) <= 1 else 1
    return end - position


def _keep_interleaved(lines: list[str], kinds: list[str]) -> None:
    """Mark a reply that answers between quotes as new, from its first line to its last answer."""
    last = max((place for place, kind in enumerate(kinds) if kind == NEW and lines[place].strip()), default=-1)
    answers = 0
    before = ""
    for place in range(last + 1):
        if not lines[place].strip():
            continue
        answers += kinds[place] == NEW and before == QUOTE
        before = kinds[place]
    if answers >= 2:
        for place in range(last + 1):
            kinds[place] = NEW


def _blocks(lines: list[str], kinds: list[str]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    start = 0
    for place in range(1, len(lines) + 1):
        if place == len(lines) or kinds[place] != kinds[start]:
            blocks.append(Block(kinds[start], "".join(lines[start:place])))
            start = place
    return tuple(blocks)
