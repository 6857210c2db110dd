"""What a search gives back, what it is asked, and what each database must be able to do for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from django.db import connection

from .documents import Document
from .query import Query
from .spans import marks_of

# An index holds marks of scopes; somebody with more scopes than this is searched for without their help.
_MOST_MARKS = 128


@dataclass(frozen=True)
class Hit:
    """A found message; `search_id` grows with time and serves as the key of the next page."""

    message_id: int
    search_id: int


class Placed(NamedTuple):
    """A document at its place in the index, with the scopes of its message."""

    search_id: int
    document: Document
    scopes: tuple[int, ...] = ()

    @property
    def marks(self) -> tuple[str, ...]:
        """Everything that stands in the index beside words."""
        return (*self.document.flags, *map(mark, self.scopes), *marks_of(self.search_id))


@dataclass(frozen=True)
class Condition:
    """What must hold of a message beside its words: that it has one of `scopes`, or what `sql` says of `message.id`.

    `sql` is our own text, with %s for its `parameters`; `negated` turns either around. What holds only of messages
    from a search id on may say so in `since`, which spares the walk past all others.
    """

    scopes: tuple[int, ...] = ()
    sql: str = ""
    parameters: tuple[str | int, ...] = ()
    negated: bool = False
    since: int | None = None

    def written(self) -> tuple[str, list[str | int]]:
        """As a condition of SQL and its parameters."""
        sql, parameters = self.sql or _of_scopes(self.scopes), list(self.parameters or self.scopes)
        return (f"NOT ({sql})" if self.negated else f"({sql})"), parameters


@dataclass(frozen=True)
class Question:
    """A search as a database is asked: the query, for whom (None: everything), and what it is narrowed to.

    Hits stand before `before` (a search id) and from `since` on.
    """

    query: Query
    person_id: int | None
    conditions: tuple[Condition, ...] = ()
    before: int | None = None
    since: int | None = None

    @property
    def bounds(self) -> tuple[int | None, int | None]:
        """The lowest search id that may be found, and the first that may not."""
        low = [one for one in (self.query.since, self.since) if one is not None]
        high = [one for one in (self.query.until, self.before) if one is not None]
        return max(low, default=None), min(high, default=None)

    def marks(self) -> list[list[str]]:
        """Marks of which each hit has at least one, list by list: they spare the walk past what is not wanted.

        They decide nothing: `where` compares with the scopes themselves.
        """
        wanted = [condition.scopes for condition in self.conditions if condition.scopes and not condition.negated]
        if self.person_id is not None:
            wanted.append(_held_by(self.person_id))
        return [[mark(scope) for scope in scopes] for scopes in wanted if len(scopes) <= _MOST_MARKS]

    def where(self) -> tuple[list[str], list[str | int]]:
        """Conditions on `message.id`, and their parameters."""
        pairs = [condition.written() for condition in self.conditions]
        if self.person_id is not None:
            pairs.append((_VISIBLE, [self.person_id]))
        return [sql for sql, _ in pairs], [value for _, values in pairs for value in values]


def _held_by(person_id: int) -> tuple[int, ...]:
    # As SQL: to make this query by the ORM takes as long as a whole search.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT scope_id FROM accounts_holding WHERE person_id = %s LIMIT %s", [person_id, _MOST_MARKS + 1]
        )
        return tuple(scope for (scope,) in cursor.fetchall())


def mark(scope: int) -> str:
    """How a scope stands in the index. No word of a text begins with "+"."""
    return f"+s{scope}"


# A message is seen through the scopes of its deliveries; the same rule as accounts.access.Scoped, inside the search.
_VISIBLE = """EXISTS (SELECT 1 FROM archive_deliveryscope link
    JOIN accounts_holding holding ON holding.scope_id = link.scope_id
    WHERE link.message_id = message.id AND holding.person_id = %s)"""


def _of_scopes(scopes: Sequence[int]) -> str:
    places = ", ".join(["%s"] * len(scopes)) or "NULL"
    return f"""EXISTS (SELECT 1 FROM archive_deliveryscope link
        WHERE link.message_id = message.id AND link.scope_id IN ({places}))"""  # noqa: S608  # only %s inside


class Backend(Protocol):
    """The index of one kind of database."""

    def add(self, table: str, rows: Sequence[Placed]) -> None:
        """Put documents in, in the order of their ids; the ids must be free."""

    def remove(self, table: str, rows: Sequence[Placed]) -> None:
        """Take them out; each must be what was put in."""

    def leave(self, search_ids: Sequence[int], also_new: bool) -> None:
        """Give up documents whose words are not known, so that nothing finds them any more."""

    def find(self, question: Question, limit: int) -> list[Hit]:
        """Newest first."""


def fetch(sql: str, parameters: Sequence[str | int]) -> list[Hit]:
    """Run a query that gives message id and search id."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [Hit(message_id, search_id) for message_id, search_id in cursor.fetchall()]
