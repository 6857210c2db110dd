"""Search over the archive: one interface, SQLite FTS5 and PostgreSQL behind it, the same words in both.

What is found is decided by one query that has the access rule inside it; nothing is filtered afterwards.
"""

from __future__ import annotations

from podatelna.accounts.models import Person
from podatelna.archive.errors import QueryError

from .asking import Resolver, knows_none, question_of
from .counting import Counts, counted
from .documents import Document, document_of
from .highlights import Marker, highlight
from .hits import Condition, Hit
from .indexing import backend, index, index_many, reindex, remove
from .query import Narrowing, read_query
from .ranking import WINDOW, ranked

__all__ = [
    "WINDOW",
    "Condition",
    "Counts",
    "Document",
    "Hit",
    "Marker",
    "Narrowing",
    "QueryError",
    "Resolver",
    "count",
    "document_of",
    "highlight",
    "index",
    "index_many",
    "read_query",
    "reindex",
    "remove",
    "search",
]


def search(
    query: str,
    *,
    person: Person | None,
    limit: int = 50,
    before: int | None = None,
    resolve: Resolver = knows_none,
) -> list[Hit]:
    """Messages that match `query` and that `person` may see, newest first; with None everything (command line only).

    `before` is the `search_id` of the last hit of the page before. The language: words (any Czech, Slovak, German or
    English form, with or without diacritics), "an exact phrase", begin*, -without, one OR other, from: to: subject:
    filename: has:attachment after:2026-01-31 before:31.1.2026; in: and is: with `resolve` (see desk/finding.py).
    sort:relevance gives the best of the newest WINDOW hits, as one page. Raises QueryError.
    """
    question = question_of(query, person, resolve, before)
    if question is None:
        return []
    if question.query.by_relevance:
        return ranked(backend(), question)[:limit] if before is None else []
    return backend().find(question, limit)


def count(query: str, *, person: Person | None, resolve: Resolver = knows_none) -> Counts:
    """How many hits `search` would give, by year, sender and scope. Raises QueryError."""
    question = question_of(query, person, resolve)
    return counted(backend(), question) if question else Counts(0, more=False)
