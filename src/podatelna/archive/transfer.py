"""Mail brought in: in small batches, in flat memory, to be interrupted and repeated at will."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath
from typing import Protocol

from podatelna.mail.dates import read_date

from . import labels
from .columns import fit_time
from .durability import relaxed
from .intake import Accepted, Received, accept
from .models import Delivery, Origin
from .sources import Dialect, Found, Skipped, Tally, find_mail, size_of

__all__ = [
    "Bring",
    "Counts",
    "Progress",
    "Report",
    "Skipped",
    "Take",
    "Work",
    "archive",
    "import_origin",
    "import_paths",
]

# One batch is one write transaction: on SQLite the desk waits for it, so it stays well below 100 ms.
BATCH_COUNT = 400
BATCH_BYTES = 8 * 1024 * 1024
_FINISHED_WITHIN = timedelta(minutes=10)  # else the import was cut off, and the worker goes on with what it left
_MOST_NAMED = 1000  # of what was skipped; all of it goes to `skip`
_LONGEST_HEADER = 64 * 1024
_HEADER_END = re.compile(rb"\n\r?\n")
_REST = re.compile(rb"[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*")  # of a field, with its continuation lines

Take = Callable[[Sequence[Delivery]], None]


@dataclass
class Counts:
    """How many messages of an import were new, and how many were here already."""

    new: int = 0
    already_here: int = 0

    def add(self, accepted: Sequence[Accepted]) -> None:
        """Count what was archived."""
        new = sum(one.new for one in accepted)
        self.new += new
        self.already_here += len(accepted) - new


class Bring(Protocol):
    """Somebody who archives and processes whole batches, at once or soon, and counts them when that is done."""

    def __call__(self, origin: Origin, batch: Sequence[Found], counts: Counts) -> bool:
        """Take a batch; False: it is not taken, and has to be done by the caller."""


@dataclass(frozen=True)
class Progress:
    """How far an import is; `path` is the file it is in, `fraction` (0 to 1, None: not known) how much is done."""

    path: PurePath
    messages: int
    bytes: int
    elapsed: timedelta
    fraction: float | None = None
    new: int = 0
    quarantined: int = 0
    skipped: int = 0

    @property
    def messages_per_second(self) -> float:
        """The rate so far; 0 before any time has passed."""
        seconds = self.elapsed.total_seconds()
        return self.messages / seconds if seconds else 0.0

    @property
    def left(self) -> timedelta | None:
        """How long the rest will take at the rate so far; None while that cannot be said."""
        if not self.fraction or not self.elapsed:
            return None
        return self.elapsed * ((1 - self.fraction) / self.fraction)


@dataclass(frozen=True)
class Report:
    """How an import ended. `quarantined` are among the `new` ones: archived, and a stage of the pipeline failed.

    `skipped` names the first thousand; `skipped_count` counts all.
    """

    new: int
    already_here: int
    quarantined: int
    skipped: tuple[Skipped, ...]
    skipped_count: int
    bytes: int
    elapsed: timedelta


def import_paths(
    paths: Iterable[Path],
    *,
    now: Callable[[], datetime],
    take: Take,
    progress: Callable[[Progress], None],
    origin: Origin | None = None,
    dialect: Dialect = "auto",
    skip: Callable[[Skipped], None] = lambda skipped: None,
    bring: Bring | None = None,
) -> Report:
    """Archive all mail in `paths` (see sources/) and hand the deliveries to `take`, a batch at a time.

    A message is known by its bytes within `origin` (by default the one of all plain imports), so an import that was cut
    off is simply repeated: what is here is passed over, and what was archived but not yet processed is handed to `take`
    again. At the end `take` is called with none: it may do its work meanwhile, and must have done it all then. `bring`
    may take whole batches instead, and counts them by then.
    `progress` is called after each batch, `skip` for each file or place that is passed over. What any of them raises
    ends the import.
    """
    paths = list(paths)
    tally, total = Tally(), size_of(paths)
    work = Work(origin or import_origin(), now, take, progress, skip, bring)
    for found in find_mail(paths, tally, dialect):
        work.fraction = min(tally.read / total, 1.0) if total else None
        work.add(found)
    work.flush()
    return work.report()


def import_origin(name: str = "import") -> Origin:
    """The origin of imports called `name`; the same one each time."""
    return Origin.objects.get_or_create(kind=Origin.Kind.IMPORT, name=name[:320])[0]


@dataclass
class Work:
    """The counts of an import, and the batch that is being gathered."""

    origin: Origin
    now: Callable[[], datetime]
    take: Take
    tell: Callable[[Progress], None]
    skip: Callable[[Skipped], None]
    bring: Bring | None = None
    fraction: float | None = None
    skipped: list[Skipped] = field(default_factory=list)
    skipped_count: int = 0
    batch: list[Found] = field(default_factory=list)
    batch_bytes: int = 0
    bytes: int = 0
    counts: Counts = field(default_factory=Counts)
    quarantined: int = 0

    def __post_init__(self) -> None:
        self.started = self.now()
        self._last = Delivery.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def add(self, found: Found | Skipped) -> None:
        """Gather one; a batch that is full is archived and processed."""
        if isinstance(found, Skipped):
            self.skipped_count += 1
            if len(self.skipped) < _MOST_NAMED:
                self.skipped.append(found)
            self.skip(found)
            return
        self.batch.append(found)
        self.batch_bytes += len(found.raw)
        if len(self.batch) >= BATCH_COUNT or self.batch_bytes >= BATCH_BYTES:
            self.flush()

    def flush(self, also: Callable[[], None] | None = None) -> None:
        """Archive what is gathered, `also` in the same transaction, then hand it on and tell."""
        if not self.batch:
            if also:
                also()
            return
        # What else is to be written with it can only be written here.
        if also or self.bring is None or not self.bring(self.origin, self.batch, self.counts):
            self.counts.add(archive(self.origin, self.batch, self.now(), self.take, also))
        self.bytes += self.batch_bytes
        self._count_quarantined()
        path = self.batch[-1].path
        self.batch, self.batch_bytes = [], 0
        self.tell(self._progress(path))

    def _progress(self, path: PurePath) -> Progress:
        new, done = self.counts.new, self.counts.new + self.counts.already_here
        elapsed = self.now() - self.started
        return Progress(path, done, self.bytes, elapsed, self.fraction, new, self.quarantined, self.skipped_count)

    def _count_quarantined(self) -> None:
        shunted = Delivery.objects.filter(state=Delivery.State.SHUNTED, origin=self.origin, pk__gt=self._last)
        self.quarantined = shunted.count()

    def report(self) -> Report:
        """How it ended."""
        self.take(())
        self._count_quarantined()
        elapsed = self.now() - self.started
        return Report(
            self.counts.new, self.counts.already_here, self.quarantined, tuple(self.skipped), self.skipped_count,
            self.bytes, elapsed,
        )  # fmt: skip


def archive(
    origin: Origin,
    batch: Sequence[Found],
    now: datetime,
    take: Take,
    also: Callable[[], None] | None = None,
) -> list[Accepted]:
    """Make a batch durable, `also` in the same transaction, and hand to `take` what is to be processed.

    Doing it again adds nothing, and hands on again what is not processed yet.
    """

    def together(accepted: list[Accepted]) -> None:
        pairs = zip(accepted, batch, strict=True)
        labels.attach((one.delivery, found.labels) for one, found in pairs if found.labels)
        if also:
            also()

    accepted = accept([_received(origin, found, now) for found in batch], due_after=_FINISHED_WITHIN, also=together)
    # Each once: the same bytes can stand twice in one batch.
    waiting = {one.delivery.pk: one.delivery for one in accepted if one.delivery.state == Delivery.State.RECEIVED}
    if waiting:
        with relaxed():
            take(list(waiting.values()))
    return accepted


def _received(origin: Origin, found: Found, now: datetime) -> Received:
    at = fit_time(found.at)
    arrived = at if at and at <= now + timedelta(days=1) else arrival_time(found.raw, now)
    return Received(found.raw, origin.pk, "", seen_at=now, received_at=arrived)


def arrival_time(raw: bytes, now: datetime) -> datetime:
    """When a message came, by its topmost Received field, else its Date; `now` when neither can be true."""
    block = raw[:_LONGEST_HEADER]
    block = block[: end.start() + 1] if (end := _HEADER_END.search(block)) else block
    small = b"\n" + block.lower()
    for name in (b"\nreceived:", b"\ndate:"):
        at = small.find(name)
        found = _REST.match(block, at + len(name) - 1) if at >= 0 else None
        if found is None:
            continue
        text = found.group().rpartition(b";")[2] if name == b"\nreceived:" else found.group()
        moment = fit_time(read_date(text.decode("latin-1").strip())[0]) if text else None
        if moment and moment <= now + timedelta(days=1):
            return moment.astimezone(UTC)
    return now
