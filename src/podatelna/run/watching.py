"""What looks whether all is well: a thread of the worker, and one of each web process in case there is no worker."""

from __future__ import annotations

import threading

from django.db.models import QuerySet
from django.utils import timezone

from podatelna.desk import sent
from podatelna.outbox.delivery import deliver_due
from podatelna.outbox.models import Outgoing
from podatelna.protocols import smtp, webhooks
from podatelna.watch import beats, checks, letters, telling
from podatelna.web.administration.alarm_letters import payload, write

from .chores import keep_doing

_EVERY_SECONDS = 15.0


def watch() -> float:
    """The worker's round: every check, then telling. How many seconds to wait before the next."""
    if not beats.alive(timezone.now()):
        beats.beat(timezone.now())  # this one has just been started
    checks.look_after_all(timezone.now())
    _tell()
    telling.sweep(timezone.now())
    return _EVERY_SECONDS


def watch_the_worker() -> float:
    """A web process's round: is there a worker? While there is none, it tells in its place, and of this alone sends."""
    now = timezone.now()
    checks.worker(now)
    if not beats.alive(now):
        _tell()
        deliver_due(
            transport=smtp.deliver,
            now=timezone.now,
            archive=sent.file_sent,
            announce=sent.announce,
            in_turn=_letters_alone,
        )
    return _EVERY_SECONDS


def watch_in_the_background() -> None:
    """Start `watch_the_worker` in a thread that ends with this process."""
    threading.Thread(target=_watch_from_now_on, name="worker watch", daemon=True).start()


def _watch_from_now_on() -> None:
    never = threading.Event()
    # A worker that is started together with this process must not be missed before it has begun.
    never.wait(beats.ALIVE.total_seconds())
    keep_doing("worker watch", watch_the_worker, never)


def _tell() -> None:
    telling.tell(timezone.now(), write=write, payload=payload, post=webhooks.post)


def _letters_alone(rows: QuerySet[Outgoing]) -> QuerySet[Outgoing]:
    return rows.exclude(letters.not_letters())
