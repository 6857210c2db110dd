"""Where a mailbox is, asked of its own domain: what is believed, and what is not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import idna
import pytest

from podatelna.gateways.discovery import Get, discover, read_autoconfig
from podatelna.gateways.guess import Guess, guess
from podatelna.mail.resolver import Resolver, Unanswered
from podatelna.protocols.errors import NameNotFound, ServerError, Unreachable
from podatelna.protocols.https import Answer, get_public

AUTOCONFIG = b"""<?xml version="1.0"?><!-- by hand -->
<clientConfig version="1.1"><emailProvider id="acme.cz">
<incomingServer type="pop3">
<hostname>pop.acme.cz</hostname><port>995</port><socketType>SSL</socketType></incomingServer>
<incomingServer type="imap">
<hostname>old.acme.cz</hostname><port>143</port><socketType>plain</socketType></incomingServer>
<incomingServer type="imap">
<hostname>IMAP.acme.cz.</hostname><port>993</port><socketType>SSL</socketType></incomingServer>
<outgoingServer type="smtp">
<hostname>smtp.acme.cz</hostname><port>587</port><socketType>STARTTLS</socketType></outgoingServer>
</emailProvider></clientConfig>"""


def dns(records: dict[tuple[str, str], Sequence[str]]) -> Callable[[], Resolver]:
    return lambda: lambda name, kind, /: records.get((name, kind), [])


def web(pages: dict[str, bytes]) -> Get:
    def get(url: str) -> Answer:
        for beginning, body in pages.items():
            if url.startswith(beginning):
                return Answer(200, body)
        raise NameNotFound(url)

    return get


NO_DNS, NO_WEB = dns({}), web({})


def settings_of(found: Guess) -> tuple[str, int, str, str, int, str]:
    return (
        found.imap_host, found.imap_port, found.imap_security, found.smtp_host, found.smtp_port, found.smtp_security,
    )  # fmt: skip


def test_known_providers_are_not_asked_about() -> None:
    def asked(*_: object) -> Answer:
        raise AssertionError

    for address in ("a@seznam.cz", "a@gmail.com", "a@centrum.cz", "a@volny.cz", "a@icloud.com", "a@localhost", "a", ""):
        assert discover(address, ask=lambda: asked, get=asked) == guess(address)


@pytest.mark.parametrize(
    ("mx", "imap"),
    [
        ("1 aspmx.l.google.com", "imap.gmail.com"),
        ("0 acme-cz.mail.protection.outlook.com", "outlook.office365.com"),
        ("10 mx1.active24.com", "imap.active24.com"),
        ("10 mx.forpsi.com", "imap.forpsi.com"),
        ("1 wes1-mx1.wedos.net", "wes1-imap1.wedos.net"),
        ("10 in1-smtp.messagingengine.com", "imap.fastmail.com"),
    ],
)
def test_a_companys_own_domain_at_a_known_hoster(mx: str, imap: str) -> None:
    found = discover("x@acme.cz", ask=dns({("acme.cz", "MX"): ["50 backup.elsewhere.cz", mx]}), get=NO_WEB)
    assert found.imap_host == imap


def test_what_the_domain_publishes_for_mail_programs() -> None:
    for url in ("https://autoconfig.acme.cz/mail/", "https://acme.cz/.well-known/autoconfig/mail/"):
        found = discover("x@acme.cz", ask=NO_DNS, get=web({url: AUTOCONFIG}))
        assert settings_of(found) == ("imap.acme.cz", 993, "tls", "smtp.acme.cz", 587, "starttls")
        assert (found.hint, found.known) == ("published", False)


def test_services_in_dns() -> None:
    records = {
        ("_imaps._tcp.acme.cz", "SRV"): ["20 1 993 second.acme.cz", "10 1 993 first.acme.cz"],
        ("_submission._tcp.acme.cz", "SRV"): ["0 1 587 out.acme.cz"],
    }
    found = discover("x@acme.cz", ask=dns(records), get=NO_WEB)
    assert settings_of(found) == ("first.acme.cz", 993, "tls", "out.acme.cz", 587, "starttls")


def test_a_domain_with_letters_beyond_ascii_is_asked_by_its_name_in_dns() -> None:
    name = idna.encode("pošta.cz").decode("ascii")
    records = {(f"_imaps._tcp.{name}", "SRV"): ["0 1 993 imap.acme.cz"]}
    assert discover("x@pošta.cz", ask=dns(records), get=NO_WEB).imap_host == "imap.acme.cz"


@pytest.mark.parametrize(
    "records",
    [
        ["0 0 0 ."],
        ["0 1 993 localhost"],
        ["0 1 993 127.0.0.1"],
        ["0 1 99999 imap.acme.cz"],
        ["0 1 993 imap.acme.cz/evil"],
        ["rubbish"],
        [],
    ],
)
def test_a_service_that_is_none_is_guessed_instead(records: list[str]) -> None:
    found = discover("x@acme.cz", ask=dns({("_imaps._tcp.acme.cz", "SRV"): records}), get=NO_WEB)
    assert found == guess("x@acme.cz")


def test_without_dns_and_web_it_is_guessed() -> None:
    def unanswered(name: str, kind: str, /) -> Sequence[str]:
        raise Unanswered(name)

    assert discover("x@acme.cz", ask=lambda: unanswered, get=NO_WEB) == guess("x@acme.cz")


def test_what_does_not_answer_holds_up_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("podatelna.gateways.discovery._SECONDS", 0.2)
    never = threading.Event()

    def silent(url: str) -> Answer:
        never.wait(20)
        raise NameNotFound(url)

    found = discover("x@acme.cz", ask=dns({("acme.cz", "MX"): ["1 aspmx.l.google.com"]}), get=silent)
    never.set()
    assert found.imap_host == "imap.gmail.com"


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"<clientConfig/>",
        b"<html>not found</html>",
        b"\xff\xfe",
        AUTOCONFIG.replace(b"<!--", b'<!DOCTYPE x [<!ENTITY a "b">]><!--'),
        AUTOCONFIG.replace(b"SSL", b"plain"),
        AUTOCONFIG.replace(b"smtp.acme.cz", b"127.0.0.1"),
        AUTOCONFIG.replace(b"smtp.acme.cz", b"localhost"),
        AUTOCONFIG.replace(b"587", b"x"),
        AUTOCONFIG + b" " * 100_000,
        b"<a>" * 20_000,
    ],
    ids=range(11),
)
def test_a_file_that_cannot_be_used_is_passed_over(xml: bytes) -> None:
    assert read_autoconfig(xml) is None


def test_private_networks_are_not_asked_however_the_name_is_called() -> None:
    asked: list[str] = []

    def get(url: str) -> Answer:
        try:
            return get_public(url.replace("autoconfig.acme.cz", "localhost").replace("//acme.cz", "//127.0.0.1"))
        except ServerError as error:
            asked.append(type(error).__name__)
            raise

    assert discover("x@acme.cz", ask=NO_DNS, get=get) == guess("x@acme.cz")
    assert asked == [Unreachable.__name__] * 2
