"""Time-stamps by RFC 3161, from a real authority over real HTTP."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from podatelna.protocols.timestamps import TimestampFailed, ask, check, read_certificates
from tests.tsa import Authority, serving

DATA = b'{"root":"00"}\n'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa")).make()


@pytest.fixture
def tsa(made: Authority) -> Iterator[Authority]:
    with serving(Authority(made.folder)) as authority:
        yield authority


def test_a_time_stamp_is_given_for_the_very_bytes(tsa: Authority, tmp_path: Path) -> None:
    roots = read_certificates(tsa.certificates)
    answer, at = ask(tsa.url, DATA, roots)
    assert abs(at - datetime.now(UTC)) < timedelta(minutes=5)
    assert check(answer, DATA, roots) == at
    (tmp_path / "data").write_bytes(DATA)
    (tmp_path / "answer.tsr").write_bytes(answer)
    command = ["openssl", "ts", "-verify", "-data", "data", "-in", "answer.tsr", "-CAfile", str(tsa.certificates)]
    assert b"Verification: OK" in subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout


def test_a_time_stamp_holds_for_no_other_bytes(tsa: Authority) -> None:
    roots = read_certificates(tsa.certificates)
    answer, _ = ask(tsa.url, DATA, roots)
    with pytest.raises(TimestampFailed, match="does not hold"):
        check(answer, DATA + b" ", roots)


def test_an_answer_to_another_request_is_refused(tsa: Authority) -> None:
    roots = read_certificates(tsa.certificates)
    tsa.answer, _ = ask(tsa.url, DATA, roots)
    with pytest.raises(TimestampFailed, match="Nonce"):
        ask(tsa.url, DATA, roots)


def test_a_stranger_who_signs_is_refused(tsa: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path).make()
    with pytest.raises(TimestampFailed, match="does not hold"):
        ask(tsa.url, DATA, read_certificates(other.certificates))


@pytest.mark.parametrize("answer", [b"", b"<html>", b"\x30\x03\x02\x01\x02", bytes(70)])
def test_what_is_no_answer_is_refused(tsa: Authority, answer: bytes) -> None:
    tsa.answer = answer or b" "
    with pytest.raises(TimestampFailed):
        ask(tsa.url, DATA, read_certificates(tsa.certificates))


def test_each_byte_of_a_time_stamp_that_is_changed_is_noticed_or_signs_nothing_else(tsa: Authority) -> None:
    roots = read_certificates(tsa.certificates)
    answer, at = ask(tsa.url, DATA, roots)
    for position in range(0, len(answer), 37):
        changed = answer[:position] + bytes([answer[position] ^ 1]) + answer[position + 1 :]
        with suppress(TimestampFailed):
            assert check(changed, DATA, roots) == at  # what is not signed, as an unused certificate


def test_a_server_that_is_away_or_refuses_is_said_so(tsa: Authority) -> None:
    roots = read_certificates(tsa.certificates)
    tsa.failing = True
    with pytest.raises(TimestampFailed, match="503"):
        ask(tsa.url, DATA, roots)
    with pytest.raises(TimestampFailed, match="could not be asked"):
        ask("http://127.0.0.1:1/", DATA, roots)
    with pytest.raises(TimestampFailed, match="http"):
        ask("file:///etc/passwd", DATA, roots)


def test_certificates_that_cannot_be_read_are_said_so(tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("no certificate")
    for name in ("none.pem", "missing.pem"):
        with pytest.raises(TimestampFailed, match=name):
            read_certificates(tmp_path / name)
