"""My mailbox without a password: its owner lets it in at the provider, and then chooses the folders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from podatelna.accounts.models import AuditEntry
from podatelna.desk import personal
from podatelna.desk.models import Process
from podatelna.gateways import certificate_store, tokens
from podatelna.gateways.models import Gateway
from podatelna.gateways.sign_in_models import Authority, ClientCertificate, SignIn, SignInProvider
from podatelna.protocols.certificates import read_authorities
from podatelna.protocols.errors import SignInDead
from tests.cast import Cast, a_gateway
from tests.providers import CLIENT, CLIENT_SECRET, Provider, running_provider
from tests.servers import Receiver
from tests.signing_in import OwnAuthority, SigningDovecot, signing_dovecot
from tests.web.test_consent import as_person, come_back, depart, upload

MINE = "/preferences/mailbox/"
ADDRESS = "alice@acme.cz"


@pytest.fixture(scope="module")
def authority() -> OwnAuthority:
    return OwnAuthority()


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.account = ADDRESS
    return running


@pytest.fixture(scope="module")
def dovecot_of_acme(running: Provider, authority: OwnAuthority) -> Iterator[SigningDovecot]:
    with signing_dovecot(f"{running.url}/introspect", authority) as server:
        yield server


@pytest.fixture
def registered(provider: Provider, cast: Cast) -> SignInProvider:
    row = SignInProvider(
        kind="custom",
        name="ACME login",
        client_id=CLIENT,
        authorize_url=f"{provider.url}/authorize",
        token_url=f"{provider.url}/token",
        scope="mail",
    )
    row.set_secret(CLIENT_SECRET)
    row.save()
    return row


@pytest.fixture
def alice(cast: Cast) -> Client:
    return as_person(cast.alice)


def page(client: Client, path: str = MINE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def begun(client: Client, cast: Cast) -> Gateway:
    """The first thing typed: the address."""
    assert client.post(MINE, {"address": ADDRESS}).status_code == 302
    return Gateway.objects.get(owner=cast.alice)


def form_of(gateway: Gateway, **instead: Any) -> dict[str, Any]:
    return {
        "address": gateway.address, "imap_host": gateway.imap_host, "imap_port": gateway.imap_port,
        "imap_security": "tls", "imap_login": gateway.imap_login, "smtp_host": gateway.smtp_host,
        "smtp_port": gateway.smtp_port, "smtp_security": gateway.smtp_security, "smtp_sign_in": "same",
        "folder": "Hand over", "processed_folder": "Handed over", **instead,
    }  # fmt: skip


def found_at(dovecot: SigningDovecot, cast: Cast, receiver: Receiver, authority: OwnAuthority) -> None:
    """What would be found from the address: the company's servers, with certificates of its own authority."""
    certificate_store.trust(read_authorities(authority.pem, timezone.now()), None, timezone.now())
    servers = {"imap_host": "localhost", "imap_port": dovecot.imaps_port, "smtp_host": "127.0.0.1"}
    Gateway.objects.filter(pk=cast.helpdesk_gateway.pk).update(**servers, smtp_port=receiver.port)
    Gateway.objects.filter(owner=cast.alice).update(**servers, smtp_port=receiver.port, smtp_security="none")


@pytest.mark.dovecot
def test_the_provider_comes_first_then_the_folders_and_one_save_connects_it(
    cast: Cast,
    alice: Client,
    provider: Provider,
    registered: SignInProvider,
    dovecot_of_acme: SigningDovecot,
    receiver: Receiver,
    authority: OwnAuthority,
) -> None:
    gateway = begun(alice, cast)
    found_at(dovecot_of_acme, cast, receiver, authority)
    assert "Sign in with ACME login" in page(alice)
    assert come_back(alice, provider, depart(alice, gateway, MINE))[0] == MINE
    gateway.refresh_from_db()
    assert (gateway.state, gateway.imap_authentication) == (Gateway.State.PAUSED, "token")
    shown = page(alice)
    assert f"Signed in · {ADDRESS}" in re.sub(r"<[^>]+>", "", shown)
    assert "is fetched now" not in shown
    form = form_of(gateway, sign_in=f"provider-{registered.pk}", smtp_sign_in="none")
    assert "It will be made." in alice.post(f"{MINE}folders", form).content.decode()
    answer = alice.post(MINE, form)
    assert answer.status_code == 302, answer.content.decode()
    gateway.refresh_from_db()
    assert (gateway.state, gateway.imap_authentication, bytes(gateway.imap_sealed)) == ("new", "token", b"")
    assert {"Hand over", "Handed over"} <= dovecot_of_acme.mailbox(ADDRESS).folders()
    assert Process.objects.get(owner=cast.alice).addresses.get().gateway == gateway
    assert SignIn.objects.get().refresh() in provider.alive


def test_servers_typed_first_are_kept_while_the_owner_is_at_the_provider(
    cast: Cast, alice: Client, provider: Provider, registered: SignInProvider
) -> None:
    gateway = begun(alice, cast)
    form = form_of(gateway, imap_host="imap.example.com", sign_in=f"provider-{registered.pk}", folder="Sem")
    assert str(alice.post(MINE, form)["Location"]).startswith(f"/sign-in/{gateway.pk}/?next=%2Fpreferences%2Fmailbox")
    gateway.refresh_from_db()
    assert (gateway.imap_host, gateway.folder, gateway.state) == ("imap.example.com", "Sem", Gateway.State.PAUSED)
    assert (gateway.imap_authentication, gateway.smtp_authentication) == ("token", "token")
    assert not Process.objects.filter(owner=cast.alice).exists()


def test_without_a_provider_nothing_is_said_of_one(cast: Cast, alice: Client) -> None:
    begun(alice, cast)
    shown = page(alice)
    assert "id_sign_in" not in shown
    assert "provider" not in shown.lower()


def test_of_several_providers_the_one_of_the_mailbox_is_offered(
    cast: Cast, alice: Client, registered: SignInProvider
) -> None:
    SignInProvider.objects.create(kind="google", name="Google", client_id="x")
    gateway = begun(alice, cast)
    Gateway.objects.filter(pk=gateway.pk).update(imap_host="imap.gmail.com")
    buttons = re.findall(r'class="button primary">(Sign in with [^<]+)<', page(alice))
    assert buttons == ["Sign in with Google"]


# --- once it is connected


@pytest.fixture
def connected(cast: Cast, alice: Client, provider: Provider, registered: SignInProvider) -> Gateway:
    gateway = a_gateway(ADDRESS, owner=cast.alice, folder="Hand over", processed_folder="Handed over")
    personal.take_in(gateway, cast.alice)
    come_back(alice, provider, depart(alice, gateway, MINE))
    return Gateway.objects.get(pk=gateway.pk)


def test_a_permission_that_died_is_given_again_by_the_owner(
    cast: Cast, alice: Client, provider: Provider, connected: Gateway
) -> None:
    provider.revoke()
    later = timezone.now() + timedelta(hours=2)
    with pytest.raises(SignInDead):
        tokens.access_token(connected, now=lambda: later)
    connected.refresh_from_db()
    assert connected.state == Gateway.State.SIGN_IN
    shown = page(alice)
    assert "no longer lets this mailbox in" in shown
    assert re.search(r'href="/sign-in/\d+/\?next=[^"]*mailbox[^"]*">(?:(?!</a>).)*Sign in again', shown, re.DOTALL)
    assert come_back(alice, provider, depart(alice, connected, MINE))[0] == MINE
    connected.refresh_from_db()
    assert connected.state == Gateway.State.NEW
    assert "no longer lets this mailbox in" not in page(alice)


def test_a_connected_mailbox_changes_to_a_provider_and_goes_on_by_itself(
    cast: Cast, alice: Client, provider: Provider, registered: SignInProvider, connected: Gateway
) -> None:
    SignIn.objects.all().delete()
    Gateway.objects.filter(pk=connected.pk).update(imap_authentication="password", smtp_authentication="password")
    form = form_of(connected, sign_in=f"provider-{registered.pk}")
    refused = alice.post(MINE, {**form, "folder": "Elsewhere"})
    assert (refused.status_code, "Sign in first" in refused.content.decode()) == (422, True)
    assert str(alice.post(MINE, form)["Location"]).startswith(f"/sign-in/{connected.pk}/")
    connected.refresh_from_db()
    assert connected.state == Gateway.State.SIGN_IN
    come_back(alice, provider, depart(alice, connected, MINE))
    connected.refresh_from_db()
    assert (connected.state, connected.imap_authentication) == (Gateway.State.NEW, "token")


def test_whoever_goes_back_to_a_password_is_asked_for_it(
    alice: Client, registered: SignInProvider, connected: Gateway
) -> None:
    answer = alice.post(MINE, form_of(connected, sign_in="password"))
    assert answer.status_code == 422
    assert "Type the password." in answer.content.decode()
    assert SignIn.objects.exists()


# --- prepared by an administrator


def test_an_administrator_says_how_it_signs_in_and_its_owner_does_it(
    cast: Cast, alice: Client, provider: Provider, registered: SignInProvider
) -> None:
    SignInProvider.objects.create(kind="google", name="Google", client_id="x")
    dan, url = as_person(cast.dan), f"/administration/people/{cast.alice.pk}/mailbox/"
    assert 'name="sign_in"' in page(dan, url)
    prepared = {
        "address": ADDRESS, "imap_host": "imap.acme.cz", "imap_port": 993, "imap_security": "tls",
        "imap_login": ADDRESS, "smtp_host": "smtp.acme.cz", "smtp_port": 465, "smtp_security": "tls",
        "smtp_login": ADDRESS, "sign_in": f"provider-{registered.pk}",
    }  # fmt: skip
    assert dan.post(url, prepared).status_code == 302
    gateway = Gateway.objects.get(owner=cast.alice)
    assert (gateway.state, gateway.imap_authentication, gateway.smtp_authentication) == ("paused", "token", "token")
    assert dan.get(f"/sign-in/{gateway.pk}/").status_code == 404
    buttons = re.findall(r'class="button primary">(Sign in with [^<]+)<', page(alice))
    assert buttons == ["Sign in with ACME login"]
    come_back(alice, provider, depart(alice, gateway, MINE))
    # From now on it is the owner's: nobody leads their permission to another server.
    assert dan.post(url, {**prepared, "imap_host": "imap.elsewhere.example"}).status_code == 200
    gateway.refresh_from_db()
    assert gateway.imap_host == "imap.acme.cz"
    row = SignIn.objects.get()
    seen = page(dan, url) + page(dan, "/administration/gateways/") + page(dan, "/administration/health/")
    seen += str(list(AuditEntry.objects.values_list("details", flat=True)))
    assert not [secret for secret in (row.access(), row.refresh(), "Hand over") if secret in seen]


def test_the_guide_leads_to_the_provider_after_saving(cast: Cast, registered: SignInProvider) -> None:
    values = {
        "address": "press@acme.cz", "imap_host": "imap.acme.cz", "imap_port": 993, "imap_security": "tls",
        "imap_login": "press@acme.cz", "smtp_host": "smtp.acme.cz", "smtp_port": 465, "smtp_security": "tls",
        "smtp_sign_in": "same", "folder": "INBOX", "processed_folder": "Processed", "history": "everything",
        "history_closed_days": 14, "sign_in": f"provider-{registered.pk}",
    }  # fmt: skip
    answer = as_person(cast.dan).post("/administration/guide/mailbox/", values)
    gateway = Gateway.objects.get(address="press@acme.cz")
    assert answer["Location"] == f"/sign-in/{gateway.pk}/?next=%2F"


# --- certificates: where those of the company do not suffice


def test_an_authority_and_a_client_certificate_of_ones_own_mailbox(cast: Cast, alice: Client) -> None:
    gateway, root, made = begun(alice, cast), OwnAuthority(), OwnAuthority().for_client("alice")
    url = f"{MINE}sign-in/"
    alice.post(f"{url}authorities/", {"pem": root.pem})
    assert alice.post(url, {"certificate": upload("a.pem", made.certificate + made.key)}).status_code == 302
    assert (Authority.objects.get().gateway, ClientCertificate.objects.get().gateway) == (gateway, gateway)
    shown = page(alice, url)
    assert "ACME Root" in shown
    assert "PRIVATE KEY-----\nM" not in shown
    assert 'value="certificate"' in page(alice)
    bad = alice.post(url, {"certificate": upload("a.pem", "rubbish")})
    assert (bad.status_code, "no PEM file" in bad.content.decode()) == (422, True)
    alice.post(f"{url}certificate/removal/")
    alice.post(f"{url}authorities/{Authority.objects.get().pk}/removal/")
    assert not Authority.objects.exists()
    assert not ClientCertificate.objects.exists()


def test_nobody_changes_what_another_mailbox_trusts(cast: Cast, alice: Client) -> None:
    begun(alice, cast)
    alice.post(f"{MINE}sign-in/authorities/", {"pem": OwnAuthority().pem})
    url = f"{MINE}sign-in/authorities/{Authority.objects.get().pk}/removal/"
    bob, dan = as_person(cast.bob), as_person(cast.dan)
    assert bob.get(f"{MINE}sign-in/").status_code == 404  # has no mailbox of his own
    a_gateway("bob@acme.cz", owner=cast.bob)
    for other in (bob, dan, as_person(cast.eve)):
        assert other.post(url).status_code == 404
    assert dan.post(f"/administration/sign-in/authorities/{Authority.objects.get().pk}/removal/").status_code == 404
    assert Authority.objects.exists()


def test_what_the_company_trusts_is_not_ended_by_the_owner_of_one_mailbox(cast: Cast, alice: Client) -> None:
    begun(alice, cast)
    as_person(cast.dan).post("/administration/sign-in/authorities/", {"pem": OwnAuthority().pem})
    assert alice.post(f"{MINE}sign-in/authorities/{Authority.objects.get().pk}/removal/").status_code == 404
