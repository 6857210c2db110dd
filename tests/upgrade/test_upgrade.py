"""An installation of each past release, with data in it, is brought to this one: nothing is lost, all is found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from tests.run.processes import command, own_environment

HERE = Path(__file__).parent
KIND = "sqlite" if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3") else "postgresql"
RELEASES = sorted(path.name.removesuffix(f"-{KIND}.tar.xz") for path in HERE.glob(f"*-{KIND}.tar.xz"))


def test_there_are_releases_to_upgrade_from() -> None:
    assert "0.1.0" in RELEASES


@pytest.mark.parametrize("release", RELEASES)
def test_data_of_a_release_is_taken_along(release: str, tmp_path: Path) -> None:
    with installation(release, tmp_path) as environment:
        migrated = podatelna(environment, "migrate")
        assert "steps done" in migrated or "prepared already" in migrated
        assert "prepared already" in podatelna(environment, "migrate")
        expected = json.loads((tmp_path / "expected.json").read_text())
        seen = look(environment, list(expected["found"]))
        assert seen["sha256"] == expected["sha256"]
        assert seen["conversations"] == expected["conversations"]
        assert all(seen["found"][word] >= count > 0 for word, count in expected["found"].items()), seen["found"]
        assert (seen["password"], seen["draft"]) == (expected["password"], expected["draft"])
        assert seen["ledger"] > 30
        podatelna(environment, "verify")


def podatelna(environment: dict[str, str], *words: str) -> str:
    """What the command prints. It must end well."""
    done = subprocess.run(command(*words), env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def look(environment: dict[str, str], words: list[str]) -> dict[str, Any]:
    """What today's code sees in the installation."""
    script = [sys.executable, str(HERE / "look.py"), json.dumps(words)]
    done = subprocess.run(script, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


@contextmanager
def installation(release: str, folder: Path) -> Iterator[dict[str, str]]:
    """The release's data in `folder`, its database there or in a PostgreSQL database of its own; the environment."""
    with tarfile.open(HERE / f"{release}-{KIND}.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    if KIND == "sqlite":
        (folder / "database.sqlite3").rename(folder / "podatelna.sqlite3")
        yield own_environment(PODATELNA_DATA=str(folder))
        return
    server = os.environ["DATABASE_URL"]
    name = f"upgrade_{release.replace('.', '_')}_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            url = server.rpartition("/")[0] + f"/{name}"
            restore(url, (folder / "database.sql").read_text())
            yield own_environment(PODATELNA_DATA=str(folder), DATABASE_URL=url)
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def restore(url: str, dump: str) -> None:
    """Run pg_dump's SQL, without the lines that are meant for psql."""
    statements = "\n".join(line for line in dump.splitlines() if not line.startswith("\\"))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statements.encode())
