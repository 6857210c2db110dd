"""What a search gives back, and what each database must be able to do for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db import connection

from .documents import Document
from .query import Query


@dataclass(frozen=True)
class Hit:
    """A found message; `search_id` grows with time and serves as the key of the next page."""

    message_id: int
    search_id: int


Placed = tuple[int, Document]  # search id, document


class Backend(Protocol):
    """The index of one kind of database."""

    def add(self, rows: Sequence[Placed]) -> None:
        """Put documents in, in the order of their ids; the ids must be free."""

    def remove(self, rows: Sequence[Placed], known: bool) -> None:
        """Take them out; `known` says that each document is what was put in."""

    def find(self, query: Query, person_id: int | None, limit: int, before: int | None) -> list[Hit]:
        """Newest first."""


# A message is seen through the scopes of its deliveries; the same rule as accounts.access.Scoped, inside the search.
VISIBLE = """EXISTS (SELECT 1 FROM archive_deliveryscope link
    JOIN accounts_holding holding ON holding.scope_id = link.scope_id
    WHERE link.message_id = message.id AND holding.person_id = %s)"""


def fetch(sql: str, parameters: Sequence[str | int]) -> list[Hit]:
    """Run a query that gives message id and search id."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [Hit(message_id, search_id) for message_id, search_id in cursor.fetchall()]
