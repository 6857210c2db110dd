"""The index in SQLite: one contentless FTS5 table whose rowid is the search id, so newest first is a walk backwards.

Each word stands in it as its plain form, followed by its stem where that differs; queries are written by the same rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection

from podatelna.archive.models import LeftoverDocument

from .documents import ATTACHMENT, EVERY, Document, Words
from .hits import VISIBLE, Hit, Placed, fetch
from .query import Query, Term

_COLUMNS = ("subject", "sender", "recipients", "files", "body", "flags")
_NAMES = ", ".join(_COLUMNS)
_ADD = f"INSERT INTO archive_search (rowid, {_NAMES}) VALUES (%s, %s, %s, %s, %s, %s, %s)"  # noqa: S608  # own names
# SQLite before 3.43 has no contentless_delete: to take a row out, the words that were put in are needed.
_REMOVE = f"INSERT INTO archive_search (archive_search, rowid, {_NAMES}) VALUES ('delete', %s, %s, %s, %s, %s, %s, %s)"  # noqa: S608


class Fts5:
    """FTS5 behind the interface of all indexes."""

    def add(self, rows: Sequence[Placed]) -> None:
        self._write(_ADD, rows)

    def remove(self, rows: Sequence[Placed], known: bool) -> None:
        if known:
            self._write(_REMOVE, rows)
        else:
            # The wrong words would leave an index that contradicts itself: the place stays out of use instead.
            LeftoverDocument.objects.bulk_create(LeftoverDocument(search_id=search_id) for search_id, _ in rows)

    def _write(self, sql: str, rows: Sequence[Placed]) -> None:
        with connection.cursor() as cursor:
            cursor.executemany(sql, [(search_id, *_columns(document)) for search_id, document in rows])

    def find(self, query: Query, person_id: int | None, limit: int, before: int | None) -> list[Hit]:
        conditions = ["archive_search MATCH %s"]
        parameters: list[str | int] = [match(query)]
        for condition, bound in (
            ("found.rowid < %s", before),
            ("found.rowid >= %s", query.since),
            ("found.rowid < %s", query.until),
            (VISIBLE, person_id),
        ):
            if bound is not None:
                conditions.append(condition)
                parameters.append(bound)
        # CROSS JOIN keeps the order of the tables: the index is walked backwards, and the walk ends with the page.
        sql = f"""SELECT message.id, found.rowid FROM archive_search found
            CROSS JOIN archive_message message ON message.search_id = found.rowid
            WHERE {" AND ".join(conditions)} ORDER BY found.rowid DESC LIMIT %s"""  # noqa: S608  # only %s inside
        return fetch(sql, [*parameters, limit])


BACKEND = Fts5()


def _columns(document: Document) -> tuple[str, ...]:
    fields = (document.subject, document.sender, document.recipients, [*document.files, *document.attached])
    return (*map(_text, fields), _text(document.body), " ".join(document.flags))


def _text(words: Words) -> str:
    return " ".join(plain if plain == stem else f"{plain} {stem}" for plain, stem in words)


# --- the query in FTS5's own language ------------------------------------------------------------------------


def match(query: Query) -> str:
    """`query` as an FTS5 expression. Whatever was typed stands in quotes and has no other meaning."""
    wanted = [_any(group) for group in query.groups if not _only_without(group)]
    unwanted = [_one(group[0]) for group in query.groups if _only_without(group)]
    found = " AND ".join(wanted or [_flag(EVERY)])
    return f"({found}) NOT ({' OR '.join(unwanted)})" if unwanted else found


def _only_without(group: tuple[Term, ...]) -> bool:
    return len(group) == 1 and group[0].negated


def _any(group: Iterable[Term]) -> str:
    terms = (f"({_flag(EVERY)} NOT {_one(term)})" if term.negated else _one(term) for term in group)
    return f"({' OR '.join(terms)})"


def _one(term: Term) -> str:
    if term.flag:
        return _flag(ATTACHMENT)
    return f"{term.field} : {_words(term)}" if term.field else _words(term)


def _words(term: Term) -> str:
    if len(term.words) == 1 and not term.exact and not term.begins:
        return _quoted(term.words[0][1])
    *first, (last, _) = term.words
    side_by_side = f"{_text(first)} {last}" if first else last
    return _quoted(side_by_side) + (" *" if term.begins else "")


def _flag(name: str) -> str:
    return f"flags : {_quoted(name)}"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
