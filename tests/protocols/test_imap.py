"""A mailbox on a real Dovecot."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from itertools import count
from typing import BinaryIO

import pytest

from podatelna.protocols import errors
from podatelna.protocols.imap import ImapServer, Mailbox, connect
from podatelna.protocols.network import Timeouts
from podatelna.protocols.wake import Wake
from tests.servers import HOST, SECRET, Box, Dovecot, make_certificate, scripted

pytestmark = pytest.mark.dovecot

_users = count(1)
MAIL = b"From: jana@example.cz\r\nSubject: One\r\n\r\nBody \xc5\xbe\r\n"


@pytest.fixture
def box(dovecot: Dovecot) -> Box:
    return dovecot.mailbox(f"protocols{next(_users)}")


def server(box: Box, *, security: str = "none", host: str = HOST, password: str = SECRET) -> ImapServer:
    port = box.server.imaps_port if security == "tls" else box.server.imap_port
    return ImapServer(host, port, security, box.user, password)


@pytest.fixture
def mailbox(box: Box) -> Iterator[Mailbox]:
    opened = connect(server(box))
    yield opened
    opened.close()


# --- getting in


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_encrypted_with_a_certificate_that_is_trusted(box: Box, security: str) -> None:
    mailbox = connect(server(box, security=security, host="localhost"), context=box.server.certificate.trusting())
    assert mailbox.select("INBOX").exists == 0
    mailbox.close()


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_self_signed_certificate_is_refused_before_the_password_is_said(box: Box, security: str) -> None:
    with pytest.raises(errors.CertificateRefused) as caught:
        connect(server(box, security=security))
    assert "self-signed" in caught.value.detail
    assert box.user not in box.server.log()


def test_certificate_of_another_name_is_refused(box: Box) -> None:
    context = box.server.certificate.trusting()
    with pytest.raises(errors.CertificateRefused) as caught:
        connect(server(box, security="tls", host="127.0.0.2"), context=context)
    assert "127.0.0.2" in caught.value.detail


def test_tls_on_a_port_without_it(box: Box) -> None:
    wrong = ImapServer(HOST, box.server.imap_port, "tls", box.user, SECRET)
    with pytest.raises(errors.TlsFailed):
        connect(wrong)


def test_plaintext_elsewhere_is_refused_without_dialling(box: Box) -> None:
    with pytest.raises(errors.PlaintextRefused):
        connect(ImapServer("imap.example.com", 143, "none", box.user, SECRET))


def test_wrong_password(box: Box) -> None:
    with pytest.raises(errors.LoginRefused) as caught:
        connect(server(box, password="wrong"))
    assert "wrong" not in caught.value.detail


@pytest.mark.parametrize("password", ["a\r\nA1 DELETE INBOX", "nul\0", 'quote"and\\backslash'])
def test_a_password_never_becomes_a_command(box: Box, password: str) -> None:
    with pytest.raises(errors.LoginRefused):
        connect(server(box, password=password))


def test_secret_is_not_shown_by_repr(box: Box) -> None:
    assert SECRET not in repr(server(box))


# --- folders


def test_non_ascii_folders_are_made_found_and_selected(box: Box, mailbox: Mailbox) -> None:
    assert mailbox.ensure_folder("Vyřízené/Žluťoučký kůň") == "Vyřízené/Žluťoučký kůň"
    assert "Vyřízené/Žluťoučký kůň" in box.folders()
    assert "Vyřízené/Žluťoučký kůň" in [row.name for row in mailbox.list_folders()]
    assert mailbox.select("Vyřízené/Žluťoučký kůň").exists == 0


def test_made_folder_is_subscribed(box: Box, mailbox: Mailbox) -> None:
    mailbox.ensure_folder("Podatelna")
    with box.session() as client:
        assert [name for _, _, name in client.list_sub_folders()] == ["Podatelna"]


def test_name_with_wildcards_is_only_that_name(box: Box, mailbox: Mailbox) -> None:
    mailbox.ensure_folder("Done")
    assert mailbox.find_folder("D%") is None
    assert mailbox.find_folder("*") is None


def test_missing_folder(mailbox: Mailbox) -> None:
    with pytest.raises(errors.FolderMissing) as caught:
        mailbox.select("Nikde")
    assert "Nikde" in caught.value.detail


# --- messages


def test_fetch_is_byte_exact_and_leaves_flags_alone(box: Box, mailbox: Mailbox) -> None:
    eight_bit = bytes(range(11, 256)) * 100  # Dovecot itself turns a bare LF into CRLF
    odd = [MAIL, b"\r\n", b"no header at all", b"A: b\r\n\r\n" + eight_bit, MAIL + b".\r\n)\r\nA1 OK\r\n"]
    box.put(*odd)
    selected = mailbox.select("INBOX")
    found = mailbox.fetch(mailbox.uids(selected.exists))
    assert [message.raw for message in found.values()] == odd
    assert all(message.at is not None for message in found.values())
    assert {message.flags for message in box.messages()} == {frozenset()}


def test_sizes_are_those_of_the_bytes(box: Box, mailbox: Mailbox) -> None:
    box.put(MAIL, MAIL * 3)
    uids = mailbox.uids(mailbox.select("INBOX").exists)
    assert list(mailbox.sizes(uids).values()) == [len(MAIL), 3 * len(MAIL)]


def test_uids_of_an_empty_folder_and_presence(box: Box, mailbox: Mailbox) -> None:
    assert mailbox.uids(mailbox.select("INBOX").exists) == []
    box.put(MAIL)
    assert mailbox.uids(mailbox.select("INBOX").exists) == [1]
    # "UID 5:*" would name message 1 too.
    assert mailbox.present({1, 5, 4294967295}) == {1}
    assert mailbox.present(set()) == set()


def test_move_keeps_flags(box: Box, mailbox: Mailbox) -> None:
    box.put(MAIL, flags=("\\Flagged", "\\Seen", "$Label1"))
    folder = mailbox.ensure_folder("Hotovo ✓")
    mailbox.select("INBOX")
    mailbox.move([1], folder)
    assert box.messages() == []
    [moved] = box.messages("Hotovo ✓")
    assert (moved.raw, moved.flags) == (MAIL, {"\\Flagged", "\\Seen", "$Label1"})


def test_move_to_a_folder_that_is_not_there(box: Box, mailbox: Mailbox) -> None:
    box.put(MAIL)
    mailbox.select("INBOX")
    with pytest.raises(errors.CannotMove):
        mailbox.move([1], "Nikde")
    assert box.raws() == [MAIL]


def test_expunge_removes_only_its_own(box: Box, mailbox: Mailbox) -> None:
    box.put(MAIL)
    box.put(MAIL + b"deleted by somebody else", flags=("\\Deleted",))
    mailbox.select("INBOX")
    mailbox.expunge([1])
    assert [message.uid for message in box.messages()] == [2]


def test_mark_sets_a_keyword(box: Box, mailbox: Mailbox) -> None:
    box.put(MAIL, flags=("\\Seen",))
    mailbox.select("INBOX")
    mailbox.mark([1])
    assert box.messages()[0].flags == {"\\Seen", "$Podatelna"}


def test_append_and_search_by_message_id(box: Box, mailbox: Mailbox) -> None:
    raw = b"Message-ID: <a.b@podatelna.example>\r\nSubject: x\r\n\r\nx\r\n"
    folder = mailbox.ensure_folder("Sent")
    mailbox.append(folder, raw)
    mailbox.select(folder, readonly=True)
    assert mailbox.with_message_id("a.b@podatelna.example") == [1]
    assert mailbox.with_message_id("other@podatelna.example") == []
    assert mailbox.with_size(len(raw)) == [1]
    assert mailbox.with_size(len(raw) + 1) == []
    assert box.messages("Sent")[0].flags == {"\\Seen"}


# --- waiting


@pytest.mark.parametrize("security", ["none", "tls"])
def test_idle_ends_when_mail_comes(box: Box, security: str) -> None:
    mailbox = connect(server(box, security=security, host="localhost"), context=box.server.certificate.trusting())
    mailbox.select("INBOX")
    threading.Timer(0.2, box.put, [MAIL]).start()
    assert mailbox.idle(60, Wake()) is True
    assert mailbox.uids(mailbox.select("INBOX").exists) == [1]
    mailbox.close()


@pytest.mark.parametrize("security", ["none", "tls"])
def test_idle_ends_in_silence_or_when_woken(box: Box, security: str) -> None:
    mailbox = connect(server(box, security=security, host="localhost"), context=box.server.certificate.trusting())
    mailbox.select("INBOX")
    assert mailbox.idle(0.05, Wake()) is False
    wake = Wake()
    threading.Timer(0.1, wake.set).start()
    began = time.monotonic()
    assert mailbox.idle(60, wake) is False
    assert time.monotonic() - began < 30
    assert mailbox.uids(mailbox.select("INBOX").exists) == []
    mailbox.close()


def test_idle_in_a_session_that_is_broken_from_outside(box: Box, mailbox: Mailbox) -> None:
    mailbox.select("INBOX")
    threading.Timer(0.1, mailbox.interrupt).start()
    with pytest.raises(errors.ConnectionLost):
        mailbox.idle(60, Wake())


def test_what_came_meanwhile_is_known_without_idle(box: Box, mailbox: Mailbox) -> None:
    mailbox.select("INBOX")
    assert not mailbox.stirred()
    box.put(MAIL)
    assert mailbox.stirred()
    mailbox.select("INBOX")
    box.put(MAIL)
    mailbox.present([1, 2])  # announced with the answer to something else
    assert mailbox.stirred()


# --- servers that are odd, broken or hostile

QUICK = Timeouts(connect=5, read=0.5)
GREETING = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN IDLE] hello\r\n"


def odd_server(answers: dict[str, bytes]) -> object:
    """A server that answers by command; {tag} stands for the tag, an empty answer hangs up."""

    def talk(file: BinaryIO) -> None:
        file.write(answers.get("greeting", GREETING))
        while line := file.readline():
            tag, command, *_ = [*line.decode("latin-1").upper().split(), ""]
            fine = {
                "CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=PLAIN IDLE\r\n{tag} OK\r\n",
                "LOGIN": b"{tag} OK in\r\n",
            }
            answer = (answers | {key: value for key, value in fine.items() if key not in answers}).get(command)
            if not answer:
                return
            file.write(answer.replace(b"{tag}", tag.encode()))

    return scripted(talk)


def dial(port: int) -> Mailbox:
    return connect(ImapServer(HOST, port, "none", "eve", "x"), timeouts=QUICK)


@pytest.mark.parametrize(
    ("greeting", "code"),
    [
        (b"* BYE too many connections\r\n", "busy"),
        (b"220 mail.example.com ESMTP\r\n", "protocol"),
        (b"* OK no line end", "timeout"),
        (b"", "timeout"),
        (b"\x16\x03\x01" * 100 + b"\r\n", "protocol"),
    ],
)
def test_a_greeting_that_is_none(greeting: bytes, code: str) -> None:
    with odd_server({"greeting": greeting}) as odd, pytest.raises(errors.ServerError) as caught:
        dial(odd.port)
    assert caught.value.code == code


def test_starttls_that_is_not_offered(box: Box) -> None:
    with odd_server({}) as odd, pytest.raises(errors.StarttlsMissing):
        connect(ImapServer(HOST, odd.port, "starttls", "eve", "x"), timeouts=QUICK)


def test_starttls_that_is_offered_and_refused() -> None:
    answers = {
        "greeting": b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n",
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK\r\n",
        "STARTTLS": b"{tag} NO not today\r\n",
    }
    with odd_server(answers) as odd, pytest.raises(errors.StarttlsMissing):
        connect(ImapServer(HOST, odd.port, "starttls", "eve", "x"), timeouts=QUICK)


def test_a_session_that_is_signed_in_from_the_start_gets_no_password() -> None:
    # RFC 9051 7.1.4: PREAUTH before STARTTLS is how somebody in between would keep us from encrypting.
    greeting = b"* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] in\r\n"
    with odd_server({"greeting": greeting}) as odd, pytest.raises(errors.ServerError):
        connect(ImapServer(HOST, odd.port, "starttls", "eve", "x"), timeouts=QUICK)


def test_login_that_is_disabled() -> None:
    answers = {"CAPABILITY": b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n{tag} OK\r\n"}
    with odd_server(answers) as odd, pytest.raises(errors.LoginDisabled):
        dial(odd.port)


SELECTED = b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n{tag} OK [READ-WRITE] done\r\n"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"* 1 EXISTS\r\n{tag} OK done\r\n", "protocol"),  # no UIDVALIDITY
        (b"* x EXISTS\r\n* OK [UIDVALIDITY seven] ok\r\n{tag} OK done\r\n", "protocol"),
        (b"{tag} NO [NONEXISTENT] no such folder\r\n", "folder-missing"),
        (b"{tag} NO [UNAVAILABLE] come back later\r\n", "server-no"),
        (b"{tag} BAD what\r\n", "server-no"),
        (b"* OK [UIDVALIDITY 7] ok\r\n{tag} OK [READ-ONLY] done\r\n", "cannot-move"),
        (b"* BYE shutting down\r\n", "server-bye"),
        (b"", "connection-lost"),
        (b"garbage\r\n", "protocol"),
    ],
)
def test_odd_answers_to_select(answer: bytes, code: str) -> None:
    with odd_server({"SELECT": answer}) as odd, pytest.raises(errors.ServerError) as caught:
        dial(odd.port).select("INBOX")
    assert caught.value.code == code


def test_sizes_that_nobody_has_memory_for_are_refused_at_once() -> None:
    answers = {"SELECT": SELECTED, "UID": b"* 1 FETCH (UID 1 BODY[] {99999999999999}\r\n"}
    with odd_server(answers) as odd:
        mailbox = dial(odd.port)
        mailbox.select("INBOX")
        with pytest.raises(errors.ProtocolBroken):
            mailbox.fetch([1])


def test_a_body_that_breaks_off_is_no_message() -> None:
    answers = {"SELECT": SELECTED, "UID": b"* 1 FETCH (UID 1 BODY[] {10}\r\nhalf"}
    with odd_server(answers) as odd:
        mailbox = dial(odd.port)
        mailbox.select("INBOX")
        with pytest.raises(errors.TimedOut):
            mailbox.fetch([1])


def test_messages_that_were_not_asked_for_are_not_taken() -> None:
    answers = {"SELECT": SELECTED, "UID": b"* 1 FETCH (UID 8 BODY[] {1}\r\nx)\r\n{tag} OK\r\n"}
    with odd_server(answers) as odd:
        mailbox = dial(odd.port)
        mailbox.select("INBOX")
        assert mailbox.fetch([1]) == {}


def test_a_search_that_names_more_than_it_was_asked_about_is_not_believed() -> None:
    with odd_server({"SELECT": SELECTED, "UID": b"* SEARCH 1 7\r\n{tag} OK\r\n"}) as odd:
        mailbox = dial(odd.port)
        mailbox.select("INBOX")
        assert mailbox.present([7, 8]) == {7}


def test_words_before_idling_count_as_news() -> None:
    answers = {"SELECT": SELECTED, "IDLE": b"* 2 EXISTS\r\n+ idling\r\n* OK still here\r\n", "DONE": b""}

    def talk(file: BinaryIO) -> None:
        file.write(GREETING)
        tag = b""
        while line := file.readline():
            if line == b"DONE\r\n":
                file.write(tag + b" OK done\r\n")
                continue
            tag, command = line.split()[:2]
            fine = b"* CAPABILITY IMAP4rev1 IDLE\r\n{tag} OK\r\n"
            file.write(answers.get(command.decode(), fine).replace(b"{tag}", tag))

    with scripted(talk) as odd:
        mailbox = dial(odd.port)
        mailbox.select("INBOX")
        assert mailbox.idle(30, Wake()) is True


def test_idle_that_is_refused() -> None:
    with odd_server({"SELECT": SELECTED, "IDLE": b"{tag} NO not allowed\r\n"}) as odd:
        mailbox = dial(odd.port)
        mailbox.select("INBOX")
        with pytest.raises(errors.ServerSaidNo):
            mailbox.idle(30, Wake())


def test_one_odd_name_does_not_hide_the_other_folders() -> None:
    rows = b'* LIST () "/" INBOX\r\n* LIST () "/" "&!!-"\r\n* LIST () NIL {4}\r\nDone\r\n* LIST () "/" 7\r\n'
    with odd_server({"LIST": rows + b"{tag} OK\r\n"}) as odd:
        assert [row.name for row in dial(odd.port).list_folders()] == ["INBOX", "7", "Done"]


def test_the_log_of_a_refused_login_has_no_password(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with pytest.raises(errors.LoginRefused):
        connect(server(box, password="sesame-open"))
    assert not re.search("sesame", caplog.text)


def test_an_expired_certificate_says_so(tmp_path: object, dovecot: Dovecot) -> None:
    from pathlib import Path

    from tests.servers import Receiver

    expired = make_certificate(Path(str(tmp_path)), days=-1)
    other = Receiver(certificate=expired, tls=True)
    other.start()
    try:
        with pytest.raises(errors.CertificateRefused) as caught:
            connect(ImapServer("localhost", other.port, "tls", "x", "x"), context=expired.trusting())
        assert "expired" in caught.value.detail
    finally:
        other.stop()


# --- asked for ahead


def test_what_was_asked_for_ahead_is_not_mixed_with_the_answers_of_other_commands(box: Box, mailbox: Mailbox) -> None:
    box.put(MAIL, MAIL + b"two\r\n", MAIL + b"three\r\n")
    mailbox.select("INBOX")
    mailbox.ask([2, 3])
    assert mailbox.sizes([1]) == {1: len(MAIL)}  # also a FETCH
    assert mailbox.present([1, 2]) == {1, 2}
    found = mailbox.fetch([2, 3])
    assert [found[uid].raw for uid in (2, 3)] == [MAIL + b"two\r\n", MAIL + b"three\r\n"]
    assert mailbox.fetch([2])[2].raw == MAIL + b"two\r\n"


def test_what_was_asked_for_ahead_and_is_not_wanted_is_forgotten(box: Box, mailbox: Mailbox) -> None:
    box.put(MAIL, MAIL + b"two\r\n")
    mailbox.select("INBOX")
    mailbox.ask([2])
    assert mailbox.fetch([1])[1].raw == MAIL
    assert mailbox.fetch([2])[2].raw == MAIL + b"two\r\n"
    mailbox.ask([1])
    mailbox.move([1], "INBOX")
    assert mailbox.uids(2) == [2, 3]
