"""`podatelna demo`: the whole house with a small company in it, made afresh at each start and gone at its end."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from podatelna.run.errors import Refused
from podatelna.run.serve import announce_when_ready, children, stopped_by_signals
from podatelna.run.supervisor import Supervisor

if TYPE_CHECKING:
    from .mailserver import MailServer
    from .outside import World

log = logging.getLogger(__name__)

_HOST = "127.0.0.1"  # strangers must not be let in by one click
_MAIL_SECONDS = 90  # how long the first mail may take to the desk before the demo opens without it


def demo(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the web desk, on loopback.")] = 8000,
) -> None:
    """Try Podatelna with a small Czech company: three processes, six people, mail that comes and is answered.

    Starts the web desk, a worker and a mail server of its own (IMAP and SMTP on loopback, in memory). Partners outside
    write while you watch, and some answer when you answer them. The first page lets you choose whom to be. Each start
    begins afresh; Ctrl-C leaves nothing behind.

    Example: podatelna demo --port 8123
    """
    with stopped_by_signals() as stop:
        folder = Path(tempfile.mkdtemp(prefix="podatelna-demo-"))
        try:
            _choose_settings(folder, port)
            _play(port, stop)
        finally:
            _close_databases()
            shutil.rmtree(folder, ignore_errors=True)


def _choose_settings(folder: Path, port: int) -> None:
    """The demo's own settings, whatever the environment says of a real installation; its children inherit them."""
    for name in list(os.environ):
        if name.startswith("PODATELNA_") or name in {"DATABASE_URL", "BLOBS_URL"}:
            del os.environ[name]
    os.environ |= {
        "PODATELNA_DATA": str(folder),
        "PODATELNA_HOST": _HOST,
        "PODATELNA_PORT": str(port),
        "PODATELNA_DEMO": "yes",
        "DJANGO_SETTINGS_MODULE": "podatelna.settings",
    }


def _play(port: int, stop: threading.Event) -> None:
    from podatelna.run.house import open_house, prepare
    from podatelna.run.web import refuse_taken_port

    refuse_taken_port(_HOST, port)
    world, server = _stage()
    from . import company

    open_house()
    logging.getLogger().setLevel(logging.WARNING)
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd warns of what it itself calls
    prepare()
    server.start()
    try:
        world.smtp_port = server.smtp_port
        company.found(server)
        if not stop.is_set():
            _run(port, world, stop)
    finally:
        world.stop()
        server.stop()


def _stage() -> tuple[World, MailServer]:
    """The partners and the mail server, not started yet. Raises Refused without the packages they need."""
    try:
        from . import company
        from .mailserver import MailServer
    except ModuleNotFoundError as error:
        raise Refused(
            f"the demo needs the package {error.name}: pip install 'podatelna[demo]', or `make demo`."
        ) from None
    from .outside import World
    from .partners import PARTNERS
    from .post import DOMAIN
    from .records import known_domains

    world = World(PARTNERS)
    server = MailServer(
        DOMAIN,
        company.mailboxes(),
        company.aliases(),
        (company.SENT_FOLDER,),
        world.hear,
        world.refuses,
        known_domains(),
    )
    return world, server


def _run(port: int, world: World, stop: threading.Event) -> None:
    from django.conf import settings

    supervisor = Supervisor(children(1, options=["--quiet"]))
    story = threading.Thread(target=_tell, args=(world, stop), name="story")
    url = f"Podatelna’s demo is ready: {settings.ORIGIN}/  (Ctrl-C ends it)"
    announce = threading.Thread(
        target=announce_when_ready, args=(_HOST, port, supervisor, stop, [url], lambda: _opened(world))
    )
    story.start()
    announce.start()
    supervisor.watch(stop)
    announce.join()
    story.join()
    if supervisor.given_up:
        raise Refused("the demo does not start; the lines above say why.")


def _tell(world: World, stop: threading.Event) -> None:
    """The letters of the days before, then what colleagues did with them, then what goes on while somebody watches."""
    from . import colleagues, letters_helpdesk, letters_later, letters_press, letters_sales

    history = (*letters_helpdesk.LETTERS, *letters_sales.LETTERS, *letters_press.LETTERS)
    try:
        world.send_history(history, datetime.now(UTC))
        before = dict(world.sent)
        deadline = time.monotonic() + _MAIL_SECONDS
        while colleagues.on_the_desk(before) < len(before) and time.monotonic() < deadline:
            if stop.wait(0.5):
                return
        world.start()
        colleagues.act(before)
        world.plan(letters_later.LETTERS)
    except Exception:
        log.exception("the demo's story breaks off here; the desk goes on")
    finally:
        _close_databases()
        world.told.set()


def _opened(world: World) -> bool:
    """Is there something to be seen on the desk?"""
    return world.told.is_set()


def _close_databases() -> None:
    from django.conf import settings

    if settings.configured:
        from django.db import connections

        connections.close_all()
