"""Search over the archive: one interface, SQLite FTS5 and PostgreSQL behind it, the same words in both.

What is found is decided by one query that has the access rule inside it; nothing is filtered afterwards.
"""

from __future__ import annotations

from podatelna.accounts.models import Person
from podatelna.archive.errors import QueryError

from .documents import Document, document_of
from .highlights import highlight
from .hits import Hit, Question
from .indexing import backend, index, index_many, reindex, remove
from .query import read_query

__all__ = [
    "Document",
    "Hit",
    "QueryError",
    "document_of",
    "highlight",
    "index",
    "index_many",
    "reindex",
    "remove",
    "search",
]


def search(query: str, *, person: Person | None, limit: int = 50, before: int | None = None) -> list[Hit]:
    """Messages that match `query` and that `person` may see, newest first; with None everything (command line only).

    `before` is the `search_id` of the last hit of the page before. The language: words (any Czech, Slovak, German or
    English form, with or without diacritics), "an exact phrase", begin*, -without, one OR other, from: to: subject:
    has:attachment after:2026-01-31 before:31.1.2026. Raises QueryError.
    """
    wanted = read_query(query)
    if person is not None and not person.is_active:
        return []
    return backend().find(Question(wanted, person.pk if person else None, before=before), limit)
