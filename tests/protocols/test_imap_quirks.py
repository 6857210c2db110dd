"""Servers as they are: each oddity in a script, with what Exchange, Gmail, Seznam, Courier and others really say."""

from __future__ import annotations

import base64
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest

from podatelna.protocols import errors
from podatelna.protocols.folders import read_list
from podatelna.protocols.imap import ImapServer, Mailbox, connect, open_session
from podatelna.protocols.network import Timeouts
from podatelna.protocols.wake import Wake
from tests.servers import HOST, scripted
from tests.signing_in import OwnAuthority, serving

QUICK = Timeouts(connect=5, read=5)
REV1 = "IMAP4rev1 UIDPLUS MOVE IDLE NAMESPACE"
Answer = bytes | Callable[[bytes], bytes]


class Script:
    """Answers by the beginning of a command; {tag} stands for its tag. Remembers what was said."""

    def __init__(self, answers: Mapping[str, Answer], capabilities: str = REV1, after: str | None = None) -> None:
        self.said: list[bytes] = []
        self.answers = dict(answers)
        self.capabilities = {False: capabilities, True: after if after is not None else capabilities}
        self.inside = False

    def __call__(self, file: BinaryIO) -> None:
        file.write(b"* OK here\r\n")
        self.inside = False
        while line := file.readline():
            self._answer(file, line)

    def _answer(self, file: BinaryIO, line: bytes) -> None:
        tag, _, rest = line.rstrip(b"\r\n").partition(b" ")
        while literal := re.search(rb"~?\{(\d+)(\+?)\}$", rest):
            if not literal[2]:
                file.write(b"+ go on\r\n")
            rest += b"\r\n" + _exactly(file, int(literal[1])) + file.readline().rstrip(b"\r\n")
        self.said.append(rest)
        answer = next((made for begin, made in self.answers.items() if rest.startswith(begin.encode())), None)
        if rest.startswith(b"AUTHENTICATE") and answer is None:
            file.write(b"+ \r\n")
            self.said.append(file.readline().rstrip(b"\r\n"))
        if rest.startswith((b"LOGIN", b"AUTHENTICATE")):
            self.inside = True
        if answer is None:
            answer = self._usual(rest)
        made = answer(rest) if callable(answer) else answer
        file.write(made.replace(b"{tag}", tag))

    def _usual(self, rest: bytes) -> bytes:
        if rest.startswith(b"CAPABILITY"):
            return b"* CAPABILITY " + self.capabilities[self.inside].encode() + b"\r\n{tag} OK done\r\n"
        if rest.startswith((b"SELECT", b"EXAMINE")):
            return b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 10] n\r\n{tag} OK [READ-WRITE] opened\r\n"
        return b"{tag} OK done\r\n"

    def heard(self, begin: str) -> list[bytes]:
        return [line for line in self.said if line.startswith(begin.encode())]


def _exactly(file: BinaryIO, size: int) -> bytes:
    found = b""
    while len(found) < size:
        found += file.read(size - len(found))
    return found


@contextmanager
def signed_in(script: Script, **more: str) -> Iterator[Mailbox]:
    with scripted(script) as server:
        mailbox = connect(ImapServer(HOST, server.port, "none", "bob", "x", **more), timeouts=QUICK)  # type: ignore[arg-type]  # a token
        try:
            yield mailbox
        finally:
            mailbox.close()


# --- signing in


def test_capabilities_are_asked_for_again_after_signing_in() -> None:
    script = Script({}, "IMAP4rev1", after=REV1)
    with signed_in(script) as mailbox:
        assert mailbox.can_move
        assert mailbox.can_idle


def test_a_server_that_tells_its_capabilities_only_to_whom_it_knows() -> None:
    script = Script({})

    def refuse_strangers(rest: bytes) -> bytes:
        return script._usual(rest) if script.inside else b"{tag} BAD log in first\r\n"

    script.answers["CAPABILITY"] = refuse_strangers
    with signed_in(script) as mailbox:
        assert mailbox.can_move


def test_login_disabled_with_plain_goes_by_authenticate() -> None:
    script = Script({}, f"{REV1} LOGINDISABLED AUTH=PLAIN")
    with signed_in(script):
        assert script.heard("AUTHENTICATE PLAIN")
        assert not script.heard("LOGIN")


def test_login_disabled_without_anything_else_says_so() -> None:
    with pytest.raises(errors.LoginDisabled), signed_in(Script({}, f"{REV1} LOGINDISABLED")):
        pass


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (b"NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", "login-refused"),
        (b"NO [AUTHENTICATIONFAILED] temporary password has expired", "login-refused"),
        (b"NO LOGIN failed.", "login-refused"),
        (b"NO [UNAVAILABLE] directory is down", "busy"),
        (b"NO [LIMIT] too many", "busy"),
        (b"NO [ALERT] Too many simultaneous connections. (Failure)", "busy"),
        (b"NO Server Unavailable. 15", "busy"),
        (b"BAD User is authenticated but not connected.", "busy"),
        (b"NO [INUSE] Mailbox locked", "busy"),
    ],
)
def test_not_every_refusal_is_about_the_password(refusal: bytes, code: str) -> None:
    with pytest.raises(errors.ServerError) as caught, signed_in(Script({"LOGIN": b"{tag} " + refusal + b"\r\n"})):
        pass
    assert caught.value.code == code


def test_throttling_by_hanging_up_is_no_error_of_ours() -> None:
    script = Script({"SELECT": b"* BYE Server Unavailable. 15\r\n"})
    with pytest.raises(errors.ServerBusy, match="15"), signed_in(script) as mailbox:
        mailbox.select("INBOX")


def test_exchange_that_has_lost_the_mailbox_behind_a_session_is_busy() -> None:
    script = Script({"SELECT": b"{tag} BAD User is authenticated but not connected.\r\n"})
    with pytest.raises(errors.ServerBusy), signed_in(script) as mailbox:
        mailbox.select("INBOX")


@pytest.mark.parametrize(
    ("offered", "mechanism", "answer"),
    [
        ("AUTH=XOAUTH2", "XOAUTH2", b""),
        ("AUTH=OAUTHBEARER AUTH=XOAUTH2", "OAUTHBEARER", b"\x01"),
    ],
)
def test_a_refused_token_is_answered_as_the_mechanism_wants(offered: str, mechanism: str, answer: bytes) -> None:
    said: list[bytes] = []

    def talk(file: BinaryIO) -> None:
        file.write(b"* OK here\r\n")
        while line := file.readline():
            tag, _, rest = line.rstrip().partition(b" ")
            if rest.startswith(b"CAPABILITY"):
                file.write(b"* CAPABILITY IMAP4rev1 " + offered.encode() + b"\r\n" + tag + b" OK\r\n")
            elif rest.startswith(b"AUTHENTICATE"):
                said.append(rest)
                file.write(b"+ \r\n")
                said.append(base64.b64decode(file.readline()))
                file.write(b"+ " + base64.b64encode(b'{"status":"400","schemes":"Bearer"}') + b"\r\n")
                said.append(base64.b64decode(file.readline()))
                file.write(tag + b" NO [AUTHENTICATIONFAILED] Invalid credentials\r\n")

    with scripted(talk) as server, pytest.raises(errors.TokenRefused) as refused:
        connect(ImapServer(HOST, server.port, "none", "bob@acme.cz", "", token="the-token"), timeouts=QUICK)
    assert said[0] == f"AUTHENTICATE {mechanism}".encode()
    assert b"auth=Bearer the-token\x01" in said[1]
    assert said[2] == answer
    assert "400" in refused.value.detail
    assert "the-token" not in str(refused.value)


def test_what_a_bearer_says_is_that_of_the_rfc() -> None:
    script = Script({}, f"{REV1} AUTH=OAUTHBEARER")
    with signed_in(script, token="vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==") as mailbox:
        assert mailbox.can_move
    port = re.search(rb"port=(\d+)", base64.b64decode(script.said[script.said.index(b"AUTHENTICATE OAUTHBEARER") + 1]))
    assert port
    assert base64.b64decode(script.said[script.said.index(b"AUTHENTICATE OAUTHBEARER") + 1]) == (
        b"n,a=bob,\x01host=127.0.0.1\x01port="
        + port[1]
        + b"\x01auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01"
    )


def test_a_server_without_tokens_is_told_none() -> None:
    script = Script({}, f"{REV1} AUTH=PLAIN")
    with pytest.raises(errors.LoginDisabled), signed_in(script, token="the-token"):
        pass
    assert b"the-token" not in b"".join(script.said)


# --- encryption


def test_what_came_before_the_handshake_is_forgotten(tmp_path: Path) -> None:
    """CVE-2011-0411 and its kin: somebody in between adds answers in clear, which are read after the handshake."""
    authority = OwnAuthority()
    context = serving(authority.for_server(), tmp_path)
    server, listening = _plain_then_tls(context, b"* CAPABILITY IMAP4rev1 X-EVIL\r\n")
    mailbox = open_session(
        ImapServer("localhost", listening, "starttls", "bob", "x", authorities=authority.pem), timeouts=QUICK
    )
    assert "X-EVIL" not in mailbox.capabilities
    mailbox.close()
    server.join(10)


def _plain_then_tls(context: ssl.SSLContext, injected: bytes) -> tuple[threading.Thread, int]:
    import socket

    listener = socket.create_server((HOST, 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(10)
            connection.sendall(b"* OK here\r\n")
            while True:
                line = connection.recv(1000)
                tag, _, rest = line.rstrip().partition(b" ")
                if rest.startswith(b"STARTTLS"):
                    connection.sendall(tag + b" OK begin\r\n" + injected)
                    break
                connection.sendall(b"* CAPABILITY IMAP4rev1 STARTTLS\r\n" + tag + b" OK\r\n")
            try:
                with context.wrap_socket(connection, server_side=True) as encrypted:
                    while line := encrypted.recv(1000):
                        tag = line.split(b" ")[0]
                        encrypted.sendall(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + tag + b" OK\r\n")
            except OSError:
                pass
        listener.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread, int(listener.getsockname()[1])


def test_a_greeting_that_says_we_are_in_already_does_not_get_around_starttls() -> None:
    def talk(file: BinaryIO) -> None:
        file.write(b"* PREAUTH welcome\r\n")
        while line := file.readline():
            tag = line.split(b" ")[0]
            file.write(b"* CAPABILITY IMAP4rev1 STARTTLS\r\n" + tag + b" OK\r\n")

    with scripted(talk) as server, pytest.raises(errors.StarttlsMissing):
        connect(ImapServer(HOST, server.port, "starttls", "bob", "x"), timeouts=QUICK)


# --- folders


def test_names_with_quotes_backslashes_and_literals() -> None:
    script = Script(
        {
            "LIST": b'* LIST (\\HasNoChildren) "/" "with \\"quotes\\" and \\\\ more"\r\n'
            b'* LIST (\\HasNoChildren) "/" {9}\r\nliteral!!\r\n'
            b'* LIST () "/" 2026\r\n'
            b"* LIST (\\Noselect) NIL INBOX\r\n"
            b"{tag} OK done\r\n"
        }
    )
    with signed_in(script) as mailbox:
        names = {folder.name: folder for folder in mailbox.list_folders()}
        assert set(names) == {'with "quotes" and \\ more', "literal!!", "2026", "INBOX"}
        assert names["INBOX"].delimiter == ""
        mailbox.select('with "quotes" and \\ more')
        assert script.heard("SELECT") == [b'SELECT "with \\"quotes\\" and \\\\ more"']


@pytest.mark.parametrize(
    ("delimiter", "name", "label"), [(b"/", "A/B.c", "B.c"), (b".", "A/B.c", "c"), (None, "A/B.c", "A/B.c")]
)
def test_separators_are_what_the_server_says(delimiter: bytes | None, name: str, label: str) -> None:
    assert read_list([((), delimiter, name.encode())])[0].label == label


def test_modified_utf7_both_ways() -> None:
    script = Script({"LIST": b'* LIST () "/" "Odeslan&AOE- po&AWE-ta"\r\n{tag} OK done\r\n'})
    with signed_in(script) as mailbox:
        [folder] = mailbox.list_folders()
        assert (folder.name, folder.special) == ("Odeslaná pošta", "sent")
        mailbox.select(folder.name)
        mailbox.move([4], folder.name)
        assert script.heard("SELECT") == [b'SELECT "Odeslan&AOE- po&AWE-ta"']
        assert script.heard("UID MOVE") == [b'UID MOVE 4 "Odeslan&AOE- po&AWE-ta"']


UTF8 = {
    "ENABLE": b"* ENABLED UTF8=ACCEPT\r\n{tag} OK done\r\n",
    "LIST": '* LIST () "/" "Odeslaná & pošta"\r\n{tag} OK done\r\n'.encode(),
}


@pytest.mark.parametrize("capability", ["UTF8=ACCEPT", "UTF8=ONLY"])
def test_with_utf8_accept_names_are_utf8(capability: str) -> None:
    script = Script(UTF8, f"{REV1} ENABLE {capability}")
    with signed_in(script) as mailbox:
        assert mailbox.utf8
        assert [folder.name for folder in mailbox.list_folders()] == ["Odeslaná & pošta"]
        mailbox.select("Odeslaná & pošta")
        assert script.heard("SELECT") == ['SELECT "Odeslaná & pošta"'.encode()]
        with pytest.raises(errors.ProtocolBroken):
            mailbox.select("a\r\nb DELETE INBOX")
    assert not script.heard("b DELETE")


def test_a_server_that_offers_utf8_and_refuses_it_is_spoken_to_as_ever() -> None:
    script = Script({**UTF8, "ENABLE": b"{tag} NO not today\r\n"}, f"{REV1} ENABLE UTF8=ACCEPT")
    with signed_in(script) as mailbox:
        assert not mailbox.utf8
        mailbox.select("Pošta")
        assert script.heard("SELECT") == [b'SELECT "Po&AWE-ta"']


def test_utf8_headers_are_announced_when_they_are_put_into_a_folder() -> None:
    script = Script(UTF8, f"{REV1} ENABLE UTF8=ACCEPT")
    raw = "Subject: příliš\r\n\r\nx\r\n".encode()
    with signed_in(script) as mailbox:
        mailbox.append("Sent", raw)
        mailbox.append("Sent", b"Subject: x\r\n\r\n" + "příliš\r\n".encode())
    assert script.heard("APPEND")[0] == b'APPEND "Sent" (\\Seen) UTF8 (~{%d}\r\n%s)' % (len(raw), raw)
    assert b"UTF8" not in script.heard("APPEND")[1]


@pytest.mark.parametrize(
    "name", ["Sent Items", "INBOX.Sent", "[Gmail]/Sent Mail", "Gesendet", "sent", "Wysłane", "Отправленные"]
)
def test_sent_is_guessed_where_special_use_does_not_tell(name: str) -> None:
    from podatelna.protocols.folders import encode

    separator = b"." if name.startswith("INBOX.") else b"/"
    assert read_list([((), separator, encode(name))])[0].special == "sent"


@pytest.mark.parametrize("name", ["Projects/2019/Sent", "Sentinel", "Unsent", "Koš na prádlo"])
def test_what_only_looks_like_it_is_not_guessed(name: str) -> None:
    from podatelna.protocols.folders import encode

    assert read_list([((), b"/", encode(name))])[0].special == ""


def test_seznams_short_names_without_special_use() -> None:
    rows = [((), b"/", name) for name in (b"INBOX", b"archive", b"drafts", b"sent", b"spam", b"trash")]
    assert {row.name: row.special for row in read_list(rows)} == {
        "INBOX": "", "archive": "", "drafts": "drafts", "sent": "sent", "spam": "junk", "trash": "trash",
    }  # fmt: skip


def test_gmails_own_folders_are_known_by_their_flags() -> None:
    script = Script(
        {
            "LIST": b'* LIST (\\HasNoChildren) "/" "INBOX"\r\n'
            b'* LIST (\\HasChildren \\Noselect) "/" "[Gmail]"\r\n'
            b'* LIST (\\All \\HasNoChildren) "/" "[Gmail]/V&AWE-echny zpr&AOE-vy"\r\n'
            b'* LIST (\\HasNoChildren \\Trash) "/" "[Gmail]/Ko&AWE-"\r\n'
            b'* LIST (\\Flagged \\HasNoChildren) "/" "[Gmail]/S hv&ARs-zdi&AQ0-kou"\r\n'
            b"{tag} OK Success\r\n"
        }
    )
    with signed_in(script) as mailbox:
        found = {folder.name: folder for folder in mailbox.list_folders()}
    assert found["[Gmail]/Všechny zprávy"].special == "all"
    assert found["[Gmail]/Koš"].special == "trash"
    assert not found["[Gmail]"].selectable


# --- messages


def test_unsolicited_answers_stand_anywhere() -> None:
    script = Script(
        {
            "UID SEARCH": b"* 4 EXISTS\r\n* SEARCH 5 6\r\n* 2 FETCH (FLAGS (\\Seen))\r\n"
            b"* SEARCH 9 (MODSEQ 12)\r\n{tag} OK done\r\n",
            "UID FETCH": b"* 7 EXISTS\r\n* 1 FETCH (FLAGS () UID 5)\r\n* OK [ALERT] quota\r\n"
            b'* 1 FETCH (UID 5 RFC822.SIZE 3 INTERNALDATE "04-May-2026 10:00:00 +0200" BODY[] {3}\r\nabc)\r\n'
            b"* 3 EXPUNGE\r\n{tag} OK done\r\n",
        }
    )
    with signed_in(script) as mailbox:
        mailbox.select("INBOX")
        assert mailbox.uids(3) == [5, 6, 9]
        assert {uid: message.raw for uid, message in mailbox.fetch([5]).items()} == {5: b"abc"}


REFUSED = b"{tag} BAD Command Argument Error. 11\r\n"


def test_searches_that_are_refused_are_done_by_fetch() -> None:
    script = Script(
        {
            "UID SEARCH": REFUSED,
            "FETCH 1:*": b"* 1 FETCH (UID 4)\r\n* 2 FETCH (UID 6)\r\n* 3 FETCH (UID 9)\r\n{tag} OK done\r\n",
            "UID FETCH 4,9 (UID)": b"* 1 FETCH (UID 4)\r\n{tag} OK done\r\n",
            "UID FETCH 1:* (UID)": b"* 1 FETCH (UID 4)\r\n* 2 FETCH (UID 6)\r\n{tag} OK done\r\n",
            "UID FETCH 4,6 (UID RFC822.SIZE)": b"* 1 FETCH (UID 4 RFC822.SIZE 10)\r\n"
            b"* 2 FETCH (UID 6 RFC822.SIZE 20)\r\n{tag} OK done\r\n",
        }
    )
    with signed_in(script) as mailbox:
        mailbox.select("INBOX")
        assert mailbox.uids(3) == [4, 6, 9]
        assert mailbox.present([4, 9]) == {4}
        assert mailbox.with_size(20) == [6]


def test_a_message_id_that_a_server_cannot_search_for_is_looked_for_in_the_newest() -> None:
    header = b"Message-ID: <a@acme.cz>\r\n\r\n"
    script = Script(
        {
            "UID SEARCH": REFUSED,
            "UID FETCH 1:* (UID)": b"* 1 FETCH (UID 4)\r\n{tag} OK done\r\n",
            "UID FETCH 4": lambda rest: (
                b"* 1 FETCH (UID 4 " + rest.split(b"(UID ")[1].replace(b".PEEK", b"")[:-1]
                + b" {%d}\r\n%s)\r\n{tag} OK done\r\n" % (len(header), header)
            ),
        }
    )  # fmt: skip
    with signed_in(script) as mailbox:
        mailbox.select("INBOX")
        assert mailbox.with_message_id("a@acme.cz") == [4]
        assert mailbox.with_message_id("b@acme.cz") == []


@pytest.mark.parametrize(
    ("offered", "size", "at_once"),
    [
        ("LITERAL+", 100, True),
        ("LITERAL-", 100, True),
        ("LITERAL-", 5000, False),
        ("LITERAL+", 5000, False),
        ("", 100, False),
    ],
)
def test_short_literals_do_not_wait_where_the_server_allows_it(offered: str, size: int, at_once: bool) -> None:
    script = Script({}, f"{REV1} {offered}")
    raw = (b"Subject: x\r\n\r\n" + b"y" * size)[:size]
    with signed_in(script) as mailbox:
        mailbox.append("Sent", raw)
    [said] = script.heard("APPEND")
    assert (b"{%d+}\r\n" % size in said) == at_once
    assert said.endswith(raw)


def test_what_is_put_into_a_folder_keeps_every_byte() -> None:
    script = Script({}, f"{REV1} LITERAL+")
    raw = b"Subject: x\r\n\r\nbare\nline\rends\0\xff\r\n"
    with signed_in(script) as mailbox:
        mailbox.append("Sent", raw)
    assert script.heard("APPEND")[0].endswith(raw)


def test_a_refusal_before_the_upload_costs_no_upload() -> None:
    def talk(file: BinaryIO) -> None:
        file.write(b"* OK here\r\n")
        while line := file.readline():
            tag, _, rest = line.rstrip().partition(b" ")
            if rest.startswith(b"CAPABILITY"):
                file.write(b"* CAPABILITY IMAP4rev1 LITERAL+\r\n")
            word = b"NO [OVERQUOTA] full" if rest.startswith(b"APPEND") else b"OK"
            file.write(tag + b" " + word + b"\r\n")

    with scripted(talk) as server:
        mailbox = connect(ImapServer(HOST, server.port, "none", "bob", "x"), timeouts=QUICK)
        with pytest.raises(errors.ServerSaidNo, match="OVERQUOTA"):
            mailbox.append("Sent", b"y" * 10_000)
        mailbox.select  # the session goes on
        assert mailbox.list_folders() == []
        mailbox.close()


def test_idle_that_is_offered_and_refused_is_an_answer() -> None:
    wake = Wake()
    with signed_in(Script({"IDLE": b"{tag} NO not here\r\n"})) as mailbox:
        mailbox.select("INBOX")
        with pytest.raises(errors.ServerSaidNo):
            mailbox.idle(5, wake)
        assert mailbox.select("INBOX").exists == 3
    wake.close()


@pytest.mark.parametrize("word", [b"NO [SERVERBUG] not that one", b"BAD what"])
def test_what_was_asked_for_ahead_and_is_refused_is_refused_where_it_is_wanted(word: bytes) -> None:
    script = Script({"UID FETCH 4 ": b"{tag} " + word + b"\r\n"})
    with signed_in(script) as mailbox:
        mailbox.select("INBOX")
        mailbox.ask([4])
        assert mailbox.flags([5]) == {}
        with pytest.raises(errors.ServerSaidNo):
            mailbox.fetch([4])
        assert mailbox.fetch([5]) == {}


def test_a_connection_that_breaks_over_what_was_asked_for_ahead_is_lost() -> None:
    def gone(rest: bytes) -> bytes:
        return b"* 1 FETCH (UID 4 BODY[] {1000}\r\nSubject"

    script = Script({"UID FETCH 4 ": gone, "UID MOVE": b""})
    with signed_in(script) as mailbox:
        mailbox.select("INBOX")
        mailbox.ask([4])
        with pytest.raises(errors.ServerError):
            mailbox.move([3], "Done")
