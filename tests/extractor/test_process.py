"""The helper reads everything although it can open nothing; whatever it does to itself costs one file."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from podatelna.extractor.findings import Found
from podatelna.extractor.kinds import DOCUMENT, MAIL
from podatelna.extractor.limits import Limits
from podatelna.extractor.process import MOST_BYTES, Helper
from podatelna.extractor.reading import read_file
from tests.extractor import files, hostile

CORPUS = sorted((Path(__file__).parents[1] / "corpus").rglob("*.eml"))


@pytest.fixture(scope="module")
def helper() -> Iterator[Helper]:
    helper = Helper()
    yield helper
    helper.close()


@pytest.fixture
def taken_over() -> Iterator[Helper]:
    """A helper in which a stranger's code runs."""
    helper = Helper(Limits(processor=1, seconds=4, data=256 << 20), hostile.COMMAND)
    yield helper
    helper.close()


def ask(helper: Helper, words: str) -> Found:
    return helper.read(DOCUMENT, words.encode())


# --- the real one ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", ["docx", "xlsx", "pptx", "odt", "ods", "rtf", "pdf"])
def test_every_kind_is_read_in_a_process_that_can_open_nothing(helper: Helper, make: str) -> None:
    data: bytes = getattr(files, make)()
    assert helper.read(DOCUMENT, data) == read_file(DOCUMENT, data)


def test_every_message_of_the_corpus_is_read_there_as_here(helper: Helper) -> None:
    assert CORPUS
    for path in CORPUS:
        raw = path.read_bytes()
        assert helper.read(MAIL, raw) == read_file(MAIL, raw), path.name


def test_one_process_reads_many_files(helper: Helper) -> None:
    helper.read(DOCUMENT, files.docx())
    first = helper.pid
    assert first is not None
    helper.read(DOCUMENT, files.docx())
    assert helper.pid == first


def test_after_enough_files_a_new_process_takes_over() -> None:
    helper = Helper(Limits(files=2), hostile.COMMAND)
    pids = [ask(helper, "pid").text for _ in range(4)]
    helper.close()
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_a_process_that_grew_is_replaced() -> None:
    helper = Helper(Limits(grown=1), hostile.COMMAND)
    pids = {ask(helper, "pid").text for _ in range(3)}
    helper.close()
    assert len(pids) == 3


def test_a_process_that_nobody_needs_any_more_is_ended(helper: Helper) -> None:
    helper.read(DOCUMENT, files.docx())
    helper.close_idle(3600)
    assert helper.pid is not None
    helper.close_idle(-1)
    assert helper.pid is None
    assert helper.read(DOCUMENT, files.docx()).reason == ""


def test_a_file_that_is_too_large_is_not_even_sent(helper: Helper) -> None:
    assert helper.read(DOCUMENT, bytes(MOST_BYTES + 1)) == Found("", "too-large")


def test_a_helper_that_cannot_start_says_so() -> None:
    found = Helper(command=(sys.executable, "-c", "raise SystemExit('no such module')")).read(DOCUMENT, b"x")
    assert found.reason == "unavailable"
    assert "no such module" in found.detail


# --- a broken or taken-over one --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("deed", "reason"),
    [("crash", "crash"), ("loop", "too-long"), ("sleep", "too-long"), ("eat", "memory"), ("flood", "too-long")],
)
def test_whatever_it_does_costs_that_file_alone(taken_over: Helper, deed: str, reason: str) -> None:
    assert ask(taken_over, deed).reason == reason
    assert ask(taken_over, "say fine") == Found("fine")


def test_a_hang_is_over_when_its_time_is(taken_over: Helper) -> None:
    began = time.monotonic()
    helper = Helper(Limits(seconds=1), hostile.COMMAND)
    assert ask(helper, "sleep").reason == "too-long"
    assert helper.pid is None
    assert time.monotonic() - began < 60


def test_it_can_read_no_other_file(taken_over: Helper) -> None:
    assert ask(taken_over, f"open_file {__file__}").text == "refused: Too many open files"


def test_it_can_leave_nothing_behind(taken_over: Helper, tmp_path: Path) -> None:
    assert ask(taken_over, f"write_file {tmp_path / 'left'}").text.startswith("refused: ")
    assert not (tmp_path / "left").exists()


def test_it_can_tell_nobody(taken_over: Helper) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        said = ask(taken_over, f"connect {server.getsockname()[1]}").text
    assert said == "refused: Too many open files"


def test_it_can_have_no_other_program_do_it(taken_over: Helper, tmp_path: Path) -> None:
    ask(taken_over, f"run_program touch {tmp_path / 'left'}")
    assert not (tmp_path / "left").exists()


def test_it_knows_no_secret_of_the_environment(taken_over: Helper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://podatelna:secret@db/podatelna")
    names = ask(taken_over, "environment").text.split()
    assert "DATABASE_URL" not in names
    # LC_CTYPE and LD_LIBRARY_PATH are Python's and kreuzberg's own.
    assert set(names) <= {"LANG", "LC_CTYPE", "LD_LIBRARY_PATH", "MALLOC_ARENA_MAX", "TMPDIR"}


def test_one_that_was_ended_between_two_files_blames_none(taken_over: Helper) -> None:
    ended = int(ask(taken_over, "pid").text)
    os.kill(ended, 9)
    os.waitid(os.P_PID, ended, os.WEXITED | os.WNOWAIT)
    assert ask(taken_over, "say fine") == Found("fine")
