"""What is told of each command sent to an IMAP server: all of it but secrets and the content of messages."""

from __future__ import annotations

import re

import pytest

from podatelna.protocols.imap import ImapServer, connect
from podatelna.protocols.imap_client import told
from tests.servers import HOST, SECRET, Dovecot


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b'ABCD1 SELECT "P&AVk-edat"\r\n', 'SELECT "P&AVk-edat"'),
        (b"ABCD12 UID FETCH 1:3 (UID RFC822.SIZE)\r\n", "UID FETCH 1:3 (UID RFC822.SIZE)"),
        (b'ABCD3 LOGIN "alice@acme.cz" "pass \\"word"\r\n', 'LOGIN "alice@acme.cz" (secret)'),
        (b'ABCD3 LOGIN "al\\"ice" "x"\r\n', 'LOGIN "al\\"ice" (secret)'),
        (b"ABCD3 login {5}\r\n", "login {5}"),
        (b"ABCD4 AUTHENTICATE PLAIN\r\n", "AUTHENTICATE PLAIN"),
        (b"ABCD4 AUTHENTICATE XOAUTH2 dXNlcj1hbGljZQ==\r\n", "AUTHENTICATE XOAUTH2 (secret)"),
        (b"dXNlcj1hbGljZQ==", "(16 bytes)"),
        (b"From: somebody\r\n\r\nsecret text", "(29 bytes)"),
        (b"\r\n", ""),
        (b"DONE\r\n", "DONE"),
    ],
)
def test_a_line_is_told_without_tag_secret_or_content(data: bytes, line: str) -> None:
    assert told(data, b"ABCD") == line


@pytest.mark.dovecot
def test_everything_said_to_a_server_is_told_and_no_secret(dovecot: Dovecot) -> None:
    dovecot.listen_to("told")
    said: list[str] = []
    mailbox = connect(ImapServer(HOST, dovecot.imap_port, "none", "told", SECRET), said=said.append)
    mailbox.select("INBOX")
    mailbox.append("INBOX", b"Subject: x\r\n\r\nhello\r\n")
    mailbox.close()
    assert SECRET not in "".join(said)
    heard = re.findall(r"^[\d.]+ [A-Z]+\d+ (.*)$", dovecot.spoken("told"), re.MULTILINE)
    assert heard[-3:] == [line.strip() for line in said if not line.startswith("(")][-3:]
    assert heard[-1] == "LOGOUT"
    assert "(21 bytes)" in said


@pytest.mark.dovecot
def test_what_the_listener_refuses_is_not_sent(dovecot: Dovecot) -> None:
    dovecot.listen_to("refused")

    def refuse(line: str) -> None:
        if line.startswith(("SELECT", "EXAMINE")):
            raise RuntimeError(line)

    mailbox = connect(ImapServer(HOST, dovecot.imap_port, "none", "refused", SECRET), said=refuse)
    with pytest.raises(RuntimeError):
        mailbox.select("INBOX")
    mailbox.close()
    assert "INBOX" not in dovecot.spoken("refused")
