"""Many rows in few statements, where a model instance for each would cost more than the row itself.

For what comes by the hundred with each batch of mail. Everything else goes through Django's models; what the database
promises (unique, foreign key, check) holds here as there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.base import ModelState

T = TypeVar("T")
M = TypeVar("M", bound=models.Model)

MOST_VALUES = 5_000  # of one statement: SQLite takes 32,766, PostgreSQL 65,535

_PLAIN = (
    models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.ForeignKey, models.AutoField,
    models.BinaryField,
)  # fmt: skip


def groups(values: Iterable[T], size: int = MOST_VALUES) -> Iterator[list[T]]:
    """`values` in lists of at most `size`: what one statement takes."""
    iterator = iter(values)
    while group := list(islice(iterator, size)):
        yield group


def allot(model: type[models.Model], count: int) -> list[int]:
    """`count` new primary keys for rows of `model`, ascending; inside the transaction that inserts them.

    So rows that name each other are written without reading back what the database numbered.
    """
    if not count:
        return []
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Aliased: a set-returning function in the list of columns would be called once for all rows.
            numbers = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
            cursor.execute(numbers, [table, count])
            return sorted(row[0] for row in cursor.fetchall())
        cursor.execute("UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s RETURNING seq", [count, table])
        row = cursor.fetchone()
        if row is None:  # never written to
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, count])
        last = row[0] if row else count
        return list(range(last - count + 1, last + 1))


def written(model: type[M], **values: Any) -> M:
    """An instance as Django reads it from a row with these values; a quarter of the time that making one takes.

    A foreign key is named by its column (`message_id`); columns that are not named have their defaults.
    """
    made = model.__new__(model)
    made.__dict__.update(_defaults(model))
    made.__dict__.update(values)
    made._state = ModelState()
    made._state.adding, made._state.db = False, DEFAULT_DB_ALIAS
    return made


@lru_cache(maxsize=100)
def _defaults(model: type[models.Model]) -> dict[str, Any]:
    """Values, none of which may be changed in place."""
    return {field.attname: field.get_default() for field in model._meta.concrete_fields}


def insert(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]], *, once: bool = False
) -> None:
    """Insert `rows`, each with the values of `fields` (a foreign key's is the other row's primary key).

    Columns that are not named get their defaults. `once`: rows that are there already are passed over. Raises
    IntegrityError.
    """
    named = [_field(model, name) for name in fields]
    others = [
        field for field in model._meta.concrete_fields if field not in named and not isinstance(field, models.AutoField)
    ]
    defaults = [field.get_default() for field in others]
    values = _adapted([*named, *others], ([*row, *defaults] for row in rows) if defaults else rows)
    if values:
        columns, places = ", ".join(map(_quoted, (*named, *others))), ", ".join(["%s"] * (len(named) + len(others)))
        ignore = " ON CONFLICT DO NOTHING" if once else ""
        table = connection.ops.quote_name(model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places}){ignore}", values)  # noqa: S608  # own names


def update(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write `fields` of existing rows; each of `rows` has their values and the primary key at its end.

    In the order given: two workers that write the same rows must both come in the order of the keys.
    """
    named = [_field(model, name) for name in fields]
    values = _adapted([*named, _field(model, "id")], rows)
    if values:
        columns = ", ".join(f"{_quoted(field)} = %s" for field in named)
        table = connection.ops.quote_name(model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {table} SET {columns} WHERE id = %s", values)  # noqa: S608  # own names


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field), name
    return field


def _quoted(field: models.Field[Any, Any]) -> str:
    return connection.ops.quote_name(str(field.column))


def _adapted(fields: Sequence[models.Field[Any, Any]], rows: Iterable[Sequence[Any]]) -> list[Sequence[Any]]:
    """`rows` as the database's driver takes them: only what it does not take as it is costs anything."""
    real = connections[DEFAULT_DB_ALIAS]  # `connection` would look it up for each value anew
    odd = [(place, adapt) for place, field in enumerate(fields) if (adapt := _adapter(field, real.vendor))]
    if not odd:
        return list(rows)
    adapted: list[Sequence[Any]] = []
    for row in rows:
        values = list(row)
        for place, adapt in odd:
            values[place] = adapt(values[place], real)
        adapted.append(values)
    return adapted


@lru_cache(maxsize=500)
def _adapter(field: models.Field[Any, Any], vendor: str) -> Callable[[Any, BaseDatabaseWrapper], Any] | None:
    if isinstance(field, models.DateTimeField):
        return _text_of_time if vendor == "sqlite" else None
    if isinstance(field, _PLAIN):
        return None
    return field.get_db_prep_save


def _text_of_time(time: datetime | None, _: BaseDatabaseWrapper) -> str | None:
    # As Django writes it: UTC, said nowhere.
    return None if time is None else str(time.astimezone(UTC).replace(tzinfo=None))
