"""The house in numbers, for Prometheus: each an indexed look-up, an estimate or a count that ends early."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from typing import Any

from django.conf import settings
from django.db.models import Count, Model

from podatelna.archive.models import Delivery, Message
from podatelna.gateways.alarm_models import Alarm
from podatelna.gateways.alarms import standing
from podatelna.gateways.models import Gateway
from podatelna.outbox.models import Attempt, Outgoing

from . import beats, queues, room
from .exposition import Family

_MOST_COUNTED = queues.MOST_COUNTED


def families(now: datetime, *, blob_store: bool) -> Iterator[Family]:
    """All metrics. `blob_store`: whether it could be written and read just now. Raises what the database raises."""
    yield Family("podatelna_build_info", "gauge", "Always 1; the version is the label.").add(
        1, version=version("podatelna")
    )
    yield Family("podatelna_database_up", "gauge", "Whether the database answers.").add(1)
    yield Family("podatelna_blob_store_up", "gauge", "Whether the blob store can be written and read.").add(blob_store)
    yield from _gateways()
    yield from _mail()
    yield from _queues(now)
    yield from _outgoing()
    yield from _alarms()
    yield from _worker(now)
    yield from _disk()


def _gateways() -> Iterator[Family]:
    family = Family("podatelna_gateways", "gauge", "Gateways by state; kind is mailbox, receiving or private.")
    counts: Counter[tuple[str, str]] = Counter()
    for state, kind, owner in Gateway.objects.values_list("state", "kind", "owner_id"):
        counts[state, "private" if owner else kind] += 1
    for (state, kind), count in sorted(counts.items()):
        family.add(count, state=state, kind=kind)
    yield family


def _mail() -> Iterator[Family]:
    yield Family(
        "podatelna_deliveries_total",
        "counter",
        "Deliveries taken in since the beginning, by the highest number given: an estimate from above.",
    ).add(_highest(Delivery))
    yield Family(
        "podatelna_messages_total", "counter", "Messages taken in since the beginning, estimated in the same way."
    ).add(_highest(Message))
    yield Family("podatelna_quarantined", "gauge", f"Deliveries in the quarantine, counted to {_MOST_COUNTED}.").add(
        queues.bounded(Delivery.objects.filter(state=Delivery.State.SHUNTED))
    )


def _queues(now: datetime) -> Iterator[Family]:
    waiting = Family("podatelna_queue_waiting", "gauge", f"What waits in each queue, counted to {_MOST_COUNTED}.")
    oldest = Family("podatelna_queue_oldest_seconds", "gauge", "For how long the first of each queue has waited.")
    for queue in queues.queues(now):
        waiting.add(queue.waiting, queue=queue.name)
        oldest.add(max((now - queue.oldest).total_seconds(), 0) if queue.oldest else 0, queue=queue.name)
    yield from (waiting, oldest)


def _outgoing() -> Iterator[Family]:
    yield Family(
        "podatelna_outgoing_total", "counter", "Messages put into the outbox, by the highest number given."
    ).add(_highest(Outgoing))
    yield Family("podatelna_send_attempts_total", "counter", "Attempts at sending, by the highest number given.").add(
        _highest(Attempt)
    )
    family = Family("podatelna_outgoing", "gauge", f"Messages in the outbox by state, counted to {_MOST_COUNTED}.")
    for state in ("waiting", "sending", "failed", "uncertain"):
        family.add(queues.bounded(Outgoing.objects.filter(state=state)), state=state)
    yield family


def _alarms() -> Iterator[Family]:
    family = Family("podatelna_alarms", "gauge", "Alarms that stand, by kind.")
    rows = standing().select_related(None).order_by("kind").values("kind").annotate(count=Count("pk"))
    for row in rows:
        family.add(row["count"], kind=row["kind"])
    yield family
    yield Family("podatelna_alarms_total", "counter", "Alarms raised, by the highest number given.").add(
        _highest(Alarm)
    )


def _worker(now: datetime) -> Iterator[Family]:
    seen = beats.last_beat()
    yield Family("podatelna_worker_up", "gauge", "Whether a worker was seen within two minutes.").add(beats.alive(now))
    if seen is not None:
        yield Family("podatelna_worker_seen_seconds", "gauge", "Seconds since a worker was last seen.").add(
            max((now - seen).total_seconds(), 0)
        )
    family = Family(
        "podatelna_worker_failures_total",
        "counter",
        "Steps of workers that failed since each was started, by what failed.",
    )
    counts = beats.failures()
    for kind in beats.KINDS:
        family.add(counts.get(kind, 0), kind=kind)
    yield family


def _disk() -> Iterator[Family]:
    found = room.room_in(settings.DATA)
    yield Family("podatelna_disk_free_bytes", "gauge", "Free bytes on the disk of the data folder.").add(found.free)
    yield Family("podatelna_disk_size_bytes", "gauge", "Size of the disk of the data folder.").add(found.total)


def _highest(model: type[Model]) -> int:
    manager: Any = model._default_manager
    return manager.order_by("-pk").values_list("pk", flat=True).first() or 0
