"""Domains, mailboxes and aliases: what may be typed, what is kept, what is in the log."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from podatelna.accounts.models import AuditEntry
from podatelna.mailserver import domains
from podatelna.mailserver.errors import InUse, Malformed, Taken
from podatelna.mailserver.models import Directory, MailDomain
from tests.cast import Cast

pytestmark = pytest.mark.django_db
SECRET = "a password of some length"


@pytest.fixture
def domain(cast: Cast) -> MailDomain:
    """company.example, made by Dan."""
    return domains.add_domain("Company.Example.", cast.dan)


def test_a_domain_is_kept_in_the_form_that_dns_has(cast: Cast) -> None:
    assert domains.add_domain("Žluťásek.CZ.", cast.dan).name == "xn--lusek-yqa73gwf.cz"


@pytest.mark.parametrize("text", ["", "company", "a b.cz", "http://company.cz", "company..cz", "10.0.0.1", "-a.cz"])
def test_what_is_no_domain_is_refused(cast: Cast, text: str) -> None:
    with pytest.raises(Malformed):
        domains.add_domain(text, cast.dan)
    assert not MailDomain.objects.exists()


def test_a_domain_is_there_once(cast: Cast, domain: MailDomain) -> None:
    with pytest.raises(Taken):
        domains.add_domain("COMPANY.example", cast.dan)


def test_its_key_is_sealed_and_opens_to_the_one_that_is_published(domain: MailDomain) -> None:
    assert b"PRIVATE" not in bytes(domain.sealed_key)
    assert domain.private_key().startswith("-----BEGIN PRIVATE KEY-----")
    assert len(domain.public_key) > 300


def test_a_password_is_kept_as_a_hash_only(cast: Cast, domain: MailDomain) -> None:
    mailbox = domains.add_mailbox(domain, "Helpdesk", SECRET, cast.dan)
    assert mailbox.address == "helpdesk@company.example"
    assert PasswordHasher().verify(mailbox.password_hash, SECRET)
    assert SECRET not in str(list(AuditEntry.objects.values_list("details", flat=True)))


@pytest.mark.parametrize("local", ["", "a b", "a+b", ".a", "a.", "a..b", "ž", "a@b", "a" * 65, 'a"b', "a'b", "a\0b"])
def test_what_cannot_stand_before_the_at_sign_is_refused(cast: Cast, domain: MailDomain, local: str) -> None:
    with pytest.raises(Malformed):
        domains.add_mailbox(domain, local, SECRET, cast.dan)
    with pytest.raises(Malformed):
        domains.add_alias(domain, local, "a@b.cz", cast.dan)


def test_an_address_is_a_mailbox_or_an_alias_and_once(cast: Cast, domain: MailDomain) -> None:
    domains.add_mailbox(domain, "sales", SECRET, cast.dan)
    with pytest.raises(Taken):
        domains.add_alias(domain, "Sales", "a@b.cz", cast.dan)
    with pytest.raises(Taken):
        domains.add_mailbox(domain, "sales", SECRET, cast.dan)


def test_a_short_password_is_refused(cast: Cast, domain: MailDomain) -> None:
    with pytest.raises(Malformed):
        domains.add_mailbox(domain, "sales", "short", cast.dan)


def test_targets_may_stand_as_people_type_them(cast: Cast, domain: MailDomain) -> None:
    alias = domains.add_alias(domain, "all", "A@B.cz, c@d.cz;\n e@f.cz c@d.cz", cast.dan)
    assert alias.targets == ["A@b.cz", "c@d.cz", "e@f.cz"]


@pytest.mark.parametrize(
    "text", ["", "nobody", "a@b", "a@b.cz <c@d.cz>", "|/bin/sh", "/dev/null", ":include:/etc/passwd"]
)
def test_a_target_is_an_address_and_nothing_that_postfix_runs(cast: Cast, domain: MailDomain, text: str) -> None:
    with pytest.raises(Malformed):
        domains.add_alias(domain, "all", text, cast.dan)


def test_a_domain_with_mailboxes_stays(cast: Cast, domain: MailDomain) -> None:
    domains.add_mailbox(domain, "sales", SECRET, cast.dan)
    with pytest.raises(InUse):
        domains.remove_domain(domain, cast.dan)


def test_each_act_is_in_the_log_and_counts_for_the_mail_server(cast: Cast, domain: MailDomain) -> None:
    mailbox = domains.add_mailbox(domain, "sales", SECRET, cast.dan)
    domains.set_password(mailbox, SECRET + "!", cast.dan)
    domains.change_mailbox(mailbox, cast.dan, name="Sales", quota_megabytes=100)
    domains.close_mailbox(mailbox, cast.dan)
    domains.close_mailbox(mailbox, cast.dan)
    domains.open_mailbox(mailbox, cast.dan)
    alias = domains.add_alias(domain, "all", "a@b.cz", cast.dan)
    domains.remove_alias(alias, cast.dan)
    domains.renew_key(domain, cast.dan)
    acts = AuditEntry.objects.filter(subject="mail domain company.example").order_by("pk").values_list("act", flat=True)
    assert list(acts) == [
        "add-mail-domain", "add-mailbox", "set-mailbox-password", "change-mailbox", "close-mailbox", "open-mailbox",
        "add-mail-alias", "remove-mail-alias", "renew-mail-key",
    ]  # fmt: skip
    assert Directory.objects.get().revision == 9
    assert domain.selector == "podatelna2"
