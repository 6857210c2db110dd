"""Where the words of a message stand while the index is being made anew."""

from __future__ import annotations

from django.db import connection

from podatelna.archive.models import IndexBuild

from .layout import ACTIVE, NEW


def current_build(*, for_update: bool = False) -> IndexBuild | None:
    """How far the index is being made anew; None when it is not. What it says holds until the transaction ends."""
    rows = IndexBuild.objects.exclude(kind=IndexBuild.Kind.CLEARING)
    if for_update:
        return rows.select_for_update().first()
    build = rows.first()
    if build is not None and connection.vendor == "postgresql":
        # Only then: the lock is a write for each message.
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM archive_indexbuild FOR SHARE")
        build = rows.first()
    return build


def tables_of(pk: int, build: IndexBuild | None) -> tuple[str, ...]:
    """Where the words of a message stand, or will when it gets some now."""
    if build is None:
        return (ACTIVE,)
    if build.kind == IndexBuild.Kind.FILLING:
        return (ACTIVE,) if pk >= build.cursor else ()
    return (ACTIVE, NEW) if pk >= build.cursor else (ACTIVE,)
