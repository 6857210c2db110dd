"""What 500 mailboxes cost one worker that waits for them, and how soon a new message is seen.

`python bench/gateways.py [--gateways 500] [--seconds 60] [--messages 40]`

Every gateway has a user of its own on a real Dovecot on loopback and waits with IDLE. Counted is the processor time of
the worker (`podatelna worker`, a process of its own on SQLite) while nothing happens, the memory that it has more than
the same worker without gateways, and the time from the moment a message lies in a Maildir until it is durable here.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.servers import HOST, SECRET, Dovecot  # noqa: E402

MOST_OF_A_CORE, LONGEST_SECONDS = 0.05, 2.0
_FIRST_UID = 30_000
_TICKS = os.sysconf("SC_CLK_TCK")


class ManyUsers(Dovecot):
    """A Dovecot whose users have system ids of their own: the kernel lets one id watch few folders (inotify)."""

    def __init__(self, users: int) -> None:
        self.users = [f"user{number}" for number in range(users)]
        super().__init__()

    def _prepare(self) -> None:
        super()._prepare()
        if os.getuid() != 0:
            return
        (self.folder / "mail").chmod(0o1777)
        (self.folder / "raw").chmod(0o1777)
        (self.folder / "users").write_text(
            "".join(
                f"{user}::{_FIRST_UID + number}:{_FIRST_UID + number}::{self.folder}/mail/{user}::\n"
                for number, user in enumerate(self.users)
            )
        )

    def _old_configuration(self) -> str:
        return _own_ids(super()._old_configuration(), self.folder)

    def _new_configuration(self) -> str:
        return _own_ids(super()._new_configuration(), self.folder)


def _own_ids(configuration: str, folder: Path) -> str:
    if os.getuid() != 0:
        return configuration
    begin = configuration.index("userdb ")
    end = configuration.index("protocol imap {")
    file = f"passwd_file_path = {folder}/users" if "passdb static {" in configuration else f"args = {folder}/users"
    kind = "userdb passwd-file {\n" if "passdb static {" in configuration else "userdb {\ndriver = passwd-file\n"
    more = "default_client_limit = 5000\nservice imap {\nprocess_limit = 4000\n}\n"
    return configuration[:begin] + kind + file + "\n}\n" + more + configuration[end:]


# --- the installation


def prepare(port: int, users: int, login: str) -> None:
    """In a process of its own: a new installation with so many gateways."""
    from podatelna.run.house import open_house
    from podatelna.run.house import prepare as migrate

    open_house()
    migrate()
    from podatelna.archive.models import Origin
    from podatelna.gateways.models import Gateway

    for number in range(users):
        address = f"{login}{number}@example.com"
        origin = Origin.objects.create(kind=Origin.Kind.IMAP, name=address)
        gateway = Gateway(origin=origin, address=address, imap_host=HOST, imap_port=port, imap_security="none",
                          imap_login=f"{login}{number}", smtp_host=HOST)  # fmt: skip
        gateway.set_imap_password(SECRET)
        gateway.save()


@contextmanager
def working(data: Path) -> Iterator[int]:
    """The process id of a worker."""
    with (data / "log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "podatelna.run.cli", "worker", "--quiet"],
            env=_environment(data), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def _environment(data: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PODATELNA_")}
    paths = os.pathsep.join((str(ROOT), str(ROOT / "src")))
    return {**inherited, "PYTHONPATH": paths, "PODATELNA_DATA": str(data), "DATABASE_URL": ""}


def installation(folder: Path, name: str, port: int, users: int) -> Path:
    """A data folder."""
    data = folder / name
    data.mkdir()
    command = [sys.executable, __file__, "--prepare", str(port), "--gateways", str(users)]
    subprocess.run(command, env=_environment(data), check=True)
    return data


# --- measuring


def processor_seconds(pid: int) -> float:
    """Of all its threads, in user and kernel mode."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory(pid: int) -> int:
    """Bytes that are this process's own (USS)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(("Private_Clean", "Private_Dirty")))


def asked(data: Path, sql: str) -> int:
    """A number from the database."""
    connection = sqlite3.connect(f"file:{data / 'podatelna.sqlite3'}?mode=ro", uri=True, timeout=10)
    try:
        return int(connection.execute(sql).fetchone()[0])
    finally:
        connection.close()


def until(happened: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for it."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise RuntimeError(what)
        time.sleep(0.2)


def idle_cost(pid: int, seconds: float) -> float:
    """Share of a core."""
    before, began = processor_seconds(pid), time.monotonic()
    time.sleep(seconds)
    return (processor_seconds(pid) - before) / (time.monotonic() - began)


def delays(data: Path, server: ManyUsers, messages: int) -> list[float]:
    """Seconds from a message's arrival in some mailbox until it is durable here, one after the other."""
    chance, found = random.Random(1), []
    before = asked(data, "SELECT count(*) FROM archive_delivery")
    for number in range(messages):
        began = time.monotonic()
        _deliver(server, chance.choice(server.users), number)
        while asked(data, "SELECT count(*) FROM archive_delivery") <= before + number:
            if time.monotonic() - began > 60:
                raise RuntimeError("a message was not seen within a minute")
            time.sleep(0.01)
        found.append(time.monotonic() - began)
    return found


def _deliver(server: ManyUsers, user: str, number: int) -> None:
    """As a mail server's own delivery does it: written in tmp, renamed into new."""
    box = server.folder / "mail" / user
    raw = f"From: jana@example.com\r\nMessage-ID: <{number}@bench>\r\nSubject: {number}\r\n\r\nHello {number}\r\n"
    name = f"{time.time_ns()}.{number}.bench"
    (box / "tmp" / name).write_bytes(raw.encode())
    owner = (box / "new").stat()
    os.chown(box / "tmp" / name, owner.st_uid, owner.st_gid)
    (box / "tmp" / name).rename(box / "new" / name)


# --- running it


def measure(gateways: int, seconds: float, messages: int) -> int:
    """Prints the figures; 1 when a goal is missed."""
    server = ManyUsers(gateways)
    try:
        server.start()
        with tempfile.TemporaryDirectory(prefix="bench-gateways-") as folder:
            alone = installation(Path(folder), "alone", server.imap_port, 0)
            with working(alone) as pid:
                time.sleep(20)  # what it does once after starting
                least, own = idle_cost(pid, seconds / 2), memory(pid)
            data = installation(Path(folder), "many", server.imap_port, gateways)
            with working(data) as pid:
                began = time.monotonic()
                well = "SELECT count(*) FROM gateways_gateway WHERE state = 'working'"
                until(lambda: asked(data, well) == gateways, 900, (data / "log").read_text("utf-8", "replace")[-2000:])
                ready = time.monotonic() - began
                time.sleep(20)
                cost = idle_cost(pid, seconds)
                each = (memory(pid) - own) / gateways
                threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
                late = delays(data, server, messages)
    finally:
        server.remove()
    print(f"{gateways} gateways on one worker; all connected after {ready:.1f} s; {threads} threads")
    print(f"idle:    {cost:.1%} of a core (without gateways {least:.1%}); goal < {MOST_OF_A_CORE:.0%}")
    print(f"memory:  {each / 1024:.0f} KB per gateway (the worker alone {own / 1024**2:.0f} MB)")
    middle, worst = statistics.median(late), max(late)
    print(f"seen:    median {middle:.2f} s, worst {worst:.2f} s of {messages}; goal < {LONGEST_SECONDS} s")
    return 0 if cost < MOST_OF_A_CORE and worst < LONGEST_SECONDS else 1


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateways", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--messages", type=int, default=40)
    parser.add_argument("--prepare", type=int, metavar="PORT", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.prepare:
        prepare(options.prepare, options.gateways, "user")
        return 0
    return measure(options.gateways, options.seconds, options.messages)


if __name__ == "__main__":
    sys.exit(main())
