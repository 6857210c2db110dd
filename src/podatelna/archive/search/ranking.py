"""Relevance: which of the newest hits answer a query best.

Among the newest WINDOW hits, so that it takes as long in a large archive as in a small one (bm25 counts every hit there
is). A word weighs more in the subject or a name than in the body, more when fewer of those hits have it there, more in
the very form that was typed; words that stand side by side as typed weigh most. Among equals the newest is first.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from .asking import with_group
from .hits import Backend, Hit, Question
from .query import Query, Term

WINDOW = 1000
_MOST_TERMS = 8
_FIELDS = {"subject": 3.0, "sender": 2.5, "recipients": 1.0, "files": 2.0}
_TYPED = 0.5
_SIDE_BY_SIDE = 4.0
_NEWEST = 0.5  # what being the newest of all is worth


def ranked(backend: Backend, question: Question) -> list[Hit]:
    """The newest WINDOW hits, the best first."""
    window = backend.find(question, WINDOW)
    if len(window) < 2:
        return window
    within = replace(question, before=window[0].search_id + 1, since=window[-1].search_id)
    scores: defaultdict[int, float] = defaultdict(float)
    for term, weight in _questions(question.query):
        hits = backend.find(with_group(within, term), WINDOW)
        if len(hits) < len(window):
            for hit in hits:
                scores[hit.search_id] += weight * math.log1p(len(window) / len(hits))
    newest, span = window[0].search_id, max(window[0].search_id - window[-1].search_id, 1)
    return sorted(
        window, key=lambda hit: scores[hit.search_id] - _NEWEST * (newest - hit.search_id) / span, reverse=True
    )


def _questions(query: Query) -> Iterator[tuple[Term, float]]:
    """What is asked of the hits, each with its weight."""
    terms = [term for group in query.groups for term in group if term.words and not term.negated][:_MOST_TERMS]
    for term in terms:
        if not term.field:
            for field, weight in _FIELDS.items():
                yield replace(term, field=field), weight
        if len(term.words) == 1 and not term.begins and not term.exact:
            yield replace(term, exact=True), _TYPED
        if len(terms) > 1 and any(term in group for group in query.groups if len(group) > 1):
            yield term, 1.0  # of several alternatives the rarer one
    plain = [term for term in terms if not (term.field or term.begins or term.exact)]
    if len(plain) > 1:
        yield Term(tuple(word for term in plain for word in term.words), exact=True), _SIDE_BY_SIDE
