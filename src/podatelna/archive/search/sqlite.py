"""The index in SQLite: one contentless FTS5 table whose rowid is the search id, so newest first is a walk backwards.

Each word stands in it once, as its plain form. Which plain forms share a stem is kept once for all messages
(`stems.py`), and a word that is searched for becomes "any of these": half the size of an index with both forms in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection

from podatelna.archive.models import LeftoverDocument

from .documents import ATTACHMENT, EVERY
from .hits import Hit, Placed, Question, fetch
from .layout import ACTIVE, COLUMNS, TERMS
from .marks import are_complete
from .query import Query, Term
from .spans import marks_between
from .stems import forms_of, remember

_NAMES = ", ".join(COLUMNS)
_VALUES = ", ".join(["%s"] * len(COLUMNS))
# A beginning that more words have is looked up by FTS5 itself, which gathers all their hits first.
_MOST_ENDINGS = 250

# One step for each word: the table has a row for each place of a word, and reading over them takes long.
_STEPS = f"""WITH RECURSIVE step(term) AS (
        SELECT (SELECT term FROM {TERMS} WHERE term >= %s LIMIT 1)
        UNION ALL
        SELECT (SELECT term FROM {TERMS} WHERE term >= step.term || char(1) LIMIT 1) FROM step
        WHERE substr(step.term, 1, %s) = %s
        LIMIT {_MOST_ENDINGS} + 2)
    SELECT term FROM step WHERE substr(term, 1, %s) = %s"""  # noqa: S608  # own name


class Fts5:
    """FTS5 behind the interface of all indexes."""

    def add(self, table: str, rows: Sequence[Placed]) -> None:
        remember([row.document for row in rows], all_of_them=table != ACTIVE)
        self._write(f"INSERT INTO {table} (rowid, {_NAMES}) VALUES (%s, {_VALUES})", rows)  # noqa: S608  # own names

    def remove(self, table: str, rows: Sequence[Placed]) -> None:
        # SQLite before 3.43 has no contentless_delete: to take a row out, the words that were put in are needed.
        self._write(f"INSERT INTO {table} ({table}, rowid, {_NAMES}) VALUES ('delete', %s, {_VALUES})", rows)  # noqa: S608

    def leave(self, search_ids: Sequence[int], also_new: bool) -> None:
        # Taking out the wrong words would leave an index that contradicts itself: the place stays out of use instead.
        LeftoverDocument.objects.bulk_create(
            LeftoverDocument(search_id=search_id, also_new=also_new) for search_id in search_ids
        )

    def _write(self, sql: str, rows: Sequence[Placed]) -> None:
        with connection.cursor() as cursor:
            cursor.executemany(sql, [(row.search_id, *columns_of(row)) for row in rows])

    def find(self, question: Question, limit: int) -> list[Hit]:
        conditions, values = question.where()
        low, high = question.bounds
        for condition, bound in (("found.rowid < %s", high), ("found.rowid >= %s", low)):
            if bound is not None:
                conditions.append(condition)
                values.append(bound)
        expression = match(question.query, _marks(question, low, high))
        # CROSS JOIN keeps the order of the tables: the index is walked backwards, and the walk ends with the page.
        sql = f"""SELECT message.id, found.rowid FROM {ACTIVE} found
            CROSS JOIN archive_message message ON message.search_id = found.rowid
            WHERE {" AND ".join([f"{ACTIVE} MATCH %s", *conditions])}
            ORDER BY found.rowid DESC LIMIT %s"""  # noqa: S608  # only %s inside
        return fetch(sql, [expression, *values, limit])


BACKEND = Fts5()


def _marks(question: Question, low: int | None, high: int | None) -> list[list[str]]:
    """Marks that hits must have one of each: of scopes while all are in place, and of spans of time."""
    marks = question.marks() if are_complete() else []
    if low is not None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT max(search_id) FROM archive_message")
            newest = cursor.fetchone()[0] or 0
        top = newest + 1 if high is None else min(high, newest + 1)
        # Without them a rare combination of common words is looked for all the way down, far below the bound.
        within = marks_between(low, top) if low < top else ["+never"]
        marks += [within] if within else []
    return marks


def columns_of(row: Placed) -> tuple[str, ...]:
    """What is written to each column of the index: words that a space parts."""
    document = row.document
    return (
        document.body, document.attached, document.subject, document.sender, document.recipients, document.files,
        " ".join(row.marks),
    )  # fmt: skip


# --- the query in FTS5's own language ------------------------------------------------------------------------


def match(query: Query, marks: Sequence[Sequence[str]] = ()) -> str:
    """`query` as an FTS5 expression, of documents with one of each of `marks`. Whatever was typed stands in quotes."""
    wanted = [_any(group) for group in query.groups if not _only_without(group)]
    wanted += [f"({' OR '.join(map(_mark, some)) or _mark('+nothing')})" for some in marks]
    unwanted = [_one(group[0]) for group in query.groups if _only_without(group)]
    found = " AND ".join(wanted or [_mark(EVERY)])
    return f"({found}) NOT ({' OR '.join(unwanted)})" if unwanted else found


def _only_without(group: tuple[Term, ...]) -> bool:
    return len(group) == 1 and group[0].negated


def _any(group: Iterable[Term]) -> str:
    terms = (f"({_mark(EVERY)} NOT {_one(term)})" if term.negated else _one(term) for term in group)
    return f"({' OR '.join(terms)})"


def _one(term: Term) -> str:
    if term.flag:
        return _mark(ATTACHMENT)
    words = _words(term)
    return f"{term.field} : {words}" if term.field else words


def _words(term: Term) -> str:
    if len(term.words) > 1 or term.exact:
        return _quoted(" ".join(plain for plain, _ in term.words)) + (" *" if term.begins else "")
    plain, stem = term.words[0]
    if not term.begins:
        return f"({' OR '.join(map(_quoted, forms_of(plain, stem)))})"
    endings = _beginning_with(plain)
    return _quoted(plain) + " *" if endings is None else f"({' OR '.join(map(_quoted, endings or [plain]))})"


def _beginning_with(start: str) -> list[str] | None:
    """The words of the index that begin so; None when they are too many.

    FTS5 meets a beginning by gathering the hits of all such words, however many, before it gives the newest; as words
    named one by one they are walked side by side, and the walk ends with the page.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STEPS, [start, len(start), start, len(start), start])
        found = [term for (term,) in cursor.fetchall()]
    return found if len(found) <= _MOST_ENDINGS else None


def _mark(name: str) -> str:
    return f"flags : {_quoted(name)}"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
