"""A quick look at a line of a letter: whether it can be anything but a line of what was written.

Whoever looks closer (quote_marks.py, signatures.py) asks a dozen questions of each line, and nearly all answers are no.
A look may take an ordinary line for more, never the other way round (tests/mail/test_quotes.py).
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain

from .header_blocks import MAX_LINE, NOTES_DATE, label_kind
from .quote_words import ABOVE, FORWARDED, SEPARATORS, plain
from .signature_words import SCANNED, SENT, SENT_LATER
from .signatures import is_phone_signature

PLAIN = 0
BLANK = 1
DATED = 2  # a plain line with a date
OPEN = 4  # ends with a colon, as what introduces a quote does
MARKED = 8  # may be quoted, a separator, a label, a signature

_SHORT = 160  # characters of lines that are remembered: they come again in answers, and signatures in every letter
_OPENED = re.compile(r":[^\w.,;!?]*$")
_FIRST = frozenset("-_=*~#+>|:%})\u2013\u2014\u2500")
# One of these stands in each phrase that asks for an answer above it.
_ABOVE = ("above", " nad", "oberhalb", "uber dieser", "powyzej", "au-dessus", "por encima", "boven")
_SAID = FORWARDED | SEPARATORS
_EDGES = "-_*=~# \t\u2013\u2014\u2500\u00b7.+<>:"
_BEFORE_SENT = " *_>~.-<[("
_SENT = frozenset(phrase[:3] for phrase in chain(SENT, SCANNED))
_SHORT_SENT = tuple(phrase for phrase in chain(SENT, SCANNED) if len(phrase) < 3)


def looks(lines: list[str]) -> list[int]:
    """What each line may be: PLAIN, BLANK, or flags."""
    return [_look(line) if len(line) <= _SHORT else _look.__wrapped__(line) for line in lines]


@lru_cache(maxsize=20_000)
def _look(line: str) -> int:
    if len(line) > MAX_LINE:
        return MARKED
    text = line.strip()
    if not text:
        return BLANK
    folded = plain(text).strip()
    if text[0] in _FIRST or folded[:1] in _FIRST or ">" in text[:5] or not folded:
        return MARKED
    if _is_said(folded) or _may_be_sent(folded, line):
        return MARKED
    if ":" in folded and (label_kind(line) or _OPENED.search(folded) or ("@" in folded and ": " in folded)):
        return MARKED | OPEN
    if folded[:1].isdecimal() and folded[4:5] == "/":
        return MARKED  # old Gmail: "2011/4/7 Jana <jana@…>"
    return DATED if NOTES_DATE.search(line[:60]) else PLAIN


def _is_said(folded: str) -> bool:
    """Whether it may be "Original message" or "Reply above this line", in any language."""
    return (
        folded in _SAID or folded.strip(_EDGES) in _SAID or " ".join(folded.strip(_EDGES).split()) in _SAID
        or any(word in folded for word in _ABOVE)
    )  # fmt: skip


def _may_be_sent(folded: str, line: str) -> bool:
    """Whether it may be "Sent from my phone", in any language."""
    bare = folded.strip(_BEFORE_SENT)
    start = bare[:3]
    return (
        start in _SENT or " " in start or bare.startswith(_SHORT_SENT) or bare.rstrip(" .)]").endswith(SENT_LATER)
        or "outlook" in folded or "://" in folded or "www." in folded
    ) and is_phone_signature(line)  # fmt: skip
