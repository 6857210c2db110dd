"""Blocks of labels above a quoted message: "From: …, Sent: …, To: …, Subject: …" in the languages of mail programs."""

from __future__ import annotations

import re
from functools import lru_cache

from .quote_words import LABELS, plain

MAX_LINE = 400  # characters of a line that are looked at: no attribution is longer
MAX_HEADER = 16  # lines of a header block that are looked at
MAX_LABEL = 30
NOTES_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\s.{0,6}\d{1,2}[:.]\d\d")


def label_kind(line: str) -> str:
    """What a line of a header block tells: "who", "when", "whom", "copy" or "about"; "" when it is no such line."""
    return _label_kind(line[:60])


@lru_cache(maxsize=4_096)
def _label_kind(line: str) -> str:
    head = plain(line).lstrip(" *|_\u2022")
    end = head.find(":")
    if not 0 < end <= MAX_LABEL:
        return ""
    return LABELS.get(head[:end].strip(" *_|"), "")


def header_block_size(lines: list[str], position: int) -> int:
    """How many lines from `position` are a block of labels that names at least writer, subject and one more."""
    if position >= len(lines) or not label_kind(lines[position]):
        return 0
    if _is_header_line(lines[position]):
        return 1
    kinds: set[str] = set()
    end = position
    for place in range(position, min(len(lines), position + MAX_HEADER)):
        line = lines[place]
        kind = label_kind(line)
        if not line.strip():
            # In some programs every line is a paragraph of its own.
            if place + 1 >= len(lines) or not label_kind(lines[place + 1]):
                break
            continue
        if kind == "who" and not _is_somebody(line):
            return 0
        kinds.add(kind)
        end = place + 1
    complete = {"who", "about"} <= kinds and ("when" in kinds or "whom" in kinds)
    # A block that begins with something else than the writer must be whole to be believed.
    if not complete or (label_kind(lines[position]) != "who" and not {"when", "whom"} <= kinds):
        return _short_header(lines, position, kinds, end)
    return end - position


def _is_header_line(line: str) -> bool:
    """All of the block in one line, as some programs make of HTML: "*From:* Jane *Sent:* Monday *Subject:* …"."""
    if label_kind(line) != "who" or line.count(":") < 3 or not _is_somebody(line):
        return False
    kinds = []
    for piece in line[:MAX_LINE].split(":")[:12]:
        words = piece.replace("*", " ").split()
        kinds.append(label_kind(f"{' '.join(words[-2:])}:") or label_kind(f"{' '.join(words[-1:])}:"))
    return {"who", "about"} <= set(kinds) and ("when" in kinds or "whom" in kinds)


def _short_header(lines: list[str], position: int, kinds: set[str], end: int) -> int:
    """Where there was no subject it is left out: writer with an address, date and reader in this order."""
    first = lines[position]
    whole = {"who", "when", "whom"} <= kinds and "@" in first and label_kind(first) == "who"
    return end - position if whole else 0


def _is_somebody(line: str) -> bool:
    """ "Od: 8:00" and "Od: 1. 1. 2026" name no writer."""
    value = line[:MAX_LINE].partition(":")[2] or line[:MAX_LINE].partition("\uff1a")[2]
    value = value.strip(" *\t\u00a0\r\n")
    return "@" in value or not value[:1].isdigit()


def notes_block_size(lines: list[str], position: int) -> int:
    """Lotus Notes prints a name, a date and a table: "To", "cc", "Subject", each above or before its value."""
    if position + 1 >= len(lines) or not NOTES_DATE.search(lines[position + 1][:60]):
        return 0
    if len(lines[position]) > 120 or lines[position].rstrip().endswith((".", ",", "!", "?")):
        return 0
    kinds = set()
    for place in range(position + 2, min(len(lines), position + MAX_HEADER)):
        words = plain(lines[place][:60]).replace("\u00a0", " ").strip(" *")
        kind = LABELS.get(words.split("  ")[0].strip(), "")
        if kind:
            kinds.add(kind)
        if {"whom", "about"} <= kinds:
            return place + 1 - position
    return 0
