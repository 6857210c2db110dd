"""How mail programs mark a quote: prefixes, separators, header blocks, and where a quote begins."""

from __future__ import annotations

import re

from .attributions import Strength, attribution_strength
from .header_blocks import MAX_HEADER, MAX_LINE, header_block_size, label_kind, notes_block_size
from .quote_words import ABOVE, FORWARDED, SEPARATORS, plain

MAX_ATTRIBUTION = 4  # lines; clients wrap them

_DIGIT = re.compile(r"\d")
_ABOVE = re.compile("|".join(re.escape(phrase) for phrase in sorted(ABOVE)))
_RULE = re.compile(r"\s{0,3}[_*=-]{5,100}\s*$")
_UNDERSCORES = re.compile(r"\s{0,3}_{10,100}\s*$")
_INITIALS = re.compile(r"[A-Z][A-Za-z]{0,3}>|[|#:%})](?=\s)|[-=~+]{1,3}[\]>|}]")
_DASHES = "-_*=~# \t\u2013\u2014\u2500\u00b7.+<>"
_GROUPWISE = re.compile(r">>>\s?[^>\s][^\n]{0,200}\s>>>\s*$")
_IN_DASHES = re.compile(r"\s*(?:-{2,}|_{2,}|={2,}|\*{2,}|~{2,}|#{2,}|[\u2013\u2014\u2500]{1,})")


def is_quoted(line: str) -> bool:
    """Whether the line has a quote's mark."""
    return line[:4].lstrip(" \u00a0\t").startswith(">")


def other_mark(line: str) -> str:
    """The mark of older programs, "|", "--]" or initials ("JN>"); counts below an attribution. "" when none."""
    match = _INITIALS.match(line[:12].lstrip())
    return match.group() if match else ""


def is_left_out(line: str) -> bool:
    """ "[...]", "<snip>": what a person puts where a piece of the quote was."""
    text = line.strip()
    return 2 < len(text) <= 40 and ((text[0] in "[<(" and text[-1] in "]>)") or not text.strip(".… "))


def is_marked_soon(lines: list[str], position: int) -> bool:
    """Whether the next line that says anything is marked."""
    following = next_filled(lines, position)
    return following < len(lines) and (is_quoted(lines[following]) or other_mark(lines[following]) != "")


def depth(line: str) -> int:
    """How many quotes the line is in by its marks."""
    marks = line[:100].replace(" ", "")
    return len(marks) - len(marks.lstrip(">"))


def attribution(lines: list[str], position: int) -> tuple[int, Strength]:
    """How many lines from `position` make an attribution like "Dne 5. 1. 2026 Jana napsala:", and how sure that is."""
    joined = ""
    for size in range(1, MAX_ATTRIBUTION + 1):
        if position + size > len(lines):
            break
        line = lines[position + size - 1][:MAX_LINE].strip()
        if size > 1:
            # Some programs wrap after quoting: "On …, Jana" is followed by "> wrote:".
            line = line.lstrip("> ")
        if not line and not _is_doubly_spaced(lines, position + size - 1):
            break
        joined = f"{joined} {line}".strip()
        if len(joined) > MAX_LINE:
            break
        strength = attribution_strength(joined, wrapped=size > 1)
        if strength == Strength.NONE and size == 1:
            strength = _goes_on_behind(joined)
        if strength != Strength.NONE:
            return size, strength
        if size == 1 and not _may_go_on(line, lines, position):
            break
    return 0, Strength.NONE


def _is_doubly_spaced(lines: list[str], position: int) -> bool:
    """Whether the blank line at `position` only stands where an attribution was wrapped."""
    following = lines[position + 1].strip() if position + 1 < len(lines) else ""
    return following.startswith("<") and following.endswith(":") and len(following) < 120


def _goes_on_behind(line: str) -> Strength:
    """Yahoo on Android has the first line of the quote behind the attribution: "On …, Jana<jana@…> wrote:   Hello"."""
    address = line.find("@")
    end = line.find(": ", address) if address > 0 else -1
    if not 0 < end < address + 160:
        return Strength.NONE
    strength = attribution_strength(line[: end + 1], wrapped=False)
    return strength if strength == Strength.STRONG and ">" in line[address:end] else Strength.NONE


def _may_go_on(line: str, lines: list[str], position: int) -> bool:
    """Whether the first line of what may be an attribution goes on in the next: a sentence has no digit or address."""
    if "@" in line or "<" in line or _DIGIT.search(line):
        return True
    following = lines[position + 1].lstrip() if position + 1 < len(lines) else ""
    return len(line) <= 80 and following.startswith(("<", "(", '"<'))


def is_introduction(text: str) -> bool:
    """Whether `text`, one line, introduces a quote: an attribution or a separator."""
    return attribution_strength(text, wrapped=True) != Strength.NONE or is_separator(text)


def is_separator(line: str) -> bool:
    """Whether the line is like "-----Original Message-----", which stands above an unmarked quote."""
    if len(line) > MAX_LINE:
        return False
    text = plain(line).strip()
    bare = text.strip(_DASHES + ":").strip()
    if not 4 <= len(bare) <= 120:
        return False
    if bare in FORWARDED:
        return True
    if _ABOVE.search(bare):
        return len(bare) <= 90
    if not _IN_DASHES.match(text):
        return False
    return " ".join(bare.split()) in SEPARATORS or _is_notes(line.strip(), text, bare)


def _is_notes(line: str, text: str, bare: str) -> bool:
    """Lotus Notes: "-----Jana Novakova/ACME wrote: -----", "----- Forwarded by Jana/ACME on 05.01.2026 09:14 -----"."""
    if not text.endswith("--"):
        return False
    return bare.startswith(("forwarded by ", "weitergeleitet von ", "preposlal ", "transfere par ")) or (
        text.startswith("--") and attribution_strength(line.strip("- :") + ":", wrapped=True) != Strength.NONE
    )


def is_undashed_separator(lines: list[str], position: int) -> bool:
    """ "Original message" without dashes: only above a header block or a quote."""
    line = lines[position]
    if len(line) > 60 or " ".join(plain(line).strip(" :*\n\r").split()) not in SEPARATORS:
        return False
    following = next_filled(lines, position + 1)
    return following < len(lines) and (label_kind(lines[following]) != "" or is_quoted(lines[following]))


def is_groupwise(line: str) -> bool:
    """GroupWise: ">>> Jana <jana@acme.example> 05.01.26 9:14 >>>"; what is below it is not marked."""
    if not line.startswith(">>>") or not _GROUPWISE.match(line[:MAX_LINE]):
        return False
    return _DIGIT.search(line) is not None


def separator_size(lines: list[str], position: int) -> int:
    """How many lines from `position` separate an unmarked quote from the reply: 0 when none do.

    "-----Original Message-----" and its kin, or a header block (From, Sent, To, Subject) of Outlook and others, with
    or without a rule above it.
    """
    line = lines[position]
    if is_separator(line) or is_undashed_separator(lines, position) or is_groupwise(line):
        return 1 + _labels_below(lines, position + 1)
    start = position
    if _RULE.match(line[:110]):
        start = next_filled(lines, position + 1)
        if start < len(lines) and _UNDERSCORES.match(line[:110]) and _is_marked_header(lines, start):
            return 0
    size = header_block_size(lines, start) or notes_block_size(lines, start)
    return start - position + size if size else 0


def _labels_below(lines: list[str], position: int) -> int:
    """How many lines below a separator tell of the quoted message; here any label will do."""
    end = start = next_filled(lines, position, 2)
    while end < min(len(lines), start + MAX_HEADER):
        line = lines[end]
        wrapped = end > start and line.strip() and not is_quoted(line)
        if not (label_kind(line) or wrapped):
            break
        end += 1
    return end - position if end > start else 0


def is_rule_of_quote(lines: list[str], position: int) -> bool:
    """A rule right above marked lines belongs to them (Centrum, Hotmail)."""
    return bool(_UNDERSCORES.match(lines[position][:110])) and _is_marked_header(
        lines, next_filled(lines, position + 1)
    )


def _is_marked_header(lines: list[str], position: int) -> bool:
    return position < len(lines) and is_quoted(lines[position]) and label_kind(lines[position].lstrip(" >")) != ""


def next_filled(lines: list[str], position: int, within: int = 5) -> int:
    """The first line from `position` that is not blank, or what comes after `within` blank ones."""
    end = min(len(lines), position + within)
    while position < end and not lines[position].strip():
        position += 1
    return position
