"""Mail brought in from files: in small batches, in flat memory, to be interrupted and repeated at will."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from podatelna.mail.dates import read_date

from .columns import fit_time
from .durability import relaxed
from .intake import Accepted, Received, accept
from .mailfiles import Found, Skipped, find_mail
from .models import Delivery, Origin

__all__ = ["Progress", "Report", "Skipped", "import_origin", "import_paths"]

# One batch is one write transaction: on SQLite the desk waits for it, so it stays well below 100 ms.
_BATCH_COUNT = 32
_BATCH_BYTES = 2 * 1024 * 1024
_LONGEST_HEADER = 64 * 1024
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_RECEIVED = re.compile(rb"^received:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.IGNORECASE | re.MULTILINE)
_DATE = re.compile(rb"^date:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Progress:
    """How far an import is; `path` is the file it is in."""

    path: Path
    messages: int
    bytes: int
    elapsed: timedelta

    @property
    def messages_per_second(self) -> float:
        """The rate so far; 0 before any time has passed."""
        seconds = self.elapsed.total_seconds()
        return self.messages / seconds if seconds else 0.0


@dataclass(frozen=True)
class Report:
    """How an import ended. `quarantined` are among the `new` ones: archived, and a stage of the pipeline failed."""

    new: int
    already_here: int
    quarantined: int
    skipped: tuple[Skipped, ...]
    bytes: int
    elapsed: timedelta


def import_paths(
    paths: Iterable[Path],
    *,
    now: Callable[[], datetime],
    take: Callable[[Delivery], None],
    progress: Callable[[Progress], None],
    origin: Origin | None = None,
) -> Report:
    """Archive all mail in `paths` (mbox, Maildir, .eml, folders of them) and hand each delivery to `take`.

    A message is known by its bytes within `origin` (by default the one of all plain imports), so an import that was cut
    off is simply repeated: what is here is passed over, and what was archived but not yet processed is handed to `take`
    again. `progress` is called after each batch. What `take` raises ends the import.
    """
    work = _Import(origin or import_origin(), now, take, progress)
    for found in find_mail(paths):
        if isinstance(found, Skipped):
            work.skipped.append(found)
        else:
            work.add(found)
    work.flush()
    return work.report()


def import_origin(name: str = "import") -> Origin:
    """The origin of imports called `name`; the same one each time."""
    return Origin.objects.get_or_create(kind=Origin.Kind.IMPORT, name=name[:320])[0]


@dataclass
class _Import:
    """The counts of an import, and the batch that is being gathered."""

    origin: Origin
    now: Callable[[], datetime]
    take: Callable[[Delivery], None]
    tell: Callable[[Progress], None]
    skipped: list[Skipped] = field(default_factory=list)
    batch: list[Found] = field(default_factory=list)
    batch_bytes: int = 0
    bytes: int = 0
    new: int = 0
    already_here: int = 0
    quarantined: int = 0

    def __post_init__(self) -> None:
        self.started = self.now()

    def add(self, found: Found) -> None:
        self.batch.append(found)
        self.batch_bytes += len(found.raw)
        if len(self.batch) >= _BATCH_COUNT or self.batch_bytes >= _BATCH_BYTES:
            self.flush()

    def flush(self) -> None:
        if not self.batch:
            return
        now = self.now()
        accepted = accept([self._received(found, now) for found in self.batch])
        self._process(accepted)
        self._count(accepted)
        path = self.batch[-1].path
        self.batch, self.batch_bytes = [], 0
        self.tell(Progress(path, self.new + self.already_here, self.bytes, self.now() - self.started))

    def _received(self, found: Found, now: datetime) -> Received:
        arrived = arrival_time(found.raw, now)
        return Received(found.raw, self.origin.pk, "", seen_at=now, received_at=arrived)

    def _process(self, accepted: list[Accepted]) -> None:
        # Each once: the same bytes can stand twice in one batch.
        waiting = {one.delivery.pk: one.delivery for one in accepted if one.delivery.state == Delivery.State.RECEIVED}
        with relaxed():
            for delivery in waiting.values():
                self.take(delivery)

    def _count(self, accepted: list[Accepted]) -> None:
        new = [one.delivery.pk for one in accepted if one.new]
        self.new += len(new)
        self.already_here += len(accepted) - len(new)
        self.quarantined += Delivery.objects.filter(pk__in=new, state=Delivery.State.SHUNTED).count()
        self.bytes += self.batch_bytes

    def report(self) -> Report:
        elapsed = self.now() - self.started
        return Report(self.new, self.already_here, self.quarantined, tuple(self.skipped), self.bytes, elapsed)


def arrival_time(raw: bytes, now: datetime) -> datetime:
    """When a message came, by its topmost Received field, else its Date; `now` when neither can be true."""
    block = raw[:_LONGEST_HEADER]
    block = block[: end.start() + 1] if (end := _HEADER_END.search(block)) else block
    received = _RECEIVED.search(block)
    date = _DATE.search(block)
    for text in (received[1].rpartition(b";")[2] if received else b"", date[1] if date else b""):
        moment = fit_time(read_date(text.decode("latin-1").strip())[0]) if text else None
        if moment and moment <= now + timedelta(days=1):
            return moment.astimezone(UTC)
    return now
