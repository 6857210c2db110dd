"""Search in the archive's library call, next to notmuch's library on the same mail, and the size of the index to mu's.

`python bench/search.py` makes 10,000 messages (bench/corpus.py) in ten folders; `--messages 115000` as many more,
`--folder PATH` takes the mail in a folder of files instead. Each of five searches is asked for a person who may see
half of the folders: here by the access rule, in notmuch by naming the folders. Times are processor time of the call
that gives the newest 50 hits, medians of three runs.

`--scale 1000000` compares the archive with itself at 10,000: there 20,000 messages are made and read, and their words
are put in again and again at other times. In all modes rows are written in bulk and words through search.index_many;
the mail's bytes are not stored, no search reads them.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

if TYPE_CHECKING:
    from podatelna.accounts.models import Person
    from podatelna.mail.parse import Parsed

FOLDERS = 10
SEEN = 5  # folders that the person may see
_BATCH = 200
_RUNS, _REPEATS = 3, 15
_PEER_PYTHON = "/usr/bin/python3"  # notmuch's bindings belong to the system's Python
_DISTINCT = 20_000  # messages that are really made for --scale


class Mail(NamedTuple):
    """One message: its bytes and when it came."""

    raw: bytes
    when: datetime


class Query(NamedTuple):
    """One search: what it is called, as typed here, and as notmuch wants it."""

    name: str
    ours: str
    notmuch: str


# --- mail ------------------------------------------------------------------------------------------------------------


def made(count: int, mix: str, seed: int) -> Iterator[Mail]:
    """So many generated messages, oldest first."""
    from bench.corpus import corpus

    for mail in corpus(count, seed=seed, mix=mix):
        yield Mail(mail.raw, mail.when)


def from_folder(folder: Path) -> Iterator[Mail]:
    """Every file below `folder` as a message, an hour apart."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for number, path in enumerate(files):
        yield Mail(path.read_bytes(), datetime.fromtimestamp(1_400_000_000 + 3600 * number, UTC))


def folder_of(number: int) -> int:
    """In which of the ten folders a message lies: any, but always the same."""
    return random.Random(number).randrange(FOLDERS)


# --- ours ------------------------------------------------------------------------------------------------------------


def open_archive(data: Path) -> None:
    """An empty archive in the folder `data`."""
    os.environ["PODATELNA_DATA"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "podatelna.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


class Archive:
    """Rows in bulk and words by search.index_many: what the pipeline leaves behind, as far as search looks at it."""

    def __init__(self) -> None:
        from podatelna.accounts.models import Holding, Person, Scope
        from podatelna.archive.models import Origin

        self.scopes = [Scope.objects.create(kind=Scope.Kind.PROCESS) for _ in range(FOLDERS)]
        self.person = Person.objects.create_person("bench@example.com", "Bench", "correct horse battery staple")
        for scope in self.scopes[:SEEN]:
            Holding.objects.create(person=self.person, scope=scope, reason="member")
        self.origin = Origin.objects.create(kind=Origin.Kind.IMPORT, name="bench")
        self.count = 0
        self.seconds = 0.0  # of processor time for indexing alone

    def add(self, mails: Sequence[tuple[Parsed, datetime, int]]) -> None:
        """Put in (message, when it came, its size)."""
        from django.db import transaction

        from podatelna.archive import search
        from podatelna.archive.models import Delivery, DeliveryScope, Message

        with transaction.atomic():
            numbers = range(self.count, self.count + len(mails))
            messages = Message.objects.bulk_create(
                Message(
                    fingerprint=number.to_bytes(32, "big"),
                    size=size,
                    received_at=when,
                    sent_at=when,
                    parsed_at=when,
                    subject=parsed.subject[:2000],
                    from_address=parsed.sender.address[:320] if parsed.sender else "",
                )
                for number, (parsed, when, size) in zip(numbers, mails, strict=True)
            )
            deliveries = Delivery.objects.bulk_create(
                Delivery(
                    origin=self.origin,
                    place=number.to_bytes(20, "big"),
                    message=message,
                    header=b"",
                    sha256=bytes(32),
                    size=0,
                    state=Delivery.State.DONE,
                )
                for number, message in zip(numbers, messages, strict=True)
            )
            DeliveryScope.objects.bulk_create(
                DeliveryScope(delivery=one, message=message, scope=self.scopes[folder_of(number)])
                for number, one, message in zip(numbers, deliveries, messages, strict=True)
            )
            began = time.process_time()
            search.index_many([(message, parsed) for message, (parsed, _, _) in zip(messages, mails, strict=True)])
            self.seconds += time.process_time() - began
        self.count += len(mails)


def fill(archive: Archive, mails: Iterable[Mail], peer: Path | None = None) -> list[Parsed]:
    """Put all of `mails` in, and as files into the Maildirs below `peer`; a sample of them as read."""
    from podatelna.mail.parse import parse

    sample: list[Parsed] = []
    batch: list[tuple[Parsed, datetime, int]] = []
    for number, mail in enumerate(mails):
        if peer is not None:
            _write(peer, number, mail)
        parsed = parse(mail.raw)
        if number % 7 == 0 and len(sample) < 3000:
            sample.append(parsed)
        batch.append((parsed, mail.when, len(mail.raw)))
        if len(batch) == _BATCH:
            archive.add(batch)
            batch = []
    if batch:
        archive.add(batch)
    tidy()
    return sample


def tidy() -> None:
    """As the worker does when it has nothing else to do."""
    from podatelna.archive.search import layout

    while layout.tidy():
        pass


def _write(peer: Path, number: int, mail: Mail) -> None:
    folder = peer / f"f{folder_of(number)}"
    if not folder.exists():
        for name in ("cur", "new", "tmp"):
            (folder / name).mkdir(parents=True)
    (folder / "cur" / f"{int(mail.when.timestamp())}.M{number:08d}.bench:2,S").write_bytes(mail.raw)


def index_bytes(count: int) -> int:
    """What the index takes in the database: its tables, the index of places, and the digest of each message."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'archive_search%' OR name LIKE '%autoindex_archive_search%'"
        )
        (tables,) = cursor.fetchone()
    return int(tables) + (8 + 16 + 12) * count


# --- what is searched for --------------------------------------------------------------------------------------------


def queries(sample: Sequence[Parsed]) -> list[Query]:
    """Five searches with words that are as frequent in the sample as their names say.

    Only words of plain letters: both programs part and fold others differently.
    """
    texts = [[word for word in parsed.text.lower().split() if word.isascii() and word.isalpha()] for parsed in sample]
    frequency: Counter[str] = Counter()
    for text in texts:
        frequency.update(set(text))
    share = {word: number / len(sample) for word, number in frequency.items()}
    longer = {word: value for word, value in share.items() if len(word) >= 5}
    word = min(longer, key=lambda one: (abs(longer[one] - 0.02), one))
    three = _together(texts, longer)
    pair = _side_by_side(texts, longer)
    begin = min((one for one in longer if len(one) >= 7), key=lambda one: (abs(longer[one] - 0.04), one))[:4]
    common = max(share, key=lambda one: (share[one], one))
    return [
        Query("one word", word, word),
        Query("three words", " ".join(three), " and ".join(three)),
        Query("phrase", f'"{pair}"', f'"{pair}"'),
        Query("prefix", f"{begin}*", f"{begin}*"),
        Query(f"common word ({share[common]:.0%})", common, common),
    ]


def _together(texts: Sequence[Sequence[str]], share: dict[str, float]) -> list[str]:
    """Three words that stand together in a text, each in a tenth of all."""
    for text in texts:
        known = sorted({word for word in text if 0.05 < share.get(word, 0) < 0.2})
        if len(known) >= 3:
            return known[:3]
    return sorted(share, key=lambda word: -share[word])[:3]


def _side_by_side(texts: Sequence[Sequence[str]], share: dict[str, float]) -> str:
    pairs: Counter[str] = Counter()
    for text in texts:
        pairs.update({f"{one} {two}" for one, two in pairwise(text) if one in share and two in share})
    wanted = len(texts) * 0.02
    return min(pairs, key=lambda pair: (abs(pairs[pair] - wanted), pair))


# --- measuring -------------------------------------------------------------------------------------------------------


def median_ms(work: Callable[[], object]) -> float:
    """Milliseconds of processor time, the median of three runs, each the median of several calls."""
    runs = []
    for _ in range(_RUNS):
        times = []
        for _ in range(_REPEATS):
            began = time.process_time()
            work()
            times.append((time.process_time() - began) * 1000)
        runs.append(statistics.median(times))
    return statistics.median(runs)


def measure(person: Person, wanted: Sequence[Query]) -> list[tuple[float, int]]:
    """(milliseconds, hits on the page) of each search."""
    from podatelna.archive.search import search

    return [
        (median_ms(lambda query=query: search(query.ours, person=person)), len(search(query.ours, person=person)))  # type: ignore[misc]  # bound at once
        for query in wanted
    ]


def beside(person: Person, wanted: Sequence[Query]) -> str:
    """What a page asks beside the hits, for the common word: the numbers, and the order by relevance."""
    from podatelna.archive.search import count, search

    common = wanted[-1].ours
    numbers = median_ms(lambda: count(common, person=person))
    best = median_ms(lambda: search(f"{common} {wanted[0].ours} sort:relevance", person=person))
    return f"numbers of the newest 2,000 hits {numbers:.1f} ms, relevance among the newest 1,000 {best:.1f} ms"


_NOTMUCH = """
import json, notmuch2, statistics, sys, time
wanted, runs, repeats = json.loads(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
def ask(database, query):
    found = []
    for message in database.messages(query, sort=notmuch2.Database.SORT.NEWEST_FIRST):
        found.append(message.messageid)
        if len(found) == 50:
            break
    return found
answers = []
with notmuch2.Database(sys.argv[1], mode=notmuch2.Database.MODE.READ_ONLY, config=sys.argv[1] + "/.config") as database:
    for query in wanted:
        medians = []
        for _ in range(runs):
            times = []
            for _ in range(repeats):
                began = time.process_time()
                found = ask(database, query)
                times.append((time.process_time() - began) * 1000)
            medians.append(statistics.median(times))
        answers.append((statistics.median(medians), len(found)))
print(json.dumps(answers))
"""


def measure_notmuch(mail: Path, wanted: Sequence[Query]) -> list[tuple[float, int]]:
    """The same of notmuch: its library, by its own Python bindings, in a process of its own."""
    config = mail / ".config"
    config.write_text(
        f"[database]\npath={mail}\n[user]\nname=b\nprimary_email=b@example.com\n[new]\ntags=\n[search]\nexclude_tags=\n"
    )
    environment = {**os.environ, "NOTMUCH_CONFIG": str(config)}
    subprocess.run(["notmuch", "new", "--quiet", "--no-hooks"], env=environment, check=True)
    seen = " or ".join(f"folder:f{number}" for number in range(SEEN))
    asked = json.dumps([f"({query.notmuch}) and ({seen})" for query in wanted])
    command = [_PEER_PYTHON, "-c", _NOTMUCH, str(mail), asked, str(_RUNS), str(_REPEATS)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return [(milliseconds, hits) for milliseconds, hits in json.loads(done.stdout)]


def bytes_of_mu(mail: Path, home: Path) -> int:
    """The size of mu's index of the same mail."""
    commands = ["mu", "init", f"--muhome={home}", f"--maildir={mail}"], ["mu", "index", "--quiet", f"--muhome={home}"]
    for command in commands:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return sum(path.stat().st_size for path in (home / "xapian").rglob("*") if path.is_file())


# --- the two modes ---------------------------------------------------------------------------------------------------


def next_to_others(mails: Iterable[Mail], work: Path) -> None:
    """The archive, notmuch and mu on the same mail."""
    open_archive(work / "data")
    archive = Archive()
    peer = work / "mail"
    wanted = queries(fill(archive, mails, peer))
    ours = measure(archive.person, wanted)
    size = index_bytes(archive.count)
    print(f"{archive.count:,} messages, each search for who may see {SEEN} of {FOLDERS} folders, the newest 50 hits\n")
    print(f"{'':26}{'ours':>10}{'notmuch':>10}{'ratio':>8}   hits")
    if shutil.which("notmuch"):
        theirs = measure_notmuch(peer, wanted)
        for query, (mine, hits), (other, found) in zip(wanted, ours, theirs, strict=True):
            print(f"{query.name:26}{mine:7.3f} ms{other:7.3f} ms{mine / other:8.3f}   {hits}/{found}  {query.ours}")
    else:
        for query, (mine, hits) in zip(wanted, ours, strict=True):
            print(f"{query.name:26}{mine:7.3f} ms{'–':>10}{'':8}   {hits}  {query.ours}")
    print(f"\n{beside(archive.person, wanted)}")
    print(f"indexing {1000 * archive.seconds / archive.count:.3f} ms of processor a message")
    print(f"index    {size / 1e6:10.2f} MB, {size / archive.count:,.0f} bytes a message")
    if shutil.which("mu"):
        shutil.rmtree(peer / ".notmuch", ignore_errors=True)
        mu = bytes_of_mu(peer, work / "mu")
        print(f"mu       {mu / 1e6:10.2f} MB, ratio {size / mu:.3f}")


def next_to_itself(small: int, large: int, mix: str, seed: int, work: Path) -> None:
    """The archive at `small` and at `large` messages."""
    from podatelna.mail.parse import parse

    open_archive(work / "data")
    archive = Archive()
    distinct = [parse(mail.raw) for mail in made(min(_DISTINCT, large), mix, seed)]
    wanted = queries(distinct[::7][:3000])
    chance = random.Random(seed)
    first, last = datetime(2017, 1, 2, tzinfo=UTC).timestamp(), datetime(2026, 6, 30, tzinfo=UTC).timestamp()
    results: list[list[tuple[float, int]]] = []
    for size in (small, large):
        # The later mail comes after the earlier: both archives are filled as time goes by.
        start, end = (
            (first, first + (last - first) * small / large)
            if size == small
            else (first + (last - first) * small / large, last)
        )
        while archive.count < size:
            step = min(_BATCH, size - archive.count)
            at = [start + (end - start) * (archive.count + one) / size for one in range(step)]
            archive.add([(chance.choice(distinct), datetime.fromtimestamp(one, UTC), 5000) for one in at])
        tidy()
        results.append(measure(archive.person, wanted))
    print(f"{'':26}{small:>12,}{large:>12,}{'ratio':>8}   hits")
    for query, (few, _), (many, hits) in zip(wanted, *results, strict=True):
        print(f"{query.name:26}{few:9.3f} ms{many:9.3f} ms{many / few:8.2f}   {hits}  {query.ours}")
    print(f"\n{beside(archive.person, wanted)}")
    print(f"indexing {1000 * archive.seconds / archive.count:.3f} ms of processor a message")
    print(f"index    {index_bytes(archive.count) / 1e6:10.2f} MB")


def main() -> int:
    """Measure what was asked for, in a folder that is gone afterwards."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--mix", choices=("ordinary", "mixed", "attachments"), default="ordinary")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="A folder of mail, instead of made mail.")
    parser.add_argument("--scale", type=int, help="Compare with itself: so many messages next to 10,000.")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-search-") as name:
        if chosen.scale:
            next_to_itself(10_000, chosen.scale, chosen.mix, chosen.seed, Path(name))
        elif chosen.folder:
            next_to_others(from_folder(chosen.folder), Path(name))
        else:
            next_to_others(made(chosen.messages, chosen.mix, chosen.seed), Path(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
