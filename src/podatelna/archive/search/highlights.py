"""Which pieces of a text a query hits, for showing them marked, and which piece of a long text shows most of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from podatelna.archive.errors import QueryError
from podatelna.mail.language import words

from .query import Term, read_query

Pieces = list[tuple[str, bool]]  # text, whether it is a hit

_WORD = re.compile(r"\w+")
_MOST_TEXT = 100_000  # beyond it nothing is marked
_BEFORE = 24  # characters of what stands before the first hit: a line of results is short


def highlight(text: str, query: str) -> Pieces:
    """`text` cut into pieces (joined they give it back), each with whether it is a hit. Never raises for the query."""
    return Marker(query).mark(text)


class Marker:
    """The words of one query, for marking them in many texts. A query that is not understood marks nothing."""

    def __init__(self, query: str) -> None:
        try:
            groups = read_query(query).groups
        except QueryError:
            groups = ()
        self._terms = [term for group in groups for term in group if term.words and not term.negated]

    def mark(self, text: str, field: str | None = None) -> Pieces:
        """`text` in pieces. With `field` (of Document) only what was asked of that field, or of any, is a hit."""
        return _cut(text, self._hits(text, field))

    def hits_in(self, text: str, field: str | None = None) -> int:
        """How many words of `text` are hits."""
        return len(self._hits(text, field))

    def around(self, text: str, length: int = 200) -> Pieces:
        """A piece of `text`, one line of about `length` characters, with as many different hits as can be; [] for none.

        Only words that were asked of no field count: those are what a body is found by.
        """
        text = text[:_MOST_TEXT]
        hits = self._hits(text, "body")
        if not hits:
            return []
        start, end = _window(text, hits, length)
        line = " ".join(text[start:end].split())
        pieces = self.mark(line, "body")
        before, after = ("… " if start else ""), (" …" if end < len(text.rstrip()) else "")
        return [piece for piece in ((before, False), *pieces, (after, False)) if piece[0]]

    def _hits(self, text: str, field: str | None) -> list[tuple[int, int]]:
        terms = [term for term in self._terms if field is None or term.field in ("", field)]
        spans = [match.span() for match in _WORD.finditer(text[:_MOST_TEXT])] if terms else []
        forms = [_forms(text[start:end]) for start, end in spans]
        hits = _hits(terms, forms)
        return [span for number, span in enumerate(spans) if number in hits]


def _window(text: str, hits: Sequence[tuple[int, int]], length: int) -> tuple[int, int]:
    """From where to where: begun a little before the hit that most different hits follow closely."""
    best, most = hits[0][0], 0
    for number, (first, _) in enumerate(hits[:200]):
        near = {text[start:end].lower() for start, end in hits[number : number + 50] if end - first <= length - _BEFORE}
        if len(near) > most:
            best, most = first, len(near)
    start = max(best - _BEFORE, 0)
    if start:
        # Not in the middle of a word.
        blank = re.search(r"\s", text[start:best])
        start = start + blank.end() if blank else best
    end = min(start + length, len(text))
    return start, text.rfind(" ", best, end) if end < len(text) and text.rfind(
        " ", best + length // 2, end
    ) > 0 else end


def _forms(word: str) -> tuple[str, str]:
    found = words(word)
    return found[0] if found else ("", "")


def _hits(terms: Iterable[Term], forms: list[tuple[str, str]]) -> set[int]:
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


def _cut(text: str, hits: list[tuple[int, int]]) -> Pieces:
    pieces: Pieces = []
    at = 0
    for start, end in hits:
        if start > at:
            pieces.append((text[at:start], False))
        pieces.append((text[start:end], True))
        at = end
    if at < len(text):
        pieces.append((text[at:], False))
    return pieces
