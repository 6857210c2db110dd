"""Make the data of a release, for test_upgrade.py. Run once for each release, with its own code and tests:

    cd CHECKOUT-OF-THE-RELEASE && PODATELNA_DATA=$(mktemp -d) python …/tests/upgrade/make.py RELEASE FOLDER

With DATABASE_URL naming an empty PostgreSQL database it makes that one's dump (needs pg_dump), else SQLite's file. What
must be found again after the upgrade is written beside it. No code of this project from after the release runs here.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path.cwd()))
os.environ["DJANGO_SETTINGS_MODULE"] = "podatelna.settings"
# A key that opens nothing but this data.
KEY = "5b" * 32


def main(release: str, folder: Path) -> None:
    """Fill an empty database by the release's own verbs, and write it down."""
    data = Path(os.environ["PODATELNA_DATA"])
    (data / "secret.key").write_text(KEY)
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    expected = fill()
    connection.close()
    if connection.vendor == "postgresql":
        command = ["pg_dump", "--no-owner", "--no-privileges", "--inserts", os.environ["DATABASE_URL"]]
        name, content = "database.sql", subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    else:
        name, content = "database.sqlite3", one_file(settings.DATABASES["default"]["NAME"])
    folder.mkdir(parents=True, exist_ok=True)
    (data / name).write_bytes(content)
    (data / "expected.json").write_text(json.dumps(expected, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    with tarfile.open(folder / f"{release}-{connection.vendor}.tar.xz", "w:xz", preset=9) as archive:
        for part in (name, "expected.json", "secret.key", "blobs"):
            archive.add(data / part, part, filter=nobody)


def nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """The same whoever made it, and when."""
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return entry


def one_file(path: Any) -> bytes:
    """SQLite's database without its log."""
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("PRAGMA journal_mode=DELETE")
        database.execute("VACUUM")
    return Path(path).read_bytes()


def fill() -> dict[str, Any]:
    """A small company's desk: mail of all kinds, in two processes, answered, noted, failed, shunted."""
    from podatelna.desk import drafts, notes
    from tests import cast

    people = cast.gather()
    people.helpdesk_gateway.set_imap_password("imap secret")
    people.helpdesk_gateway.save()
    bring_corpus(people)
    noise = bytes(range(256)) * 300
    jana = cast.a_mail(
        "Reklamace pračky", "Dobrý den,\r\npračka nejde. Žluťoučký kůň.\r\n", message_id="jana-1@example.cz",
        files=[("účtenka.pdf", "application/pdf", noise)],
    )  # fmt: skip
    first = cast.receive(jana, people.helpdesk_gateway)
    copy = b"Delivered-To: sales@acme.cz\r\nReceived: from a by b; Mon, 4 May 2026 10:00:01 +0000\r\n" + jana
    cast.receive(copy, people.sales_gateway)
    again = cast.a_mail(
        "Re: Reklamace pračky", "A kdy?\r\n", message_id="jana-2@example.cz", in_reply_to="jana-1@example.cz"
    )
    cast.receive(again, people.helpdesk_gateway)
    notes.add(first, people.alice, "Zavolat @bob", cast.NOON)
    first.refresh_from_db()
    first.assign(people.bob, people.alice, cast.NOON)
    answer(people, first)
    draft = drafts.open_draft(people.bob, "reply", cast.NOON, conversation=first)
    drafts.attach(draft, "návod.txt", "text/plain", "Otočte knoflíkem.\n".encode() * 9)
    lost = cast.arrive(cast.a_mail("Never taken through"), people.sales_gateway)
    type(lost).objects.filter(pk=lost.pk).update(state="shunted", stage="index", error="OSError: the disk is full")
    book_keep(people)
    return {
        "draft": draft.pk,
        "password": "imap secret",
        "sha256": sorted(hexes()),
        "conversations": conversations(people),
        "found": found(people),
    }


def answer(people: Any, conversation: Any) -> None:
    """Bob's answer, sent and in the archive."""
    from podatelna.desk import drafts, replies, sent
    from podatelna.outbox.delivery import deliver_due
    from tests import cast

    draft = drafts.open_draft(people.bob, "reply", cast.NOON, conversation=conversation)
    draft = drafts.save(draft, cast.NOON, revision=draft.revision, text="Zítra přijede technik.")
    drafts.attach(draft, "technik.png", "image/png", bytes(range(256)) * 9)
    replies.send(draft, cast.NOON, seen_until=None)
    later = cast.Clock()
    later.forward(minutes=5)
    deliver_due(transport=cast.RecordingTransport(), now=later, archive=sent.file_sent)


def book_keep(people: Any) -> None:
    """A folder's ledger."""
    from podatelna.archive.models import Delivery
    from podatelna.gateways.models import Folder, LedgerEntry
    from tests import cast

    folder = Folder.objects.create(gateway=people.helpdesk_gateway, name="INBOX", uidvalidity=7)
    for uid, delivery in enumerate(Delivery.objects.filter(origin=people.helpdesk_gateway.origin), 1):
        LedgerEntry.objects.create(
            folder=folder, uid=uid, end="archived", move="moved", delivery=delivery, at=cast.NOON
        )


def bring_corpus(people: Any) -> None:
    from tests import cast

    corpus = sorted((Path.cwd() / "tests" / "corpus").rglob("*.eml"))
    from podatelna import pipeline

    for number, path in enumerate(corpus[::3]):
        gateway = people.sales_gateway if number % 3 else people.helpdesk_gateway
        pipeline.receive(cast.arrive(path.read_bytes(), gateway), now=cast.NOON)


def hexes() -> list[str]:
    from podatelna.archive import store
    from podatelna.archive.models import Delivery

    return [hashlib.sha256(store.original(delivery)).hexdigest() for delivery in Delivery.objects.all()]


def conversations(people: Any) -> dict[str, list[str]]:
    from podatelna.desk.models import Conversation

    return {
        person.email: sorted(Conversation.objects.visible_to(person).values_list("subject", flat=True))
        for person in (people.alice, people.bob, people.carol, people.dan, people.eve)
    }


def found(people: Any) -> dict[str, int]:
    from podatelna.archive import search

    words = ("reklamaci", "zlutoucky", "from:jana", "has:attachment", '"nejde zlutoucky"')
    return {word: len(search.search(word, person=people.alice, limit=500)) for word in words}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
