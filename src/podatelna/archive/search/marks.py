"""Marks of scopes, brought into SQLite's index after scopes changed; PostgreSQL's triggers do so themselves.

Marks only shorten a search; who may see what is compared by each search. So while some are lacking, it goes without.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from podatelna.archive.models import DeliveryScope, Message

from .builds import current_build, tables_of
from .hits import mark
from .layout import UNMARKED

_AT_ONCE = 200


def are_complete() -> bool:
    """Whether every message in the index has the marks of its scopes."""
    if connection.vendor == "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT NOT EXISTS (SELECT 1 FROM {UNMARKED})")  # noqa: S608  # own name
        return bool(cursor.fetchone()[0])


def complete(limit: int = _AT_ONCE) -> int:
    """Bring up to `limit` changes into the index; how many there were."""
    if are_complete():
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT message_id, scope_id FROM {UNMARKED} LIMIT %s", [limit])  # noqa: S608
        return _bring_in(cursor.fetchall())


def complete_for(messages: Iterable[int]) -> None:
    """Bring in what changed of these messages (by pk), in the caller's transaction."""
    if connection.vendor == "postgresql":
        return
    with connection.cursor() as cursor:
        for message in messages:
            cursor.execute(f"SELECT message_id, scope_id FROM {UNMARKED} WHERE message_id = %s", [message])  # noqa: S608
            _bring_in(cursor.fetchall())


def forget(messages: Iterable[int]) -> None:
    """These messages (by pk) have just been put in, with their scopes."""
    if connection.vendor == "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.executemany(f"DELETE FROM {UNMARKED} WHERE message_id = %s", [(message,) for message in messages])  # noqa: S608


def _bring_in(changes: Sequence[tuple[int, int]]) -> int:
    build = current_build()
    messages = {message for message, _ in changes}
    places = dict(Message.objects.filter(pk__in=messages).values_list("pk", "search_id"))
    given = set(DeliveryScope.objects.filter(message__in=messages).values_list("message_id", "scope_id"))
    # In the order of their ids: FTS5 begins a new segment with each step backwards.
    rows = sorted((place, message, scope) for message, scope in changes if (place := places.get(message)) is not None)
    with connection.cursor() as cursor:
        for place, message, scope in rows:
            for table in tables_of(message, build):
                # A scope that came and went (or went and came) since is as it was: FTS5 takes a word that is put in
                # twice, or taken out without being there, for damage.
                if ((message, scope) in given) == _is_marked(cursor, table, place, scope):
                    continue
                # The mark alone: an index without contents has nothing else to be told. FTS5 counts its rows by what
                # it is told, and takes fewer than none for damage: each step is made up for by one with no word.
                put = f"INSERT INTO {table} (rowid, flags) VALUES (%s, %s)"  # noqa: S608
                take = f"INSERT INTO {table} ({table}, rowid, flags) VALUES ('delete', %s, %s)"  # noqa: S608
                came = (message, scope) in given
                cursor.execute(put, [place, mark(scope) if came else ""])
                cursor.execute(take, [place, "" if came else mark(scope)])
        cursor.executemany(f"DELETE FROM {UNMARKED} WHERE message_id = %s AND scope_id = %s", list(changes))  # noqa: S608
    return len(changes)


def _is_marked(cursor: CursorWrapper, table: str, place: int, scope: int) -> bool:
    expression = f'flags : "{mark(scope)}"'
    cursor.execute(f"SELECT 1 FROM {table} WHERE {table} MATCH %s AND rowid = %s", [expression, place])  # noqa: S608
    return cursor.fetchone() is not None
