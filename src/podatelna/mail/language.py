"""Words of Czech, Slovak, German and English text as the search index and the query both see them.

Nobody can tell the language of a one-word query, and half of all queries are typed without diacritics. So a stem is a
function of the word's folded letters alone (lower case, no diacritics), by the same steps whatever the language: query
and document agree by construction. The price, now and then two unrelated words with one stem, is small, since the plain
form is indexed too.

Snowball's Czech stemmer knows the endings by their diacritics: on folded words it joins 67 of 100 pairs of forms of one
word (80 of 100 where the document has its diacritics), the endings below 97 (tests/mail/forms.txt).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import chain

from .bare import bare, replacing

MAX_WORD = 64
MAX_TEXT = 5_000_000

# Chinese, Japanese and Korean do not part words: each character is one, and a query of several is a phrase.
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af"
_WORD = re.compile(rf"[^\W_{_IDEOGRAPHS}]+|[{_IDEOGRAPHS}]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_spelled = replacing({"ß": "ss", "ł": "l", "đ": "d", "ø": "o", "æ": "ae", "œ": "oe", "ı": "i"})

_Endings = tuple[tuple[int, frozenset[str]], ...]


def _by_length(endings: str) -> _Endings:
    """(length, the endings of that length), the longest first."""
    lengths = sorted(set(map(len, endings.split())), reverse=True)
    return tuple((length, frozenset(one for one in endings.split() if len(one) == length)) for length in lengths)


# Endings of cases, genders and numbers, Czech and Slovak, folded; the longest that leaves enough goes.
_CASES = _by_length(
    "iami iach ovou atum ata aty iou iam ovi ove ovy ova ejsi emi ami ama ech ach och ich ych ymi imi eho emu iho imu "
    "um am em im ym om ou ej ov ia ie ii iu en a e i o u y"
)
# What may stand before those, or at the end of English and German words: plurals, participles, infinitives.
_FORMS = _by_length("ies ing es ed it at et il al el s")
_CONSONANTS = frozenset("bcdfghjklmnpqrstvwxz")
_SHORTEST = 4  # a shorter word is its own stem


def terms(text: str) -> list[str]:
    """The index terms of `text` in its order: for each word its plain folded form, then "=" and its stem."""
    return [term for plain, stem in words(text) for term in (plain, f"={stem}")]


def words(text: str) -> list[tuple[str, str]]:
    """(plain folded form, stem) of each word of `text`, in order; the same for queries and documents.

    Joined words (jana@acme.cz, 55/2026, e-mail) come part by part: the phrase of their parts finds them.
    """
    tokens = text[:MAX_TEXT].split()
    # What a sender made long must not fill the memory with what will never come again.
    short = max(map(len, tokens), default=0) <= MAX_WORD
    return list(chain.from_iterable(map(_words_in if short else _words_in_any, tokens)))


def plain_words(token: str) -> list[str]:
    """The plain folded forms alone of what stands between two blanks, without remembering any."""
    if not token.isascii():
        token = _INVISIBLE.sub("", unicodedata.normalize("NFC", token))
    return [folded(word)[:MAX_WORD] for word in _WORD.findall(token)]


def _words_in_any(token: str) -> tuple[tuple[str, str], ...]:
    return _words_in(token) if len(token) <= MAX_WORD else _words_in.__wrapped__(token)


@lru_cache(maxsize=100_000)
def _words_in(token: str) -> tuple[tuple[str, str], ...]:
    """The words of what stands between blanks, with its commas and quotes: nearly all of them come again."""
    if not token.isascii():
        token = _INVISIBLE.sub("", unicodedata.normalize("NFC", token))
    return tuple(_forms(word) if len(word) <= MAX_WORD else _forms.__wrapped__(word) for word in _WORD.findall(token))


@lru_cache(maxsize=100_000)
def _forms(word: str) -> tuple[str, str]:
    plain = folded(word)[:MAX_WORD]
    return plain, stem(plain)


def folded(word: str) -> str:
    """Lower case without diacritics; ß is ss, ł is l, and compatibility forms are plain letters."""
    lowered = word.lower()
    if lowered.isascii():
        return lowered
    return bare(_spelled(lowered))


def stem(plain: str) -> str:
    """The stem of a folded word. Numbers, mixed codes and short words are their own."""
    if len(plain) < _SHORTEST or not plain.isalpha():
        return plain
    if not plain.isascii():
        return plain
    word = plain[3:] if plain.startswith("nej") and len(plain) > 7 else plain
    word = _without_ending(word, _CASES, 3)
    word = _without_ending(word, _FORMS, 4)
    return _hardened(word)


def _without_ending(word: str, endings: _Endings, keep: int) -> str:
    """`word` without the longest of `endings` that leaves `keep` letters."""
    for length, found in endings:
        if word[-length:] in found and len(word) - length >= keep:
            return word[:-length]
    return word


def _hardened(word: str) -> str:
    """Consonants as they are before they soften, no vowel that comes and goes: objednávce, objednávek → objednavk."""
    if word[-1] == "c":
        word = word[:-1] + "k"
    elif word[-1] == "z":
        word = word[:-1] + "h"
    if len(word) >= 5 and word[-2] in "eo" and word[-3] in _CONSONANTS and word[-1] in "klbvcntrmh":
        word = word[:-2] + word[-1]
    return word.replace("ou", "u")
