"""When a commit need not wait for the disk: for work that is done again from the archive, should the power fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def relaxed() -> Iterator[None]:
    """Commits inside reach the disk together with the next one outside, in order.

    For what the pipeline writes (columns, threads, index): after a power cut it is as if the last deliveries had not
    been processed yet, and they are due. Never for intake itself. Inside a transaction it changes nothing.
    """
    if connection.in_atomic_block:
        yield
        return
    before = _synchronous()
    _set("NORMAL" if connection.vendor == "sqlite" else "off")
    try:
        yield
    finally:
        _set(before)


def _synchronous() -> str:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous" if connection.vendor == "sqlite" else "SHOW synchronous_commit")
        return str(cursor.fetchone()[0])


def _set(level: str) -> None:
    # Neither statement takes parameters; `level` is one of ours or the database's own word.
    name = "PRAGMA synchronous" if connection.vendor == "sqlite" else "SET synchronous_commit"
    with connection.cursor() as cursor:
        cursor.execute(f"{name} = {level}")
