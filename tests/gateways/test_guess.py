"""Servers guessed from an address."""

import pytest

from podatelna.gateways.guess import HOSTERS, PROVIDERS, guess


@pytest.mark.parametrize(
    ("address", "imap", "smtp"),
    [
        ("jana@seznam.cz", ("imap.seznam.cz", 993, "tls"), ("smtp.seznam.cz", 465, "tls")),
        ("Jana@GMAIL.com", ("imap.gmail.com", 993, "tls"), ("smtp.gmail.com", 465, "tls")),
        ("x@outlook.com", ("outlook.office365.com", 993, "tls"), ("smtp-mail.outlook.com", 587, "starttls")),
        ("x@acme.cz", ("imap.acme.cz", 993, "tls"), ("smtp.acme.cz", 465, "tls")),
        ("x@localhost", ("localhost", 143, "none"), ("localhost", 25, "none")),
    ],
)
def test_guesses(address: str, imap: tuple[str, int, str], smtp: tuple[str, int, str]) -> None:
    found = guess(address)
    assert (found.imap_host, found.imap_port, found.imap_security) == imap
    assert (found.smtp_host, found.smtp_port, found.smtp_security) == smtp


def test_only_the_table_is_known() -> None:
    assert guess("x@seznam.cz").known
    assert not guess("x@acme.cz").known


def test_the_mx_tells_where_a_company_has_its_mail() -> None:
    assert guess("x@acme.cz", "acme-cz.mail.protection.outlook.com").smtp_host == "smtp.office365.com"
    assert guess("x@acme.cz", "aspmx.l.google.com.").hint == "app-password"
    assert guess("x@acme.cz", "notgoogle.com").imap_host == "imap.acme.cz"


def test_every_entry_is_encrypted_and_has_a_known_hint() -> None:
    for found in [*PROVIDERS.values(), *HOSTERS.values()]:
        assert "none" not in {found.imap_security, found.smtp_security}
        assert (found.smtp_security == "tls") == (found.smtp_port == 465)
        assert found.hint in {"", "app-password", "enable-imap", "oauth", "bridge"}


@pytest.mark.parametrize("address", ["", "@", "x", "x@", "x@ "])
def test_no_address_is_no_error(address: str) -> None:
    assert not guess(address).known
