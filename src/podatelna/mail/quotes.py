"""What is new in a plain-text reply, apart from quotes, the lines that introduce them, and signatures."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import quote_marks as marks
from . import signatures
from .attributions import Strength
from .quote_lines import BLANK, DATED, OPEN, PLAIN, QUOTED, looks

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
NEW, QUOTE, SIGNATURE = "new", "quote", "signature"
_INTRODUCTION = "introduction"  # of a quote, until the answers between quotes are known
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

    A reply that answers piece by piece between the quotes is "new" up to its last answer, with the quotes between, for
    "Yes." and "On Monday." mean nothing without their questions. Only the lines that introduce a quote are folded.
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
    position = marked = 0
    looked = looks(lines[:MAX_LINES])
    if max(looked, default=PLAIN) <= BLANK:
        return [NEW] * len(lines)
    while position < len(looked):
        if looked[position] == QUOTED:
            kinds.append(QUOTE)
            position += 1
            continue
        if _begins_nothing(looked, position):
            kinds.append(kinds[-1] if looked[position] == BLANK and kinds else NEW)
            position += 1
            continue
        count, rest = _introduction(lines, position)
        if rest:
            # Old mail without marks: everything below the separator is quoted.
            kinds += [QUOTE] * (len(lines) - position)
            break
        if count:
            odd = _oddly_marked(lines, position + count)
            kinds += [_INTRODUCTION] * count + [QUOTE] * odd
            position += count + odd
            continue
        size = 0
        if marked < MAX_SIGNATURES and _may_be_signature(lines[position]):
            marked += 1
            size = _signature_size(lines, position)
        if size:
            kinds += [SIGNATURE] * size
        else:
            kinds.append(_kind_of(lines, position, kinds))
        position += max(size, 1)
    return kinds + kinds[-1:] * (len(lines) - len(kinds))


def _begins_nothing(looked: list[int], position: int) -> bool:
    """Whether the line is neither quoted nor the beginning of a quote or signature, by a look at it and its neighbours:
    most lines of most letters are so, and all else takes fifty times as long.
    """
    if looked[position] == BLANK:
        return True
    if looked[position] & ~DATED:
        return False
    if looked[position + 1 : position + 2] not in (_PLAIN, _BLANK, _END):
        # Below a name a date may stand (Notes); a line between two that are marked may be the end of the first.
        return False
    # What introduces a quote ends with a colon, at most so many lines below.
    return not any(one & OPEN for one in looked[position + 2 : position + marks.MAX_ATTRIBUTION])


_PLAIN, _BLANK, _END = [PLAIN], [BLANK], list[int]()


def _kind_of(lines: list[str], position: int, kinds: list[str]) -> str:
    """The kind of a line that begins nothing."""
    line = lines[position]
    if marks.is_quoted(line):
        # An mbox writes ">From" where a person wrote "From".
        return NEW if line.startswith(">From ") and not _beside_quoted(lines, position) else QUOTE
    if not line.strip() and kinds:
        return kinds[-1]
    return QUOTE if _has_initials(lines, position) or _is_broken_quote(lines, position) else NEW


def _has_initials(lines: list[str], position: int) -> bool:
    """ "JN> text": initials are a mark when the line beside has the same."""
    mark = marks.other_mark(lines[position])
    if not mark[:1].isalpha():
        return False
    return any(
        marks.other_mark(line) == mark for line in (lines[position - 1 : position] + lines[position + 1 : position + 2])
    )


def _beside_quoted(lines: list[str], position: int) -> bool:
    around = lines[max(0, position - 1) : position] + lines[position + 1 : position + 2]
    return any(marks.is_quoted(line) and not line.startswith(">From ") for line in around)


def _is_broken_quote(lines: list[str], position: int) -> bool:
    """The end of a quoted line that a program wrapped without marking it again."""
    if not 0 < position < len(lines) - 1:
        return False
    before, line, after = lines[position - 1], lines[position].strip(), lines[position + 1]
    if not (marks.is_quoted(before) and marks.is_quoted(after)) or len(before.rstrip()) < 60:
        return False
    goes_on = line[:1].islower() or line.startswith(("<http", "http", "(http"))
    end = before.rstrip()[-1:]
    # No answer stands inside of a sentence.
    goes_on = goes_on or (len(before.rstrip()) >= 66 and (end.isalnum() or end == ",") and len(line) < 40)
    return goes_on and len(line) < 60 and marks.depth(before) == marks.depth(after)


def _may_be_signature(line: str) -> bool:
    return (
        signatures.is_signature_mark(line)
        or signatures.is_signature_rule(line)
        or (not marks.is_quoted(line) and signatures.is_phone_signature(line))
    )


def _introduction(lines: list[str], position: int) -> tuple[int, bool]:
    """How many lines from `position` introduce a quote (0: none), and whether all that follows is the quote."""
    line = lines[position]
    if marks.is_groupwise(line):
        return 1, True
    if not line.strip() or marks.is_quoted(line) or marks.other_mark(line):
        return 0, False
    separator = marks.separator_size(lines, position)
    if separator:
        return separator, not _is_marked_below(lines, position, separator)
    if marks.is_rule_of_quote(lines, position):
        return 1, False
    size, strength = marks.attribution(lines, position)
    if not size:
        return 0, False
    following = marks.next_filled(lines, position + size)
    if following < len(lines) and (marks.is_quoted(lines[following]) or marks.other_mark(lines[following])):
        return size, False
    left_out = following < len(lines) and marks.is_left_out(lines[following])
    if left_out and marks.is_marked_soon(lines, following + 1):
        return following + 1 - position, False
    if strength == Strength.WEAK:
        return 0, False
    if following >= len(lines):
        return size, False
    # Some clients quote without marks: then there must be something new above to make sense of it.
    return (size, True) if _anything_above(lines, position) else (0, False)


def _is_marked_below(lines: list[str], position: int, size: int) -> bool:
    """Below a line like "-----Original Message-----" with nothing above, a marked quote has the answer under it."""
    if not marks.is_separator(lines[position]) or _anything_above(lines, position):
        return False
    following = marks.next_filled(lines, position + size)
    return following < len(lines) and marks.is_quoted(lines[following])


def _anything_above(lines: list[str], position: int) -> bool:
    return any(line.strip() for line in lines[max(0, position - 50) : position])


def _oddly_marked(lines: list[str], position: int) -> int:
    """How many lines below an attribution are marked by "|" or by initials, with the blank ones before and between."""
    first = marks.next_filled(lines, position)
    mark = marks.other_mark(lines[first]) if first < len(lines) else ""
    if not mark:
        return 0
    end = first
    while end < len(lines) and (lines[end].lstrip().startswith(mark) or marks.is_quoted(lines[end])):
        end += 1
    return end - position


def _signature_size(lines: list[str], position: int) -> int:
    """How many lines the signature has that begins here; 0 when this is none."""
    end = position + 1
    while end < len(lines) and end - position <= MAX_SIGNATURE:
        if marks.is_quoted(lines[end]) or _introduction(lines, end)[0]:
            break
        end += 1
    if signatures.is_phone_signature(lines[position]):
        # "Sent from my iPhone" is one line; what a person wrote below it is not a signature.
        filled = [line for line in lines[position + 1 : end] if line.strip()]
        if not filled:
            return end - position
        return 2 if signatures.is_link(lines[position + 1]) else 1
    if end - position > MAX_SIGNATURE:
        return 0
    if signatures.is_signature_mark(lines[position]):
        return end - position
    return end - position if signatures.looks_signed(lines[position], lines[position + 1 : end]) else 0


def _keep_interleaved(lines: list[str], kinds: list[str]) -> None:
    """Mark a reply that answers between quotes as new, from its first line to its last answer."""
    if QUOTE not in kinds and _INTRODUCTION not in kinds:
        return
    last = max((place for place, kind in enumerate(kinds) if kind == NEW and lines[place].strip()), default=-1)
    answers = 0
    before = ""
    before_quotes = kinds[: last + 1]
    for place in range(last + 1):
        if not lines[place].strip() or kinds[place] == _INTRODUCTION:
            continue
        answers += kinds[place] == NEW and before == QUOTE
        before = kinds[place]
    for place, kind in enumerate(kinds):
        if kind == _INTRODUCTION:
            kinds[place] = QUOTE
        elif answers >= 2 and place <= last:
            kinds[place] = NEW
    if answers >= 2 and QUOTE in before_quotes:
        _fold_marked_introduction(lines, kinds, before_quotes.index(QUOTE))


def _fold_marked_introduction(lines: list[str], kinds: list[str], position: int) -> None:
    """Apple marks the line that introduces a quote like the quote itself."""
    bare = [line.lstrip("> ") for line in lines[position : position + marks.MAX_ATTRIBUTION]]
    size, _ = marks.attribution(bare, 0)
    end = position + size
    while size and end < len(lines) and not lines[end].strip("> \n"):
        end += 1
    for place in range(position, end):
        kinds[place] = QUOTE


def _blocks(lines: list[str], kinds: list[str]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    start = 0
    for place in range(1, len(lines) + 1):
        if place == len(lines) or kinds[place] != kinds[start]:
            blocks.append(Block(kinds[start], "".join(lines[start:place])))
            start = place
    return tuple(blocks)
