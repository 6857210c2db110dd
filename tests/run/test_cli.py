"""The console script: help, versions, settings that are refused, errors in one line."""

from __future__ import annotations

import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from podatelna.run.cli import app

from .processes import command, own_environment

COMMANDS = sorted(str(registered.name) for registered in app.registered_commands)


def podatelna(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*words), env=own_environment(**environment), capture_output=True, text=True, check=False
    )


def test_the_commands_are_those_of_the_docs() -> None:
    expected = {
        "run",
        "web",
        "worker",
        "receive",
        "migrate",
        "import",
        "search",
        "parse",
        "shunted",
        "replay",
        "judge",
        "texts",
        "export",
        "verify",
        "proof",
        "stats",
        "erase",
        "repack",
        "rotate-key",
        "doctor",
        "demo",
        "version",
    }
    assert set(COMMANDS) == expected


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"version"}))
def test_help_of_each_command_says_what_it_does_and_gives_an_example(name: str) -> None:
    shown = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert shown.exit_code == 0
    assert "Example" in shown.output
    assert f"podatelna {name}" in shown.output
    assert "--parent" not in shown.output  # for the supervisor alone


def test_without_a_command_the_help_is_shown() -> None:
    shown = CliRunner().invoke(app, [])
    assert "Commands" in shown.output
    assert all(name in shown.output for name in COMMANDS)


def test_version_names_all_three() -> None:
    shown = CliRunner().invoke(app, ["version"])
    assert f"podatelna {version('podatelna')}" in shown.output
    assert "Python" in shown.output
    assert "Django" in shown.output


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PODATELNA_PORT", "eighty", "expected a port"),
        ("DATABASE_URL", "mysql://u:secret-word@h/n", "expected postgresql://"),
        ("PODATELNA_ORIGIN", "desk.example.com", "expected an origin"),
        ("PODATELNA_PROT", "8000", "no such setting"),
    ],
)
def test_a_wrong_setting_is_refused_in_one_line(tmp_path: Path, name: str, value: str, words: str) -> None:
    environment = {"PODATELNA_DATA": str(tmp_path), name: value}
    ended = podatelna("migrate", **environment)
    assert ended.returncode == 1
    assert ended.stderr.startswith("podatelna: ")
    assert name in ended.stderr
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "secret-word" not in ended.stderr
    assert not list(tmp_path.iterdir())


def test_a_database_that_is_away_is_one_line(tmp_path: Path) -> None:
    ended = podatelna("migrate", PODATELNA_DATA=str(tmp_path), DATABASE_URL="postgresql://u:secret-word@127.0.0.1:1/n")
    assert ended.returncode == 1
    assert "the database cannot be used" in ended.stderr
    assert "secret-word" not in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_an_unprepared_database_is_refused(tmp_path: Path) -> None:
    ended = podatelna("worker", PODATELNA_DATA=str(tmp_path))
    assert ended.returncode == 1
    assert "run `podatelna migrate` first" in ended.stderr


def test_migrate_twice_changes_nothing_the_second_time(tmp_path: Path) -> None:
    first = podatelna("migrate", PODATELNA_DATA=str(tmp_path))
    second = podatelna("migrate", PODATELNA_DATA=str(tmp_path))
    assert "is prepared" in first.stdout
    assert "was prepared already" in second.stdout


def test_what_is_written_is_for_its_owner_only(tmp_path: Path) -> None:
    data = tmp_path / "data"
    podatelna("migrate", PODATELNA_DATA=str(data))
    assert [path for path in (data, *data.rglob("*")) if path.stat().st_mode & 0o077] == []


def test_a_broken_key_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("no key\n")
    ended = podatelna("migrate", PODATELNA_DATA=str(tmp_path))
    assert ended.returncode == 1
    assert "is not a key file" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_unexpected_error_is_one_line_and_its_story_is_kept(tmp_path: Path) -> None:
    (tmp_path / "podatelna.sqlite3").write_bytes(b"this is not a database, but a text that is long enough to be one")
    ended = podatelna("migrate", PODATELNA_DATA=str(tmp_path))
    assert ended.returncode == 1
    assert ended.stderr.startswith("podatelna: the database refused: file is not a database")
    assert len(ended.stderr.splitlines()) == 1
