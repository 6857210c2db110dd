"""A person lets a gateway in at its provider: there and back (RFC 6749), or with a code to type (RFC 8628)."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from podatelna import vault
from podatelna.accounts.audit import record
from podatelna.accounts.models import Person
from podatelna.protocols import oauth
from podatelna.protocols.errors import ConsentRefused
from podatelna.protocols.oauth import Post, Tokens

from . import tokens
from .models import Authentication, Gateway
from .providers import application, endpoints
from .sign_in_models import Consent, SignIn, SignInProvider

_KEPT = timedelta(minutes=15)


def may_sign_in(person: Person, gateway: Gateway) -> bool:
    """A private mailbox is its owner's alone; one of a process is for administrators."""
    if not person.is_active:
        return False
    return gateway.owner_id == person.pk if gateway.owner_id is not None else person.is_administrator


def choices(gateway: Gateway) -> QuerySet[SignInProvider]:
    """The providers to choose from: the one that the gateway has, else all."""
    chosen = SignIn.objects.filter(gateway=gateway).values("provider")
    every = SignInProvider.objects.all()
    return every.filter(pk__in=chosen) if chosen.exists() else every


def choose(gateway: Gateway, provider: SignInProvider, now: datetime) -> None:
    """The gateway is to sign in with `provider` and waits for a consent. What another provider gave is forgotten."""
    with transaction.atomic():
        SignIn.objects.filter(gateway=gateway).exclude(provider=provider).delete()
        row, _ = SignIn.objects.get_or_create(gateway=gateway, defaults={"provider": provider})
        if row.signed_in_at is None:
            mine = Gateway.objects.filter(pk=gateway.pk).exclude(state=Gateway.State.PAUSED)
            mine.update(state=Gateway.State.SIGN_IN, due_at=None)


# --- there and back ---------------------------------------------------------------------------------------


def begin(
    gateway: Gateway, provider: SignInProvider, person: Person, *, redirect_uri: str, return_to: str, now: datetime
) -> str:
    """The address at the provider that the person goes to; nothing secret stands in it. Raises ApplicationRefused."""
    state, verifier = secrets.token_urlsafe(32), oauth.new_verifier()
    ours = application(provider)
    consent = _consent(gateway, provider, person, state, return_to, now + _KEPT)
    consent.set_secret(verifier)
    Consent.objects.filter(expires_at__lte=now).delete()
    consent.save()
    login = gateway.imap_login or gateway.address
    return oauth.authorization_url(ours, redirect_uri=redirect_uri, state=state, verifier=verifier, login=login)


def find(state: str, person: Person, now: datetime) -> Consent | None:
    """The consent that a person who comes back had begun, taken off the table: a second time there is none.

    None also for another person's, and one that is too old or whose gateway they may not let in any more.
    """
    row = Consent.objects.filter(state_sha256=_digest(state), person=person, user_code="").first()
    if row is None or Consent.objects.filter(pk=row.pk).delete()[0] == 0:
        return None
    return row if row.expires_at > now and may_sign_in(person, row.gateway) else None


def finish(consent: Consent, code: str, *, redirect_uri: str, now: datetime, post: Post | None = None) -> SignIn:
    """Tokens for the code that the person came back with; the gateway works with them. Raises a ServerError."""
    found = oauth.exchange(
        application(consent.provider),
        code=code,
        redirect_uri=redirect_uri,
        verifier=_secret(consent),
        post=post or tokens.post_at_provider,
    )
    return _keep(consent, found, "code", now)


# --- a code to type ---------------------------------------------------------------------------------------


def begin_device(
    gateway: Gateway,
    provider: SignInProvider,
    person: Person,
    *,
    return_to: str,
    now: datetime,
    post: Post | None = None,
) -> Consent:
    """A code that the person types at the provider, on any device. Raises a ServerError."""
    begun = oauth.begin_device(application(provider), post=post or tokens.post_at_provider)
    expires_at = now + timedelta(seconds=begun.seconds)
    consent = _consent(gateway, provider, person, secrets.token_urlsafe(32), return_to, expires_at)
    consent.set_secret(begun.device_code)
    consent.user_code, consent.verification_url = begun.user_code, begun.verification_url
    consent.interval, consent.ask_at = begun.interval, now + timedelta(seconds=begun.interval)
    Consent.objects.filter(expires_at__lte=now).delete()
    consent.save()
    return consent


def has_codes(provider: SignInProvider) -> bool:
    """Whether the provider gives codes to type."""
    return bool(endpoints(provider).device)


def device_consents(person: Person) -> QuerySet[Consent]:
    """Those with a code that the person had begun."""
    return Consent.objects.filter(person=person).exclude(user_code="").select_related("gateway", "provider")


def ask_device(consent: Consent, *, now: datetime, post: Post | None = None) -> SignIn | None:
    """Whether the person has typed the code and allowed it; None: not yet. Asks no more often than the provider wants.

    Raises ConsentRefused when it is over (the row is gone then), else a ServerError that may pass.
    """
    if consent.expires_at <= now or not may_sign_in(consent.person, consent.gateway):
        consent.delete()
        raise ConsentRefused("the code has run out")
    if consent.ask_at is not None and consent.ask_at > now:
        return None
    later = now + timedelta(seconds=consent.interval)
    if Consent.objects.filter(pk=consent.pk, ask_at=consent.ask_at).update(ask_at=later) != 1:
        return None  # another window of theirs is asking
    try:
        found = oauth.ask_device(application(consent.provider), _secret(consent), post=post or tokens.post_at_provider)
    except ConsentRefused:
        consent.delete()
        raise
    if isinstance(found, Tokens):
        sign_in = _keep(consent, found, "device", now)
        consent.delete()
        return sign_in
    if found.slower:  # RFC 8628 3.5: five seconds more, from now on
        interval = consent.interval + 5
        Consent.objects.filter(pk=consent.pk).update(interval=interval, ask_at=now + timedelta(seconds=interval))
    return None


# --- both -------------------------------------------------------------------------------------------------


def _consent(
    gateway: Gateway, provider: SignInProvider, person: Person, state: str, return_to: str, expires_at: datetime
) -> Consent:
    return Consent(
        state_sha256=_digest(state),
        gateway=gateway,
        provider=provider,
        person=person,
        return_to=return_to[:500],
        expires_at=expires_at,
    )


def _digest(state: str) -> bytes:
    # A plain hash is enough: the state is 256 random bits.
    return hashlib.sha256(state.encode("utf-8", "surrogatepass")).digest()


def _secret(consent: Consent) -> str:
    try:
        return consent.secret()
    except vault.Unreadable as error:
        raise ConsentRefused(str(error)) from error


def _keep(consent: Consent, found: Tokens, way: str, now: datetime) -> SignIn:
    gateway = consent.gateway
    with transaction.atomic():
        changed = {"imap_authentication": Authentication.TOKEN, "imap_sealed": b""}
        # Sending goes the same way, unless it has a login of its own: that may be quite another server.
        if gateway.smtp_authentication == Authentication.TOKEN or gateway.smtp_login == gateway.imap_login:
            changed |= {"smtp_authentication": Authentication.TOKEN, "smtp_sealed": b""}
        Gateway.objects.filter(pk=gateway.pk).update(**changed)
        sign_in = tokens.keep(gateway, consent.provider, found, consent.person, now)
        record(
            consent.person,
            "sign-in-gateway",
            f"gateway {gateway.pk}",
            provider=consent.provider.name,
            account=found.account,
            way=way,
        )
    return sign_in
