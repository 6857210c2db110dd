"""A small parent that keeps its children running, and stops every one of them when it is told to."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Event

log = logging.getLogger(__name__)

_TICK_SECONDS = 0.2
_GRACE_SECONDS = 8.0
_LONGEST_PAUSE_SECONDS = 60.0
_STEADY_SECONDS = 30.0  # who ran this long had started well: the next pause is short again


@dataclass
class Child:
    """One process to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] | None = None  # None: this process's own
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0  # in a row
    started_at: float = 0.0
    start_at: float = 0.0


@dataclass
class Supervisor:
    """Starts `children`, restarts whichever ends (1, 2, 4 … 60 seconds later), stops them all.

    `given_up` is set by who started it, when a child never came to work.
    """

    children: Sequence[Child]
    grace: float = _GRACE_SECONDS
    given_up: bool = False

    def watch(self, stop: Event) -> None:
        """Keep the children running until `stop`; then end them and return. None is left, whatever happens."""
        try:
            while not stop.is_set():
                self.tick(time.monotonic())
                stop.wait(_TICK_SECONDS)
        finally:
            self.end()

    def tick(self, now: float) -> None:
        """Start whoever is due, note whoever has ended. `now` is in seconds of a monotonic clock."""
        for child in self.children:
            if child.process is None and now >= child.start_at:
                self._start(child, now)
            elif child.process is not None and child.process.poll() is not None:
                _note_end(child, now)

    def most_failures(self) -> int:
        """How often in a row the unluckiest child has ended."""
        return max((child.failures for child in self.children), default=0)

    def _start(self, child: Child, now: float) -> None:
        # A session of its own: Ctrl-C at the terminal reaches the parent alone, which stops the children in order.
        environment = None if child.environment is None else dict(child.environment)
        child.process = subprocess.Popen(
            list(child.command), stdin=subprocess.DEVNULL, env=environment, start_new_session=True
        )
        child.started_at = now

    def end(self) -> None:
        """Ask every child to stop; after the grace time end what is left, with all its own children."""
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + self.grace
        for process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("process %d did not stop in time and is ended", process.pid)
            _end_group(process)
        for child in self.children:
            child.process = None


def _note_end(child: Child, now: float) -> None:
    assert child.process is not None
    _end_group(child.process)
    steady = now - child.started_at >= _STEADY_SECONDS
    child.failures = 1 if steady else child.failures + 1
    pause = min(2.0 ** (child.failures - 1), _LONGEST_PAUSE_SECONDS)
    log.warning("%s ended (%s); it starts again in %.0f s", child.name, _ending(child.process.returncode), pause)
    child.process, child.start_at = None, now + pause


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End what the child itself had started and not stopped; the child leads its own process group."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
