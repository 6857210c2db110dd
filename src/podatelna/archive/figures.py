"""How much has come and how much room it takes: sums over rows, so that a large archive answers in seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

_SEARCH = "archive_search%"  # the search index's tables (search/layout.py)


@dataclass(frozen=True)
class Stored:
    """Bytes by kind. All but `in_blob_store` and `search_index` are in the database's tables and their indexes."""

    header_blocks: int  # of further copies, coded against the first one's
    skeletons: int  # first header blocks and texts
    in_database: int  # contents
    in_blob_store: int
    dictionaries: int
    rows_and_indexes: int  # everything else in the database, empty pages too
    search_index: int

    @property
    def total(self) -> int:
        """Without the search index, which is made from the rest."""
        return (
            self.header_blocks
            + self.skeletons
            + self.in_database
            + self.in_blob_store
            + self.dictionaries
            + self.rows_and_indexes
        )


@dataclass(frozen=True)
class Held:
    """What one scope holds. `stored` counts each content once, also one that others hold too."""

    scope_id: int
    deliveries: int
    raw: int
    stored: int


@dataclass(frozen=True)
class Figures:
    """An archive in numbers; `raw` is what all deliveries were when they came, in bytes."""

    deliveries: int
    messages: int
    contents: int
    raw: int
    stored: Stored
    by_scope: tuple[Held, ...]

    @property
    def ratio(self) -> float:
        """Stored bytes for each that came; 0 for an empty archive."""
        return self.stored.total / self.raw if self.raw else 0.0


def figures() -> Figures:
    """Count the archive as it stands. Reads each table once; the contents themselves stay where they are."""
    deliveries, raw, headers = _row("SELECT count(*), sum(size), sum(length(header)) FROM archive_delivery")
    messages, skeletons = _row("SELECT count(*), sum(length(skeleton)) FROM archive_body")
    contents, inline, outside = _row(f"SELECT count(*), sum(length(inline)), sum({_OUTSIDE}) FROM archive_blob blob")  # noqa: S608  # own words
    (dictionaries,) = _row("SELECT sum(length(data)) FROM archive_dictionary")
    database, search = _postgresql() if connection.vendor == "postgresql" else _sqlite()
    rest = max(database - search - headers - skeletons - inline - dictionaries, 0)
    stored = Stored(headers, skeletons, inline, outside, dictionaries, rest, search)
    return Figures(deliveries, messages, contents, raw, stored, _by_scope())


# Of what an older version put there the size was not written down: it is at most that of the content.
_OUTSIDE = "CASE WHEN blob.inline IS NULL THEN coalesce(blob.stored, blob.size) ELSE 0 END"
_DELIVERIES = """SELECT link.scope_id, count(*), sum(delivery.size), sum(length(delivery.header))
    FROM archive_deliveryscope link JOIN archive_delivery delivery ON delivery.id = link.delivery_id
    GROUP BY link.scope_id ORDER BY link.scope_id"""
_SKELETONS = """SELECT seen.scope_id, sum(length(body.skeleton))
    FROM (SELECT DISTINCT scope_id, message_id FROM archive_deliveryscope) seen
    JOIN archive_body body ON body.message_id = seen.message_id GROUP BY seen.scope_id"""
_CONTENTS = f"""SELECT held.scope_id, sum(coalesce(length(blob.inline), {_OUTSIDE}))
    FROM (SELECT DISTINCT link.scope_id, piece.blob_id FROM archive_deliveryscope link
        JOIN archive_piece piece ON piece.message_id = link.message_id) held
    JOIN archive_blob blob ON blob.id = held.blob_id GROUP BY held.scope_id"""  # noqa: S608  # own words


def _by_scope() -> tuple[Held, ...]:
    skeletons = {scope: int(size) for scope, size in _rows(_SKELETONS)}
    contents = {scope: int(size) for scope, size in _rows(_CONTENTS)}
    return tuple(
        Held(scope, count, int(raw), int(headers) + skeletons.get(scope, 0) + contents.get(scope, 0))
        for scope, count, raw, headers in _rows(_DELIVERIES)
    )


def _sqlite() -> tuple[int, int]:
    """Of the file: all of it, and the search index."""
    (pages,), (size,) = _row("PRAGMA page_count"), _row("PRAGMA page_size")
    trees = _rows("SELECT name FROM sqlite_schema WHERE tbl_name LIKE %s AND rootpage > 0", _SEARCH)
    search = sum(_row("SELECT sum(pgsize) FROM dbstat WHERE name = %s", str(name))[0] for (name,) in trees)
    return pages * size, search


def _postgresql() -> tuple[int, int]:
    every = (
        "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace = %s::regnamespace"
    )
    (database,) = _row(every, "public")
    (search,) = _row(f"{every} AND relname LIKE %s", "public", _SEARCH)
    return database, search


def _row(sql: str, *parameters: str) -> tuple[int, ...]:
    return tuple(int(value or 0) for value in _rows(sql, *parameters)[0])


def _rows(sql: str, *parameters: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return list(cursor.fetchall())
