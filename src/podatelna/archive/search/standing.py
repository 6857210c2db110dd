"""What really stands in the index, for comparing it with what should."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Protocol

from django.db import connection

from .documents import EVERY
from .hits import Placed
from .layout import ACTIVE, COLUMNS, TERMS
from .postgresql import vector
from .sqlite import columns_of

_ALL_BITS = (1 << 64) - 1


class Standing(Protocol):
    """The words of an index, by place."""

    def wrong(self, rows: Iterable[Placed]) -> set[int]:
        """Those of the places that have other words than these, or none."""

    def has(self, search_id: int) -> bool:
        """Whether a document stands there."""

    def places(self) -> set[int]:
        """All places where a document stands."""


def standing() -> Standing:
    """What stands in the index now."""
    return _InPostgresql() if connection.vendor == "postgresql" else _InSqlite()


class _InSqlite:
    """One walk over all words gives a checksum for each document: some 100 bytes of memory for each, and a while."""

    def __init__(self) -> None:
        self._sums: dict[int, int] = {}
        numbers = {name: number for number, name in enumerate(COLUMNS)}
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT term, doc, col, offset FROM {TERMS}")  # noqa: S608  # own name
            # fetchmany: the walk must not hold a million rows.
            while rows := cursor.fetchmany(10_000):
                for term, place, column, offset in rows:
                    self._sums[place] = self._sums.get(place, 0) + _weight(term, numbers[column], offset) & _ALL_BITS

    def wrong(self, rows: Iterable[Placed]) -> set[int]:
        return {row.search_id for row in rows if self._sums.get(row.search_id) != _sum_of(row)}

    def has(self, search_id: int) -> bool:
        # Looked at anew: it may have been put in since the walk.
        sql = f"SELECT 1 FROM {ACTIVE} WHERE {ACTIVE} MATCH %s AND rowid = %s"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(sql, [f'flags : "{EVERY}"', search_id])
            return cursor.fetchone() is not None

    def places(self) -> set[int]:
        return set(self._sums)


def _sum_of(row: Placed) -> int:
    total = 0
    for number, text in enumerate(columns_of(row)):
        for offset, term in enumerate(text.split(" ") if text else ()):
            total += _weight(term, number, offset)
    return total & _ALL_BITS


def _weight(term: str, column: int, offset: int) -> int:
    # Marks come one by one, so their order says nothing.
    place = 1 if column == len(COLUMNS) - 1 else offset + 2
    return (zlib.crc32(term.encode(errors="replace")) + 1) * (place * len(COLUMNS) + column)


class _InPostgresql:
    """Each document is compared where it is."""

    def wrong(self, rows: Iterable[Placed]) -> set[int]:
        different: set[int] = set()
        sql = f"SELECT 1 FROM {ACTIVE} WHERE search_id = %s AND document = %s::tsvector"  # noqa: S608
        with connection.cursor() as cursor:
            for row in rows:
                cursor.execute(sql, [row.search_id, vector(row)])
                if cursor.fetchone() is None:
                    different.add(row.search_id)
        return different

    def has(self, search_id: int) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {ACTIVE} WHERE search_id = %s", [search_id])  # noqa: S608
            return cursor.fetchone() is not None

    def places(self) -> set[int]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT search_id FROM {ACTIVE}")  # noqa: S608
            return {place for (place,) in cursor.fetchall()}
