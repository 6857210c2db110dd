"""Tending one gateway in a thread of its own: dial, look, wait, look again; until it fails or is asked to end."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.db import DatabaseError, InterfaceError, connections

from podatelna.protocols.errors import FolderMissing, ServerError, ServerSaidNo
from podatelna.protocols.imap import ImapServer, Mailbox
from podatelna.protocols.wake import Wake

from . import health
from .alarms import end_alarm, raise_alarm
from .cycle import Accept, Cycle
from .models import Gateway
from .personal import dial
from .sent_watch import Answering, look_into_sent

log = logging.getLogger(__name__)

_RENEW_IDLE = 28 * 60.0  # RFC 2177: at least every 29 minutes
_LOOKS_PER_IDLE = 5  # an IDLE that says nothing is believed for so many times the polling interval
_ORDINARY_AFTER = 60.0


class Connect(Protocol):
    """protocols.imap.connect, or a test's."""

    def __call__(self, server: ImapServer) -> Mailbox:
        """A signed-in session. Raises a ServerError."""
        ...


@dataclass(frozen=True)
class World:
    """What fetching needs from outside: archive, network, clock, who is told, how long to wait after a failure."""

    accept: Accept
    connect: Connect
    now: Callable[[], datetime]
    arrived: Callable[[], None]
    backing_off: Callable[[Exception, int], timedelta]
    answering: Answering | None = None  # see sent_watch.py; None: no Sent folder is looked into


class Tending:
    """One gateway's thread. When it has ended, `due_at` is when to begin again (None: at once)."""

    def __init__(self, world: World, gateway: Gateway, suspects: set[int]) -> None:
        """`suspects`: see Cycle; kept by the caller from one thread to the next."""
        self.world = world
        self.gateway = gateway
        self.stop = threading.Event()
        self.wake = Wake()
        self.due_at: datetime | None = None
        self.mailbox: Mailbox | None = None
        self.looked_again = False
        self.idles = True
        self.mark: datetime | None = None
        self.well = False
        self.cycle = Cycle(gateway, world.accept, world.now, world.arrived, self.stop, suspects, self._succeeded)
        self.thread = threading.Thread(target=self._run, name=f"gateway {gateway.pk}", daemon=True)

    def end(self) -> None:
        """Ask it to end as soon as what it is doing is done."""
        self.stop.set()
        self.wake.set()

    def nudge(self) -> None:
        """Ask it to look into the folder now, and to go through it whatever it is like."""
        self.cycle.forget()
        self.wake.set()

    def take_mark(self) -> datetime | None:
        """When a look last went well without being written down; it is for the caller to write it."""
        mark, self.mark = self.mark, None
        return mark

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
        mailbox = self.mailbox = dial(self.gateway, self.world.connect, now=self.world.now)
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
        if self.world.answering is not None:
            # Before the chosen folder, which must be the selected one while we wait.
            world, answering = self.world, self.world.answering
            if look_into_sent(mailbox, self.gateway, answering=answering, accept=world.accept, now=world.now):
                world.arrived()
        looked = self.cycle.look(mailbox)
        self._succeeded()
        connections.close_all()  # who waits needs no database connection
        return looked.anything

    def _succeeded(self) -> None:
        """It works: written down at once where that is news, else with that of all others (fetch.py)."""
        if not self.well:
            self.well = True
            end_alarm("folder-gone", f"gateway {self.gateway.pk}", now=self.world.now())
            health.succeeded(self.gateway, self.world.now())
        self.mark = self.world.now()

    def _wait(self, mailbox: Mailbox, found: bool) -> None:
        # What arrived while we looked was announced then, and IDLE would not say it again: look once more.
        self.looked_again = found or (not self.looked_again and mailbox.stirred())
        if self.looked_again:
            return
        if not (mailbox.can_idle and self.idles):
            self.wake.wait(self.gateway.poll_seconds)
            return
        try:
            mailbox.idle(min(_RENEW_IDLE, self.gateway.poll_seconds * _LOOKS_PER_IDLE), self.wake)
        except ServerSaidNo as refusal:
            log.warning("gateway %s: IDLE is offered and refused, so it is polled: %s", self.gateway.pk, refusal)
            self.idles = False

    def _failed(self, error: Exception) -> None:
        if self.stop.is_set() and isinstance(error, ServerError):
            return  # we broke the connection ourselves
        if isinstance(error, ServerError):
            log.warning("gateway %s (%s): %s", self.gateway.pk, self.gateway.address, error)
        else:
            log.exception("gateway %s (%s)", self.gateway.pk, self.gateway.address, exc_info=error)
        self.due_at = self.world.now() + self.world.backing_off(error, self.gateway.failures + 1)
        try:
            health.failed(self.gateway, error, self.world.now())
            if isinstance(error, FolderMissing):
                self._folder_is_gone(error)
        except (DatabaseError, InterfaceError):
            log.exception("gateway %s: its failure could not be written down", self.gateway.pk)

    def _folder_is_gone(self, error: FolderMissing) -> None:
        # It is never made anew: mail that comes into a folder of the same name may be somebody else's.
        raise_alarm(
            "folder-gone",
            f"gateway {self.gateway.pk}",
            now=self.world.now(),
            details={"folder": self.gateway.folder, "said": error.detail},
            gateway=self.gateway,
            person=self.gateway.owner,
        )
