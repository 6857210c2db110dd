"""`podatelna web`: the desk over HTTP, served by granian."""

from __future__ import annotations

import errno
import functools
import logging
import multiprocessing
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any

import typer

from .errors import PortTaken, Refused
from .parent import stop_with_parent

_THREADS = 12  # of Python's global lock only one computes; the others wait for the database
_STOP_SECONDS = 5


def web(
    parent: Annotated[int, typer.Option(hidden=True, help="Stop when this process is gone.")] = 0,
    quiet: Annotated[bool, typer.Option(hidden=True, help="Log warnings only.")] = False,
) -> None:
    """Serve the web desk alone, without a worker.

    Listens on PODATELNA_HOST and PODATELNA_PORT (loopback unless set otherwise). Put a proxy that speaks HTTPS in
    front of it and set PODATELNA_ORIGIN and PODATELNA_TRUSTED_PROXIES. Run any number of these on one database.

    Example: PODATELNA_PORT=8080 podatelna web
    """
    from .house import open_house, refuse_unprepared

    if parent:
        stop_with_parent(parent)
    else:
        # A supervisor has seen to both already.
        open_house()
        refuse_unprepared()
        from django.conf import settings

        refuse_taken_port(settings.ENV["PODATELNA_HOST"], settings.ENV["PODATELNA_PORT"])
    serve(quiet)


def serve(quiet: bool = False) -> None:
    """Serve until SIGTERM or SIGINT; requests under way get a few seconds to end."""
    from granian import Granian
    from granian.constants import Interfaces

    from podatelna.settings import ENV

    # Spawned, not forked: this process may have threads by now.
    multiprocessing.set_start_method("spawn", force=True)
    server = Granian(
        "podatelna.web.wsgi:application",
        address=ENV["PODATELNA_HOST"],
        port=ENV["PODATELNA_PORT"],
        interface=Interfaces.WSGI,
        workers=ENV["PODATELNA_WEB_PROCESSES"],
        blocking_threads=_THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_SECONDS,
        log_enabled=False,
        log_access=False,
    )
    server.serve(target_loader=functools.partial(load_application, os.getpid(), quiet), wrap_loader=False)


def load_application(parent: int, quiet: bool) -> Callable[..., Any]:
    """The WSGI application, loaded in a process of granian's that ends when `parent` is gone."""
    stop_with_parent(parent)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "podatelna.settings")
    from podatelna.web.wsgi import application

    from .watching import watch_in_the_background

    if quiet:
        logging.getLogger().setLevel(logging.WARNING)
    watch_in_the_background()
    return application


def refuse_taken_port(host: str, port: int) -> None:
    """Raise PortTaken when something listens there, Refused when the address is not one of this machine.

    granian itself binds with SO_REUSEPORT: two desks on one port would share the visitors and neither would notice.
    """
    try:
        family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, number) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if _answers(host, port) or error.errno == errno.EADDRINUSE:
            raise PortTaken(f"port {port} on {host} is taken by another program. {_another(port)}") from None
        raise Refused(f"cannot listen on {host} port {port}: {error.strerror or error}.") from None


def _answers(host: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


def _another(port: int) -> str:
    for free in range(port + 1, min(port + 200, 65536)):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", free))
            return f"Free is, for example, {free}: `make demo PORT={free}`, or PODATELNA_PORT={free} for the real desk."
    return "Choose another with PODATELNA_PORT."
