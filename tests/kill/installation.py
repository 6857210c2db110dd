"""Installations of their own for processes that are going to be killed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

ROOT = Path(__file__).parent.parent.parent
POSTGRESQL = os.environ.get("DATABASE_URL", "")


@dataclass(frozen=True)
class Installation:
    """A data folder, and a database in it or on the PostgreSQL server that DATABASE_URL names."""

    data: Path
    database: str  # "" for the SQLite file in the data folder

    @property
    def environment(self) -> dict[str, str]:
        """For processes that work here."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PODATELNA_")}
        return {
            **inherited,
            "DJANGO_SETTINGS_MODULE": "podatelna.settings",
            "PODATELNA_DATA": str(self.data),
            "DATABASE_URL": _url(self.database) if self.database else "",
        }

    def run(self, module: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        """Run a module of ours here until it ends or is killed."""
        return subprocess.run(
            [sys.executable, "-m", module, *map(str, arguments)],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def holds(self) -> dict[str, Any]:
        """What tests.kill.inspect says."""
        looked = self.run("tests.kill.inspect")
        assert looked.returncode == 0, looked.stderr
        return dict(json.loads(looked.stdout))


@contextmanager
def empty(data: Path) -> Iterator[Installation]:
    """A new installation without tables."""
    database = f"kill_{os.getpid()}_{data.name}".replace("-", "_") if POSTGRESQL else ""
    if database:
        _administer(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    data.mkdir()
    with _disposable(Installation(data, database)) as made:
        yield made


@contextmanager
def copied(template: Installation, data: Path) -> Iterator[Installation]:
    """Another installation that begins as `template` stands."""
    database = f"{template.database}_{data.name}".replace("-", "_") if template.database else ""
    if database:
        names = sql.Identifier(database), sql.Identifier(template.database)
        _administer(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
    shutil.copytree(template.data, data)
    with _disposable(Installation(data, database)) as made:
        yield made


@contextmanager
def _disposable(installation: Installation) -> Iterator[Installation]:
    try:
        yield installation
    finally:
        if installation.database:
            name = sql.Identifier(installation.database)
            _administer(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _administer(statement: sql.Composed) -> None:
    with psycopg.connect(POSTGRESQL, autocommit=True) as connection:
        connection.execute(statement)


def _url(database: str) -> str:
    server, _, _ = POSTGRESQL.rpartition("/")
    return f"{server}/{database}"
