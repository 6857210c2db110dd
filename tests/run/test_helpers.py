"""An import that has helpers: real processes, and one of them dies."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from podatelna.archive.intake import Received, accept
from podatelna.archive.models import Delivery
from podatelna.archive.transfer import import_origin
from podatelna.run.helpers import Helpers
from tests.cast import NOON, a_mail
from tests.run.processes import Running, command, own_environment, running, until, with_environment

MESSAGES = 1_500  # helpers are started after the first 500


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that is prepared and empty, to be copied."""
    data = tmp_path_factory.mktemp("prepared") / "data"
    subprocess.run(command("migrate"), env=own_environment(PODATELNA_DATA=str(data)), check=True, capture_output=True)
    return data


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of letters, no two alike."""
    folder = tmp_path_factory.mktemp("mail")
    for number in range(MESSAGES):
        (folder / f"{number:04}.eml").write_bytes(a_mail(f"Objednávka {number}", f"Prosím o {number} kusů.\n"))
    return folder


@pytest.fixture
def house(prepared: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of a house of its own."""
    shutil.copytree(prepared, tmp_path / "data")
    return own_environment(PODATELNA_DATA=str(tmp_path / "data"))


def helpers_of(house: dict[str, str], importing: Running) -> list[int]:
    """The helpers that live in the house: copies of the importing process."""
    everybody = with_environment("PODATELNA_DATA", house["PODATELNA_DATA"])
    return [pid for pid in everybody if pid != importing.process.pid]


def in_the_archive(house: dict[str, str]) -> tuple[int, int, int]:
    """How many deliveries are there, how many are done, and how many messages are in the search index."""
    with closing(sqlite3.connect(Path(house["PODATELNA_DATA"]) / "podatelna.sqlite3")) as database:
        row = database.execute(
            "SELECT (SELECT COUNT(*) FROM archive_delivery),"
            " (SELECT COUNT(*) FROM archive_delivery WHERE state = 'done'),"
            " (SELECT COUNT(search_id) FROM archive_message)"
        ).fetchone()
    return int(row[0]), int(row[1]), int(row[2])


def assert_whole(house: dict[str, str]) -> None:
    """All are there, processed, found by search, and byte for byte as their hashes say."""
    assert in_the_archive(house) == (MESSAGES, MESSAGES, MESSAGES)
    verified = subprocess.run(command("verify"), env=house, capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_what_helpers_process_is_all_there_when_the_import_ends(house: dict[str, str], mail: Path) -> None:
    with running(command("import", str(mail), "--jobs", "2"), house) as importing:
        until(lambda: len(helpers_of(house, importing)) == 2)
        importing.wait_for(f"new {MESSAGES}, already here 0, quarantined 0")
        assert importing.process.wait(60) == 0
    assert_whole(house)
    assert not helpers_of(house, importing)


def test_what_a_helper_had_in_hand_when_it_died_is_done_without_it(house: dict[str, str], mail: Path) -> None:
    with running(command("import", str(mail), "--jobs", "1"), house) as importing:
        until(lambda: bool(helpers_of(house, importing)))
        for helper in helpers_of(house, importing):
            os.kill(helper, signal.SIGKILL)
        importing.wait_for(f"new {MESSAGES}, already here 0, quarantined 0")
        assert importing.process.wait(60) == 0
    assert_whole(house)


def test_helpers_do_not_outlive_an_import_that_was_killed_and_repeating_it_does_the_rest(
    house: dict[str, str], mail: Path
) -> None:
    with running(command("import", str(mail), "--jobs", "2"), house) as importing:
        until(lambda: len(helpers_of(house, importing)) == 2)
        importing.stop(signal.SIGKILL)
    until(lambda: not helpers_of(house, importing))
    repeated = subprocess.run(
        command("import", str(mail), "--jobs", "0"), env=house, capture_output=True, text=True, check=False
    )
    assert repeated.returncode == 0, repeated.stdout + repeated.stderr
    assert_whole(house)


def test_a_small_import_is_processed_without_any(db: None) -> None:
    received = Received(a_mail("Objednávka"), import_origin().pk, "", seen_at=NOON, received_at=NOON)
    with Helpers(2, None) as helpers:
        helpers([one.delivery for one in accept([received])])
        assert not multiprocessing.active_children()
    assert Delivery.objects.get().state == Delivery.State.DONE
