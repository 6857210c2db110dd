"""Processing may wait for the disk less than intake does; intake always waits."""

from __future__ import annotations

import contextlib

import pytest
from django.db import connection

from podatelna.archive.durability import relaxed


def level() -> str:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous" if connection.vendor == "sqlite" else "SHOW synchronous_commit")
        return str(cursor.fetchone()[0])


@pytest.fixture
def careful(transactional_db: None) -> str:
    """The connection as it is in production."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous = FULL" if connection.vendor == "sqlite" else "SET synchronous_commit = on")
    return level()


def test_commits_wait_again_afterwards_even_when_the_work_failed(careful: str) -> None:
    inside = ""
    with contextlib.suppress(RuntimeError), relaxed():
        inside = level()
        raise RuntimeError("boom")
    assert inside != careful
    assert level() == careful


@pytest.mark.django_db
def test_inside_a_transaction_nothing_changes() -> None:
    before = level()
    with relaxed():
        assert level() == before
