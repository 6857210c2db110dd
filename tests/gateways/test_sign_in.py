"""Signing in to a real server without a password, over certificates of the company's own authority; and what fails."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from django.utils import timezone

from podatelna.archive.intake import accept
from podatelna.archive.models import Delivery
from podatelna.gateways import certificate_store, tokens
from podatelna.gateways.fetch import run_gateways
from podatelna.gateways.health import last_error
from podatelna.gateways.models import Gateway
from podatelna.gateways.probe import probe
from podatelna.gateways.servers import imap_server, smtp_server
from podatelna.gateways.sign_in_models import SignIn, SignInProvider
from podatelna.protocols import errors, imap, smtp_session
from podatelna.protocols.certificates import CertificateUnusable, read_authorities, read_identity
from podatelna.protocols.network import Timeouts
from podatelna.protocols.oauth import Tokens
from tests.cast import Cast, a_mail
from tests.providers import CLIENT, CLIENT_SECRET, Provider, running_provider
from tests.servers import HOST, Box, free_port, make_certificate, until
from tests.signing_in import Made, OwnAuthority, SigningDovecot, serving, signing_dovecot

QUICK = Timeouts(connect=5, read=5)
NOW = timezone.now


@pytest.fixture(scope="module")
def authority() -> OwnAuthority:
    return OwnAuthority()


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.fixture(scope="module")
def dovecot_of_acme(provider: Provider, authority: OwnAuthority) -> Iterator[SigningDovecot]:
    with signing_dovecot(f"{provider.url}/introspect", authority) as server:
        yield server


@pytest.fixture
def box(dovecot_of_acme: SigningDovecot, request: pytest.FixtureRequest) -> Box:
    return dovecot_of_acme.mailbox(f"u{abs(hash(request.node.name)) % 10**9}@acme.cz")


def gateway_of(cast: Cast, box: Box, **fields: object) -> Gateway:
    settings = {
        "imap_host": "localhost",
        "imap_port": box.server.imaps_port,
        "imap_security": "tls",
        "imap_login": box.user,
        **fields,
    }
    Gateway.objects.filter(pk=cast.helpdesk_gateway.pk).update(**settings)
    return Gateway.objects.get(pk=cast.helpdesk_gateway.pk)


def let_in(gateway: Gateway, provider: Provider, cast: Cast, *, account: str = "") -> Gateway:
    """The person of the mailbox consents."""
    provider.account = account or gateway.imap_login
    Gateway.objects.filter(pk=gateway.pk).update(imap_authentication="token")
    row, _ = SignInProvider.objects.get_or_create(
        name="ACME login", kind="custom", client_id=CLIENT, token_url=f"{provider.url}/token"
    )
    row.set_secret(CLIENT_SECRET)
    row.save()
    given = provider._new()
    tokens.keep(
        gateway, row, Tokens(given["access_token"], given["refresh_token"], 3600, provider.account), cast.dan, NOW()
    )
    return Gateway.objects.get(pk=gateway.pk)


def trust(authority: OwnAuthority, gateway: Gateway | None = None) -> None:
    certificate_store.trust(read_authorities(authority.pem, NOW()), gateway, NOW())


# --- tokens at a real Dovecot


@pytest.mark.dovecot
@pytest.mark.django_db
@pytest.mark.parametrize("mechanism", ["OAUTHBEARER", "XOAUTH2"])
def test_a_token_opens_a_real_mailbox(
    cast: Cast, box: Box, provider: Provider, authority: OwnAuthority, mechanism: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("podatelna.protocols.sasl.BEARERS", (mechanism,))
    trust(authority)
    gateway = let_in(gateway_of(cast, box), provider, cast)
    mailbox = imap.connect(imap_server(gateway), timeouts=QUICK)
    assert mailbox.select("INBOX").exists == 0
    mailbox.close()


@pytest.mark.dovecot
@pytest.mark.django_db(transaction=True)
def test_mail_comes_in_with_tokens_until_the_permission_dies_and_again_after_signing_in(
    cast: Cast, box: Box, provider: Provider, authority: OwnAuthority
) -> None:
    trust(authority)
    gateway = let_in(gateway_of(cast, box), provider, cast)
    with watching():
        box.put(a_mail())
        until(lambda: Delivery.objects.count() == 1)

        provider.revoke()
        SignIn.objects.update(expires_at=NOW())
        refreshes = provider.refreshes
        tokens.renew_due(NOW)
        until(lambda: Gateway.objects.get(pk=gateway.pk).state == "sign-in")
        until(lambda: not Gateway.objects.get(pk=gateway.pk).leased_until)
        box.put(a_mail("While nobody was let in"))
        assert provider.refreshes == refreshes + 1

        let_in(gateway, provider, cast)
        until(lambda: Delivery.objects.count() == 2)
    assert Gateway.objects.get(pk=gateway.pk).state == "working"


@contextmanager
def watching() -> Iterator[None]:
    stop = threading.Event()
    settings: dict[str, Any] = {
        "accept": accept,
        "now": NOW,
        "stop": stop,
        "arrived": lambda: None,
        "watch_seconds": 0.05,
        "backing_off": lambda error, failures: timedelta(seconds=0.1),
    }
    thread = threading.Thread(target=run_gateways, kwargs=settings)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)


@pytest.mark.dovecot
@pytest.mark.django_db
def test_a_token_of_somebody_else_is_refused_and_doubted(
    cast: Cast, box: Box, provider: Provider, authority: OwnAuthority
) -> None:
    trust(authority)
    gateway = let_in(gateway_of(cast, box), provider, cast, account="somebody@else.cz")
    with pytest.raises(errors.TokenRefused):
        imap.connect(imap_server(gateway), timeouts=QUICK)
    row = SignIn.objects.get(gateway=gateway)
    assert row.expires_at is not None
    assert row.expires_at <= NOW()  # the next time a fresh one is brought


@pytest.mark.dovecot
@pytest.mark.django_db(transaction=True)
def test_a_gateway_that_nobody_has_let_in_waits_and_says_so(cast: Cast, box: Box, authority: OwnAuthority) -> None:
    gateway = gateway_of(cast, box, imap_authentication="token")
    with watching():
        until(lambda: Gateway.objects.get(pk=gateway.pk).state == "sign-in")
    assert last_error(Gateway.objects.get(pk=gateway.pk)) == ("sign-in-missing", "")


# --- certificates


def identity(made: Made, gateway: Gateway) -> None:
    found, described = read_identity(made.certificate, made.key, "", NOW())
    certificate_store.keep_identity(gateway, found, described, NOW())


@pytest.mark.dovecot
@pytest.mark.django_db
def test_a_client_certificate_alone_opens_a_real_mailbox(cast: Cast, box: Box, authority: OwnAuthority) -> None:
    trust(authority)
    gateway = gateway_of(cast, box, imap_authentication="cert")
    identity(authority.for_client(box.user), gateway)
    mailbox = imap.connect(imap_server(gateway), timeouts=QUICK)
    assert mailbox.select("INBOX").exists == 0
    mailbox.close()


@pytest.mark.dovecot
@pytest.mark.django_db
def test_a_client_certificate_of_another_opens_nothing(cast: Cast, box: Box, authority: OwnAuthority) -> None:
    trust(authority)
    gateway = gateway_of(cast, box, imap_authentication="cert")
    identity(authority.for_client("mallory"), gateway)
    with pytest.raises(errors.LoginRefused):
        imap.connect(imap_server(gateway), timeouts=QUICK)


@pytest.mark.dovecot
@pytest.mark.django_db
def test_an_own_authority_is_trusted_where_it_was_added_and_nowhere_else(
    cast: Cast, box: Box, authority: OwnAuthority
) -> None:
    gateway = gateway_of(cast, box)
    gateway.set_imap_password("tajné-heslo-42")
    steps = {step.name: step for step in probe(gateway)}
    assert (steps["imap-tls"].ok, steps["imap-tls"].code) == (False, "certificate-unknown")
    trust(authority, cast.sales_gateway)
    assert {step.name: step for step in probe(gateway)}["imap-tls"].code == "certificate-unknown"
    trust(authority, gateway)
    assert {step.name: step for step in probe(gateway)}["imap-login"].ok


@pytest.mark.dovecot
@pytest.mark.django_db
def test_when_the_servers_certificate_runs_out_is_remembered(cast: Cast, box: Box, authority: OwnAuthority) -> None:
    trust(authority)
    gateway = gateway_of(cast, box)
    gateway.set_imap_password("tajné-heslo-42")
    imap.connect(imap_server(gateway), timeouts=QUICK).close()
    ends = Gateway.objects.get(pk=gateway.pk).certificate_expires_at
    assert ends is not None
    assert timedelta(days=28) < ends - NOW() < timedelta(days=31)


class Peer:
    """An SMTP server of this company's certificates."""

    def __init__(self, context: Any, **more: Any) -> None:
        self.port = free_port()
        self._controller = Controller(_Nothing(), hostname=HOST, port=self.port, ssl_context=context, **more)

    def __enter__(self) -> Peer:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


class _Nothing:
    async def auth_XOAUTH2(self, server: Any, arguments: list[str]) -> Any:
        return AuthResult(success=b"auth=Bearer" in __import__("base64").b64decode(arguments[1]), handled=True)

    async def auth_EXTERNAL(self, server: Any, arguments: list[str]) -> Any:
        subject = server.transport.get_extra_info("peercert")["subject"]
        return AuthResult(success=("commonName", "helpdesk") in [pair for group in subject for pair in group])


def smtp_gateway(cast: Cast, peer: Peer, **fields: object) -> Gateway:
    settings = {"smtp_host": "localhost", "smtp_port": peer.port, "smtp_security": "tls", **fields}
    Gateway.objects.filter(pk=cast.helpdesk_gateway.pk).update(**settings)
    return Gateway.objects.get(pk=cast.helpdesk_gateway.pk)


@pytest.mark.django_db
def test_smtp_takes_the_token_too(cast: Cast, provider: Provider, authority: OwnAuthority, tmp_path: Path) -> None:
    trust(authority)
    with Peer(serving(authority.for_server(), tmp_path), auth_require_tls=False) as peer:
        gateway = smtp_gateway(cast, peer, smtp_authentication="token", smtp_login="helpdesk@acme.cz")
        gateway = let_in(gateway, provider, cast)
        with smtp_session.session(smtp_server(gateway), timeouts=QUICK) as session:
            assert session.noop()[0] == 250
        assert Gateway.objects.get(pk=gateway.pk).smtp_certificate_expires_at is not None


@pytest.mark.django_db
def test_smtp_takes_the_client_certificate_alone(cast: Cast, authority: OwnAuthority, tmp_path: Path) -> None:
    trust(authority)
    context = serving(authority.for_server(), tmp_path, wants_client_of=authority)
    with Peer(context, auth_require_tls=False) as peer:
        gateway = smtp_gateway(cast, peer, smtp_authentication="cert", smtp_login="")
        identity(authority.for_client("helpdesk"), gateway)
        with smtp_session.session(smtp_server(gateway), timeouts=QUICK) as session:
            assert session.noop()[0] == 250


@pytest.mark.django_db
@pytest.mark.parametrize("shown", ["nothing", "of-another-authority"])
def test_a_server_that_wants_another_client_certificate_is_understood(
    cast: Cast, authority: OwnAuthority, tmp_path: Path, shown: str
) -> None:
    trust(authority)
    with demanding(serving(authority.for_server(), tmp_path, wants_client_of=authority)) as port:
        servers = {f"{side}_{name}": value for side in ("imap", "smtp") for name, value in at(port).items()}
        Gateway.objects.filter(pk=cast.helpdesk_gateway.pk).update(**servers)
        gateway = Gateway.objects.get(pk=cast.helpdesk_gateway.pk)
        gateway.set_imap_password("x")
        if shown != "nothing":
            identity(OwnAuthority("Mallory").for_client("helpdesk"), gateway)
        with pytest.raises(errors.ClientCertificateRefused), smtp_session.session(smtp_server(gateway), timeouts=QUICK):
            pass
        with pytest.raises(errors.ClientCertificateRefused):
            imap.connect(imap_server(gateway), timeouts=QUICK)


def at(port: int) -> dict[str, object]:
    return {"host": "localhost", "port": port, "security": "tls"}


@contextmanager
def demanding(context: ssl.SSLContext) -> Iterator[int]:
    """A server that hangs up on whoever does not show the right certificate, with the alert that TLS has for it."""
    listener = socket.create_server((HOST, 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                context.wrap_socket(connection, server_side=True).close()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("which", "code"),
    [
        ("expired", "certificate-expired"),
        ("of another host", "certificate-name"),
        ("self-signed", "certificate-unknown"),
        ("of an unknown authority", "certificate-unknown"),
    ],
)
def test_each_wrong_certificate_has_its_own_words(
    cast: Cast, authority: OwnAuthority, tmp_path: Path, which: str, code: str
) -> None:
    trust(authority)
    if which == "self-signed":
        context = make_certificate(tmp_path).serving()
    else:
        made = {
            "expired": lambda: authority.for_server(days=-1),
            "of another host": lambda: authority.for_server("mail.elsewhere.cz"),
            "of an unknown authority": lambda: OwnAuthority("Mallory").for_server(),
        }[which]()
        context = serving(made, tmp_path)
    with Peer(context) as peer:
        gateway = smtp_gateway(cast, peer)
        with pytest.raises(errors.CertificateRefused) as refused, smtp_session.session(smtp_server(gateway)):
            pass
    assert refused.value.code == code


# --- what is uploaded


def test_a_locked_key_opens_with_its_passphrase_only(authority: OwnAuthority) -> None:
    from cryptography.hazmat.primitives import serialization

    made = authority.for_client("helpdesk")
    private = serialization.load_pem_private_key(made.key.encode(), None)
    locked = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"word")
    ).decode()
    assert read_identity(made.certificate, locked, "word", NOW())[1].subject == "helpdesk"
    for passphrase in ("", "wrong"):
        with pytest.raises(CertificateUnusable, match="key-locked"):
            read_identity(made.certificate, locked, passphrase, NOW())


def test_the_certificate_that_the_key_belongs_to_is_shown_first(authority: OwnAuthority) -> None:
    made = authority.for_client("helpdesk")
    found, described = read_identity(authority.pem + made.certificate, made.key, "", NOW())
    assert found.certificate.startswith(made.certificate)
    assert authority.pem in found.certificate
    assert described.subject == "helpdesk"
    assert made.key not in repr(found)


@pytest.mark.parametrize("text", ["", "x", "-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----", "x" * 300_000])
def test_rubbish_is_no_authority(text: str) -> None:
    with pytest.raises(CertificateUnusable):
        read_authorities(text, NOW())
