"""The fault run: whatever breaks, each message is here once, nothing leaves the server, no reply leaves twice.

`python bench/faults.py [--messages 1000] [--hostile 50] [--kills 200] [--seed 1] [--database sqlite|postgresql]`

A mailbox on a real Dovecot is worked by real workers while mail arrives in it and people answer through an SMTP server
that drops, refuses and breaks off. Each worker is ended by SIGKILL after a random time; meanwhile the disk is full for
a while, the blob store fails for a while, the mail server is restarted, and PostgreSQL crashes. At the end a worker
works in peace, and the account is made: every message on the server (in the folder and the processed one), in the
ledger and in the archive, by SHA-256 of the bytes rebuilt; every reply at the receiver and in the outbox.

All of it is drawn from the seed but the speed of this machine. Exit code 1 when anything differs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from bench.fault_mail import letters  # noqa: E402
from bench.fault_places import Blobs, Disk, Postgres  # noqa: E402
from tests.hostile.bends import Bend, Command, Piece, answers, dropped  # noqa: E402
from tests.hostile.smtp import HostileSmtp, hostile_smtp  # noqa: E402
from tests.servers import SECRET, Box, running_dovecot  # noqa: E402

_MAILBOX, _PROCESSED = "helpdesk", "Zpracováno"
_LONGEST_LIFE = 1.2  # seconds
_SETTLE_SECONDS = 600.0
_FULL = re.compile(r"No space left|disk is full|File too large|disk I/O error|could not (?:extend|write)")
_NO_BLOBS = re.compile(r"Not a directory|NotADirectory|NotPermitted|blobs-aside|os error 20|not a directory")
_NO_DATABASE = re.compile(r"terminating connection|server closed the connection|Connection refused|starting up")


@dataclass(frozen=True)
class Window:
    """A fault that lasts from one life to another; both as shares of all lives."""

    fault: str
    begins: float
    ends: float

    def holds(self, life: int, lives: int) -> bool:
        """Whether it holds in this life (counted from 0); in one at least."""
        first = int(self.begins * lives)
        return first <= life < max(int(self.ends * lives), first + 1)


WINDOWS = (
    Window("disk", 0.15, 0.21),
    Window("blobs", 0.32, 0.38),
    Window("disk", 0.60, 0.64),
    Window("blobs", 0.76, 0.80),
)
CRASHES = (0.10, 0.25, 0.45, 0.55, 0.70, 0.90)  # of the database, in the middle of a life
RESTARTS = (0.40, 0.85)  # of the mail server


class House:
    """The process that acts in the installation; see fault_house.py."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._environment, self._log = environment, log
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.fault_house"],
            cwd=ROOT, env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log.open("ab"),
            text=True,
        )  # fmt: skip

    def order(self, *words: object) -> dict[str, Any]:
        """What it answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(*words, file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the house is gone: {self._log.read_text('utf-8', 'replace')[-3000:]}")
        return dict(json.loads(line))

    def insist(self, *words: object) -> dict[str, Any]:
        """The same until it is no error."""
        deadline = time.monotonic() + 60
        while "error" in (answer := self.order(*words)):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{words[0]}: {answer['error']}")
            time.sleep(0.2)
        return answer

    def renew(self) -> None:
        """Another process, for limits that only new ones feel."""
        self.close()
        self._start()

    def close(self) -> None:
        """Let it end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)


@dataclass
class Run:
    """One run, and what was counted in it."""

    chance: random.Random
    house: House
    box: Box
    receiver: HostileSmtp
    disk: Disk
    blobs: Blobs
    postgres: Postgres | None
    log: Path
    given: list[bytes] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    holding: set[str] = field(default_factory=set)
    state: dict[str, Any] = field(default_factory=dict)

    # --- lives

    def live(self, lives: int, mail: Sequence[bytes]) -> None:
        """All lives, each ended by SIGKILL; mail arrives and is answered in between."""
        portions = _portions(mail, lives)
        for life in range(lives):
            self._break_and_mend({window.fault for window in WINDOWS if window.holds(life, lives)})
            self._arrive(portions[life])
            self._one_life(life, lives)
            if life % 3 == 2:
                self._answer()
        self._break_and_mend(set())

    def _one_life(self, life: int, lives: int) -> None:
        self.house.order("release")
        pid = self._begin_life()
        pause = self.chance.uniform(0.02, _LONGEST_LIFE)
        half = self.chance.uniform(0, pause)
        time.sleep(half)
        if life in {int(share * lives) for share in RESTARTS}:
            self.box.server.restart()
            self.counts["mail server restarts"] += 1
        if self.postgres and life in {int(share * lives) for share in CRASHES}:
            self.postgres.crash()
            self.counts["database crashes"] += 1
            time.sleep(0.3)
            self.postgres.start()
        time.sleep(pause - half)
        _kill(pid)
        self.counts["kills"] += 1

    def _begin_life(self) -> int:
        return int(self.house.insist("live")["pid"])

    def _arrive(self, portion: Sequence[bytes]) -> None:
        self.box.put(*portion)
        self.given += portion

    def _answer(self) -> None:
        answer = self.house.order("answer")
        if answer.get("told"):
            self.told.append(answer["told"])
        self.counts["answers that failed"] += "error" in answer

    # --- faults

    def _break_and_mend(self, faults: set[str]) -> None:
        for fault in self.holding - faults:
            {"disk": self._disk_is_free, "blobs": self.blobs.recover}[fault]()
        for fault in faults - self.holding:
            {"disk": self._disk_is_full, "blobs": self.blobs.fail}[fault]()
            self.counts[f"times without {fault}"] += 1
        self.holding = set(faults)

    def _disk_is_full(self) -> None:
        self.disk.fill()
        if not self.disk.mounted:
            self.house.renew()

    def _disk_is_free(self) -> None:
        self.disk.free()
        if not self.disk.mounted:
            self.house.renew()
        if self.postgres:
            self.postgres.start()  # without room for its log it stops

    # --- the end

    def settle(self) -> None:
        """A worker in peace, until nothing is left to be done; time goes by faster for what waits."""
        self.receiver.honest()
        self.house.insist("release")
        pid = self._begin_life()
        deadline = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < deadline and not self._is_settled():
            time.sleep(1.0)
        os.kill(pid, signal.SIGTERM)
        time.sleep(1.0)
        _kill(pid)

    def _is_settled(self) -> bool:
        self.state = self.house.insist("state")
        if self.state["shunted"]:
            self.counts["shunted and replayed"] += int(self.house.insist("replay")["replayed"])
        left = {name: count for name, count in self.state.items() if name not in {"ledger"} and count}
        if self.state["ledger"] >= len(self.given) and not left:
            return True
        self.house.insist("hurry")
        return False

    def felt(self) -> dict[str, int]:
        """How often the faults were felt, by what the workers wrote down."""
        words = self.log.read_text("utf-8", "replace")
        found = {"a full disk": _FULL, "a failing blob store": _NO_BLOBS}
        if self.postgres:
            found["a lost database"] = _NO_DATABASE
        return {name: len(pattern.findall(words)) for name, pattern in found.items()}


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.01)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)  # its helper that reads attachments, which would end by itself


def _portions(mail: Sequence[bytes], lives: int) -> list[Sequence[bytes]]:
    ends = [round(len(mail) * life / lives) for life in range(lives + 1)]
    return [mail[first:last] for first, last in pairwise(ends)]


# --- the receiver's moods


def moody(chance: random.Random) -> dict[str, Bend]:
    """Bends that let most through: dropped before and after the message, refused for now and for good."""
    moods: dict[str, list[tuple[float, Bend]]] = {
        "GREETING": [(0.04, dropped)],
        "MAIL": [(0.05, answers(b"421 4.3.2 going down\r\n")), (0.04, dropped)],
        "RCPT": [(0.08, answers(b"451 4.7.1 come again\r\n")), (0.04, answers(b"550 5.1.1 nobody\r\n"))],
        "DATA": [(0.04, dropped), (0.03, answers(b"250 fine\r\n"))],
        "BODY": [(0.12, dropped), (0.06, answers(b"452 4.2.2 full\r\n")), (0.04, answers(b"554 5.7.1 spam\r\n"))],
    }
    return {step: _sometimes(chance, choices) for step, choices in moods.items()}


def _sometimes(chance: random.Random, choices: Sequence[tuple[float, Bend]]) -> Bend:
    def bend(command: Command, answer: bytes) -> Iterator[Piece]:
        drawn = chance.random()
        for share, mood in choices:
            if drawn < share:
                yield from mood(command, answer)
                return
            drawn -= share
        yield answer

    return bend


# --- the account


@dataclass(frozen=True)
class Row:
    """A line of the account: what was counted, what it must be, what it is."""

    what: str
    must: object
    found: object

    @property
    def right(self) -> bool:
        """Whether they are the same."""
        return self.must == self.found


def account(run: Run) -> list[Row]:
    """Every comparison; nothing in it is set by hand."""
    held = run.house.insist("account")
    given = Counter(_digest(raw) for raw in run.given)
    source, processed = (Counter(map(_digest, run.box.raws(name))) for name in ("INBOX", _PROCESSED))
    archived = Counter(held["originals"])
    ends = Counter(end for _, _, end, _, _ in held["ledger"])
    taken = ends["archived"] + ends["duplicate"]
    gone = sum(move in {"moved", "gone"} for *_, move, _ in held["ledger"])
    changed = sum(a != b for a, b in zip(held["originals"], held["recorded"], strict=True))
    uids = Counter((validity, uid) for validity, uid, *_ in held["ledger"])
    return [
        Row("messages on the server, folder + processed", sum(given.values()), sum((source + processed).values())),
        Row("  of them missing there", 0, sum((given - source - processed).values())),
        Row("  of them left in the folder", 0, sum(source.values())),
        Row("ledger: archived + duplicate", sum((source + processed).values()), taken),
        Row("  failed, or otherwise open", 0, sum(ends.values()) - taken),
        Row("  a UID twice", 0, sum(count - 1 for count in uids.values())),
        Row("  moved", taken, gone),
        Row("archive: messages missing", 0, sum((given - archived).values())),
        Row("  messages twice, or of nobody", 0, sum((archived - given).values())),
        Row("  rebuilt to other bytes than came", 0, changed),
        Row("  taken onto the desk", {"done": sum(given.values())}, held["states"]),
        Row("  shown there", held["messages"], held["on the desk"]),
        *_replies(run, held["outgoing"]),
    ]  # fmt: skip


def _replies(run: Run, outgoing: Sequence[dict[str, Any]]) -> Iterable[Row]:
    # Kept: what came whole and was not refused. A server that hangs up before its reply may have kept it.
    taken, kept = (_by_message_id(counted) for counted in (run.receiver.taken(), run.receiver.kept()))
    sent = [row["message_id"] for row in outgoing if row["state"] == "sent"]
    unsure = {row["message_id"] for row in outgoing if row["state"] == "uncertain"}
    failed = {row["message_id"] for row in outgoing if row["state"] == "failed"}
    known = {row["message_id"] for row in outgoing}
    return [
        Row("replies and alarms told to be on their way, and forgotten", 0, len(set(run.told) - known)),
        Row("  sent + refused + may have been sent", len(known), len(sent) + len(unsure) + len(failed)),
        Row("  sent, and delivered exactly once", len(sent), sum(taken[one] == 1 for one in sent)),
        Row("  sent, and in the archive", len(sent), sum(row["filed"] for row in outgoing if row["state"] == "sent")),
        Row("  refused, and delivered all the same", 0, sum(kept[one] for one in failed)),
        Row("  may have been sent, and nobody is asked", 0, len(kept.keys() - set(sent) - unsure)),
        Row("  kept by the server more than once", 0, sum(count > 1 for count in kept.values())),
        Row("  delivered, and unknown here", 0, len(taken.keys() - known)),
    ]  # fmt: skip


def _by_message_id(counted: Counter[tuple[str, bytes]]) -> Counter[str]:
    """How often at most one of its recipients has it."""
    found: Counter[str] = Counter()
    for (_, raw), count in counted.items():
        named = re.search(rb"(?im)^Message-ID:\s*<([^>]*)>", raw)
        name = named[1].decode() if named else "?"
        found[name] = max(found[name], count)
    return found


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


# --- running it


def run_faults(options: argparse.Namespace) -> int:
    """Prints the account; 0 when all of it is right."""
    with ExitStack() as stack:
        run = _prepared(stack, options)
        began = time.monotonic()
        mail = letters(options.messages, options.hostile, options.seed)
        run.live(options.kills, mail)
        lived = time.monotonic() - began
        run.settle()
        rows = account(run)
        _print(run, options, rows, lived, time.monotonic() - began)
        if options.keep_log:
            Path(options.keep_log).write_bytes(run.log.read_bytes())
        return 0 if all(row.right for row in rows) and _was_felt(run, options) else 1


def _prepared(stack: ExitStack, options: argparse.Namespace) -> Run:
    disk = Disk()
    stack.callback(disk.remove)
    postgres = Postgres(disk.path) if options.database == "postgresql" else None
    if postgres:
        stack.callback(postgres.remove)
    dovecot = stack.enter_context(running_dovecot())
    receiver = stack.enter_context(hostile_smtp())
    data = disk.path / "data"
    data.mkdir()
    log = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-log-"))) / "workers"
    house = House(_environment(data, postgres), log)
    stack.callback(house.close)
    prepared = house.order("prepare", dovecot.imap_port, receiver.port, _MAILBOX, SECRET, _PROCESSED)
    if "error" in prepared:
        raise RuntimeError(prepared["error"])
    chance = random.Random(options.seed)
    for step, bend in moody(random.Random(options.seed + 1)).items():
        receiver.bend(step, bend)
    return Run(chance, house, dovecot.mailbox(_MAILBOX), receiver, disk, Blobs(data), postgres, log)


def _environment(data: Path, postgres: Postgres | None) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PODATELNA_")}
    return {
        **inherited,
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src"))),
        "DJANGO_SETTINGS_MODULE": "podatelna.settings",
        "PODATELNA_DATA": str(data),
        "DATABASE_URL": postgres.url if postgres else "",
    }


def _was_felt(run: Run, options: argparse.Namespace) -> bool:
    # In a small run a fault may last for less than the time in which anything is written.
    return options.small or all(run.felt().values())


def _print(run: Run, options: argparse.Namespace, rows: Sequence[Row], lived: float, took: float) -> None:
    print(f"fault run on {options.database}: {options.messages} messages, {options.hostile} of them hostile,"
          f" seed {options.seed}; {lived:.0f} s of faults, {took - lived:.0f} s of peace")  # fmt: skip
    for name, count in sorted(run.counts.items()):
        print(f"  {name:<58} {count:>8}")
    for name, count in run.felt().items():
        print(f"  {name + ', in the log of the workers':<58} {count:>8}")
    outgoing = run.house.insist("account")["outgoing"]
    states = Counter(f"{'alarms' if row['by the house'] else 'replies'}: {row['state']}" for row in outgoing)
    for name, count in sorted(states.items()):
        print(f"  {name:<58} {count:>8}")
    print()
    for row in rows:
        print(
            f"{row.what:<60} {_shown(row.found):>12}  {'right' if row.right else f'WRONG: must be {_shown(row.must)}'}"
        )

    for row in outgoing:
        if row["state"] in {"waiting", "sending"}:
            print(f"{row['message_id']} to {', '.join(row['recipients'])} is {row['state']}: {row['said']}")


def _shown(value: object) -> str:
    return ", ".join(f"{n} {c}" for n, c in value.items()) if isinstance(value, dict) else str(value)


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--hostile", type=int, default=50)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--small", action="store_true", help="a fault need not have been felt")
    parser.add_argument("--keep-log", metavar="FILE", help="what the workers wrote down")
    return run_faults(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
