"""What `podatelna doctor` looks at. Each function yields findings and changes nothing that stays."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from . import gateway_examination, proof_examination
from .findings import Finding

_LEAST_FREE = 1 << 30  # bytes


def of_the_machine() -> Iterator[Finding]:
    """Python and its SQLite; needs no settings."""
    version = platform.python_version()
    yield Finding("Python", sys.version_info >= (3, 11), version, "" if sys.version_info >= (3, 11) else "Use 3.11.")
    yield _sqlite()
    yield _attachment_reader()


def _sqlite() -> Finding:
    with sqlite3.connect(":memory:") as connection:
        options = {row[0] for row in connection.execute("PRAGMA compile_options")}
    if "ENABLE_FTS5" in options:
        return Finding("SQLite", True, f"{sqlite3.sqlite_version}, with full-text search (FTS5)")
    remedy = "Use a Python whose SQLite has FTS5 (Debian's has), or PostgreSQL by DATABASE_URL."
    return Finding("SQLite", False, f"{sqlite3.sqlite_version} is without full-text search (FTS5)", remedy)


def _attachment_reader() -> Finding:
    # Found, not imported: that takes 60 MB and is the helper process's business.
    if find_spec("kreuzberg") is not None:
        return Finding("attachments", True, "kreuzberg is there to read PDF, sheets and slides")
    words = "kreuzberg is missing: PDF, sheets and slides are not found by what is in them"
    return Finding("attachments", False, words, "Install it, then `podatelna texts --again --reason unavailable`.")


def of_the_house(probe: bool) -> Iterator[Finding]:
    """Data folder, key, database, blobs, gateways, queues and worker; Django must be set up."""
    yield from _guarded("data folder", _data_folder)
    yield from _guarded("key file", _key_file)
    database = list(_guarded("database", _database))
    yield from database
    if all(finding.fine for finding in database):
        yield from _guarded("blob store", _blobs)
        yield from _guarded("stored passwords", _passwords)
        yield from _guarded("gateways", lambda: gateway_examination.of_the_gateways(probe))
        yield from _guarded("queues", _queues)
        yield from _guarded("proof", proof_examination.of_the_proof)
        yield from _guarded("worker", _worker)


def _guarded(what: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What `look` finds; when looking itself fails, that is a finding too."""
    try:
        yield from look()
    except Exception as error:  # shown: whatever stops the look is what is wrong
        words = str(error).strip().splitlines() or [type(error).__name__]
        yield Finding(what, False, words[0], _REMEDIES.get(what, "Mend this and run doctor again."))


_REMEDIES = {
    "database": "Is the server running, and DATABASE_URL right? Is the data folder writable?",
    "blob store": "Is BLOBS_URL right and writable, and does the store answer?",
}


def _data_folder() -> Iterator[Finding]:
    from django.conf import settings

    folder: Path = settings.DATA
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield Finding("data folder", False, f"{folder} cannot be written", "Make it, owned by the user that runs this.")
        return
    open_to_others = stat.S_IMODE(folder.stat().st_mode) & 0o007
    readable = any(
        path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o004
        for path in (folder / "podatelna.sqlite3", folder / "blobs")
    )
    exposed = bool(open_to_others and readable)
    remedy = f"Mail must not be readable by everybody on this machine: chmod 700 {folder}" if exposed else ""
    yield Finding("data folder", not exposed, f"{folder}" + (" is open to every user" if exposed else ""), remedy)
    free = shutil.disk_usage(folder).free
    remedy = "" if free >= _LEAST_FREE else "Make room: when the disk is full, mail stays on the server unfetched."
    yield Finding("free space", free >= _LEAST_FREE, f"{free / (1 << 30):.1f} GiB", remedy)


def _key_file() -> Iterator[Finding]:
    from django.conf import settings

    path: Path = settings.KEY_FILE
    mode = stat.S_IMODE(path.stat().st_mode)
    remedy = f"Others must not read it: chmod 600 {path}" if mode & 0o077 else ""
    yield Finding("key file", not mode & 0o077, f"{path}, mode {mode:o}", remedy)


def _database() -> Iterator[Finding]:
    from django.db import connection

    from .house import pending_migrations

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    waiting = pending_migrations()
    words = connection.vendor if not waiting else f"{len(waiting)} steps of its preparation are missing"
    yield Finding("database", not waiting, words, "Run `podatelna migrate`." if waiting else "")


def _blobs() -> Iterator[Finding]:
    from django.conf import settings

    from podatelna.watch import readiness

    same = readiness.blob_store_works()
    where = settings.BLOBS_URL.partition("?")[0]
    yield Finding("blob store", same, f"{where} " + ("puts and gets" if same else "gives back other bytes"))


def _passwords() -> Iterator[Finding]:
    from podatelna import vault
    from podatelna.gateways.models import Gateway

    closed = []
    for gateway in Gateway.objects.all():
        try:
            if gateway.imap_sealed:
                gateway.imap_password()
            gateway.smtp_password()
        except vault.Unreadable:
            closed.append(gateway.address)
    remedy = "Put the key file back that they were stored with, or enter them again in the administration."
    yield Finding(
        "stored passwords",
        not closed,
        f"the key does not open those of {', '.join(closed)}" if closed else "open with the key",
        remedy if closed else "",
    )


def _queues() -> Iterator[Finding]:
    from podatelna.archive.models import Delivery
    from podatelna.outbox.models import Outgoing

    shunted = Delivery.objects.filter(state=Delivery.State.SHUNTED).count()
    remedy = "`podatelna shunted` lists them with the reason; `podatelna replay` tries again." if shunted else ""
    yield Finding("processing", not shunted, f"{shunted} messages are kept but could not be processed", remedy)
    yield from _attachments()
    stuck = Outgoing.objects.filter(state__in=[Outgoing.State.FAILED, Outgoing.State.UNCERTAIN]).count()
    remedy = "Each is shown on its conversation with what to do." if stuck else ""
    yield Finding("outbox", True, f"{stuck} messages wait for a person's decision", remedy)


def _attachments() -> Iterator[Finding]:
    from podatelna.archive import extraction
    from podatelna.extractor.findings import CRASH, MEMORY, TOO_LONG, UNAVAILABLE

    waiting, failed = extraction.waiting().count(), extraction.failed()
    unread = failed.count()
    words = f"{waiting} messages wait for their attachments to be read; {unread} attachments could not be"
    remedy = "`podatelna texts` says why." if unread else ""
    ours = failed.filter(reason__in=[CRASH, MEMORY, TOO_LONG, UNAVAILABLE]).count()
    # A password or a damaged file is its sender's affair; the others may work the next time.
    remedy += f" {ours} may be worth another try: `podatelna texts --again`." if ours else ""
    yield Finding("attachment texts", True, words, remedy)


def _worker() -> Iterator[Finding]:
    from django.utils import timezone

    from podatelna.watch import beats

    beat = beats.last_beat()
    if beat is not None and timezone.now() - beat < beats.ALIVE:
        yield Finding("worker", True, f"seen {(timezone.now() - beat).seconds} s ago")
        return
    words = f"last seen {beat:%Y-%m-%d %H:%M} UTC" if beat else "never seen"
    yield Finding("worker", False, words, "Nothing is fetched or sent: start `podatelna run`, or `podatelna worker`.")
