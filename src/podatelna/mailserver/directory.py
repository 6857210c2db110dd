"""What Postfix, Dovecot and Rspamd are given: small SQLite files and keys in folders that each alone can read.

They never open our own database: delivery goes on while it is away, and a broken-into mail server reads no archive.
Postfix reads addresses; only Dovecot reads hashes of passwords, only Rspamd the keys for signing. Files are changed in
place by one transaction with a rollback journal: a reader needs no right to write, and never sees half a change.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from django.db import transaction

from .models import Alias, Directory, Mailbox, MailDomain

POSTFIX, DOVECOT, RSPAMD = "postfix", "dovecot", "rspamd"
_WAIT_SECONDS = 10.0  # for readers, whose locks last for one look-up
# Inherited by what is made in it: the service's group, set on the folder by deploy/mailserver/setup.sh.
_FILE_MODES = {POSTFIX: 0o644, DOVECOT: 0o640, RSPAMD: 0o640}

_POSTFIX_TABLES = {
    "domains": "name TEXT PRIMARY KEY",
    "mailboxes": "address TEXT PRIMARY KEY",
    "aliases": "address TEXT, target TEXT, PRIMARY KEY (address, target)",
    # Who signs in as `login` may send from `address` (RFC 6409 6.1).
    "senders": "address TEXT, login TEXT, PRIMARY KEY (address, login)",
}
_DOVECOT_TABLES = {
    "mailboxes": "address TEXT PRIMARY KEY, local_part TEXT, domain TEXT, password TEXT, quota_rule TEXT",
}


def write_due(folder: Path, now: datetime) -> bool:
    """Give the mail server what has changed since it was last given something; False when there is nothing new.

    What was deleted from `folder`, or never was there, is written anew. Raises OSError or sqlite3.Error.
    """
    state, _ = Directory.objects.get_or_create(pk=1)
    if state.revision == state.written_revision and _complete(folder):
        return False
    with transaction.atomic():  # what is read belongs together
        revision = Directory.objects.select_for_update().get(pk=1).revision
        domains = list(MailDomain.objects.all())
        mailboxes = list(Mailbox.objects.filter(is_open=True).select_related("domain"))
        aliases = list(Alias.objects.select_related("domain"))
    _write_postfix(_place(folder, POSTFIX), domains, mailboxes, aliases)
    _write_dovecot(_place(folder, DOVECOT), mailboxes)
    _write_keys(folder / RSPAMD, domains)
    Directory.objects.filter(pk=1).update(written_revision=revision, written_at=now)
    return True


def _place(folder: Path, service: str) -> Path:
    return folder / service / "directory.sqlite3"


def _complete(folder: Path) -> bool:
    places = [_place(folder, POSTFIX), _place(folder, DOVECOT), folder / RSPAMD / "selectors.map"]
    return all(place.exists() for place in places)


def _write_postfix(
    path: Path, domains: Sequence[MailDomain], mailboxes: Sequence[Mailbox], aliases: Sequence[Alias]
) -> None:
    targets = [(alias.address, target) for alias in aliases for target in alias.targets]
    own = [(mailbox.address, mailbox.address) for mailbox in mailboxes]
    here = {address for address, _ in own}
    # An alias for one mailbox or several here: those people write from it too.
    _replace(
        path,
        _POSTFIX_TABLES,
        {
            "domains": [(domain.name,) for domain in domains],
            "mailboxes": [(address,) for address, _ in own],
            "aliases": targets,
            "senders": [*own, *((address, target) for address, target in targets if target in here)],
        },
        _FILE_MODES[POSTFIX],
    )


def _write_dovecot(path: Path, mailboxes: Iterable[Mailbox]) -> None:
    rows = [
        (
            mailbox.address,
            mailbox.local_part,
            mailbox.domain.name,
            f"{{ARGON2ID}}{mailbox.password_hash}",
            f"*:storage={mailbox.quota_megabytes}M" if mailbox.quota_megabytes else "*:storage=0",
        )
        for mailbox in mailboxes
    ]
    _replace(path, _DOVECOT_TABLES, {"mailboxes": rows}, _FILE_MODES[DOVECOT])


def _replace(path: Path, tables: dict[str, str], rows: Mapping[str, Sequence[Sequence[str]]], mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    _make(path, mode)
    with closing(sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)) as file:
        file.execute("PRAGMA journal_mode=DELETE")
        file.execute("BEGIN IMMEDIATE")
        for name, columns in tables.items():
            file.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")
            file.execute(f"DELETE FROM {name}")  # noqa: S608  # names of our own
            values = rows[name]
            if values:
                places = ",".join("?" * len(values[0]))
                file.executemany(f"INSERT OR IGNORE INTO {name} VALUES ({places})", values)  # noqa: S608
        file.execute("COMMIT")


def _make(path: Path, mode: int) -> None:
    """The file with its rights before anything is in it; those of one that is there are left as they were set."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        return
    os.fchmod(descriptor, mode)  # whatever the umask is
    os.close(descriptor)


def _write_keys(folder: Path, domains: Sequence[MailDomain]) -> None:
    """Keys first, then the map that names them; keys of former selectors go last."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {"selectors.map"}
    for domain in domains:
        kept.add(f"{domain.name}.{domain.selector}.key")
        _write(folder / f"{domain.name}.{domain.selector}.key", domain.private_key())
    _write(folder / "selectors.map", "".join(f"{domain.name} {domain.selector}\n" for domain in domains))
    for path in folder.glob("*.key"):
        if path.name not in kept:
            path.unlink()


def _write(path: Path, text: str) -> None:
    if path.exists() and path.read_text("ascii") == text:
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
        os.fchmod(file.fileno(), _FILE_MODES[RSPAMD])
    draft.replace(path)
