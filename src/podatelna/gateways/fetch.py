"""Fetching from all gateways: each by itself in its own thread, leased, watched, dialled again when it fails."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from django.db import DatabaseError, InterfaceError, connections, transaction
from django.db.models import Q

from podatelna import claims
from podatelna.protocols import imap
from podatelna.protocols.errors import ServerError
from podatelna.protocols.imap import ImapServer, Mailbox
from podatelna.protocols.wake import Wake

from . import health
from .cycle import Accept, Cycle, Looked
from .models import Gateway
from .servers import imap_server

log = logging.getLogger(__name__)

_RENEW_IDLE = 28 * 60.0  # RFC 2177: at least every 29 minutes
_LOOKS_PER_IDLE = 5  # an IDLE that says nothing is believed for so many times the polling interval
_ORDINARY_AFTER = 60.0


class Connect(Protocol):
    """protocols.imap.connect, or a test's."""

    def __call__(self, server: ImapServer) -> Mailbox:
        """A signed-in session. Raises a ServerError."""
        ...


def fetch(
    gateway: Gateway,
    *,
    accept: Accept,
    now: Callable[[], datetime],
    arrived: Callable[[], None],
    connect: Connect = imap.connect,
) -> Looked:
    """Dial, take what is new from the chosen folder, hang up. Raises a ServerError."""
    mailbox = connect(imap_server(gateway))
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
    connect: Connect = imap.connect,
    watch_seconds: float = 2.0,
    hold: timedelta = timedelta(seconds=30),
    backing_off: Callable[[Exception, int], timedelta] = health.backing_off,
) -> None:
    """Work all gateways that are not paused, until `stop` is set; then returns within about a second.

    `accept` is archive.intake.accept; `arrived` is called from a gateway's thread whenever messages became durable.
    Every `watch_seconds` gateways that were added, changed, paused or given up by another worker are noticed. A gateway
    is leased for `hold` at a time, so several workers can run this. Nothing that happens to one gateway ends this or
    touches another.
    """
    _Watch(accept, connect, now, arrived, hold, backing_off).run(stop, watch_seconds)


def release_leases() -> None:
    """Give all gateways free at once, for a start after an unclean end where no other worker can be alive."""
    Gateway.objects.exclude(leased_until=None).update(leased_until=None)


def fetch_now(gateway: Gateway, now: datetime) -> None:
    """Have the folder looked into within seconds: also of a gateway that failed and waits for its next try."""
    Gateway.objects.filter(pk=gateway.pk).update(due_at=now)


@dataclass
class _Watch:
    """The thread that starts, leases and ends the gateways' threads."""

    accept: Accept
    connect: Connect
    now: Callable[[], datetime]
    arrived: Callable[[], None]
    hold: timedelta
    backing_off: Callable[[Exception, int], timedelta]
    workers: dict[int, _Worker] = field(default_factory=dict)
    prolonged_at: float = 0.0

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
            rows = {gateway.pk: gateway for gateway in Gateway.objects.exclude(state=Gateway.State.PAUSED)}
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
            for worker in self.workers.values():
                if not claims.prolong(worker.gateway, self.now(), self.hold):
                    worker.end()

    def _start_waiting(self, rows: dict[int, Gateway]) -> None:
        now = self.now()
        free = Q(leased_until=None) | Q(leased_until__lte=now)
        due = Q(due_at=None) | Q(due_at__lte=now)
        for pk in Gateway.objects.filter(free, due, pk__in=set(rows) - set(self.workers)).values_list("pk", flat=True):
            if claims.take(rows[pk], now, self.hold):
                self.workers[pk] = _Worker(self, rows[pk])
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


class _Worker:
    """One gateway's thread."""

    def __init__(self, watch: _Watch, gateway: Gateway) -> None:
        self.watch = watch
        self.gateway = gateway
        self.stop = threading.Event()
        self.wake = Wake()
        self.due_at: datetime | None = None  # when to be started again; None: at once
        self.mailbox: Mailbox | None = None
        self.looked_again = False
        self.cycle = Cycle(gateway, watch.accept, watch.now, watch.arrived, self.stop)
        self.thread = threading.Thread(target=self._run, name=f"gateway {gateway.pk}", daemon=True)

    def end(self) -> None:
        """Ask it to end as soon as what it is doing is done."""
        self.stop.set()
        self.wake.set()

    def nudge(self) -> None:
        """Ask it to look into the folder now."""
        self.wake.set()

    def interrupt(self) -> None:
        """It did not end: break its connection. What is not durable stays on the server."""
        mailbox = self.mailbox
        if mailbox and self.thread.is_alive():
            mailbox.interrupt()

    def _run(self) -> None:
        try:
            while not self.stop.is_set():
                self._session()
        except Exception as error:
            self._failed(error)
        finally:
            connections.close_all()

    def _session(self) -> None:
        began = time.monotonic()
        looked = False
        mailbox = self.mailbox = self.watch.connect(imap_server(self.gateway))
        try:
            while True:
                self.wake.clear()  # before `stop` is asked: who sets both in between is not overheard
                if self.stop.is_set():
                    return
                found = self._look(mailbox)
                looked = True
                self._wait(mailbox, found)
        except ServerError as error:
            # A connection that worked for a while and is lost is everyday life: dial again, and only then complain.
            ordinary = looked and time.monotonic() - began > _ORDINARY_AFTER
            if not self.stop.is_set() and not ordinary:
                raise
            log.info("gateway %s: %s", self.gateway.pk, error)
        finally:
            mailbox.close()

    def _look(self, mailbox: Mailbox) -> bool:
        looked = self.cycle.look(mailbox)
        health.succeeded(self.gateway, self.watch.now())
        connections.close_all()  # who waits needs no database connection
        return looked.anything

    def _wait(self, mailbox: Mailbox, found: bool) -> None:
        # What arrived while we looked was announced then, and IDLE would not say it again: look once more.
        self.looked_again = found or (not self.looked_again and mailbox.stirred())
        if self.looked_again:
            return
        if mailbox.can_idle:
            mailbox.idle(min(_RENEW_IDLE, self.gateway.poll_seconds * _LOOKS_PER_IDLE), self.wake)
        else:
            self.wake.wait(self.gateway.poll_seconds)

    def _failed(self, error: Exception) -> None:
        if self.stop.is_set() and isinstance(error, ServerError):
            return  # we broke the connection ourselves
        if isinstance(error, ServerError):
            log.warning("gateway %s (%s): %s", self.gateway.pk, self.gateway.address, error)
        else:
            log.exception("gateway %s (%s)", self.gateway.pk, self.gateway.address, exc_info=error)
        self.due_at = self.watch.now() + self.watch.backing_off(error, self.gateway.failures + 1)
        try:
            health.failed(self.gateway, error, self.watch.now())
        except (DatabaseError, InterfaceError):
            log.exception("gateway %s: its failure could not be written down", self.gateway.pk)


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
        gateway.poll_seconds,
    )
