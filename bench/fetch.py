"""How fast mail is fetched, next to mbsync: from one real Dovecot, by turns, on the same machine.

`python bench/fetch.py [--messages 1000] [--standing 5000] [--rounds 3] [--mix mixed]`

*Fetching*: Podatelna's one look into a folder makes every message durable (taken apart, stored once, in the ledger) and
moves it; mbsync (isync) copies the folder into a Maildir, fsync on as by default, and does not parse, index or move.
*Unchanged*: a folder in which everything is known is looked into again, by Podatelna within its session, as the worker
does it, and with dialling anew; by mbsync as it always does.

Seconds are medians of the rounds, of waiting and of processor (both without Dovecot's own). Every message is compared.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from bench.corpus import MIXES, corpus  # noqa: E402
from tests.servers import HOST, SECRET, Dovecot, running_dovecot  # noqa: E402

AS_FAST_AS_MBSYNC, UNCHANGED_SHARE = 1.0, 0.1
_LOOKS = 20


class Took(NamedTuple):
    """Seconds of waiting and of processor."""

    wall: float
    cpu: float


# --- Podatelna, in a process of its own


def act(port: int, login: str, history: str) -> dict[str, Any]:
    """Fetch everything once, then look again and again; what each took, and what is here."""
    from podatelna.run.house import open_house, prepare

    open_house()
    prepare()
    from django.utils import timezone

    from podatelna.archive.intake import accept
    from podatelna.archive.models import Delivery, Origin
    from podatelna.archive.store import original
    from podatelna.gateways.cycle import Cycle
    from podatelna.gateways.fetch import fetch
    from podatelna.gateways.models import Gateway, LedgerEntry
    from podatelna.gateways.servers import imap_server
    from podatelna.protocols import imap

    origin = Origin.objects.create(kind=Origin.Kind.IMAP, name=login)
    gateway = Gateway(origin=origin, address=f"{login}@example.com", imap_host=HOST, imap_port=port,
                      imap_security="none", imap_login=login, smtp_host=HOST, history=history)  # fmt: skip
    gateway.set_imap_password(SECRET)
    gateway.save()

    def look() -> None:
        fetch(gateway, accept=accept, now=timezone.now, arrived=lambda: None)

    first = _timed(look)
    dialled = [_timed(look) for _ in range(5)]
    mailbox = imap.connect(imap_server(gateway))
    cycle = Cycle(gateway, accept, timezone.now, lambda: None)
    cycle.look(mailbox)
    within = [_timed(lambda: cycle.look(mailbox)) for _ in range(_LOOKS)]
    mailbox.close()
    return {
        "first": first,
        "dialled": _median(dialled),
        "within": _median(within),
        "held": [hashlib.sha256(original(row)).hexdigest() for row in Delivery.objects.all()],
        "moved": LedgerEntry.objects.filter(move="moved").count(),
    }


def _timed(work: Any) -> Took:
    began, worked = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - began, time.process_time() - worked)


def podatelna(folder: Path, port: int, login: str, history: str) -> dict[str, Any]:
    """`act` in a new installation."""
    data = folder / f"podatelna-{login}"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PODATELNA_")}
    paths = os.pathsep.join((str(ROOT), str(ROOT / "src")))
    environment = {**inherited, "PYTHONPATH": paths, "PODATELNA_DATA": str(data), "DATABASE_URL": ""}
    command = [sys.executable, __file__, "--act", str(port), login, history]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    shutil.rmtree(data)
    return dict(json.loads(done.stdout.splitlines()[-1]))


# --- mbsync


class Mbsync:
    """isync's program, pulling one mailbox into a Maildir."""

    def __init__(self, folder: Path, port: int, login: str) -> None:
        self.box = folder / f"mbsync-{login}"
        self.box.mkdir()
        self.configuration = folder / f"mbsyncrc-{login}"
        self.configuration.write_text(
            f"IMAPStore far\nHost {HOST}\nPort {port}\nUser {login}\nPass {SECRET}\nSSLType None\nAuthMechs LOGIN\n\n"
            f"MaildirStore near\nPath {self.box}/\nInbox {self.box}/INBOX\n\n"
            "Channel bench\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Near\nSync Pull\nSyncState *\n"
        )

    def pull(self) -> Took:
        """One run."""
        began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(["mbsync", "-q", "-c", str(self.configuration), "bench"], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Took(time.perf_counter() - began, cpu)

    def count(self) -> int:
        """How many messages are there."""
        return sum(1 for folder in ("new", "cur") for _ in (self.box / "INBOX" / folder).iterdir())


# --- running it


def measure(options: argparse.Namespace) -> int:
    """Prints the figures; 1 when a goal is missed or a byte is wrong."""
    mail = [message.raw for message in corpus(options.messages, mix=options.mix, crlf=True)]
    small = [message.raw for message in corpus(options.standing, mix="ordinary", crlf=True)]
    with running_dovecot() as server, tempfile.TemporaryDirectory(prefix="bench-fetch-") as folder:
        ours, theirs = _fetching(server, Path(folder), mail, options.rounds)
        unchanged, unchanged_theirs = _standing(server, Path(folder), small)
    rate, rate_theirs = (len(mail) / took.wall for took in (ours, theirs))
    size = sum(map(len, mail)) / 1024**2
    print(f"{len(mail)} messages ({options.mix}), {size:.0f} MB; medians of {options.rounds} rounds")
    _print("Podatelna, durable and moved", ours, len(mail))
    _print("mbsync, copied with fsync", theirs, len(mail))
    print(f"ratio {rate / rate_theirs:.2f} × mbsync; goal ≥ {AS_FAST_AS_MBSYNC}")
    print(f"\na folder of {len(small)} messages in which nothing has changed")
    for name, took in (*unchanged.items(), ("mbsync", unchanged_theirs)):
        print(f"{name:<36} {took.wall * 1000:8.1f} ms   {took.cpu * 1000:8.1f} ms of processor")
    share = unchanged["Podatelna, within its session"].wall / unchanged_theirs.wall
    print(f"ratio {share:.3f} × mbsync; goal ≤ {UNCHANGED_SHARE}")
    return 0 if rate >= AS_FAST_AS_MBSYNC * rate_theirs and share <= UNCHANGED_SHARE else 1


def _print(name: str, took: Took, count: int) -> None:
    print(f"{name:<36} {took.wall:8.2f} s   {took.cpu:8.2f} s of processor   {count / took.wall:8.0f} messages/s")


def _fetching(server: Dovecot, folder: Path, mail: Sequence[bytes], rounds: int) -> tuple[Took, Took]:
    ours, theirs = [], []
    for number in range(rounds):
        _fill(server, f"ours{number}", mail)
        _fill(server, f"theirs{number}", mail)
        found = podatelna(folder, server.imap_port, f"ours{number}", "everything")
        _compare(server, f"ours{number}", mail, found)
        ours.append(Took(*found["first"]))
        sync = Mbsync(folder, server.imap_port, f"theirs{number}")
        theirs.append(sync.pull())
        if sync.count() != len(mail):
            raise RuntimeError(f"mbsync took {sync.count()} of {len(mail)}")
        shutil.rmtree(sync.box)
    return _median(ours), _median(theirs)


def _compare(server: Dovecot, login: str, mail: Sequence[bytes], found: dict[str, Any]) -> None:
    given = Counter(hashlib.sha256(raw).hexdigest() for raw in mail)
    if Counter(found["held"]) != given or found["moved"] != len(mail) or server.mailbox(login).raws():
        raise RuntimeError("what was fetched is not what was given")


def _standing(server: Dovecot, folder: Path, mail: Sequence[bytes]) -> tuple[dict[str, Took], Took]:
    _fill(server, "standing", mail)
    found = podatelna(folder, server.imap_port, "standing", "new")
    sync = Mbsync(folder, server.imap_port, "standing")
    sync.pull()
    ours = {
        "Podatelna, within its session": Took(*found["within"]),
        "Podatelna, dialled anew": Took(*found["dialled"]),
    }
    return ours, _median([sync.pull() for _ in range(5)])


def _fill(server: Dovecot, login: str, mail: Sequence[bytes]) -> None:
    """As files, which is faster than APPEND; LF, which Dovecot gives back as CRLF."""
    with _selected(server, login):
        pass  # makes the folders
    box = server.folder / "mail" / login
    owner = box.stat()
    for number, raw in enumerate(mail):
        path = box / "new" / f"{1_700_000_000 + number}.{number}.bench"
        path.write_bytes(raw.replace(b"\r\n", b"\n"))
        os.chown(path, owner.st_uid, owner.st_gid)
    with _selected(server, login):
        pass  # Dovecot reads the folder once


@contextmanager
def _selected(server: Dovecot, login: str) -> Iterator[None]:
    with server.mailbox(login).session() as client:
        client.select_folder("INBOX", readonly=True)
        yield


def _median(tooks: Sequence[Took]) -> Took:
    return Took(statistics.median(took.wall for took in tooks), statistics.median(took.cpu for took in tooks))


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--standing", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--mix", choices=sorted(MIXES), default="mixed")
    parser.add_argument("--act", nargs=3, metavar=("PORT", "LOGIN", "HISTORY"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.act:
        print(json.dumps(act(int(options.act[0]), *options.act[1:])))
        return 0
    if not shutil.which("mbsync"):
        print("mbsync is not installed (Debian: isync), so there is nothing to compare with")
        return 1
    return measure(options)


if __name__ == "__main__":
    sys.exit(main())
