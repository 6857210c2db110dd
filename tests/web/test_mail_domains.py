"""Pages of the provided mail server, and what mail programs ask for under the names of its domains."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings as configured
from django.test import Client

from podatelna.mailserver import domains
from podatelna.mailserver.models import MailDomain
from tests.cast import Cast

SECRET = "a password of some length"


@pytest.fixture
def domain(cast: Cast) -> MailDomain:
    """A domain of ours."""
    return domains.add_domain("company.example", cast.dan)


@pytest.fixture
def dan(cast: Cast, client: Client) -> Client:
    """The administrator's browser."""
    client.force_login(cast.dan)
    return client


@pytest.fixture(autouse=True)
def mail_host() -> Iterator[None]:
    """A mail server is set up here."""
    before = configured.MAILSERVER_NAME
    configured.MAILSERVER_NAME = "mail.company.example"
    yield
    configured.MAILSERVER_NAME = before


def test_a_domain_is_added_and_its_records_are_shown(dan: Client) -> None:
    answer = dan.post("/administration/mail-server/", {"name": "Company.example"}, follow=True)
    page = answer.content.decode()
    assert "10 mail.company.example" in page
    assert "podatelna._domainkey.company.example" in page
    assert "v=spf1 mx -all" in page


@pytest.mark.parametrize("name", ["no domain", "", "company.example"])
def test_a_domain_that_cannot_be_added_is_refused_in_words(dan: Client, domain: MailDomain, name: str) -> None:
    answer = dan.post("/administration/mail-server/", {"name": name})
    assert answer.status_code == 422
    assert MailDomain.objects.count() == 1


def test_the_password_of_a_new_mailbox_is_shown_once_and_opens_it(dan: Client, domain: MailDomain) -> None:
    form = {"local_part": "helpdesk", "name": "Helpdesk", "quota_megabytes": "0"}
    answer = dan.post(f"/administration/mail-server/{domain.pk}/mailboxes/", form)
    password = answer.context["secret"][1]
    assert password in answer.content.decode()
    assert domains._hasher.verify(domain.mailboxes.get().password_hash, password)
    assert password not in dan.get(f"/administration/mail-server/{domain.pk}/").content.decode()


def test_a_mailbox_that_is_there_is_said_to_be_there(cast: Cast, dan: Client, domain: MailDomain) -> None:
    domains.add_mailbox(domain, "helpdesk", SECRET, cast.dan)
    form = {"local_part": "Helpdesk", "name": "", "quota_megabytes": "0"}
    answer = dan.post(f"/administration/mail-server/{domain.pk}/mailboxes/", form)
    assert answer.status_code == 422
    assert "helpdesk@company.example" in answer.context["mailbox_form"].errors["local_part"][0]


def test_a_mailbox_is_closed_and_opened_again(cast: Cast, dan: Client, domain: MailDomain) -> None:
    mailbox = domains.add_mailbox(domain, "helpdesk", SECRET, cast.dan)
    dan.post(f"/administration/mail-server/mailboxes/{mailbox.pk}/closing/")
    mailbox.refresh_from_db()
    assert not mailbox.is_open
    dan.post(f"/administration/mail-server/mailboxes/{mailbox.pk}/opening/")
    mailbox.refresh_from_db()
    assert mailbox.is_open


def test_an_alias_needs_addresses(dan: Client, domain: MailDomain) -> None:
    answer = dan.post(f"/administration/mail-server/{domain.pk}/aliases/", {"local_part": "all", "targets": "bob"})
    assert answer.status_code == 422
    assert not domain.aliases.exists()


def test_a_domain_in_use_is_not_removed(cast: Cast, dan: Client, domain: MailDomain) -> None:
    domains.add_mailbox(domain, "helpdesk", SECRET, cast.dan)
    dan.post(f"/administration/mail-server/{domain.pk}/removal/")
    assert MailDomain.objects.exists()


def test_connecting_a_mailbox_of_ours_knows_its_servers(cast: Cast, dan: Client, domain: MailDomain) -> None:
    answer = dan.get("/administration/gateways/new/?address=helpdesk@company.example")
    assert answer.context["form"].initial["imap_host"] == "mail.company.example"


# --- without signing in, under other names ----------------------------------------------------------------


def test_thunderbird_sets_itself_up(client: Client, domain: MailDomain) -> None:
    answer = client.get("/mail/config-v1.1.xml?emailaddress=x@y.cz", headers={"host": "autoconfig.company.example"})
    assert answer.status_code == 200
    assert b"<hostname>mail.company.example</hostname>" in answer.content
    assert b"%EMAILADDRESS%" in answer.content
    assert not answer.cookies


def test_outlook_sets_itself_up(client: Client, domain: MailDomain) -> None:
    question = "<Autodiscover><Request><EMailAddress>Bob@company.example</EMailAddress></Request></Autodiscover>"
    answer = client.post("/Autodiscover/Autodiscover.xml", question, content_type="text/xml")
    assert b"<LoginName>bob@company.example</LoginName>" in answer.content


def test_the_policy_of_mta_sts_stands_under_its_own_name_only(client: Client, domain: MailDomain) -> None:
    path = "/.well-known/mta-sts.txt"
    policy = client.get(path, headers={"host": "mta-sts.company.example"})
    assert policy.content == b"version: STSv1\r\nmode: enforce\r\nmx: mail.company.example\r\nmax_age: 604800\r\n"
    assert client.get(path, headers={"host": "testserver"}).status_code == 404


@pytest.mark.parametrize(
    "host", ["autoconfig.other.example", "autoconfig.", "", "a\x00b", "autoconfig.company.example.evil"]
)
def test_strangers_domains_get_nothing(client: Client, domain: MailDomain, host: str) -> None:
    assert client.get("/mail/config-v1.1.xml", headers={"host": host}).status_code == 404


@pytest.mark.parametrize(
    "body", [b"", b"<EMailAddress>", b"x" * 30_000, b"<EMailAddress>a@other.example</EMailAddress>"]
)
def test_a_question_of_outlook_that_is_none_gets_nothing(client: Client, domain: MailDomain, body: bytes) -> None:
    assert client.post("/autodiscover/autodiscover.xml", body, content_type="text/xml").status_code == 404


def test_without_a_mail_server_there_is_nothing_to_set_up(client: Client, domain: MailDomain) -> None:
    configured.MAILSERVER_NAME = ""
    assert client.get("/mail/config-v1.1.xml?emailaddress=a@company.example").status_code == 404
