"""Words of Czech, Slovak, German and English text as the search index and the query both see them.

Nobody can tell the language of a one-word query, and half the queries are typed without diacritics. So a word's stem is a
function of its folded letters alone: lower case, no diacritics, then the same steps whatever the language. Query and
document agree by construction; the price, now and then two unrelated words with one stem, is paid by ranking the plain
form, which is indexed too.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import Stemmer

MAX_WORD = 64
MAX_TEXT = 5_000_000
_CZECH = Stemmer.Stemmer("czech")
_WORD = re.compile(r"[^\W_]+(?:[.@+_'/-]{1,2}[^\W_]+){0,20}")
_PART = re.compile(r"[^\W_]+")


def terms(text: str) -> list[str]:
    """The index terms of `text` in its order: for each word its plain folded form, and its stem where that differs.

    A stem is marked by a leading "=", so that it never meets a plain word.
    """
    found: list[str] = []
    for plain, stem in words(text):
        found.append(plain)
        found.append("=" + stem)
    return found


def words(text: str) -> list[tuple[str, str]]:
    """(plain folded form, stem) of each word of `text`, in order; the same for queries and documents.

    Joined words (jana@acme.cz, 55/2026, e-mail) are given part by part: a phrase of the parts finds them.
    """
    return [_forms(word) for word in _PART.findall(text[:MAX_TEXT])]


@lru_cache(maxsize=200_000)
def _forms(word: str) -> tuple[str, str]:
    plain = folded(word)[:MAX_WORD]
    return plain, stem(plain)


def folded(word: str) -> str:
    """Lower case without diacritics; ß is ss, ł is l, and compatibility forms are plain letters."""
    lowered = word.lower()
    if lowered.isascii():
        return lowered
    decomposed = unicodedata.normalize("NFKD", lowered.replace("ß", "ss").replace("ł", "l").replace("đ", "d"))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def stem(plain: str) -> str:
    """The stem of a folded word. Numbers and short words are their own."""
    if len(plain) < 4 or not plain.isalpha():
        return plain
    return str(_CZECH.stemWord(plain))
