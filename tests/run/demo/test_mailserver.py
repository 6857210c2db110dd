"""The demo's mail server behaves as a company's does."""

from __future__ import annotations

import smtplib
import threading
from collections.abc import Iterator

import pytest
from imapclient import IMAPClient

from podatelna.protocols.imap import ImapServer, connect
from podatelna.protocols.wake import Wake
from podatelna.run.demo.mailserver import MailServer, Taken

HELPDESK, PASSWORD = "helpdesk@bublina.example", "made-up"
RAW = b"From: jana@posta.example\r\nTo: helpdesk@bublina.example\r\nSubject: x\r\n\r\nAhoj\r\n"


@pytest.fixture
def outside() -> list[Taken]:
    return []


@pytest.fixture
def server(outside: list[Taken]) -> Iterator[MailServer]:
    server = MailServer(
        "bublina.example",
        {HELPDESK: PASSWORD},
        {"petr@bublina.example": HELPDESK},
        ("Odeslané",),
        outside.append,
        lambda address: "550 5.1.1 no such mailbox" if address.startswith("gone@") else None,
        frozenset({"posta.example"}),
    )
    server.start()
    yield server
    server.stop()


@pytest.fixture
def smtp(server: MailServer) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("127.0.0.1", server.smtp_port) as connection:
        yield connection


@pytest.fixture
def imap(server: MailServer) -> Iterator[IMAPClient]:
    with IMAPClient("127.0.0.1", server.imap_port, ssl=False, timeout=60) as connection:
        connection.login(HELPDESK, PASSWORD)
        yield connection


@pytest.mark.parametrize("recipient", [HELPDESK, "HELPDESK@bublina.example", "petr@bublina.example"])
def test_mail_from_outside_stands_in_the_mailbox_below_its_trace(
    smtp: smtplib.SMTP, imap: IMAPClient, recipient: str
) -> None:
    smtp.sendmail("jana@posta.example", [recipient], RAW)
    imap.select_folder("INBOX")
    (message,) = imap.fetch(imap.search(), ["BODY.PEEK[]"]).values()
    assert message[b"BODY[]"].endswith(RAW)
    assert message[b"BODY[]"].startswith(b"Return-Path: <jana@posta.example>\r\nDelivered-To: helpdesk@bublina.example")


def test_folders_with_other_letters_are_offered(imap: IMAPClient) -> None:
    assert [name for _, _, name in imap.list_folders()] == ["INBOX", "Odeslané"]


def test_who_waits_with_idle_is_told(server: MailServer, smtp: smtplib.SMTP) -> None:
    mailbox = connect(ImapServer("127.0.0.1", server.imap_port, "none", HELPDESK, PASSWORD))
    mailbox.select("INBOX")
    told = threading.Event()

    def write_until_told() -> None:  # pymap tells only of what comes while somebody waits
        while not told.wait(0.1):
            smtp.sendmail("jana@posta.example", [HELPDESK], RAW)

    writer = threading.Thread(target=write_until_told)
    writer.start()
    try:
        assert mailbox.idle(60, Wake())
    finally:
        told.set()
        writer.join()
        mailbox.close()


def test_nobody_relays_without_signing_in(smtp: smtplib.SMTP, outside: list[Taken]) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        smtp.sendmail("spam@somewhere.example", ["jana@posta.example"], RAW)
    assert refused.value.recipients["jana@posta.example"][0] == 554
    assert outside == []


def test_who_signs_in_reaches_those_outside(smtp: smtplib.SMTP, outside: list[Taken]) -> None:
    smtp.login(HELPDESK, PASSWORD)
    smtp.sendmail(HELPDESK, ["jana@posta.example"], RAW)
    assert outside == [Taken(HELPDESK, ("jana@posta.example",), RAW)]


def test_a_wrong_password_is_refused(smtp: smtplib.SMTP) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError):
        smtp.login(HELPDESK, "guessed")


@pytest.mark.parametrize("recipient", ["nobody@bublina.example", "gone@stara.example"])
def test_a_mailbox_that_is_not_there_is_refused_for_good(smtp: smtplib.SMTP, recipient: str) -> None:
    smtp.login(HELPDESK, PASSWORD)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        smtp.sendmail(HELPDESK, [recipient], RAW)
    assert refused.value.recipients[recipient][0] == 550


def test_a_line_longer_than_the_standard_allows_is_taken_as_it_is(smtp: smtplib.SMTP, imap: IMAPClient) -> None:
    smtp.sendmail("jana@posta.example", [HELPDESK], RAW + b"x" * 50_000 + b"\r\n")
    imap.select_folder("INBOX")
    (message,) = imap.fetch(imap.search(), ["BODY.PEEK[]"]).values()
    assert message[b"BODY[]"].endswith(b"x" * 50_000 + b"\r\n")


@pytest.mark.parametrize(
    ("envelope", "named", "found"),
    [
        ("jana@posta.example", "jana@posta.example", "spf=pass smtp.mailfrom=posta.example; dmarc=pass"),
        ("eve@zlo.example", "jana@posta.example", "spf=none smtp.mailfrom=zlo.example; dmarc=fail"),
        ("eve@zlo.example", "eve@zlo.example", "spf=none smtp.mailfrom=zlo.example; dmarc=none"),
        ("", "jana@posta.example", "spf=none smtp.mailfrom=none; dmarc=fail"),
    ],
)
def test_the_server_writes_what_it_found_about_the_sender(
    smtp: smtplib.SMTP, imap: IMAPClient, envelope: str, named: str, found: str
) -> None:
    smtp.sendmail(envelope, [HELPDESK], RAW.replace(b"jana@posta.example", named.encode()))
    imap.select_folder("INBOX")
    (message,) = imap.fetch(imap.search(), ["BODY.PEEK[]"]).values()
    line = f"Authentication-Results: mail.bublina.example; {found} header.from={named.partition('@')[2]}\r\n"
    assert line.encode() in message[b"BODY[]"]
