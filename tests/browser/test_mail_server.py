"""A company without a mail server gets one: made in the browser, served by Debian's Postfix, Dovecot and Rspamd."""

from __future__ import annotations

import imaplib
import os
import re
import shutil
import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from pathlib import Path

import dkim
import pytest
from playwright.sync_api import expect

from tests.mailserver.servers import MailServer
from tests.servers import until as until_then

from .chromium import OpenBrowser, Visitor
from .houses import running_installation
from .test_first_run import ENGLISH, becomes_the_first_administrator

# Rspamd's own pattern for "this is spam, but let it through"; a letter with it is no spam anywhere else.
SPAM = "YJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"


@pytest.fixture
def server() -> Iterator[MailServer]:
    """The three programs, with nobody to serve yet."""
    missing = [name for name in ("postfix", "dovecot", "sievec", "rspamd") if not shutil.which(name)]
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"{', '.join(missing)}: not installed, the CI must have it")
    if missing or os.getuid() != 0:
        pytest.skip(f"the mail server needs root and {', '.join(missing) or 'nothing else'}")
    made = MailServer()
    try:
        made.start()
        yield made
    except BaseException:
        print(made.logs())
        raise
    finally:
        made.stop()


@pytest.mark.mailserver
def test_two_people_write_to_each_other_through_a_server_made_in_the_browser(
    server: MailServer, tmp_path: Path, open_browser: OpenBrowser
) -> None:
    settings = {"PODATELNA_MAILSERVER": server.directory, "PODATELNA_MAILSERVER_NAME": "localhost"}
    with running_installation(tmp_path / "data", undo_seconds=1, **settings) as installation:
        dan = open_browser(installation.url, language="en")
        dan.accepted = ["status of 4(10|22)"]
        becomes_the_first_administrator(dan, installation.link, ENGLISH)
        adds_the_domain(dan)
        anna, bara = adds_a_mailbox(dan, "anna"), adds_a_mailbox(dan, "bara")
        adds_an_alias(dan, "office", "anna@firma.test\nbara@firma.test")
        the_server_has_taken_it_over(dan)
        letter = they_write_to_each_other(server, anna, bara)
        it_is_signed_with_the_published_key(dan, letter)
        an_alias_reaches_both(server, anna, bara)
        spam_goes_to_junk(server, bara)
        strangers_are_refused_what_they_may_not(server, anna)
        a_closed_mailbox_takes_nothing(dan, server, bara)


def adds_the_domain(dan: Visitor) -> None:
    dan.go("/administration/mail-server/")
    dan.page.locator("#id_name").fill("Firma.test")
    dan.page.get_by_role("button", name="Add the domain").click()
    expect(dan.page.get_by_role("heading", level=1)).to_have_text("firma.test")
    expect(dan.page.locator("#records")).to_contain_text("podatelna._domainkey.firma.test")


def adds_a_mailbox(dan: Visitor, name: str) -> tuple[str, str]:
    """Its address and the password that was shown."""
    page = dan.page
    page.locator("#mailboxes #id_local_part").fill(name)
    page.get_by_role("button", name="Make the mailbox").click()
    shown = page.get_by_role("status").filter(has_text=f"{name}@firma.test")
    return f"{name}@firma.test", shown.locator("input").input_value()


def adds_an_alias(dan: Visitor, name: str, targets: str) -> None:
    page = dan.page
    page.locator("#aliases #id_local_part").fill(name)
    page.locator("#id_targets").fill(targets)
    page.get_by_role("button", name="Make the alias").click()
    expect(page.locator("#aliases .rows")).to_contain_text(f"{name}@firma.test")


def the_server_has_taken_it_over(dan: Visitor) -> None:
    # The page says so by itself when the worker has handed it over.
    expect(dan.page.locator("#mail-server-state")).to_contain_text("last change taken over")


def they_write_to_each_other(server: MailServer, anna: tuple[str, str], bara: tuple[str, str]) -> bytes:
    """What Bára got of Anna's letter; the answer comes back too."""
    send(server, anna, written(anna[0], bara[0], "Dobrý den"))
    letter = got(server, bara, "INBOX")[0]
    assert b"Received: from [" not in letter  # where Anna sits is nobody's business
    send(server, bara, written(bara[0], anna[0], "Re: Dobrý den"))
    assert len(got(server, anna, "INBOX")) == 1
    return letter


def it_is_signed_with_the_published_key(dan: Visitor, letter: bytes) -> None:
    value = dan.page.get_by_label("Value of podatelna._domainkey.firma.test").input_value()
    asked = []

    def answer(name: bytes, timeout: float = 5) -> bytes:
        asked.append(name)
        return value.encode("ascii")

    assert dkim.verify(letter, dnsfunc=answer)
    assert asked == [b"podatelna._domainkey.firma.test."]


def an_alias_reaches_both(server: MailServer, anna: tuple[str, str], bara: tuple[str, str]) -> None:
    comes_from_outside(server, "office@firma.test", "Pro všechny", "Text.")
    assert len(got(server, anna, "INBOX", 2)) == len(got(server, bara, "INBOX", 2)) == 2


def spam_goes_to_junk(server: MailServer, bara: tuple[str, str]) -> None:
    comes_from_outside(server, "bara+detail@firma.test", "Levně", SPAM)
    assert SPAM.encode() in got(server, bara, "Junk")[0]


def strangers_are_refused_what_they_may_not(server: MailServer, anna: tuple[str, str]) -> None:
    with smtplib.SMTP("127.0.0.1", server.smtp, timeout=30) as stranger:
        stranger.ehlo("stranger.example")
        assert not stranger.has_extn("auth")
        stranger.mail("x@stranger.example")
        assert stranger.rcpt("nobody@firma.test")[0] == 550
        assert stranger.rcpt("somebody@elsewhere.example")[0] in {450, 550, 554}
    with pytest.raises(smtplib.SMTPAuthenticationError):
        send(server, (anna[0], "a password of nobody"), written(anna[0], anna[0], "x"))
    with pytest.raises(smtplib.SMTPRecipientsRefused):  # in another's name
        send(server, anna, written("bara@firma.test", anna[0], "x"), mail_from="bara@firma.test")
    with smtplib.SMTP("127.0.0.1", server.submission, timeout=30) as plain:
        plain.ehlo()
        assert not plain.has_extn("auth")  # not before STARTTLS


def a_closed_mailbox_takes_nothing(dan: Visitor, server: MailServer, bara: tuple[str, str]) -> None:
    page = dan.page
    page.get_by_role("link", name="bara@firma.test").click()
    page.get_by_role("button", name="Close the mailbox").click()
    expect(page.locator("#mailboxes")).to_contain_text("closed")
    the_server_has_taken_it_over(dan)
    with smtplib.SMTP("127.0.0.1", server.smtp, timeout=30) as stranger:
        stranger.ehlo("stranger.example")
        stranger.mail("x@stranger.example")
        assert stranger.rcpt("bara@firma.test")[0] == 550
    with pytest.raises(imaplib.IMAP4.error, match=re.compile("auth", re.IGNORECASE)):
        signed_in(server, bara)


# --- a plain program for mail ------------------------------------------------------------------------------


def written(sender: str, recipient: str, subject: str, text: str = "Zdraví vás druhá strana.") -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, recipient, subject
    message["Date"], message["Message-ID"] = formatdate(localtime=True), make_msgid(domain="firma.test")
    message.set_content(text)
    return message


def send(server: MailServer, who: tuple[str, str], message: EmailMessage, mail_from: str = "") -> None:
    context = server.certificate.trusting()
    with smtplib.SMTP_SSL("localhost", server.submissions, context=context, timeout=60) as connection:
        connection.login(*who)
        connection.sendmail(mail_from or who[0], [str(message["To"])], message.as_bytes())


def comes_from_outside(server: MailServer, recipient: str, subject: str, text: str) -> None:
    message = written("karel@posta.example", recipient, subject, text)
    with smtplib.SMTP("127.0.0.1", server.smtp, timeout=60) as connection:
        connection.sendmail("karel@posta.example", [recipient], message.as_bytes())


def signed_in(server: MailServer, who: tuple[str, str]) -> imaplib.IMAP4_SSL:
    session = imaplib.IMAP4_SSL("localhost", server.imaps, ssl_context=server.certificate.trusting(), timeout=60)
    session.login(*who)
    return session


def got(server: MailServer, who: tuple[str, str], folder: str, least: int = 1) -> list[bytes]:
    """The messages in the folder, when there are at least so many."""
    found: list[bytes] = []

    def enough() -> bool:
        session = signed_in(server, who)
        try:
            exists = session.select(folder, readonly=True)[1] != [b"0"]
            answer = session.fetch("1:*", "(BODY.PEEK[])")[1] if exists else []
            found[:] = [part[1] for part in answer if isinstance(part, tuple)]
        finally:
            session.logout()
        return len(found) >= least

    until_then(enough, f"nothing in {folder} of {who[0]}", seconds=60)
    return found
