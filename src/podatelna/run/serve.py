"""`podatelna run`: everything of one installation, started and kept running by one small parent."""

from __future__ import annotations

import http.client
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from .errors import Refused
from .house import open_house, prepare, take_up_after_a_crash
from .supervisor import Child, Supervisor
from .web import refuse_taken_port

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOO_MANY_FAILURES = 5  # in a row, before the desk has answered once
_ANSWER_SECONDS = 5


def run() -> None:
    """Start everything: prepare the database, then keep the web desk and the worker running.

    Prints the desk's address when it answers; on an empty installation also the one-time link with which the first
    administrator is made. Ctrl-C (or SIGTERM) stops all of it within a few seconds.

    Examples:

        podatelna run

        PODATELNA_DATA=/srv/podatelna PODATELNA_PORT=8080 podatelna run
    """
    open_house()
    from django.conf import settings
    from django.db import connections

    host, port = settings.ENV["PODATELNA_HOST"], settings.ENV["PODATELNA_PORT"]
    refuse_taken_port(host, port)
    prepare()
    take_up_after_a_crash()
    lines = [f"Podatelna is ready: {settings.ORIGIN}/", *_setup_lines()]
    connections.close_all()
    supervisor = Supervisor(children(settings.ENV["PODATELNA_WORKERS"]))
    with stopped_by_signals() as stop:
        announce = threading.Thread(target=announce_when_ready, args=(host, port, supervisor, stop, lines))
        announce.start()
        supervisor.watch(stop)
        announce.join()
    if supervisor.given_up:
        raise Refused("the desk does not start; the lines above say why. `podatelna doctor` may know more.")


def children(workers: int, environment: Mapping[str, str] | None = None, options: Sequence[str] = ()) -> list[Child]:
    """The web process and `workers` worker processes, each tied to this one."""
    tie = [f"--parent={os.getpid()}", *options]
    web = Child("web", command("web", *tie), environment=environment)
    return [web, *(Child(f"worker {n + 1}", command("worker", *tie), environment=environment) for n in range(workers))]


def command(*words: str) -> list[str]:
    """The command line that runs another `podatelna` command with this very interpreter."""
    return [sys.executable, "-m", "podatelna.run.cli", *words]


def _setup_lines() -> list[str]:
    """The one-time link of an empty installation, or nothing."""
    from podatelna.web.people import setup_link

    link = setup_link()
    return [f"Make the first administrator here (the link works once): {link}"] if link else []


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """An Event that SIGINT, SIGTERM and SIGHUP set, while inside; the handlers from before are put back.

    What is ignored stays ignored: nohup asks for that.
    """
    stop = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    heard = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in heard}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def announce_when_ready(
    host: str,
    port: int,
    supervisor: Supervisor,
    stop: threading.Event,
    lines: Sequence[str],
    also: Callable[[], bool] = lambda: True,
) -> None:
    """Print `lines` once the desk answers and `also()` holds; when children only fail, set `stop`: given up."""
    while not stop.wait(0.2):
        if answers(host, port) and also():
            for line in lines:
                print(line, flush=True)
            return
        if supervisor.most_failures() >= _TOO_MANY_FAILURES:
            supervisor.given_up = True
            stop.set()


def answers(host: str, port: int) -> bool:
    """Does the desk answer on `host` and `port` with anything but an error of its own?"""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # compared, not bound
    connection = http.client.HTTPConnection(reachable, port, timeout=_ANSWER_SECONDS)
    with suppress(OSError, http.client.HTTPException):
        try:
            connection.request("GET", "/", headers={"Host": "localhost"})
            return connection.getresponse().status < 500
        finally:
            connection.close()
    return False
