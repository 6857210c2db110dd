"""The demo's IMAP server, pymap, is another kind of server than Dovecot; the same way through."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from imapclient import IMAPClient

from podatelna.archive.models import Delivery
from podatelna.archive.store import original
from podatelna.gateways.models import Gateway
from podatelna.gateways.probe import probe
from podatelna.gateways.sent import append_sent
from podatelna.protocols.imap import ImapServer, connect
from podatelna.protocols.wake import Wake
from tests.cast import Clock, a_gateway, a_mail
from tests.servers import HOST, free_port, until

from .boxes import entries, take_in

pytest.importorskip("pymap")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    chosen = free_port()
    command = [str(Path(sys.executable).with_name("pymap")), "--host", HOST, "--port", str(chosen), "--no-tls"]
    process = subprocess.Popen([*command, "dict", "--demo-data"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def listens() -> bool:
        assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
        with suppress(OSError), socket.create_connection((HOST, chosen), 1):
            return True
        return False

    until(listens, "pymap does not start")
    yield chosen
    process.kill()
    process.communicate()


@pytest.fixture
def gateway(port: int, db: None) -> Gateway:
    settings = {"imap_host": HOST, "imap_port": port, "imap_security": "none", "imap_login": "demouser"}
    gateway = a_gateway("demo@acme.cz", **settings, processed_folder="Vyřízené")
    gateway.set_imap_password("demopass")
    gateway.save()
    return gateway


def put(port: int, *raws: bytes) -> None:
    with IMAPClient(HOST, port, ssl=False) as client:
        client.login("demouser", "demopass")
        for raw in raws:
            client.append("INBOX", raw, ("\\Flagged",))


def standing(port: int, folder: str) -> list[bytes]:
    with IMAPClient(HOST, port, ssl=False) as client:
        client.login("demouser", "demopass")
        client.select_folder(folder, readonly=True)
        found = client.fetch(client.search("ALL"), ["BODY.PEEK[]"])
    return [row[b"BODY[]"] for _, row in sorted(found.items())]


def test_fetched_moved_and_fetched_again(gateway: Gateway, port: int, clock: Clock) -> None:
    before = standing(port, "INBOX")
    mails = [a_mail("Žluťoučký kůň"), a_mail("two")]
    put(port, *mails)
    assert take_in(gateway, clock).failed == 0
    assert [original(row) for row in Delivery.objects.order_by("ledger_entries__uid")] == [*before, *mails]
    assert standing(port, "INBOX") == []
    assert {move for _, _, move in entries(gateway)} == {"moved"}
    assert not take_in(gateway, clock).anything
    assert set(mails) <= set(standing(port, "Vyřízené"))


def test_new_mail_is_heard_of_before_and_during_idle(port: int) -> None:
    mailbox = connect(ImapServer(HOST, port, "none", "demouser", "demopass"))
    mailbox.select("INBOX")
    assert mailbox.can_idle
    assert not mailbox.stirred()
    threading.Timer(0.3, put, [port, a_mail()]).start()
    assert mailbox.idle(30, Wake())
    mailbox.select("INBOX")
    put(port, a_mail())
    assert mailbox.stirred()
    mailbox.close()


def test_its_connection_can_be_tested(gateway: Gateway) -> None:
    steps = [step for step in probe(gateway) if step.name.startswith("imap")]
    assert [step.code for step in steps if not step.ok] == []


def test_sent_copy_once(gateway: Gateway, port: int) -> None:
    raw = a_mail(message_id="sent-one@acme.cz")
    gateway.sent_folder = "Odeslané"
    for _ in range(2):
        append_sent(gateway, raw, "sent-one@acme.cz")
    assert standing(port, "Odeslané") == [raw]
