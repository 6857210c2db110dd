"""kill -9 anywhere between DATA and its 250: the sender's server keeps the mail and brings it again, and it is one."""

from __future__ import annotations

import hashlib
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.cast import a_mail
from tests.kill.installation import ROOT, Installation, copied, empty

POINTS = 3
NEVER = 1_000_000
# A file that goes to the blob store and not into the database.
PHOTO = b"".join(hashlib.sha256(bytes([n % 256, n >> 8])).digest() for n in range(4000))
MAIL = a_mail("Fotka", files=[("pračka.jpg", "image/jpeg", PHOTO)])


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with empty(tmp_path_factory.mktemp("receive") / "template") as made:
        prepared = made.run("tests.kill.receive", "prepare")
        assert prepared.returncode == 0, prepared.stderr
        yield made


@contextmanager
def serving(here: Installation, step: int) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """A server that dies at `step`; its port and process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.kill.receive", str(step)],
        env=here.environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline()), process
    finally:
        process.kill()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


def send(port: int) -> bool:
    """Whether it was said to be stored."""
    try:
        with smtplib.SMTP("127.0.0.1", port, "mx.example.cz", timeout=30) as client:
            client.sendmail("jana@example.cz", ["support@acme.cz"], MAIL)
    except (smtplib.SMTPException, OSError):
        return False
    return True


def test_killed_at_any_step_nothing_is_lost_and_what_is_brought_again_is_one(
    template: Installation, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("killed")
    with copied(template, folder / "whole") as here, serving(here, NEVER) as (port, process):
        assert send(port)
        assert process.stdout is not None
        steps = int(process.stdout.readline())
    assert steps > POINTS
    heard = []
    for point in range(POINTS):
        # The last one is after the commit, before the answer.
        step = 3 + point * (steps - 3) // (POINTS - 1)
        with copied(template, folder / f"point{point}") as here:
            with serving(here, step) as (port, process):
                heard.append(send(port))
                assert process.wait(20) != 0
            with serving(here, 0) as (port, _):
                assert send(port)
            held = here.holds()
            assert held["originals"] == [hashlib.sha256(MAIL).hexdigest()], f"killed at step {step} of {steps}"
    assert heard == [False] * POINTS
