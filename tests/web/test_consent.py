"""Signing in at a provider in the browser: who may, there and back, codes, and what never stands in a page or a log."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from podatelna.accounts.models import AuditEntry, Person
from podatelna.gateways.models import Gateway
from podatelna.gateways.sign_in_models import Authority, ClientCertificate, Consent, SignIn, SignInProvider
from podatelna.web.discreet import OneTimeLinks
from tests.cast import Cast, a_gateway
from tests.providers import CLIENT, CLIENT_SECRET, Provider, running_provider
from tests.signing_in import OwnAuthority


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.fixture
def registered(provider: Provider, cast: Cast) -> SignInProvider:
    """Set up by the administrator, in the browser."""
    answer = as_person(cast.dan).post("/administration/sign-in/providers/new/custom/", settings_of(provider))
    assert answer.status_code == 302
    return SignInProvider.objects.get()


def settings_of(provider: Provider) -> dict[str, str]:
    return {
        "name": "ACME login",
        "client_id": CLIENT,
        "secret": CLIENT_SECRET,
        "authorize_url": f"{provider.url}/authorize",
        "token_url": f"{provider.url}/token",
        "device_url": f"{provider.url}/devicecode",
        "scope": "mail offline",
    }


def as_person(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def depart(client: Client, gateway: Gateway, back: str = "/administration/gateways/") -> str:
    """The address at the provider that the browser is sent to."""
    page = client.post(f"/sign-in/{gateway.pk}/departure/", {"next": back})
    assert page.status_code == 200
    return str(page["Refresh"]).removeprefix("0; url=")


def come_back(client: Client, provider: Provider, url: str) -> tuple[str, str]:
    """Where the browser is in the end, and where the provider had sent it."""
    sent = provider.visit(url)
    assert sent.startswith("http://127.0.0.1:8000/sign-in/return/?")
    return str(client.get(sent.removeprefix("http://127.0.0.1:8000"))["Location"]), sent


def test_an_administrator_signs_in_and_the_mailbox_goes_on(
    cast: Cast, provider: Provider, registered: SignInProvider
) -> None:
    gateway, dan = cast.helpdesk_gateway, as_person(cast.dan)
    gateway.set_imap_password("old")
    gateway.smtp_login = gateway.imap_login
    gateway.save()
    where, _ = come_back(dan, provider, depart(dan, gateway))
    assert where == "/administration/gateways/"
    gateway.refresh_from_db()
    assert (gateway.imap_authentication, gateway.smtp_authentication) == ("token", "token")
    assert (bytes(gateway.imap_sealed), gateway.state) == (b"", "new")
    row = SignIn.objects.get(gateway=gateway)
    assert (row.account, row.by) == ("helpdesk@acme.cz", cast.dan)
    assert row.access() in provider.access
    assert not Consent.objects.exists()


def test_sending_with_a_login_of_its_own_is_left_alone(
    cast: Cast, provider: Provider, registered: SignInProvider
) -> None:
    gateway = cast.helpdesk_gateway
    gateway.smtp_login = "relay"
    gateway.set_smtp_password("of the relay")
    gateway.save()
    dan = as_person(cast.dan)
    come_back(dan, provider, depart(dan, gateway))
    gateway.refresh_from_db()
    assert (gateway.smtp_authentication, gateway.smtp_password()) == ("password", "of the relay")


def test_a_private_mailbox_is_let_in_by_its_owner_and_nobody_else(
    cast: Cast, provider: Provider, registered: SignInProvider
) -> None:
    private = a_gateway("bob.private@acme.cz", owner=cast.bob)
    for person in (cast.dan, cast.alice, cast.eve):
        for method, path in (("get", ""), ("post", "departure/"), ("post", "code/")):
            assert getattr(as_person(person), method)(f"/sign-in/{private.pk}/{path}").status_code == 404
    bob = as_person(cast.bob)
    assert bob.get(f"/sign-in/{private.pk}/?next=/preferences/").status_code == 200
    assert come_back(bob, provider, depart(bob, private, "/preferences/"))[0] == "/preferences/"
    assert SignIn.objects.get(gateway=private).by == cast.bob


def test_a_mailbox_of_a_process_is_let_in_by_administrators_only(cast: Cast, registered: SignInProvider) -> None:
    for person in (cast.alice, cast.bob, cast.carol, cast.eve):
        assert as_person(person).get(f"/sign-in/{cast.helpdesk_gateway.pk}/").status_code == 404


def test_coming_back_twice_or_as_somebody_else_does_nothing(
    cast: Cast, provider: Provider, registered: SignInProvider
) -> None:
    dan, eve = as_person(cast.dan), as_person(cast.eve)
    sent = provider.visit(depart(dan, cast.helpdesk_gateway)).removeprefix("http://127.0.0.1:8000")
    assert eve.get(sent)["Location"] == "/"
    assert not SignIn.objects.exists()
    assert dan.get(sent)["Location"] == "/administration/gateways/"
    assert dan.get(sent)["Location"] == "/"
    assert len(provider.asked) == 1


@pytest.mark.parametrize(
    "query", ["", "?code=x", "?code=x&state=", "?code=x&state=%00", "?state=x&error=access_denied"]
)
def test_a_state_that_nobody_was_given_does_nothing(cast: Cast, registered: SignInProvider, query: str) -> None:
    assert as_person(cast.dan).get(f"/sign-in/return/{query}")["Location"] == "/"
    assert not SignIn.objects.exists()


def test_whoever_was_signed_out_meanwhile_takes_no_code_along(cast: Cast) -> None:
    answer = Client().get("/sign-in/return/?code=the-code&state=the-state")
    assert answer["Location"] == "/account/login/"


def test_a_consent_that_took_too_long_is_over(cast: Cast, provider: Provider, registered: SignInProvider) -> None:
    dan = as_person(cast.dan)
    url = depart(dan, cast.helpdesk_gateway)
    Consent.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert come_back(dan, provider, url)[0] == "/"
    assert provider.asked == []


def test_an_administrator_who_is_none_any_more_lets_nothing_in(
    cast: Cast, provider: Provider, registered: SignInProvider
) -> None:
    dan = as_person(cast.dan)
    url = depart(dan, cast.helpdesk_gateway)
    Person.objects.filter(pk=cast.dan.pk).update(is_administrator=False)
    assert come_back(dan, provider, url)[0] == "/"
    assert not SignIn.objects.exists()


def test_a_refusal_changes_nothing_and_is_said(cast: Cast, provider: Provider, registered: SignInProvider) -> None:
    provider.denies = True
    dan = as_person(cast.dan)
    where, _ = come_back(dan, provider, depart(dan, cast.helpdesk_gateway))
    page = dan.get(where).content.decode()
    assert "The provider gave no permission" in page
    assert "access_denied" in page
    cast.helpdesk_gateway.refresh_from_db()
    assert cast.helpdesk_gateway.imap_authentication == "password"


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example", ""]
)
def test_nobody_is_led_elsewhere_afterwards(
    cast: Cast, provider: Provider, registered: SignInProvider, back: str
) -> None:
    dan = as_person(cast.dan)
    assert come_back(dan, provider, depart(dan, cast.helpdesk_gateway, back))[0] == "/"


def test_no_secret_stands_in_pages_addresses_the_log_or_the_audit_trail(
    cast: Cast, provider: Provider, registered: SignInProvider, caplog: pytest.LogCaptureFixture
) -> None:
    dan, gateway = as_person(cast.dan), cast.helpdesk_gateway
    with caplog.at_level(logging.DEBUG):
        url = depart(dan, gateway)
        verifier = Consent.objects.get().secret()
        come_back(dan, provider, url)
        row = SignIn.objects.get()
        provider.tells_secrets = True
        provider.revoke()
        come_back(dan, provider, depart(dan, gateway))
        pages = [
            dan.get(path).content.decode()
            for path in (
                f"/sign-in/{gateway.pk}/",
                "/administration/sign-in/",
                f"/administration/sign-in/providers/{registered.pk}/",
                f"/administration/gateways/{gateway.pk}/sign-in/",
                f"/administration/gateways/{gateway.pk}/",
                "/administration/log/",
            )
        ]
    said = url + "".join(pages) + caplog.text + str(list(AuditEntry.objects.values_list("details", flat=True)))
    for secret in (CLIENT_SECRET, verifier, row.access(), row.refresh()):
        assert secret not in said
    assert AuditEntry.objects.filter(act="sign-in-gateway").count() == 2


def test_the_log_keeps_no_code_that_a_person_came_back_with() -> None:
    record = logging.LogRecord(
        "x", logging.INFO, "x", 1, 'GET "%s" 500', ("/sign-in/return/?code=abc&state=def",), None
    )
    assert OneTimeLinks().filter(record)
    assert not {"abc", "def"} & set(re.findall(r"\w+", record.getMessage()))


# --- a code to type


def test_a_code_is_typed_on_another_device(cast: Cast, provider: Provider, registered: SignInProvider) -> None:
    dan = as_person(cast.dan)
    page = dan.post(f"/sign-in/{cast.helpdesk_gateway.pk}/code/", {"next": "/administration/gateways/"})["Location"]
    consent = Consent.objects.get()
    shown = dan.get(page).content.decode()
    assert consent.user_code in shown
    assert consent.secret() not in shown
    answer = f"{page}answer/"
    assert dan.post(answer).status_code == 204
    assert provider.asked == []  # not before the interval is over
    due_now()
    assert dan.post(answer).status_code == 204
    provider.allow(consent.user_code, "slow_down")
    due_now()
    assert dan.post(answer).status_code == 204
    assert Consent.objects.get().interval == 10
    provider.allow(consent.user_code)
    due_now()
    assert dan.post(answer, headers={"HX-Request": "true"})["HX-Redirect"] == "/administration/gateways/"
    assert SignIn.objects.get().refresh() in provider.alive
    assert dan.post(answer).status_code == 404


def due_now() -> None:
    Consent.objects.update(ask_at=timezone.now())


def test_a_refused_code_is_over_and_said(cast: Cast, provider: Provider, registered: SignInProvider) -> None:
    dan = as_person(cast.dan)
    page = dan.post(f"/sign-in/{cast.helpdesk_gateway.pk}/code/")["Location"]
    provider.allow(Consent.objects.get().user_code, "access_denied")
    due_now()
    assert dan.post(f"{page}answer/")["Location"].startswith(f"/sign-in/{cast.helpdesk_gateway.pk}/")
    assert not Consent.objects.exists()


def test_a_code_is_its_persons_alone(cast: Cast, provider: Provider, registered: SignInProvider) -> None:
    page = as_person(cast.dan).post(f"/sign-in/{cast.helpdesk_gateway.pk}/code/")["Location"]
    for person in (cast.alice, cast.eve):
        assert as_person(person).get(page).status_code == 404
        assert as_person(person).post(f"{page}answer/").status_code == 404


# --- setting up


def test_the_redirect_address_is_shown_where_it_is_needed(cast: Cast) -> None:
    for kind in ("google", "microsoft", "custom"):
        page = as_person(cast.dan).get(f"/administration/sign-in/providers/new/{kind}/").content.decode()
        assert "http://127.0.0.1:8000/sign-in/return/" in page


def test_google_and_microsoft_have_their_addresses_built_in(cast: Cast) -> None:
    dan = as_person(cast.dan)
    for kind, host in (("google", "accounts.google.com"), ("microsoft", "login.microsoftonline.com")):
        values = {"name": kind, "client_id": "id", "secret": "s3cret", "tenant": "acme.onmicrosoft.com"}
        assert dan.post(f"/administration/sign-in/providers/new/{kind}/", values).status_code == 302
        assert dan.get(f"/administration/sign-in/providers/new/{kind}/").status_code == 404
        row = SignInProvider.objects.get(kind=kind)
        client = as_person(cast.dan)
        answer = client.post(f"/sign-in/{cast.helpdesk_gateway.pk}/departure/", {"provider": row.pk, "next": "/"})
        parts = urlsplit(str(answer["Refresh"]).removeprefix("0; url="))
        assert parts.hostname == host
        assert parse_qs(parts.query)["code_challenge_method"] == ["S256"]
    assert "/acme.onmicrosoft.com/" in parts.path


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("token_url", "http://login.acme.cz/token"),
        ("authorize_url", "javascript:alert(1)"),
        ("client_id", ""),
        ("name", ""),
    ],
)
def test_what_cannot_be_a_provider_is_refused(cast: Cast, provider: Provider, field: str, value: str) -> None:
    values = {**settings_of(provider), field: value}
    assert as_person(cast.dan).post("/administration/sign-in/providers/new/custom/", values).status_code == 422


def test_a_kept_secret_is_not_sent_to_another_address(
    cast: Cast, provider: Provider, registered: SignInProvider
) -> None:
    values = {**settings_of(provider), "secret": ""}
    url, dan = f"/administration/sign-in/providers/{registered.pk}/", as_person(cast.dan)
    assert dan.post(url, values).status_code == 302
    assert dan.post(url, {**values, "token_url": "https://elsewhere.example/token"}).status_code == 422
    registered.refresh_from_db()
    assert registered.secret() == CLIENT_SECRET


def test_a_provider_in_use_is_not_removed(cast: Cast, provider: Provider, registered: SignInProvider) -> None:
    dan = as_person(cast.dan)
    come_back(dan, provider, depart(dan, cast.helpdesk_gateway))
    removal = f"/administration/sign-in/providers/{registered.pk}/removal/"
    dan.post(removal)
    assert SignInProvider.objects.exists()
    SignIn.objects.all().delete()
    dan.post(removal)
    assert not SignInProvider.objects.exists()


# --- the form of a mailbox


def form_of(gateway: Gateway, **instead: object) -> dict[str, object]:
    return {
        "address": gateway.address, "imap_host": "imap.acme.cz", "imap_port": 993, "imap_security": "tls",
        "imap_login": gateway.address, "smtp_host": "smtp.acme.cz", "smtp_port": 465, "smtp_security": "tls",
        "smtp_sign_in": "same", "folder": "INBOX", "processed_folder": "Processed", "history": "everything",
        "history_closed_days": 14, **instead,
    }  # fmt: skip


def test_a_mailbox_that_signs_in_at_a_provider_needs_no_password_and_waits_for_the_person(
    cast: Cast, provider: Provider, registered: SignInProvider
) -> None:
    gateway, dan = cast.helpdesk_gateway, as_person(cast.dan)
    answer = dan.post(f"/administration/gateways/{gateway.pk}/", form_of(gateway, sign_in=f"provider-{registered.pk}"))
    assert answer["Location"].startswith(f"/sign-in/{gateway.pk}/?next=")
    gateway.refresh_from_db()
    assert (gateway.state, gateway.imap_authentication, gateway.smtp_authentication) == ("sign-in", "token", "token")
    come_back(dan, provider, depart(dan, gateway))
    gateway.refresh_from_db()
    assert gateway.state == "new"
    # Saved again without a change, it keeps its tokens.
    dan.post(f"/administration/gateways/{gateway.pk}/", form_of(gateway, sign_in=f"provider-{registered.pk}"))
    assert SignIn.objects.get().refresh() in provider.alive


def test_going_back_to_a_password_forgets_the_tokens(
    cast: Cast, provider: Provider, registered: SignInProvider
) -> None:
    gateway, dan = cast.helpdesk_gateway, as_person(cast.dan)
    come_back(dan, provider, depart(dan, gateway))
    url = f"/administration/gateways/{gateway.pk}/"
    assert dan.post(url, form_of(gateway, sign_in="password")).status_code == 422  # the password is wanted
    assert dan.post(url, form_of(gateway, sign_in="password", imap_password="new one")).status_code == 302
    gateway.refresh_from_db()
    assert (gateway.imap_authentication, gateway.smtp_authentication) == ("password", "password")
    assert not SignIn.objects.exists()


# --- certificates


def upload(name: str, text: str) -> io.BytesIO:
    file = io.BytesIO(text.encode())
    file.name = name
    return file


def test_a_client_certificate_is_kept_with_its_key_sealed(cast: Cast) -> None:
    made = OwnAuthority().for_client("helpdesk")
    url, dan = f"/administration/gateways/{cast.helpdesk_gateway.pk}/sign-in/", as_person(cast.dan)
    files = {"certificate": upload("a.pem", made.certificate), "key": upload("k.pem", made.key)}
    assert dan.post(url, files).status_code == 302
    row = ClientCertificate.objects.get()
    assert "PRIVATE" in row.key()
    assert b"PRIVATE" not in bytes(row.key_sealed)
    page = dan.get(url).content.decode()
    assert "helpdesk" in page
    assert "PRIVATE KEY-----\nM" not in page
    dan.post(f"{url}certificate/removal/")
    assert not ClientCertificate.objects.exists()


@pytest.mark.parametrize(
    ("which", "words"),
    [("other-key", "does not belong"), ("no-key", "no key"), ("expired", "run out"), ("rubbish", "no PEM file")],
)
def test_a_certificate_that_cannot_be_used_is_refused_with_words(cast: Cast, which: str, words: str) -> None:
    authority = OwnAuthority()
    made, other = authority.for_client("helpdesk"), authority.for_client("other")
    certificate, key = {
        "other-key": (made.certificate, other.key),
        "no-key": (made.certificate, made.certificate),
        "expired": (authority.for_client("old", days=-1).certificate, ""),
        "rubbish": ("rubbish", made.key),
    }[which]
    if which == "expired":
        old = authority.for_client("old", days=-1)
        certificate, key = old.certificate, old.key
    url = f"/administration/gateways/{cast.helpdesk_gateway.pk}/sign-in/"
    files = {"certificate": upload("a.pem", certificate), "key": upload("k.pem", key)}
    answer = as_person(cast.dan).post(url, files)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not ClientCertificate.objects.exists()


def test_an_authority_is_trusted_by_all_or_by_one(cast: Cast) -> None:
    root, dan, gateway = OwnAuthority(), as_person(cast.dan), cast.helpdesk_gateway
    dan.post("/administration/sign-in/authorities/", {"pem": root.pem})
    dan.post("/administration/sign-in/authorities/", {"pem": root.pem})
    dan.post(f"/administration/gateways/{gateway.pk}/sign-in/authorities/", {"file": upload("r.pem", root.pem)})
    assert sorted(Authority.objects.values_list("gateway", flat=True), key=str) == sorted([None, gateway.pk], key=str)
    assert "ACME Root" in dan.get("/administration/sign-in/").content.decode()
    for row in Authority.objects.all():
        dan.post(f"/administration/sign-in/authorities/{row.pk}/removal/")
    assert not Authority.objects.exists()
    acts = set(AuditEntry.objects.values_list("act", flat=True))
    assert {"trust-authority", "distrust-authority"} <= acts


def test_a_servers_own_certificate_is_no_authority(cast: Cast) -> None:
    made, dan = OwnAuthority().for_server(), as_person(cast.dan)
    dan.post("/administration/sign-in/authorities/", {"pem": made.certificate})
    assert not Authority.objects.exists()
    assert "Upload the one that signed it" in dan.get("/administration/sign-in/").content.decode()
