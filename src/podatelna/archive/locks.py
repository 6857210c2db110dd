"""Who may write content at once: many who add to it, or one who removes.

Between a look at what is stored and the commit that relies on it nothing may be removed. On SQLite every transaction
that writes is alone anyway.
"""

from __future__ import annotations

from django.db import connection

_CONTENT = 0x706F64  # any number that nobody else uses


def adding() -> None:
    """Until the caller's transaction ends, nobody removes content. Any number of callers hold this at once."""
    _take("pg_advisory_xact_lock_shared")


def removing() -> None:
    """Until the caller's transaction ends, nobody adds or removes content."""
    _take("pg_advisory_xact_lock")


def _take(function: str) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [_CONTENT])
