"""How fast mail comes in: `podatelna import` of a Maildir next to `mu index` and an import into public-inbox (v2).

`python bench/ingest.py [--messages 20000] [--mix mixed] [--rounds 3]`, `python bench/ingest.py --memory 50000`

Podatelna stores, parses, threads and indexes all of it, into a new data folder, durably, as the command does by itself.
mu indexes the files where they lie; public-inbox stores them in Git and indexes them. The three take turns; medians are
printed. Wall time is what somebody waits; processor time is that of all processes and threads together, and what to
look at when the machine has other things to do. Afterwards every message is read back from the archive and compared by
SHA-256. A tool that is not installed is not measured, and one line says so.

`--memory` imports a tenth of the number and the number: the largest process's memory must not grow with the archive.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from bench.corpus import MIXES, corpus, write_maildir  # noqa: E402

FASTER_THAN_MU, FASTER_THAN_PUBLIC_INBOX, CPU_MS = 1.5, 5.0, 1.0
GROWTH = 1.25  # of memory at ten times the messages
_ADDRESS = "bench@example.com"
_INTO_PUBLIC_INBOX = (
    "use PublicInbox::Config; use PublicInbox::InboxWritable;"
    "PublicInbox::InboxWritable->new(PublicInbox::Config->new->lookup_name('bench'))->import_maildir($ARGV[0])"
)


class Took(NamedTuple):
    """What one run of a command took: seconds of waiting, seconds of processor, bytes of the largest process.

    `own` is what the largest process had for itself at most, looked at ten times a second: without the pages of files
    that are mapped into it (the database's), which the system takes back whenever it needs them.
    """

    wall: float
    cpu: float
    memory: int
    own: int


class Tool(NamedTuple):
    """Something that takes a Maildir in: its name, its run on an empty folder, and how many messages are there then."""

    name: str
    take: Callable[[Path, Path], Took]
    count: Callable[[Path], int]


def run(command: Sequence[str], environment: dict[str, str], log: Path) -> Took:
    """Run a command to its end. Ends the bench when it fails."""
    with log.open("wb") as out:
        started = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
        ended, peak = threading.Event(), [0]
        watch = threading.Thread(target=_watch_memory, args=(process.pid, ended, peak), daemon=True)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)  # with all its processes that ended before it
        wall = time.perf_counter() - started
        ended.set()
        watch.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command[:3])} … failed: {log.read_text(errors='replace')[-800:]}")
    return Took(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, peak[0])


def _watch_memory(pid: int, ended: threading.Event, peak: list[int]) -> None:
    """Keep in `peak` the most anonymous memory that the process or one of its children had, bytes."""
    while not ended.wait(0.1):
        for each in (pid, *_children(pid)):
            with suppress(OSError):
                text = Path(f"/proc/{each}/status").read_text()
                kilobytes = next((line.split()[1] for line in text.splitlines() if line.startswith("RssAnon:")), "0")
                peak[0] = max(peak[0], int(kilobytes) * 1024)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


# --- Podatelna -------------------------------------------------------------------------------------------------------


def _house(work: Path) -> dict[str, str]:
    """An environment with the data folder `work`/data and nothing of this machine's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PODATELNA_")}
    return kept | {
        "PODATELNA_DATA": str(work / "data"),
        "DJANGO_SETTINGS_MODULE": "podatelna.settings",
        "DATABASE_URL": "",
    }


def into_podatelna(mail: Path, work: Path) -> Took:
    """`podatelna import`, of a house that is prepared and empty."""
    podatelna = [sys.executable, "-m", "podatelna.run.cli"]
    run([*podatelna, "migrate"], _house(work), work / "log")
    return run([*podatelna, "import", str(mail)], _house(work), work / "log")


def in_podatelna(work: Path) -> int:
    """How many messages are there, stored, parsed and indexed."""
    return sum(_read_back(work).values())


def _read_back(work: Path) -> Counter[str]:
    """How often each message is in the archive, by SHA-256 of its original bytes; only those parsed and indexed."""
    command = [sys.executable, __file__, "--read-back"]
    made = subprocess.run(command, env=_house(work), stdout=subprocess.PIPE, text=True, check=True)
    return Counter(json.loads(made.stdout))


def read_back() -> None:
    """In a process of its own: print the counts of all originals as JSON."""
    from podatelna.run.house import open_house

    open_house()
    from podatelna.archive.models import Delivery
    from podatelna.archive.store import originals

    whole = Delivery.objects.filter(
        state=Delivery.State.DONE, message__parsed_at__isnull=False, message__search_id__isnull=False
    )
    found = Counter(hashlib.sha256(raw).hexdigest() for _, raw in originals(whole.order_by("pk").iterator()))
    json.dump(found, sys.stdout)


# --- the others ------------------------------------------------------------------------------------------------------


def into_mu(mail: Path, work: Path) -> Took:
    """`mu index`, of a new database."""
    home = f"--muhome={work / 'mu'}"
    run(["mu", "init", home, f"--maildir={mail}"], dict(os.environ), work / "log")
    return run(["mu", "index", home, "--quiet"], dict(os.environ), work / "log")


def in_mu(work: Path) -> int:
    """How many messages mu finds."""
    command = ["mu", "find", f"--muhome={work / 'mu'}", "--fields=i", ""]
    return subprocess.run(command, capture_output=True, check=True).stdout.count(b"\n")


def _inbox(work: Path) -> dict[str, str]:
    who = {f"GIT_{role}_{what}": _ADDRESS for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {**os.environ, **who, "HOME": str(work), "PI_CONFIG": str(work / "config"), "PI_DIR": str(work)}


def into_public_inbox(mail: Path, work: Path) -> Took:
    """public-inbox's own import of a Maildir, into a new inbox of version 2."""
    init = ["public-inbox-init", "-V2", "bench", str(work / "inbox"), "http://example.com/bench", _ADDRESS]
    run(init, _inbox(work), work / "log")
    return run(["perl", "-e", _INTO_PUBLIC_INBOX, str(mail)], _inbox(work), work / "log")


def in_public_inbox(work: Path) -> int:
    """How many messages are in its repositories: it makes a commit of each."""
    commits = 0
    for repository in (work / "inbox" / "git").glob("*.git"):
        command = ["git", f"--git-dir={repository}", "rev-list", "--count", "--all"]
        commits += int(subprocess.run(command, capture_output=True, check=True).stdout)
    return commits


def tools() -> list[Tool]:
    """Podatelna, and those of the others that are installed."""
    found = [Tool("Podatelna", into_podatelna, in_podatelna)]
    if shutil.which("mu"):
        found.append(Tool("mu", into_mu, in_mu))
    else:
        print("mu is not measured: it is not installed (Debian: maildir-utils)")
    if shutil.which("public-inbox-init"):
        found.append(Tool("public-inbox", into_public_inbox, in_public_inbox))
    else:
        print("public-inbox is not measured: it is not installed (Debian: public-inbox)")
    return found


# --- the two modes ---------------------------------------------------------------------------------------------------


def made(mail: Path, messages: int, mix: str, seed: int) -> Counter[str]:
    """Write a Maildir; how often each message is in it, by SHA-256."""
    write_maildir(corpus(messages, seed=seed, mix=mix), mail, by_mailbox=False)
    return Counter(hashlib.sha256(file.read_bytes()).hexdigest() for file in (mail / "cur").iterdir())


def side_by_side(messages: int, mix: str, seed: int, rounds: int, folder: Path) -> bool:
    """Print the table; whether all goals that could be measured are reached."""
    mail = folder / "mail"
    wanted, measured = made(mail, messages, mix, seed), tools()
    size = sum(file.stat().st_size for file in (mail / "cur").iterdir())
    took: dict[str, list[Took]] = {tool.name: [] for tool in measured}
    lost = 0
    for _ in range(rounds):
        for tool in measured:
            with tempfile.TemporaryDirectory(dir=folder) as name:
                took[tool.name].append(tool.take(mail, Path(name)))
                if tool.name == "Podatelna":
                    lost += (wanted - _read_back(Path(name))).total()
                elif (count := tool.count(Path(name))) != messages:
                    print(f"{tool.name} has {count:,} of {messages:,} messages")
    cores = len(os.sched_getaffinity(0))
    print(f"{messages:,} messages ({mix}), {size / 1e6:.1f} MB, {cores} cores, medians of {rounds}\n")
    rates = {name: messages / statistics.median(one.wall for one in every) for name, every in took.items()}
    cpu = {name: 1000 * statistics.median(one.cpu for one in every) / messages for name, every in took.items()}
    print(f"{'':14}{'messages/s':>12}{'CPU ms each':>13}{'largest process':>17}")
    for name, every in took.items():
        memory = statistics.median(one.memory for one in every) / 1e6
        print(f"{name:14}{rates[name]:12,.0f}{cpu[name]:13.2f}{memory:14,.0f} MB")
    print()
    kept = goal("processor time of a message, ms", cpu["Podatelna"], CPU_MS, most=True)
    for name, times in (("mu", FASTER_THAN_MU), ("public-inbox", FASTER_THAN_PUBLIC_INBOX)):
        if name in rates:
            kept &= goal(f"messages/s, by {name}'s", rates["Podatelna"] / rates[name], times)
            print(f"{'  the same of processor time':40}{cpu[name] / cpu['Podatelna']:8.2f}")
    return goal("messages lost, of all rounds", lost, 0, most=True) and kept


def goal(name: str, value: float, wanted: float, *, most: bool = False) -> bool:
    """Print a figure next to what it shall be: at least, or at most; whether it is."""
    kept = value <= wanted if most else value >= wanted
    print(f"{name:40}{value:8.2f}  goal {'≤' if most else '≥'} {wanted:g}{'' if kept else '  MISSED'}")
    return kept


def memory(messages: int, mix: str, seed: int, folder: Path) -> bool:
    """Print the memory of the importing process at a tenth of the number and at the number."""
    peaks = []
    for number in (messages // 10, messages):
        mail = folder / f"mail-{number}"
        wanted = made(mail, number, mix, seed)
        with tempfile.TemporaryDirectory(dir=folder) as name:
            took = into_podatelna(mail, Path(name))
            lost = (wanted - _read_back(Path(name))).total()
        shutil.rmtree(mail)
        peaks.append(took.own)
        whole = f"with the mapped database {took.memory / 1e6:.0f} MB"
        print(f"{number:10,} messages ({mix}): largest process {took.own / 1e6:.0f} MB, {whole}, {lost} messages lost")
    return goal("memory at ten times the messages", peaks[1] / peaks[0], GROWTH, most=True)


def main() -> int:
    """Measure what was asked for; exit code 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--mix", choices=sorted(MIXES), default="mixed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3, help="How often each is run; the medians are printed.")
    parser.add_argument("--memory", type=int, metavar="N", help="Measure memory at N/10 and at N messages instead.")
    parser.add_argument("--read-back", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.read_back:
        read_back()
        return 0
    with tempfile.TemporaryDirectory(prefix="bench-ingest-") as name:
        if chosen.memory:
            return 0 if memory(chosen.memory, chosen.mix, chosen.seed, Path(name)) else 1
        return 0 if side_by_side(chosen.messages, chosen.mix, chosen.seed, chosen.rounds, Path(name)) else 1


if __name__ == "__main__":
    sys.exit(main())
