"""Fetching from all gateways: each by itself in its own thread, leased, watched, dialled again when it fails."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import DatabaseError, InterfaceError, connections, transaction
from django.db.models import Q

from podatelna import claims
from podatelna.protocols import imap

from . import health
from .cycle import Accept, Cycle, Looked
from .models import Gateway
from .personal import dial, is_watched
from .sent_watch import Answering
from .tending import Connect, Tending, World

log = logging.getLogger(__name__)

_WRITE_EVERY = 30.0


def fetch(
    gateway: Gateway,
    *,
    accept: Accept,
    now: Callable[[], datetime],
    arrived: Callable[[], None],
    connect: Connect = imap.connect,
) -> Looked:
    """Dial, take what is new from the chosen folder, hang up. Raises a ServerError."""
    mailbox = dial(gateway, connect, now=now)
    try:
        return Cycle(gateway, accept, now, arrived).look(mailbox)
    finally:
        mailbox.close()


def run_gateways(
    *,
    accept: Accept,
    now: Callable[[], datetime],
    stop: threading.Event,
    arrived: Callable[[], None],
    answering: Answering | None = None,
    connect: Connect = imap.connect,
    watch_seconds: float = 2.0,
    hold: timedelta = timedelta(seconds=30),
    backing_off: Callable[[Exception, int], timedelta] = health.backing_off,
) -> None:
    """Work all gateways that are not paused, until `stop` is set; then returns within about a second.

    `accept` is archive.intake.accept; `answering` tells which letters in owners' Sent folders answer what was handed
    over (sent_watch.py); `arrived` is called from a gateway's thread whenever messages became durable.
    Every `watch_seconds` gateways that were added, changed, paused or given up by another worker are noticed. A gateway
    is leased for `hold` at a time, so several workers can run this. Nothing that happens to one gateway ends this or
    touches another.
    """
    _Watch(World(accept, connect, now, arrived, backing_off, answering), hold).run(stop, watch_seconds)


def fetch_now(gateway: Gateway, now: datetime) -> None:
    """Have the folder looked into within seconds: also of a gateway that failed and waits for its next try."""
    Gateway.objects.filter(pk=gateway.pk).update(due_at=now)


@dataclass
class _Watch:
    """The thread that starts, leases and ends the gateways' threads."""

    world: World
    hold: timedelta
    workers: dict[int, Tending] = field(default_factory=dict)
    suspects: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))  # outlive a broken session
    prolonged_at: float = 0.0
    written_at: float = 0.0

    def run(self, stop: threading.Event, seconds: float) -> None:
        try:
            while not stop.is_set():
                self._look_around()
                stop.wait(seconds)
        finally:
            self._end_all()
            connections.close_all()

    def _look_around(self) -> None:
        try:
            self._reap()
            mailboxes = Gateway.objects.filter(is_watched(), kind=Gateway.Kind.MAILBOX)
            mailboxes = mailboxes.exclude(state__in=[Gateway.State.PAUSED, Gateway.State.SIGN_IN])
            rows = {gateway.pk: gateway for gateway in mailboxes}
            self._end_changed(rows)
            self._prolong()
            self._start_waiting(rows)
        except (DatabaseError, InterfaceError):
            # The database is away or busy: leases run out by themselves, and the next look may be luckier.
            log.exception("gateways cannot be watched")
            connections.close_all()

    def _reap(self) -> None:
        for pk, worker in list(self.workers.items()):
            if not worker.thread.is_alive():
                del self.workers[pk]
                worker.wake.close()
                claims.settle(worker.gateway, worker.due_at)

    def _end_changed(self, rows: dict[int, Gateway]) -> None:
        for pk, worker in self.workers.items():
            if pk not in rows or _settings(rows[pk]) != _settings(worker.gateway):
                worker.end()
            elif rows[pk].due_at is not None:  # somebody wants it now
                Gateway.objects.filter(pk=pk, due_at=rows[pk].due_at).update(due_at=None)
                worker.nudge()

    def _prolong(self) -> None:
        if time.monotonic() - self.prolonged_at < self.hold.total_seconds() / 3:
            return
        self.prolonged_at = time.monotonic()
        with transaction.atomic():  # one write for all of them
            lost = claims.prolong_many([w.gateway for w in self.workers.values()], self.world.now(), self.hold)
            self._write_successes()
        for gateway in lost:
            self.workers[gateway.pk].end()

    def _write_successes(self) -> None:
        """That looks went well, of all gateways at once and every half minute: each write wakes the disk."""
        if time.monotonic() - self.written_at < _WRITE_EVERY:
            return
        self.written_at = time.monotonic()
        marks = {pk: at for pk, worker in self.workers.items() if (at := worker.take_mark()) is not None}
        if marks:
            # Of all the earliest: what the page says is true of each.
            Gateway.objects.filter(pk__in=marks, state=Gateway.State.WORKING).update(
                last_success_at=min(marks.values())
            )

    def _start_waiting(self, rows: dict[int, Gateway]) -> None:
        now = self.world.now()
        free = Q(leased_until=None) | Q(leased_until__lte=now)
        due = Q(due_at=None) | Q(due_at__lte=now)
        for pk in Gateway.objects.filter(free, due, pk__in=set(rows) - set(self.workers)).values_list("pk", flat=True):
            if claims.take(rows[pk], now, self.hold):
                self.workers[pk] = Tending(self.world, rows[pk], self.suspects[pk])
                self.workers[pk].thread.start()

    def _end_all(self) -> None:
        for worker in self.workers.values():
            worker.end()
        deadline = time.monotonic() + 0.7
        for worker in self.workers.values():
            worker.thread.join(max(0.0, deadline - time.monotonic()))
        for worker in self.workers.values():
            worker.interrupt()
        for worker in self.workers.values():
            worker.thread.join(0.3)
        try:
            self._reap()
        except (DatabaseError, InterfaceError):
            log.exception("leases of gateways were not given back; they run out by themselves")


def _settings(gateway: Gateway) -> tuple[object, ...]:
    """What a connection depends on: a change of it means dialling again."""
    return (
        gateway.imap_host,
        gateway.imap_port,
        gateway.imap_security,
        gateway.imap_login,
        bytes(gateway.imap_sealed),
        gateway.folder,
        gateway.processed_folder,
        gateway.sent_folder,
        gateway.watch_sent,
        gateway.poll_seconds,
        gateway.history,
        gateway.history_since,
        gateway.history_closed_days,
        gateway.redials,
    )
