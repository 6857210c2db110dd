"""OAuth against a provider on loopback: what is sent, what is believed, and that no secret gets out."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from podatelna.protocols import oauth
from podatelna.protocols.errors import (
    ApplicationRefused,
    ConsentRefused,
    PlaintextRefused,
    ProviderFailed,
    ServerError,
    SignInDead,
)
from podatelna.protocols.https import get_public, post_form
from podatelna.protocols.oauth import Application, DeviceCode, Endpoints, Pending, Tokens
from tests.providers import CLIENT, CLIENT_SECRET, Provider, running_provider
from tests.servers import Scripted, scripted

RETURN = "https://desk.acme.cz/sign-in/return/"
STATE = "state-of-this-person"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


def application(provider: Provider) -> Application:
    endpoints = Endpoints(
        f"{provider.url}/authorize", f"{provider.url}/token", "mail offline", f"{provider.url}/devicecode"
    )
    return Application(endpoints, CLIENT, CLIENT_SECRET)


def consent(provider: Provider, verifier: str) -> str:
    """The code that a consenting person comes back with."""
    url = oauth.authorization_url(
        application(provider), redirect_uri=RETURN, state=STATE, verifier=verifier, login="helpdesk@acme.cz"
    )
    back = provider.visit(url)
    assert back.startswith(RETURN)
    assert parse_qs(urlsplit(back).query)["state"] == [STATE]
    return parse_qs(urlsplit(back).query)["code"][0]


def sign_in(provider: Provider) -> Tokens:
    verifier = oauth.new_verifier()
    code = consent(provider, verifier)
    return oauth.exchange(application(provider), code=code, redirect_uri=RETURN, verifier=verifier)


def test_a_consent_becomes_tokens(provider: Provider) -> None:
    tokens = sign_in(provider)
    assert tokens.access in provider.access
    assert tokens.refresh in provider.alive
    assert (tokens.seconds, tokens.account) == (3600, "helpdesk@acme.cz")


def test_the_address_the_person_is_sent_to_holds_no_secret(provider: Provider) -> None:
    verifier = oauth.new_verifier()
    url = oauth.authorization_url(
        application(provider), redirect_uri=RETURN, state=STATE, verifier=verifier, login="helpdesk@acme.cz"
    )
    assert verifier not in url
    assert CLIENT_SECRET not in url
    assert parse_qs(urlsplit(url).query)["code_challenge"] == [oauth.challenge(verifier)]


def test_the_challenge_is_that_of_the_rfc() -> None:
    assert oauth.challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == (
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636, appendix B
    )


def test_a_code_is_nothing_without_its_verifier(provider: Provider) -> None:
    code = consent(provider, oauth.new_verifier())
    with pytest.raises(ConsentRefused):
        oauth.exchange(application(provider), code=code, redirect_uri=RETURN, verifier=oauth.new_verifier())


def test_a_permission_that_does_not_last_is_none(provider: Provider) -> None:
    provider.gives_no_refresh = True
    with pytest.raises(ConsentRefused, match="no lasting permission"):
        sign_in(provider)


def test_tokens_are_renewed_and_rotate(provider: Provider) -> None:
    tokens = sign_in(provider)
    again = oauth.refresh(application(provider), tokens.refresh)
    assert again.access in provider.access
    assert again.refresh not in {"", tokens.refresh}


def test_a_provider_that_does_not_rotate_gives_no_new_one(provider: Provider) -> None:
    provider.rotates = False
    tokens = sign_in(provider)
    assert oauth.refresh(application(provider), tokens.refresh).refresh == ""


def test_a_permission_that_was_taken_back_is_dead(provider: Provider) -> None:
    tokens = sign_in(provider)
    provider.revoke()
    with pytest.raises(SignInDead, match="invalid_grant"):
        oauth.refresh(application(provider), tokens.refresh)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_provider_in_trouble_kills_no_permission(provider: Provider, status: int) -> None:
    tokens = sign_in(provider)
    provider.status = status
    with pytest.raises(ProviderFailed, match=str(status)):
        oauth.refresh(application(provider), tokens.refresh)


def test_an_application_that_is_refused_is_not_a_dead_permission(provider: Provider) -> None:
    tokens = sign_in(provider)
    provider.refuses_client = True
    with pytest.raises(ApplicationRefused):
        oauth.refresh(application(provider), tokens.refresh)


def test_errors_do_not_repeat_secrets_though_the_provider_does(provider: Provider) -> None:
    tokens = sign_in(provider)
    provider.tells_secrets = True
    provider.revoke()
    with pytest.raises(SignInDead) as refused:
        oauth.refresh(application(provider), tokens.refresh)
    provider.refuses_client = True
    with pytest.raises(ApplicationRefused) as unknown:
        oauth.exchange(application(provider), code="the-code-itself", redirect_uri=RETURN, verifier="the-verifier")
    said = str(refused.value) + str(unknown.value) + repr(refused.value) + repr(tokens) + repr(application(provider))
    assert "you sent" in said
    for secret in (tokens.refresh, tokens.access, CLIENT_SECRET, "the-code-itself", "the-verifier"):
        assert secret not in said


# --- a code typed on another device


def test_a_code_typed_on_another_device_becomes_tokens(provider: Provider) -> None:
    begun = oauth.begin_device(application(provider))
    assert begun.verification_url == f"{provider.url}/device"
    assert oauth.ask_device(application(provider), begun.device_code) == Pending()
    provider.allow(begun.user_code, "slow_down")
    assert oauth.ask_device(application(provider), begun.device_code) == Pending(slower=True)
    provider.allow(begun.user_code)
    tokens = oauth.ask_device(application(provider), begun.device_code)
    assert isinstance(tokens, Tokens)
    assert tokens.refresh in provider.alive


@pytest.mark.parametrize("answer", ["access_denied", "expired_token", "something_new"])
def test_a_refused_code_is_over(provider: Provider, answer: str) -> None:
    begun = oauth.begin_device(application(provider))
    provider.allow(begun.user_code, answer)
    with pytest.raises(ConsentRefused, match=answer):
        oauth.ask_device(application(provider), begun.device_code)


# --- odd answers


def answering(body: bytes, status: str = "200 OK") -> Scripted:
    """A server that says `body` to everything."""

    def talk(file: object) -> None:
        while file.readline() not in (b"\r\n", b""):  # type: ignore[attr-defined]  # a raw file
            pass
        file.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status.encode(), len(body), body))  # type: ignore[attr-defined]  # a raw file

    return Scripted(talk)


ODD = [
    b"",
    b"<html>please sign in</html>",
    b"[]",
    b"null",
    b'{"access_token": 7}',
    b'{"access_token": "two\\r\\na1 DELETE INBOX"}',
    b'{"access_token": "p\xc5\x99\xc3\xadtel"}',
    b'{"access_token": "' + b"x" * 30_000 + b'"}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("number", range(len(ODD)))
def test_what_is_no_token_is_not_taken_for_one(number: int) -> None:
    server = answering(ODD[number])
    odd = Application(Endpoints("", f"http://127.0.0.1:{server.port}/token", ""), CLIENT)
    with pytest.raises(ProviderFailed):
        oauth.refresh(odd, "a-refresh-token")
    server.stop()


@pytest.mark.parametrize("expires", ["-5", '"soon"', "1e99", "null", "true", '"99999999999"'])
def test_a_strange_time_is_bounded(expires: str) -> None:
    server = answering(b'{"access_token": "abc", "expires_in": %s}' % expires.encode())
    odd = Application(Endpoints("", f"http://127.0.0.1:{server.port}/token", ""), CLIENT)
    assert 60 <= oauth.refresh(odd, "a-refresh-token").seconds <= 24 * 3600
    server.stop()


def test_a_redirect_is_not_followed_with_the_secret() -> None:
    elsewhere = answering(b"{}")
    server = answering(b"", f"302 Found\r\nLocation: http://127.0.0.1:{elsewhere.port}/")
    odd = Application(Endpoints("", f"http://127.0.0.1:{server.port}/token", ""), CLIENT, CLIENT_SECRET)
    with pytest.raises(ProviderFailed, match="302"):
        oauth.refresh(odd, "a-refresh-token")
    assert elsewhere.connections == 0
    server.stop()
    elsewhere.stop()


def test_an_answer_without_end_is_cut_off() -> None:
    server = answering(b"x" * 600_000)
    with pytest.raises(ProviderFailed, match="too long"):
        post_form(f"http://127.0.0.1:{server.port}/token", {})
    server.stop()


def test_secrets_go_over_tls_only() -> None:
    odd = Application(Endpoints("", "http://login.example.com/token", ""), CLIENT, CLIENT_SECRET)
    with pytest.raises(PlaintextRefused):
        oauth.refresh(odd, "a-refresh-token")


@pytest.mark.parametrize(
    "url", ["ftp://login.example.com/", "login.example.com", "https://a:b@example.com/", "https://["]
)
def test_what_is_no_address_is_said_to_be_none(url: str) -> None:
    with pytest.raises(ProviderFailed):
        post_form(url, {})


def test_a_hanging_up_provider_is_no_dead_permission() -> None:
    with scripted(lambda file: None) as server, pytest.raises(ServerError) as broken:
        oauth.refresh(Application(Endpoints("", f"http://127.0.0.1:{server.port}/", ""), CLIENT), "a-refresh-token")
    assert not isinstance(broken.value, SignInDead)
    assert "a-refresh-token" not in str(broken.value)


@pytest.mark.parametrize("url", ["https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://10.0.0.1/"])
def test_strangers_are_asked_on_the_public_internet_only(url: str) -> None:
    with pytest.raises(ServerError, match="public internet"):
        get_public(url)


def test_a_device_code_is_no_word_of_the_log() -> None:
    assert "hidden-code" not in repr(DeviceCode("hidden-code", "ABCD", "https://x/", 900, 5))
