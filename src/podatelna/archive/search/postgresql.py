"""The index in PostgreSQL: a tsvector a message, written by us word by word (no dictionary of the server's), under GIN.

Plain form and stem stand at one position, so phrases of plain words need no trick; weights tell the fields apart. GIN
knows no order, and of a common word it reads every hit there is. So each message has a mark for its span of time, and
search goes by such spans, newest first, ever more of them at once, until the page is full.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.db import connection

from podatelna.mail.language import stem

from .documents import ATTACHMENT, EVERY, Document, Words
from .hits import Hit, Placed, Question, fetch
from .layout import ACTIVE, NEW
from .query import Query, Term

_NO_WEIGHT = "D"
_WEIGHTS = {"subject": "A", "sender": "B", "recipients": "C", "files": _NO_WEIGHT}
# There are four weights and more fields: the names of files have words of their own.
_FILES = ">"
# A tsvector holds less than 1 MB; what is beyond is left out, the fields that matter come first.
_MOST_BYTES = 900_000
_MOST_POSITIONS = 255
_LAST_POSITION = 16_383
_GAP = 5  # a phrase never reaches from one field into the next

_SPAN = 20  # bits of seconds: a span of time is twelve days
_FIRST_SPANS = 1
_MORE = 4  # each step goes over so many times more spans than the one before
_MOST_SPANS = 64  # of one step; what is older than all steps is searched at once


class Tsvector:
    """tsvector and GIN behind the interface of all indexes."""

    def add(self, table: str, rows: Sequence[Placed]) -> None:
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table} (search_id, document) VALUES (%s, %s::tsvector)",  # noqa: S608  # own name
                [(row.search_id, vector(row)) for row in rows],
            )

    def remove(self, table: str, rows: Sequence[Placed]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {table} WHERE search_id = ANY(%s)",  # noqa: S608  # own name
                [[row.search_id for row in rows]],
            )

    def leave(self, search_ids: Sequence[int], also_new: bool) -> None:
        """A row goes by its id, whatever it says: nothing is ever left."""
        for table in (ACTIVE, NEW) if also_new else (ACTIVE,):
            self.remove(table, [Placed(search_id, _NOTHING) for search_id in search_ids])

    def find(self, question: Question, limit: int) -> list[Hit]:
        low, high = question.bounds
        expression = tsquery(question.query, question.marks())
        found: list[Hit] = []
        for spans, below in _steps(low, high):
            found += self._find_in(question, expression, spans, low, below, limit - len(found))
            if len(found) >= limit:
                break
        return found

    def _find_in(
        self, question: Question, expression: str, spans: str, low: int | None, high: int | None, limit: int
    ) -> list[Hit]:
        conditions, values = question.where()
        for condition, bound in (("found.search_id < %s", high), ("found.search_id >= %s", low)):
            if bound is not None:
                conditions.append(condition)
                values.append(bound)
        # The limit stands outside: with it inside, PostgreSQL may walk by time and read every document on the way.
        sql = f"""WITH found AS MATERIALIZED (SELECT search_id FROM {ACTIVE} WHERE document @@ %s::tsquery)
            SELECT message.id, found.search_id FROM found
            JOIN archive_message message ON message.search_id = found.search_id
            WHERE {" AND ".join(conditions) or "true"}
            ORDER BY found.search_id DESC LIMIT %s"""  # noqa: S608  # only %s inside
        return fetch(sql, [f"{spans}{expression}", *values, limit])


BACKEND = Tsvector()
_NOTHING = Document("", "", "", "", "", "", ())


# --- spans of time -----------------------------------------------------------------------------------------------


def _steps(low: int | None, high: int | None) -> Iterator[tuple[str, int | None]]:
    """(what a tsquery begins with, below which search id) for each step from the newest message down."""
    newest, oldest = _ends()
    if newest is None or oldest is None:
        return
    top = newest if high is None else min(newest, high - 1)
    bottom = oldest if low is None else max(oldest, low)
    span, count, below = top >> _SPAN, _FIRST_SPANS, high
    while span >= bottom >> _SPAN and count <= _MOST_SPANS:
        some = range(span, max(span - count, (bottom >> _SPAN) - 1), -1)
        yield f"({' | '.join(_quoted(span_mark(one)) for one in some)}) & ", below
        span, count, below = some[-1] - 1, count * _MORE, some[-1] << _SPAN
    if span >= bottom >> _SPAN:
        yield "", below


def _ends() -> tuple[int | None, int | None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max(search_id), min(search_id) FROM {ACTIVE}")  # noqa: S608  # own name
        newest, oldest = cursor.fetchone()
    return newest, oldest


def span_mark(span: int) -> str:
    """How a span of time stands in the index."""
    return f"+t{span}"


# --- documents ---------------------------------------------------------------------------------------------------


def vector(row: Placed) -> str:
    """A document in the input syntax of tsvector."""
    lexemes: dict[str, list[str]] = defaultdict(list)
    room = _MOST_BYTES
    position = 0
    for mark in (*row.marks, span_mark(row.search_id >> _SPAN)):
        lexemes[mark] = []
    for words, weight, before in _fields(row.document):
        for plain in words.split(" ") if words else ():
            position += 1
            for form in (f"{before}{plain}", f"{before}={stem(plain)}"):
                room -= _cost(lexemes, form)
                if room < 0:
                    return _written(lexemes)
                if len(lexemes[form]) < _MOST_POSITIONS:
                    lexemes[form].append(f"{min(position, _LAST_POSITION)}{weight}")
        position += _GAP
    return _written(lexemes)


def _fields(document: Document) -> list[tuple[Words, str, str]]:
    """Each field, its weight, and what its words begin with."""
    return [
        (document.subject, "A", ""),
        (document.sender, "B", ""),
        (document.recipients, "C", ""),
        (document.files, _NO_WEIGHT, ""),
        (document.files, _NO_WEIGHT, _FILES),
        (document.body, _NO_WEIGHT, ""),
        (document.attached, _NO_WEIGHT, ""),
    ]


def _cost(lexemes: dict[str, list[str]], form: str) -> int:
    return 2 if form in lexemes else len(form.encode()) + 6


def _written(lexemes: dict[str, list[str]]) -> str:
    return " ".join(f"{_quoted(form)}{':' if places else ''}{','.join(places)}" for form, places in lexemes.items())


# --- the query in PostgreSQL's own language ------------------------------------------------------------------


def tsquery(query: Query, marks: Sequence[Sequence[str]] = ()) -> str:
    """`query` in the input syntax of tsquery, of documents with one of each of `marks`.

    Whatever was typed stands in quotes and has no other meaning.
    """
    groups = [" | ".join(_one(term) for term in group) for group in query.groups]
    groups += [" | ".join(map(_quoted, some or ["+nothing"])) for some in marks]
    # A query of nothing but "without" would not use the index: every document has the mark EVERY.
    return " & ".join((_quoted(EVERY), *(f"({group})" for group in groups)))


def _one(term: Term) -> str:
    found = _quoted(ATTACHMENT) if term.flag else _words(term)
    return f"!({found})" if term.negated else found


def _words(term: Term) -> str:
    weight = _WEIGHTS.get(term.field, "")
    before = _FILES if term.field == "files" else ""
    if len(term.words) == 1 and not term.exact and not term.begins:
        return _labelled(f"{before}={term.words[0][1]}", weight)
    *first, (last, _) = term.words
    side_by_side = [_labelled(before + plain, weight) for plain, _ in first]
    side_by_side.append(_labelled(before + last, ("*" if term.begins else "") + weight))
    return f"({' <-> '.join(side_by_side)})"


def _labelled(form: str, label: str) -> str:
    return f"{_quoted(form)}:{label}" if label else _quoted(form)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
