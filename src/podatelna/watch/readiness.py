"""Whether this installation can work: its database prepared, its blob store writable, a worker seen."""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings
from django.db import connection

from podatelna.blobs import open_store


def database_answers() -> None:
    """One question to the database. Raises what it raises."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def pending_migrations() -> list[str]:
    """Names of the migrations that this version has and the database has not, in their order."""
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def blob_store_works() -> bool:
    """Put something into the blob store, get it back and remove it. Raises what the store raises."""
    store = open_store(settings.BLOBS_URL)
    data = b"podatelna doctor " + secrets.token_bytes(16)
    key = hashlib.sha256(data).hexdigest()
    store.put(key, data)
    try:
        return store.get(key) == data
    finally:
        store.delete(key)
