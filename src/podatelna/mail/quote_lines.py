"""A quick look at a line of a letter: whether it can be anything but a line of what was written.

Whoever looks closer (quote_marks.py, signatures.py) asks a dozen questions of each line, and nearly all answers are no.
A look may take an ordinary line for more, never the other way round (tests/mail/test_quotes.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

from .header_blocks import MAX_LINE, NOTES_DATE, label_kind
from .quote_words import FORWARDED, SEPARATORS, plain
from .signature_words import SCANNED, SENT, SENT_LATER
from .signatures import is_phone_signature

PLAIN = 0
BLANK = 1
DATED = 2  # a plain line with a date
OPEN = 4  # ends with a colon, as what introduces a quote does
MARKED = 8  # may be a separator, a label, a signature
QUOTED = 16  # is quoted, and no more

_OPENED = re.compile(r":[^\w.,;!?]*$")
_FIRST = frozenset("-_=*~#+>|:%})\u2013\u2014\u2500")
# One of these stands in each phrase that asks for an answer above it.
ABOVE_WORDS = ("above", " nad t", "piste nad", "oberhalb", "uber dieser", "powyzej", "au-dessus", "por encima", "boven")
_ODDLY_QUOTED = (">>>", ">From ")  # GroupWise's introduction; a line that an mbox changed
_SAID = FORWARDED | SEPARATORS
_EDGES = "-_*=~# \t\u2013\u2014\u2500\u00b7.+<>:"
_BEFORE_SENT = " *_>~.-<[("
_SENT = frozenset(phrase[:3] for phrase in chain(SENT, SCANNED))
_SHORT_SENT = tuple(phrase for phrase in chain(SENT, SCANNED) if len(phrase) < 3)
_IN_SENT = (*SENT_LATER, "outlook", "://", "www.")  # without one of these it begins as such lines do


def looks(lines: list[str]) -> list[int]:
    """What each line may be: PLAIN, BLANK, or flags. Each ends with a line break, but perhaps the last."""
    whole = plain("".join(lines))
    # What is nowhere in the whole text need not be looked for in each line.
    above, sent = _those_in(whole, ABOVE_WORDS), _those_in(whole, _IN_SENT)
    dated = NOTES_DATE.search(whole) is not None
    found = []
    for line, folded in zip(lines, whole.split("\n"), strict=False):
        if line[0] == ">":
            found.append(MARKED if line.startswith(_ODDLY_QUOTED) else QUOTED)
            continue
        text = folded.strip()
        if not text:
            found.append(BLANK if not line.strip() else MARKED)
        elif (
            len(line) > MAX_LINE
            or text[0] in _FIRST
            or ">" in line[:12]
            or _is_said(text)
            or (above and _those_in(text, above))
            or ((_may_begin_sent(text) or (sent and _those_in(text, sent))) and is_phone_signature(line))
        ):
            found.append(MARKED)
        elif ":" in text and (_OPENED.search(text) or label_kind(line) or ("@" in text and ": " in text)):
            found.append(MARKED | OPEN)
        elif text[4:5] == "/" and text[0].isdecimal():
            found.append(MARKED)  # old Gmail: "2011/4/7 Jana <jana@…>"
        else:
            found.append(DATED if dated and NOTES_DATE.search(line, 0, 60) else PLAIN)
    return found


def _those_in(text: str, some: Sequence[str]) -> list[str]:
    return [word for word in some if word in text]


def _is_said(folded: str) -> bool:
    """Whether it may be "Original message" in any language."""
    bare = folded.strip(_EDGES)
    return bare in _SAID or folded in _SAID or ("  " in bare and " ".join(bare.split()) in _SAID)


def _may_begin_sent(folded: str) -> bool:
    """Whether it may be "Sent from my phone" in any language."""
    bare = folded.lstrip(_BEFORE_SENT)
    start = bare[:3]
    return start in _SENT or " " in start or bare.startswith(_SHORT_SENT)
