"""Which pieces of a text a query hits, for showing them marked."""

from __future__ import annotations

import re

from podatelna.archive.errors import QueryError
from podatelna.mail.language import words

from .query import Term, read_query

_WORD = re.compile(r"\w+")
_MOST_TEXT = 100_000  # beyond it nothing is marked


def highlight(text: str, query: str) -> list[tuple[str, bool]]:
    """`text` cut into pieces (joined they give it back), each with whether it is a hit. Never raises for the query."""
    try:
        terms = [term for group in read_query(query).groups for term in group if term.words and not term.negated]
    except QueryError:
        terms = []
    spans = [match.span() for match in _WORD.finditer(text[:_MOST_TEXT])] if terms else []
    forms = [_forms(text[start:end]) for start, end in spans]
    hits = _hits(terms, forms)
    return _cut(text, [span for number, span in enumerate(spans) if number in hits])


def _forms(word: str) -> tuple[str, str]:
    found = words(word)
    return found[0] if found else ("", "")


def _hits(terms: list[Term], forms: list[tuple[str, str]]) -> set[int]:
    hits: set[int] = set()
    for term in terms:
        length = len(term.words)
        for first in range(len(forms) - length + 1):
            if _meets(term, forms[first : first + length]):
                hits.update(range(first, first + length))
    return hits


def _meets(term: Term, forms: list[tuple[str, str]]) -> bool:
    *before, (last, stem) = term.words
    *forms_before, (last_form, last_stem) = forms
    if [plain for plain, _ in before] != [plain for plain, _ in forms_before]:
        return False
    if term.begins:
        return last_form.startswith(last)
    return last_form == last or (not before and not term.exact and last_stem == stem)


def _cut(text: str, hits: list[tuple[int, int]]) -> list[tuple[str, bool]]:
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in hits:
        if start > at:
            pieces.append((text[at:start], False))
        pieces.append((text[start:end], True))
        at = end
    if at < len(text):
        pieces.append((text[at:], False))
    return pieces
