"""Lines like "Dne 5. 1. 2026 v 9:14 Jana napsala:" that programs write above a quote, in any language they speak."""

from __future__ import annotations

import re
from enum import IntEnum

from .quote_words import BEGINS, COMPARING, DAYS, PERSONAL, QUOTING, TITLES, WROTE, WROTE_TOGETHER, plain

MAX_WORDS = 40
MAX_AFTER = 160  # characters of the writer's name behind "schrieb"

_ENDING = re.compile(r"(?<=\w)\s?[(\[/]-?(?:[a-z\u0430-\u044f]{1,3})[)\]]?(?=[\s:,;(-]|$)")
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+){0,3}")
_DATE = re.compile(
    r"(?:19|20)\d\d(?!\d)|\d{1,2}\s?[./-]\s?\d{1,2}[./-]?|\d{1,2}\.?\s(?:de\s)?[^\W\d_]{3,12}|\d\s?[\u5e74\u6708\ub144]"
)
_TIME = re.compile(r"\d{1,2}\s?[:.h\u0447\u6642\u65f6\uc2dc]\s?\d\d(?!\d)")
_ADDRESS = re.compile(r"[^\s<>()\[\]]@[^\s<>()\[\]]")
_SENTENCE = re.compile(r"([^\W\d_]{4,20})[.!?]\s+[^\W\d_]")
_NAME = re.compile(r"[^\W\d_]")
_OLD_GMAIL = re.compile(r"\d{4}/\d{1,2}/\d{1,2} [^<>\n]{0,100}<[^<>\s]{3,100}>$")  # 2011/4/7 Jana <jana@…>
_OPEN_CLOSE = "*_\"' )]}\u00a0\u3000\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_CLOSE = f":>{_OPEN_CLOSE}"


class Strength(IntEnum):
    """How sure it is that a line is an attribution."""

    NONE = 0
    WEAK = 1  # when marked lines follow
    STRONG = 2  # by itself


def attribution_strength(text: str, *, wrapped: bool) -> Strength:
    """Judge `text`, the line or lines joined, bounded by the caller. `wrapped`: it may be made of several lines."""
    text = text.strip()
    dashed = text.startswith("--") and text.endswith("--")
    bare = text.strip("-= ") if dashed else text
    if not (dashed or _ends_open(bare)):
        return Strength.WEAK if _OLD_GMAIL.match(bare) and not wrapped else Strength.NONE
    folded = plain(bare)
    if len(folded.split()) > MAX_WORDS or _is_sentence(folded):
        return Strength.NONE
    short = _ENDING.sub("", folded)
    verb, last = _verb(short)
    if not verb:
        return _without_verb(folded, bare)
    return _with_verb(folded, bare, last=last, machine=short != folded)


def _ends_open(text: str) -> bool:
    end = text.rstrip(_OPEN_CLOSE)
    return end.endswith((":", "\uff1a"))


def _is_sentence(folded: str) -> bool:
    return any(match.group(1) not in TITLES for match in _SENTENCE.finditer(folded))


def _verb(folded: str) -> tuple[str, bool]:
    """The verb of writing in it, and whether it stands at the end."""
    together = next((verb for verb in WROTE_TOGETHER if verb in folded), "")
    if together:
        return together, True
    words = [match for match in _WORD.finditer(folded) if match.group() in WROTE]
    if not words:
        return "", False
    verb = words[-1]
    after = folded[verb.end() :].rstrip(_CLOSE)
    # "napisao je:", "skrev følgende:", "ezt írta (időpont: 2026. jan. 5.):"
    few = len(_WORD.findall(after)) <= 1 and not any(letter.isdigit() for letter in after) and "@" not in after
    dated = _DATE.search(after) and _TIME.search(after) and len(after.split()) <= 10 and "@" not in after
    return verb.group(), few or bool(dated) or after.lstrip().startswith("(")


def _with_verb(folded: str, bare: str, *, last: bool, machine: bool) -> Strength:
    date, time = _DATE.search(folded) is not None, _TIME.search(folded) is not None
    address = _ADDRESS.search(folded) is not None
    words = _WORD.findall(folded)
    first = words[0] if words else ""
    begins = folded[:1].isdigit() or first in BEGINS or first in DAYS or address
    if not last and not (begins and (date or address) and _name_follows(folded)):
        return Strength.NONE
    personal = _is_personal(words)
    named = address and last and "<" in folded
    if (date and (time or address)) or named or (date and machine and begins):
        return Strength.STRONG if begins and (address or not personal) else Strength.WEAK
    if personal:
        return Strength.NONE
    if (date and begins) or (address and last):
        return Strength.WEAK
    return Strength.WEAK if last and _is_name(bare, words) else Strength.NONE


def _name_follows(folded: str) -> bool:
    """ "Am … schrieb Jana Nováková <jana@…>:": behind the verb is a name, no clause."""
    verb = [match for match in _WORD.finditer(folded) if match.group() in WROTE][-1]
    after = folded[verb.end() :].strip()
    return 1 < len(after) <= MAX_AFTER and not after.startswith((",", ";")) and len(after.split()) <= 12


def _without_verb(folded: str, bare: str) -> Strength:
    """ "5. 1. 2026 v 9:14, Jana <jana@…>:" (iPhone, Yandex, Japanese), "Quoting Jana <jana@…>:" (Horde)."""
    words = _WORD.findall(folded)
    first = words[0] if words else ""
    address = _ADDRESS.search(folded) is not None
    if first in QUOTING and (address or _is_name(bare, words)):
        return Strength.STRONG if address else Strength.WEAK
    begins = folded[:1].isdigit() or first in DAYS or first in ("dne", "dna")
    if not (_DATE.search(folded) and _TIME.search(folded) and len(folded.split()) <= 20):
        return Strength.NONE
    if address:
        # In a language not known here it takes marks below.
        return Strength.STRONG if begins else Strength.WEAK
    if not begins:
        return Strength.NONE
    # A name behind the time; "5. 1. 2026 v 9:14:" alone is a heading of a person's notes.
    rest = folded[[*_TIME.finditer(folded)][-1].end() :]
    return Strength.WEAK if _NAME.search(rest) and not _is_personal(words) else Strength.NONE


def _is_personal(words: list[str]) -> bool:
    return any(word in PERSONAL for word in words[1:]) or words[:1] in (["he"], ["she"], ["ja"], ["ich"])


def _is_name(bare: str, words: list[str]) -> bool:
    """A name stands before the verb, with few words before: "Jana Nováková wrote:", "Once upon a time, Jana wrote:"."""
    if not 2 <= len(words) <= 8 or words[0] in COMPARING:
        return False
    if len(words) == 2:
        return words[0] not in PERSONAL
    names = [word for word in bare.rstrip(_CLOSE).split() if word[:1].isalpha() or word[:1] in "\"'(<"]
    name = next((name for name in reversed(names) if plain(name).rstrip(_CLOSE) not in WROTE), "")
    return not name.strip("\"'(<")[:1].islower()
