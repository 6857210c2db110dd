"""kill -9 at every kind of step between the mailbox and the desk: each message is here exactly once, none is lost."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cast import a_mail
from tests.kill.installation import Installation, copied, empty
from tests.servers import SECRET, Dovecot

POINTS = 24
NEVER = 1_000_000
PROCESSED = "Zpracováno"

FIRST = a_mail("Reklamace: pračka", message_id="first@example.cz")
MAIL = [
    FIRST,
    a_mail("Re: Reklamace: pračka", "Ještě něco: pračka kape.\n", in_reply_to="first@example.cz"),
    # Over 64 KiB of what does not compress: goes to the blob store and not into the database.
    a_mail(
        "Fotka",
        files=[
            (
                "pračka.jpg",
                "image/jpeg",
                b"".join(hashlib.sha256(bytes([n % 256, n >> 8])).digest() for n in range(4000)),
            )
        ],
    ),
    a_mail("Another mail that says it is the first", "and is not", message_id="first@example.cz"),
    b"no mail at all \x01\xff\xfe\r\nTo:\r\n\r\n",
    FIRST,  # the same bytes once more
]
DIGESTS = sorted(hashlib.sha256(raw).hexdigest() for raw in MAIL)


@pytest.fixture(scope="module")
def template(dovecot: Dovecot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with empty(tmp_path_factory.mktemp("kill") / "template") as made:
        prepared = made.run("tests.kill.prepare", dovecot.imap_port, SECRET)
        assert prepared.returncode == 0, prepared.stderr
        yield made


@pytest.fixture(scope="module")
def whole_life(dovecot: Dovecot, template: Installation, tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many steps a life has that nobody cuts short."""
    dovecot.mailbox("whole").put(*MAIL)
    with copied(template, tmp_path_factory.mktemp("kill") / "whole") as here:
        life = here.run("tests.kill.child", NEVER, "whole")
        assert life.returncode == 0, life.stderr
        check(here, dovecot, "whole")
        return int(life.stdout)


@pytest.mark.dovecot
@pytest.mark.parametrize("point", range(POINTS))
def test_killed_at_any_step_each_message_is_here_exactly_once(
    point: int, whole_life: int, template: Installation, dovecot: Dovecot, tmp_path: Path
) -> None:
    step = 1 + point * (whole_life - 1) // (POINTS - 1)
    user = f"point{point}"
    dovecot.mailbox(user).put(*MAIL)
    with copied(template, tmp_path / user) as here:
        killed = here.run("tests.kill.child", step, user)
        assert re.search(f"killed at step {step}:", killed.stderr), killed.stderr
        lived = here.run("tests.kill.child", 0, user)
        assert lived.returncode == 0, lived.stderr
        check(here, dovecot, user)


@pytest.mark.dovecot
def test_killed_again_and_again_it_still_comes_to_an_end(
    whole_life: int, template: Installation, dovecot: Dovecot, tmp_path: Path
) -> None:
    dovecot.mailbox("again").put(*MAIL)
    with copied(template, tmp_path / "again") as here:
        for step in range(5, whole_life, whole_life // 12):
            here.run("tests.kill.child", step, "again")
        assert here.run("tests.kill.child", 0, "again").returncode == 0
        check(here, dovecot, "again")


def check(here: Installation, dovecot: Dovecot, user: str) -> None:
    """Everything is archived, on the desk and in the processed folder, once; nothing is left, nothing was expunged."""
    box = dovecot.mailbox(user)
    assert box.raws() == []
    assert sorted(hashlib.sha256(raw).hexdigest() for raw in box.raws(PROCESSED)) == DIGESTS
    held = here.holds()
    assert held["originals"] == DIGESTS
    assert held["states"] == {"done": len(MAIL)}
    assert held["messages"] == len(set(DIGESTS))
    # The copy of the first message adds nothing to the timeline; what is no mail is shown all the same.
    assert len(held["shown"]) == len(set(held["shown"])) == len(set(DIGESTS))
    # The first, its answer and the one that uses its Message-ID are one conversation.
    assert held["conversations"] == 3
    assert held["ends"] == {"archived": len(MAIL) - 1, "duplicate": 1}
    assert held["moves"].keys() <= {"moved", "gone"}
    assert sum(held["moves"].values()) == len(MAIL)
    assert held["found"] == 3  # by subject, by text, by the name of a file
