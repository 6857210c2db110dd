"""Signs of life of workers, and how often their loops failed; kept in the cache, a table that every process sees."""

from __future__ import annotations

import os
import socket
from collections import Counter
from datetime import datetime, timedelta
from threading import Lock

from django.core.cache import cache
from django.db import DatabaseError, InterfaceError

from podatelna.blobs import BlobMissing

BEAT_KEY = "worker-seen"
FAILURES_KEY = "worker-failures"
ALIVE = timedelta(minutes=2)  # a worker that was not seen for longer is gone
KINDS = ("database", "blob store", "other")  # of what may fail
_KEPT_SECONDS = timedelta(days=7).total_seconds()
_MOST_WORKERS = 50

_failures: Counter[str] = Counter()
_lock = Lock()


def beat(now: datetime) -> None:
    """Leave a sign of life, and with it what has failed in this process since it was started."""
    cache.set(BEAT_KEY, now, _KEPT_SECONDS)
    with _lock:
        mine = dict(_failures)
    if not mine:
        return
    # Two workers that write at once overwrite each other; each writes its whole count again with its next beat.
    everybody = {**_kept(), _name(): mine}
    cache.set(FAILURES_KEY, dict(list(everybody.items())[-_MOST_WORKERS:]), _KEPT_SECONDS)


def last_beat() -> datetime | None:
    """When a worker was last known to work; None: never, or not for a week."""
    found = cache.get(BEAT_KEY)
    return found if isinstance(found, datetime) else None


def alive(now: datetime) -> bool:
    """Whether a worker was seen lately."""
    seen = last_beat()
    return seen is not None and now - seen < ALIVE


def note_failure(error: Exception) -> None:
    """Count what a loop of this process met: "database", "blob store" or "other"."""
    with _lock:
        _failures[kind_of(error)] += 1


def kind_of(error: Exception) -> str:
    """What failed, by the error that it raised."""
    if isinstance(error, DatabaseError | InterfaceError):
        return "database"
    if isinstance(error, BlobMissing | OSError) or type(error).__module__.startswith("obstore"):
        return "blob store"
    return "other"


def failures() -> dict[str, int]:
    """How often loops of all workers failed, by kind; each worker counts from its start."""
    total: Counter[str] = Counter()
    for counts in _kept().values():
        total.update(counts)
    return dict(total)


def _kept() -> dict[str, dict[str, int]]:
    found = cache.get(FAILURES_KEY)
    return found if isinstance(found, dict) else {}


def _name() -> str:
    return f"{socket.gethostname()} {os.getpid()}"
