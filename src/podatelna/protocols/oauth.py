"""Signing in at a provider (OAuth 2.0): a person's consent becomes tokens, tokens are renewed; no ORM, no clock.

RFC 6749 (authorisation code, refresh), RFC 7636 (PKCE), RFC 8628 (a code typed on another device). Secrets travel in
bodies of requests over TLS only, never in an address of ours, and never stand in an error.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from .errors import ApplicationRefused, ConsentRefused, ProviderFailed, ServerError, SignInDead
from .https import Answer, post_form

_SHORTEST, _LONGEST = 60, 24 * 3600  # seconds that an access token is believed to hold
_USUAL = 3600
_LONGEST_TOKEN = 20_000  # characters
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

Fields = Mapping[str, str]
Post = Callable[[str, Fields], Answer]


@dataclass(frozen=True)
class Endpoints:
    """A provider's addresses. `more` goes into the authorisation request; `device` "": it has no codes for devices."""

    authorize: str
    token: str
    scope: str
    device: str = ""
    more: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Application:
    """The company's application as the provider knows it; `client_secret` "" for a public client."""

    endpoints: Endpoints
    client_id: str
    client_secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Tokens:
    """What a token endpoint gave. `refresh` "": no new one, the old one stays good. `seconds`: how long `access` holds.

    `account`: who it is, as the provider says (an e-mail address mostly), or "".
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    seconds: int
    account: str = ""


@dataclass(frozen=True)
class DeviceCode:
    """RFC 8628 3.2: what the person types where, and what we ask with. Times in seconds."""

    device_code: str = field(repr=False)
    user_code: str
    verification_url: str
    seconds: int
    interval: int


@dataclass(frozen=True)
class Pending:
    """The person has not decided yet; `slower`: ask less often (RFC 8628 3.5)."""

    slower: bool = False


# --- authorisation code --------------------------------------------------------------------------------


def new_verifier() -> str:
    """A code verifier (RFC 7636 4.1): 43 characters, 256 random bits."""
    return secrets.token_urlsafe(32)


def challenge(verifier: str) -> str:
    """Its S256 challenge (RFC 7636 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode("ascii")


def authorization_url(application: Application, *, redirect_uri: str, state: str, verifier: str, login: str) -> str:
    """Where the person is sent (RFC 6749 4.1.1); `login` is suggested there. Nothing secret stands in it."""
    endpoints = application.endpoints
    query = {
        "response_type": "code",
        "client_id": application.client_id,
        "redirect_uri": redirect_uri,
        "scope": endpoints.scope,
        "state": state,
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
        "login_hint": login,
        **dict(endpoints.more),
    }
    return f"{endpoints.authorize}{'&' if urlsplit(endpoints.authorize).query else '?'}{urlencode(query)}"


def exchange(
    application: Application, *, code: str, redirect_uri: str, verifier: str, post: Post = post_form
) -> Tokens:
    """Tokens for the code that the person came back with (RFC 6749 4.1.3). Raises a ServerError of errors.py."""
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    try:
        return _lasting(_tokens(_ask(application, application.endpoints.token, fields, post)))
    except _Refused as refusal:
        raise ConsentRefused(refusal.words) from None


def refresh(application: Application, refresh_token: str, *, post: Post = post_form) -> Tokens:
    """New tokens (RFC 6749 6). Raises SignInDead when the permission has ended, else a ServerError that may pass."""
    fields = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    try:
        return _tokens(_ask(application, application.endpoints.token, fields, post))
    except _Refused as refusal:
        if refusal.error in {"invalid_grant", "interaction_required", "consent_required", "login_required"}:
            raise SignInDead(refusal.words) from None
        raise ProviderFailed(refusal.words) from None


# --- a code typed on another device --------------------------------------------------------------------


def begin_device(application: Application, *, post: Post = post_form) -> DeviceCode:
    """A code to be typed (RFC 8628 3.1). Raises a ServerError."""
    try:
        said = _ask(application, application.endpoints.device, {"scope": application.endpoints.scope}, post)
    except _Refused as refusal:
        raise ConsentRefused(refusal.words) from None
    # Some providers, and the drafts before the RFC, say verification_url.
    url = _text(said, "verification_uri") or _text(said, "verification_url")
    device_code, user_code = _text(said, "device_code"), _text(said, "user_code")
    if not device_code or not user_code or urlsplit(url).scheme not in {"https", "http"}:
        raise ProviderFailed("an answer without a code")
    return DeviceCode(
        device_code,
        user_code[:100],
        url[:500],
        _seconds(said, "expires_in", 900, 60, 3600),
        _seconds(said, "interval", 5, 1, 60),
    )


def ask_device(application: Application, device_code: str, *, post: Post = post_form) -> Tokens | Pending:
    """Whether the person has decided (RFC 8628 3.4). Raises ConsentRefused when it is over, else a ServerError."""
    fields = {"grant_type": _DEVICE_GRANT, "device_code": device_code}
    try:
        return _lasting(_tokens(_ask(application, application.endpoints.token, fields, post)))
    except _Refused as refusal:
        if refusal.error in {"authorization_pending", "slow_down"}:
            return Pending(slower=refusal.error == "slow_down")
        raise ConsentRefused(refusal.words) from None


# --- asking ----------------------------------------------------------------------------------------------


class _Refused(Exception):
    """The endpoint's error (RFC 6749 5.2), with words that hold nothing of what we sent in secret."""

    def __init__(self, error: str, words: str) -> None:
        self.error, self.words = error, words
        super().__init__(words)


def _ask(application: Application, url: str, fields: dict[str, str], post: Post) -> dict[str, Any]:
    sent = {**fields, "client_id": application.client_id}
    if application.client_secret:
        sent["client_secret"] = application.client_secret
    answer = post(url, sent)
    said = _json(answer.body)
    if answer.status == 200 and "error" not in said:
        return said
    error = _text(said, "error")
    if not error:
        raise ProviderFailed(f"HTTP {answer.status}")
    secret = [value for name, value in sent.items() if name not in {"grant_type", "client_id", "scope", "redirect_uri"}]
    words = _without(f"{error}: {_text(said, 'error_description')}", secret)
    _raise_of_all(answer.status, error, words)
    raise _Refused(error, words)


def _raise_of_all(status: int, error: str, words: str) -> None:
    """What is neither about this person's permission nor about this request."""
    if error in {"invalid_client", "unauthorized_client"}:
        raise ApplicationRefused(words)
    if status >= 500 or status == 429 or error in {"server_error", "temporarily_unavailable"}:
        raise ProviderFailed(words)


def _without(words: str, secret: list[str]) -> str:
    # A provider that repeats what it was sent must not make us write it down.
    for one in secret:
        if len(one) >= 4:
            words = words.replace(one, "…")
    return words[:500].rstrip(": ")


def _json(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _tokens(said: dict[str, Any]) -> Tokens:
    access, renewing = _text(said, "access_token"), _text(said, "refresh_token")
    if not access or not _fits(access) or not _fits(renewing):
        raise ProviderFailed("an answer without a token")
    seconds = _seconds(said, "expires_in", _USUAL, _SHORTEST, _LONGEST)
    return Tokens(access, renewing, seconds, _account(_text(said, "id_token")))


def _lasting(tokens: Tokens) -> Tokens:
    if not tokens.refresh:
        raise ConsentRefused("no lasting permission was given (no refresh token)")
    return tokens


def _fits(token: str) -> bool:
    # RFC 6749 A.12: VSCHAR. It goes into a line of IMAP and SMTP, where controls would end it.
    return len(token) <= _LONGEST_TOKEN and token.isascii() and (token.isprintable() or not token)


def _account(id_token: str) -> str:
    """Who an ID token is about. It came over TLS from the token endpoint itself (OpenID Connect Core 3.1.3.7, 6)."""
    parts = id_token.split(".")
    if len(parts) != 3:
        return ""
    try:
        claims = _json(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return ""
    name = _text(claims, "email") or _text(claims, "preferred_username")
    return "".join(c for c in name if c.isprintable())[:320]


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""


def _seconds(said: dict[str, Any], name: str, usual: int, least: int, most: int) -> int:
    value = said.get(name)
    if isinstance(value, str) and value.isdecimal() and len(value) < 10:
        value = int(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or not -1e9 < value < 1e9:
        return usual
    return max(least, min(most, int(value)))


__all__ = [
    "Answer", "Application", "DeviceCode", "Endpoints", "Fields", "Pending", "Post", "ServerError", "Tokens",
    "ask_device", "authorization_url", "begin_device", "challenge", "exchange", "new_verifier", "refresh",
]  # fmt: skip
