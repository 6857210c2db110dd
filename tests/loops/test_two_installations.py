"""Two installations of Podatelna that both answer by themselves, exchanging real bytes, stop after one message each."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from tests.kill.installation import ROOT, Installation, copied, empty

LEFT, RIGHT = "helpdesk@left.example", "helpdesk@right.example"
ROUNDS = 6


@dataclass
class Side:
    """An installation in a process of its own."""

    process: subprocess.Popen[str]

    def ask(self, **what: Any) -> list[tuple[bytes, str, list[str]]]:
        """Have it do something; what left it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        said = self.process.stdout.readline()
        assert said, self.process.communicate(timeout=30)[1]
        return [(base64.b64decode(raw), mail_from, to) for raw, mail_from, to in json.loads(said)]


@contextmanager
def side(installation: Installation, address: str) -> Iterator[Side]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.loops.side"], env=installation.environment, cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        started = Side(process)
        started.ask(open=address)
        yield started
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with empty(tmp_path_factory.mktemp("loops") / "migrated") as made:
        done = made.run("django", "migrate")
        assert done.returncode == 0, done.stderr
        yield made


@pytest.fixture
def sides(migrated: Installation, tmp_path: Path) -> Iterator[tuple[Side, Side]]:
    name = tmp_path.name[-20:]
    with (
        copied(migrated, tmp_path / f"left{name}") as left,
        copied(migrated, tmp_path / f"right{name}") as right,
        side(left, LEFT) as one,
        side(right, RIGHT) as other,
    ):
        yield one, other


def exchange(sides: tuple[Side, Side], minutes: int) -> list[tuple[str, str]]:
    """Carry mail to and fro until a round brings none; (envelope sender, Auto-Submitted) of each message."""
    sent = []
    for _ in range(ROUNDS):
        moved = False
        for here, there in (sides, sides[::-1]):
            for raw, mail_from, _to in here.ask(work=minutes):
                moved = True
                sent.append((mail_from, str(message_from_bytes(raw)["Auto-Submitted"] or "")))
                there.ask(mail=[base64.b64encode(raw).decode("ascii"), mail_from])
        if not moved:
            return sent
    return sent


def test_a_question_is_acknowledged_once_and_that_is_all(sides: tuple[Side, Side]) -> None:
    sides[0].ask(write=RIGHT)
    assert exchange(sides, 1) == [(LEFT, ""), ("", "auto-replied")]
    # Days later, when the period is over, nothing starts again.
    assert exchange(sides, 3 * 24 * 60) == []


def test_so_it_is_when_both_write_at_once(sides: tuple[Side, Side]) -> None:
    sides[0].ask(write=RIGHT)
    sides[1].ask(write=LEFT)
    sent = exchange(sides, 1)
    assert sorted(sent) == [("", "auto-replied"), ("", "auto-replied"), (LEFT, ""), (RIGHT, "")]
    assert exchange(sides, 3 * 24 * 60) == []


def test_so_it_is_when_the_marks_are_lost_on_the_way(sides: tuple[Side, Side]) -> None:
    """A bad relay takes the envelope and every field that says so: the period still ends it."""
    sides[0].ask(write=RIGHT)
    [(question, mail_from, _)] = sides[0].ask(work=1)
    sides[1].ask(mail=[base64.b64encode(question).decode("ascii"), mail_from])
    rounds = 0
    here, there, address = sides[1], sides[0], RIGHT
    for _ in range(ROUNDS):
        left = here.ask(work=1)
        for raw, _mail_from, _to in left:
            stripped = b"\r\n".join(
                line for line in raw.split(b"\r\n")
                if not line.startswith((b"Auto-Submitted", b"X-Auto", b"In-Reply-To", b"References"))
            )  # fmt: skip
            there.ask(mail=[base64.b64encode(stripped).decode("ascii"), address])
            rounds += 1
        here, there = there, here
        address = LEFT if address == RIGHT else RIGHT
        if not left:
            break
    assert rounds <= 2
