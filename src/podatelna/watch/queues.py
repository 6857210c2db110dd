"""What waits in the house, and since when: cheap at a million messages, for every look goes through an index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from podatelna.accounts.models import AuditEntry
from podatelna.archive import extraction
from podatelna.archive.models import Delivery, ExportJob, ImportJob, Verdict
from podatelna.outbox.models import Outgoing

MOST_COUNTED = 10_000  # nobody acts differently on more, and counting them would take longer than the work

OUT = (Outgoing.State.WAITING, Outgoing.State.SENDING)


@dataclass(frozen=True)
class Queue:
    """One queue. `waiting` is never more than MOST_COUNTED; `oldest` is since when its first has waited."""

    name: str
    waiting: int
    oldest: datetime | None

    @property
    def is_cut(self) -> bool:
        """Whether more wait than were counted."""
        return self.waiting >= MOST_COUNTED


def queues(now: datetime) -> list[Queue]:
    """Every queue of the worker, in the order in which mail goes through them."""
    return [look(now) for look in LOOKS]


def pipeline(now: datetime) -> Queue:
    """Mail that is durable and was not taken through the pipeline yet."""
    rows = Delivery.objects.filter(state=Delivery.State.RECEIVED, due_at__isnull=False)
    return _queue("pipeline", rows, "due_at", now)


def outbox(now: datetime) -> Queue:
    """What is on its way out; not what waits for its Undo, or for a time that somebody chose."""
    rows = Outgoing.objects.filter(state__in=OUT).filter(Q(due_at__lte=now) | Q(attempts__gt=0))
    return _queue("outbox", rows, "created_at", now)


def copies(now: datetime) -> Queue:
    """Copies for the mailboxes' own Sent folders."""
    rows = Outgoing.objects.filter(due_at__isnull=False, state=Outgoing.State.SENT, sent_copy="due")
    return _queue("copies", rows, "sent_at", now)


def verdicts(now: datetime) -> Queue:
    """Mail whose sender was not judged yet."""
    return _queue("verdicts", Verdict.objects.filter(due_at__isnull=False), "due_at", now)


def attachments(now: datetime) -> Queue:
    """Messages whose attachments were not read yet. They are read the newest first, and history may wait for days."""
    return Queue("attachments", bounded(extraction.waiting()), None)


def imports(now: datetime) -> Queue:
    """Imports that wait or run."""
    rows = ImportJob.objects.filter(state__in=[ImportJob.State.WAITING, ImportJob.State.RUNNING])
    return _queue("imports", rows, "created_at", now)


def exports(now: datetime) -> Queue:
    """Exports that wait or run."""
    rows = ExportJob.objects.filter(state__in=[ExportJob.State.WAITING, ExportJob.State.RUNNING])
    return _queue("exports", rows, "created_at", now)


def log(now: datetime) -> Queue:
    """Lines of the log that are not sealed yet."""
    rows = AuditEntry.objects.filter(position=None)
    first = rows.order_by("pk").values_list("at", flat=True).first()
    return Queue("log", bounded(rows), first)


LOOKS: tuple[Callable[[datetime], Queue], ...] = (
    pipeline, verdicts, attachments, outbox, copies, imports, exports, log,
)  # fmt: skip


def _queue(name: str, rows: QuerySet[Any, Any], since: str, now: datetime) -> Queue:
    first = rows.order_by(since).values_list(since, flat=True).first()
    # Tried again later: it waits for that, and nobody can say since when without reading it all.
    return Queue(name, bounded(rows), first if first is not None and first <= now else None)


def bounded(rows: QuerySet[Any, Any]) -> int:
    """How many there are, counted no further than MOST_COUNTED."""
    return rows.order_by().values("pk")[:MOST_COUNTED].count()
