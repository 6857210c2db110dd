"""The index in PostgreSQL: a tsvector a message, written by us word by word (no dictionary of the server's), under GIN.

Plain form and stem stand at one position, so phrases of plain words need no trick; weights tell the fields apart. GIN
knows no order, and of a common word it reads every hit there is. So each message has a mark for its span of time, and
search goes by such spans, newest first, ever more of them at once, until the page is full.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

from django.db import connection

from podatelna.mail.language import stem

from .documents import ATTACHMENT, EVERY, Document, Words
from .hits import Hit, Placed, Question, fetch
from .layout import ACTIVE, FIND, NEW
from .query import Query, Term
from .spans import LONG, MOST_SHORT, SHORT, span_mark

_NO_WEIGHT = "D"
_WEIGHTS = {"subject": "A", "sender": "B", "recipients": "C", "files": _NO_WEIGHT}
# There are four weights and more fields: the names of files have words of their own.
_FILES = ">"
# A tsvector holds less than 1 MB; what is beyond is left out, the fields that matter come first.
_MOST_BYTES = 900_000
_MOST_POSITIONS = 255
_LAST_POSITION = 16_383
_GAP = 5  # a phrase never reaches from one field into the next

_MOST_LONG = 16  # of one step: eight years; a step that needs more goes over everything that is left
_MOST_GROWTH = 8  # times the spans of all steps before
_MARGIN = 1.5  # so many times what seems to be needed


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
        newest, oldest = _ends()
        below = newest + 1 if high is None else min(high, newest + 1)
        bottom = oldest if low is None else max(low, oldest)
        expression = tsquery(question.query, question.marks())
        found: list[Hit] = []
        gone = 0  # spans
        while len(found) < limit and below > bottom:
            spans, start = _step(_wanted(limit, len(found), gone), below)
            start = bottom if not spans else max(start, bottom)
            found += _find_in(question, f"{spans}{expression}", start, below, limit - len(found))
            gone += (below >> SHORT) - (start >> SHORT) + 1
            below = start
        return found


def _find_in(question: Question, expression: str, start: int, below: int, limit: int) -> list[Hit]:
    conditions, values = question.where()
    # In a function of the database that never reads the whole table: its pages are few, what is stored beside them is
    # not counted by the planner. And the limit stands outside: inside, it may choose to read all documents by time.
    sql = f"""SELECT message.id, message.search_id FROM {FIND}(%s::tsquery) found
        JOIN archive_message message ON message.search_id = found
        WHERE {" AND ".join(["found >= %s", "found < %s", *conditions])}
        ORDER BY message.search_id DESC LIMIT %s"""  # noqa: S608  # only %s inside
    return fetch(sql, [expression, start, below, *values, limit])


BACKEND = Tsvector()
_NOTHING = Document("", "", "", "", "", "", ())


# --- spans of time -----------------------------------------------------------------------------------------------


def _wanted(limit: int, found: int, gone: int) -> int:
    """Over how many short spans the next step goes, by what those that are `gone` over gave."""
    if not gone:
        return 1
    missing = (limit - found) / max(found, 0.1) * gone * _MARGIN
    return max(1, min(math.ceil(missing), gone * _MOST_GROWTH))


def _step(count: int, below: int) -> tuple[str, int]:
    """What a tsquery begins with that goes over `count` short spans, or some more, and the first search id in them.

    Without a beginning it goes over everything.
    """
    bits = SHORT if count <= MOST_SHORT else LONG
    number = math.ceil(count / (1 << bits - SHORT))
    if bits == LONG and number > _MOST_LONG:
        return "", 0
    newest = (below - 1) >> bits
    marks = [span_mark(newest - one, bits) for one in range(number)]
    return f"({' | '.join(map(_quoted, marks))}) & ", newest - number + 1 << bits


def _ends() -> tuple[int, int]:
    """The newest and the oldest search id; (-1, 0) of an empty index."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max(search_id), min(search_id) FROM {ACTIVE}")  # noqa: S608  # own name
        newest, oldest = cursor.fetchone()
    return (-1, 0) if newest is None else (newest, oldest)


# --- documents ---------------------------------------------------------------------------------------------------


def vector(row: Placed) -> str:
    """A document in the input syntax of tsvector."""
    lexemes: dict[str, list[str]] = defaultdict(list)
    room = _MOST_BYTES
    position = 0
    for mark in row.marks:
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
    groups = [f"({group})" for group in groups]
    # What can be met by a word that is not there would not use the index: every document has the mark EVERY.
    if all(any(term.negated for term in group) for group in query.groups):
        groups.append(_quoted(EVERY))
    return " & ".join(groups)


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
