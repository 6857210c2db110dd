"""Search over the archive: one interface, SQLite FTS5 and PostgreSQL behind it, the same words in both.

What is found is decided by one query that has the access rule inside it; nothing is filtered afterwards.
"""

from __future__ import annotations

from django.db import IntegrityError, connection, transaction

from podatelna.accounts.models import Person
from podatelna.archive.errors import QueryError
from podatelna.archive.models import Message
from podatelna.mail.parse import Parsed

from . import postgresql, sqlite
from .documents import Document, document_of
from .highlights import highlight
from .hits import Backend, Hit
from .ids import free_second, second_of
from .query import read_query

__all__ = ["Hit", "QueryError", "highlight", "index", "remove", "search"]

_TRIES = 20


def index(message: Message, parsed: Parsed) -> None:
    """Make `message` findable and set its `search_id`; one that is in the index already is left as it is."""
    document = document_of(parsed)
    for tried in range(_TRIES):
        try:
            with transaction.atomic():
                _add(message, document, tried)
                return
        except IntegrityError as error:
            # Another worker took the same second: look again, and not all at the same one.
            conflict = error
    raise conflict


def _add(message: Message, document: Document, tried: int) -> None:
    row = Message.objects.select_for_update().only("search_id").get(pk=message.pk)
    message.search_id = row.search_id
    if row.search_id is None:
        message.search_id = free_second(second_of(message), pass_over=message.pk % 8 * tried)
        message.save(update_fields=["search_id"])
        _backend().add(message.search_id, document)


def remove(message: Message, parsed: Parsed) -> None:
    """Take `message` out of the index. `parsed` must be what it was put in with: read it from the archive again."""
    with transaction.atomic():
        row = Message.objects.select_for_update().only("search_id").get(pk=message.pk)
        if row.search_id is not None:
            _backend().remove(row.search_id, document_of(parsed))
        message.search_id = None
        message.save(update_fields=["search_id"])


def search(query: str, *, person: Person | None, limit: int = 50, before: int | None = None) -> list[Hit]:
    """Messages that match `query` and that `person` may see, newest first; with None everything (command line only).

    `before` is the `search_id` of the last hit of the page before. The language: words (any Czech, Slovak, German or
    English form, with or without diacritics), "an exact phrase", begin*, -without, one OR other, from: to: subject:
    has:attachment after:2026-01-31 before:31.1.2026. Raises QueryError.
    """
    wanted = read_query(query)
    if person is not None and not person.is_active:
        return []
    return _backend().find(wanted, person.pk if person else None, limit, before)


def _backend() -> Backend:
    if connection.vendor == "postgresql":
        return postgresql.BACKEND
    return sqlite.BACKEND
