"""The index in PostgreSQL: a tsvector a message, written by us word by word (no dictionary of the server's), under GIN.

Plain form and stem stand at one position, so phrases of plain words need no trick; weights tell the fields apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db import connection

from .documents import ATTACHMENT, EVERY, Document, Words
from .hits import VISIBLE, Hit, Placed, fetch
from .query import Query, Term

_WEIGHTS = {"subject": "A", "sender": "B", "recipients": "C"}
_NO_WEIGHT = "D"
# A tsvector holds less than 1 MB; what is beyond is left out, the fields that matter come first.
_MOST_BYTES = 900_000
_MOST_POSITIONS = 255
_LAST_POSITION = 16_383
_GAP = 5  # a phrase never reaches from one field into the next


class Tsvector:
    """tsvector and GIN behind the interface of all indexes."""

    def add(self, rows: Sequence[Placed]) -> None:
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO archive_search (search_id, document) VALUES (%s, %s::tsvector)",
                [(search_id, vector(document)) for search_id, document in rows],
            )

    def remove(self, rows: Sequence[Placed], known: bool) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM archive_search WHERE search_id = ANY(%s)", [[one for one, _ in rows]])

    def find(self, query: Query, person_id: int | None, limit: int, before: int | None) -> list[Hit]:
        conditions = ["found.document @@ %s::tsquery"]
        parameters: list[str | int] = [tsquery(query)]
        for condition, bound in (
            ("found.search_id < %s", before),
            ("found.search_id >= %s", query.since),
            ("found.search_id < %s", query.until),
            (VISIBLE, person_id),
        ):
            if bound is not None:
                conditions.append(condition)
                parameters.append(bound)
        sql = f"""SELECT message.id, found.search_id FROM archive_search found
            JOIN archive_message message ON message.search_id = found.search_id
            WHERE {" AND ".join(conditions)} ORDER BY found.search_id DESC LIMIT %s"""  # noqa: S608  # only %s inside
        return fetch(sql, [*parameters, limit])


BACKEND = Tsvector()


def vector(document: Document) -> str:
    """`document` in the input syntax of tsvector."""
    lexemes: dict[str, list[str]] = defaultdict(list)
    room = _MOST_BYTES
    position = 0
    for mark in document.flags:
        lexemes[mark].append(f"{_LAST_POSITION}{_NO_WEIGHT}")
    for words, weight in _fields(document):
        for word in words:
            position += 1
            for form in dict.fromkeys(word):
                room -= _cost(lexemes, form)
                if room < 0:
                    return _written(lexemes)
                if len(lexemes[form]) < _MOST_POSITIONS:
                    lexemes[form].append(f"{min(position, _LAST_POSITION)}{weight}")
        position += _GAP
    return _written(lexemes)


def _fields(document: Document) -> list[tuple[Words, str]]:
    return [
        (document.subject, "A"),
        (document.sender, "B"),
        (document.recipients, "C"),
        (document.files, _NO_WEIGHT),
        (document.body, _NO_WEIGHT),
        (document.attached, _NO_WEIGHT),
    ]


def _cost(lexemes: dict[str, list[str]], form: str) -> int:
    return 2 if form in lexemes else len(form.encode()) + 6


def _written(lexemes: dict[str, list[str]]) -> str:
    return " ".join(f"{_quoted(form)}:{','.join(places)}" for form, places in lexemes.items() if places)


# --- the query in PostgreSQL's own language ------------------------------------------------------------------


def tsquery(query: Query) -> str:
    """`query` in the input syntax of tsquery. Whatever was typed stands in quotes and has no other meaning."""
    groups = [" | ".join(_one(term) for term in group) for group in query.groups]
    # A query of nothing but "without" would not use the index: every document has the mark EVERY.
    return " & ".join((_quoted(EVERY), *(f"({group})" for group in groups)))


def _one(term: Term) -> str:
    found = _quoted(ATTACHMENT) if term.flag else _words(term)
    return f"!({found})" if term.negated else found


def _words(term: Term) -> str:
    weight = _WEIGHTS.get(term.field, "")
    if len(term.words) == 1 and not term.exact and not term.begins:
        return _labelled(term.words[0][1], weight)
    *first, (last, _) = term.words
    side_by_side = [_labelled(plain, weight) for plain, _ in first]
    side_by_side.append(_labelled(last, ("*" if term.begins else "") + weight))
    return f"({' <-> '.join(side_by_side)})"


def _labelled(form: str, label: str) -> str:
    return f"{_quoted(form)}:{label}" if label else _quoted(form)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
