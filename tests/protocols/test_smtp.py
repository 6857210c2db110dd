"""Handing messages to a real SMTP server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import pytest

from podatelna.protocols import errors
from podatelna.protocols.network import Timeouts
from podatelna.protocols.smtp import Outcome, Reply, SmtpServer, deliver
from podatelna.protocols.smtp_session import check_sender, session
from tests.servers import DROP, HOST, SECRET, Certificate, Receiver, scripted

RAW = b"From: helpdesk@acme.cz\r\nTo: jana@example.cz\r\nSubject: Hi\r\n\r\nBody\r\n"
FROM, TO = "helpdesk@acme.cz", "jana@example.cz"
QUICK = Timeouts(connect=5, read=0.5)


class Handing:
    """Counts how often the message was about to leave."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


@pytest.fixture
def handing() -> Handing:
    return Handing()


@contextmanager
def receiving(**settings: Any) -> Iterator[Receiver]:
    server = Receiver(**settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def plain(receiver: Receiver) -> SmtpServer:
    return SmtpServer(HOST, receiver.port, "none")


def send(
    receiver: Receiver, handing: Handing, raw: bytes = RAW, rcpt_to: tuple[str, ...] = (TO,), **more: Any
) -> Outcome:
    return deliver(plain(receiver), raw, FROM, rcpt_to, handing_over=handing, **more)


# --- what arrives


@pytest.mark.parametrize(
    "raw",
    [
        RAW,
        RAW + b".\r\n..\r\n.two\r\n.",
        b".\r\n",
        RAW + b"\xc5\xbelu\xc5\xa5\r\n",
        RAW + bytes(byte for byte in range(256) if byte not in b"\r\n") + b"\r\n",
        RAW + b"x" * 900 + b"\r\n\r\n\r\n",
        RAW + b"0123456789\r\n" * 200_000,
    ],
    ids=["simple", "dots", "only-a-dot", "utf-8", "every-byte", "long-line", "two-megabytes"],
)
def test_the_very_bytes_arrive(receiver: Receiver, handing: Handing, raw: bytes) -> None:
    outcome = send(receiver, handing, raw)
    assert outcome.final == Reply(250, "2.0.0 stored")
    assert receiver.taken[0].raw == (raw if raw.endswith(b"\r\n") else raw + b"\r\n")
    assert (receiver.taken[0].mail_from, receiver.taken[0].rcpt_to) == (FROM, [TO])
    assert handing.times == 1


@pytest.mark.parametrize("raw", [b"a\nb\r\n", b"a\rb\r\n", b"a\n.\nMAIL FROM:<x@y>\r\n", b"a\r\n.\rx\r\n", b"end\n"])
def test_bare_line_ends_are_never_sent(receiver: Receiver, handing: Handing, raw: bytes) -> None:
    outcome = send(receiver, handing, raw)
    assert outcome.replies[TO].code == 554
    assert not receiver.taken
    assert handing.times == 0


def test_we_greet_with_a_full_name_or_an_address(receiver: Receiver, handing: Handing) -> None:
    send(receiver, handing)
    [hello] = receiver.hellos
    assert hello == "[127.0.0.1]" or "." in hello


def test_smtputf8_only_where_an_address_needs_it(receiver: Receiver, handing: Handing) -> None:
    send(receiver, handing)
    send(receiver, handing, rcpt_to=("jana@háčky.cz",))
    send(receiver, handing, rcpt_to=("žaneta@example.cz",))
    assert [("SMTPUTF8" in taken.options) for taken in receiver.taken] == [False, False, True]
    assert [taken.rcpt_to[0] for taken in receiver.taken] == [TO, "jana@xn--hky-ela4t.cz", "žaneta@example.cz"]


def test_a_server_without_smtputf8_gets_what_it_can_take(handing: Handing) -> None:
    with receiving(utf8=False) as receiver:
        outcome = send(receiver, handing, rcpt_to=("žaneta@example.cz", TO))
    assert {address: reply.code for address, reply in outcome.replies.items()} == {"žaneta@example.cz": 553, TO: 250}
    assert receiver.taken[0].rcpt_to == [TO]


def test_a_header_in_utf8_is_announced_and_kept_from_servers_that_do_not_take_it(
    receiver: Receiver, handing: Handing
) -> None:
    raw = "To: žaneta@example.cz\r\n\r\nText\r\n".encode()
    send(receiver, handing, raw)
    assert {"SMTPUTF8", "BODY=8BITMIME"} <= set(receiver.taken[0].options)
    with receiving(utf8=False) as old:
        outcome = send(old, handing, raw)
    assert outcome.replies[TO].code == 553
    assert not old.taken


# --- what is refused


@pytest.mark.parametrize(
    ("mail_from", "offers", "parameters"),
    [
        (FROM, b"250-DSN\r\n250 8BITMIME", b" ENVID=1@acme.cz"),
        (FROM, b"250 8BITMIME", b""),
        ("", b"250-DSN\r\n250 8BITMIME", b""),
    ],
    ids=["dsn", "no-dsn", "nobody-to-tell"],
)
def test_a_report_can_name_it_where_the_server_has_that(
    handing: Handing, mail_from: str, offers: bytes, parameters: bytes
) -> None:
    heard: list[bytes] = []

    def talk(file: BinaryIO) -> None:
        file.write(b"220 hello\r\n")
        while line := file.readline():
            heard.append(line.strip())
            if line.upper().startswith(b"EHLO"):
                file.write(b"250-hello\r\n" + offers + b"\r\n")
            elif line.startswith(b"DATA"):
                file.write(b"354 go on\r\n")
                while file.readline() != b".\r\n":
                    pass
                file.write(b"250 stored\r\n")
            else:
                file.write(b"250 ok\r\n")

    raw = b"Message-ID: <1@acme.cz>\r\n" + RAW
    with scripted(talk) as odd:
        deliver(SmtpServer(HOST, odd.port, "none"), raw, mail_from, (TO,), handing_over=handing)
    assert b"MAIL FROM:<" + mail_from.encode() + b">" + parameters in heard


def test_each_recipient_has_the_reply_that_decided(receiver: Receiver, handing: Handing) -> None:
    receiver.script.recipients = {"gone@example.cz": "550 5.1.1 no such user", "full@example.cz": "452 4.2.2 full"}
    outcome = send(receiver, handing, rcpt_to=(TO, "gone@example.cz", "full@example.cz"))
    assert outcome.replies == {
        TO: Reply(250, "2.0.0 stored"),
        "gone@example.cz": Reply(550, "5.1.1 no such user"),
        "full@example.cz": Reply(452, "4.2.2 full"),
    }
    assert receiver.taken[0].rcpt_to == [TO]


def test_when_nobody_is_accepted_nothing_is_handed_over(receiver: Receiver, handing: Handing) -> None:
    receiver.script.recipients = {TO: "550 5.1.1 no such user"}
    assert send(receiver, handing) == Outcome({TO: Reply(550, "5.1.1 no such user")}, None)
    assert handing.times == 0


@pytest.mark.parametrize(("stage", "times"), [("mail", 0), ("data", 0), ("body", 1)])
@pytest.mark.parametrize("reply", ["451 4.7.1 greylisted, come back", "550 5.7.1 not from you"])
def test_a_refusal_at_each_step_is_an_outcome(
    receiver: Receiver, handing: Handing, stage: str, times: int, reply: str
) -> None:
    setattr(receiver.script, stage, reply)
    outcome = send(receiver, handing)
    assert outcome.replies == {TO: Reply(int(reply[:3]), reply[4:])}
    assert outcome.replies[TO].temporary == reply.startswith("4")
    assert not receiver.taken
    assert handing.times == times


def test_too_large_is_known_before_it_is_sent(handing: Handing) -> None:
    with receiving(size=1000) as receiver:
        outcome = send(receiver, handing, RAW + b"x" * 998 + b"\r\n")
    assert outcome.replies[TO].code == 552
    assert "1000" in outcome.replies[TO].text
    assert handing.times == 0


# --- what breaks


@pytest.mark.parametrize("stage", ["mail", "data"])
def test_a_connection_that_breaks_before_handing_over_is_tried_again(
    receiver: Receiver, handing: Handing, stage: str
) -> None:
    setattr(receiver.script, stage, DROP)
    with pytest.raises(errors.ConnectionLost):
        send(receiver, handing)
    assert handing.times == 0


def test_a_connection_that_breaks_after_handing_over_is_uncertain(receiver: Receiver, handing: Handing) -> None:
    receiver.script.body = DROP
    with pytest.raises(errors.Uncertain):
        send(receiver, handing)
    assert handing.times == 1
    assert len(receiver.taken) == 1, "it was taken indeed, and nobody told us"


def test_who_cannot_note_the_handing_over_does_not_hand_over(receiver: Receiver) -> None:
    def failing() -> None:
        raise OSError("database is gone")

    with pytest.raises(OSError, match="database is gone"):
        deliver(plain(receiver), RAW, FROM, [TO], handing_over=failing)
    assert not receiver.taken


def test_quitting_may_fail_without_harm(handing: Handing) -> None:
    def talk(file: BinaryIO) -> None:
        file.write(b"220 hello\r\n")
        for answer in (b"250 hello", b"250 ok", b"250 ok", b"354 go"):
            file.readline()
            file.write(answer + b"\r\n")
        while file.readline() != b".\r\n":
            pass
        file.write(b"250 taken\r\n")

    with scripted(talk) as odd:
        outcome = deliver(SmtpServer(HOST, odd.port, "none"), RAW, FROM, [TO], handing_over=handing)
    assert outcome.final == Reply(250, "taken")


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"554 5.7.1 you are on a list\r\n", "server-no"),
        (b"421 4.7.0 too many connections\r\n", "server-bye"),
        (b"* OK this is IMAP\r\n", "protocol"),
        (b"", "timeout"),
        (b"220-never\r\n220-ending\r\n", "timeout"),
        (b"\xff\xfe\x00\r\n", "protocol"),
    ],
)
def test_a_greeting_that_is_none(handing: Handing, answer: bytes, code: str) -> None:
    def talk(file: BinaryIO) -> None:
        file.write(answer)
        file.read(1)

    with scripted(talk) as odd, pytest.raises(errors.ServerError) as caught:
        deliver(SmtpServer(HOST, odd.port, "none"), RAW, FROM, [TO], handing_over=handing, timeouts=QUICK)
    assert caught.value.code == code
    assert handing.times == 0


def test_a_reply_without_end_is_cut_off(handing: Handing) -> None:
    def talk(file: BinaryIO) -> None:
        while True:
            file.write(b"220-" + b"x" * 900 + b"\r\n")

    with scripted(talk) as odd, pytest.raises(errors.ProtocolBroken):
        deliver(SmtpServer(HOST, odd.port, "none"), RAW, FROM, [TO], handing_over=handing, timeouts=QUICK)


# --- encryption and signing in


def test_starttls_and_tls_with_a_certificate_that_is_trusted(certificate: Certificate, handing: Handing) -> None:
    for security in ("starttls", "tls"):
        with receiving(certificate=certificate, tls=security == "tls", login="helpdesk") as receiver:
            server = SmtpServer("localhost", receiver.port, security, "helpdesk", SECRET)
            outcome = deliver(server, RAW, FROM, [TO], handing_over=handing, context=certificate.trusting())
        assert outcome.replies[TO].accepted
        assert len(receiver.taken) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_self_signed_certificate_is_refused(certificate: Certificate, handing: Handing, security: str) -> None:
    with (
        receiving(certificate=certificate, tls=security == "tls") as receiver,
        pytest.raises(errors.CertificateRefused),
    ):
        deliver(SmtpServer("localhost", receiver.port, security), RAW, FROM, [TO], handing_over=handing)
    assert not receiver.taken


def test_without_starttls_nothing_goes_out_in_clear(receiver: Receiver, handing: Handing) -> None:
    with pytest.raises(errors.StarttlsMissing):
        deliver(SmtpServer(HOST, receiver.port, "starttls", "x", SECRET), RAW, FROM, [TO], handing_over=handing)
    with pytest.raises(errors.PlaintextRefused):
        deliver(SmtpServer("smtp.acme.cz", 25, "none"), RAW, FROM, [TO], handing_over=handing)
    assert not receiver.taken


def test_wrong_password_and_no_way_to_sign_in(receiver: Receiver, handing: Handing) -> None:
    with receiving(login="helpdesk") as strict:
        server = SmtpServer(HOST, strict.port, "none", "helpdesk", "wrong-password")
        with pytest.raises(errors.LoginRefused) as caught:
            deliver(server, RAW, FROM, [TO], handing_over=handing)
    assert "wrong-password" not in str(caught.value)

    def talk(file: BinaryIO) -> None:
        for answer in (b"220 hello\r\n", b"250 no extensions\r\n"):
            file.write(answer)
            file.readline()

    with scripted(talk) as odd, pytest.raises(errors.LoginDisabled):
        deliver(SmtpServer(HOST, odd.port, "none", "x", "y"), RAW, FROM, [TO], handing_over=handing)


def test_sender_is_asked_for_without_sending(receiver: Receiver) -> None:
    with session(plain(receiver)) as smtp:
        check_sender(smtp, FROM)
        receiver.script.mail = "550 5.7.1 not yours"
        with pytest.raises(errors.SenderRefused) as caught:
            check_sender(smtp, FROM)
    assert "not yours" in caught.value.detail
    assert not receiver.taken


def test_line_breaks_in_addresses_are_not_commands(receiver: Receiver, handing: Handing) -> None:
    with pytest.raises(errors.ProtocolBroken):
        send(receiver, handing, rcpt_to=("a@b.cz>\r\nRCPT TO:<eve@example.com",))
    assert not receiver.taken


def test_deliveries_at_the_same_time_do_not_mix(receiver: Receiver) -> None:
    raws = [RAW + f"number {number}\r\n".encode() for number in range(8)]
    threads = [threading.Thread(target=send, args=(receiver, Handing(), raw)) for raw in raws]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken.raw for taken in receiver.taken) == raws
