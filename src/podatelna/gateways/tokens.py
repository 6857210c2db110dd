"""Tokens of gateways: renewed ahead of time by one worker at a time; a dead one stops its gateway and nothing else.

A refresh token may be good for one use only: of two who spend it, the provider takes the second for a thief and ends
the permission. So a row is taken before the provider is asked (`renewing_until`), and no transaction is open meanwhile.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from podatelna import vault
from podatelna.accounts.models import Person
from podatelna.protocols import oauth
from podatelna.protocols.errors import ApplicationRefused, ProviderFailed, ServerError, SignInDead, SignInMissing
from podatelna.protocols.https import post_form
from podatelna.protocols.oauth import Post, Tokens

from .alarms import end_alarm, raise_alarm
from .certificate_store import company_authorities
from .models import Gateway
from .providers import application
from .sign_in_models import SignIn, SignInProvider

log = logging.getLogger(__name__)

AHEAD = timedelta(minutes=5)  # renewed so long before the access token ends
_HOLD = timedelta(minutes=2)  # longer than the provider may take (https.py gives up after 25 seconds)
_STILL_GOOD = timedelta(seconds=30)
_ASKED_AGAIN = timedelta(minutes=10)  # a provider that refused our application
_LOOKS, _PAUSE = 150, 0.2  # at what another worker is bringing: half a minute

Clock = Callable[[], datetime]
State = Gateway.State


def access_token(gateway: Gateway, *, now: Clock, post: Post | None = None) -> str:
    """A token that holds for a while, renewed when it soon would not.

    Raises SignInMissing when nobody has signed in, SignInDead when a person must do so again (the provider is not asked
    then), ApplicationRefused, or ProviderFailed and other ServerErrors that may pass.
    """
    row = SignIn.objects.select_related("provider").filter(gateway_id=gateway.pk).first()
    if row is None or row.signed_in_at is None:
        raise SignInMissing
    if row.dead_at is not None:
        raise SignInDead(row.dead_reason)
    if _holds(row, now() + AHEAD):
        return _access(row)
    if _take(row, now()):
        return _renew(row, now, post or post_at_provider)
    # Another worker is asking just now.
    return _access(row) if _holds(row, now() + _STILL_GOOD) else _what_comes(row, now)


def renew_due(now: Clock, post: Post | None = None) -> int:
    """Renew what soon ends, also of gateways that dial nothing just now; how many. What fails is shown where it is."""
    soon = Q(expires_at__lte=now() + AHEAD)
    free = Q(renewing_until=None) | Q(renewing_until__lte=now())
    able = Q(provider__refused_until=None) | Q(provider__refused_until__lte=now())
    rows = SignIn.objects.filter(soon, free, able, dead_at=None, signed_in_at__isnull=False)
    renewed = 0
    for row in rows.exclude(gateway__state=State.PAUSED).select_related("gateway"):
        try:
            access_token(row.gateway, now=now, post=post)
            renewed += 1
        except ServerError as error:
            log.warning("gateway %s: its token was not renewed: %s", row.gateway_id, error)
    return renewed


def doubt(gateway: Gateway, now: datetime) -> None:
    """A mail server refused the token: it is renewed before it is used again."""
    SignIn.objects.filter(gateway_id=gateway.pk, expires_at__gt=now).update(expires_at=now)


def keep(gateway: Gateway, provider: SignInProvider, tokens: Tokens, by: Person, now: datetime) -> SignIn:
    """Somebody signed in: their tokens take the place of what was; the gateway works with them from now on."""
    with transaction.atomic():
        row, _ = SignIn.objects.select_for_update().get_or_create(gateway=gateway, defaults={"provider": provider})
        row.provider, row.account, row.by, row.signed_in_at = provider, tokens.account, by, now
        row.dead_at, row.dead_reason, row.renewing_until = None, "", None
        row.turn += 1
        row.expires_at = now + timedelta(seconds=tokens.seconds)
        row.set_tokens(tokens.access, tokens.refresh)
        row.save()
        mine = Gateway.objects.filter(pk=gateway.pk)
        mine.update(redials=F("redials") + 1)
        mine.exclude(state=State.PAUSED).update(state=State.NEW, failures=0, due_at=now)
    end_alarm("sign-in-dead", _subject(gateway.pk), now=now)
    return row


def forgive(provider: SignInProvider) -> None:
    """Its settings were changed: it may be asked at once."""
    SignInProvider.objects.filter(pk=provider.pk).update(refused_until=None, refusal="")


def post_at_provider(url: str, fields: oauth.Fields) -> oauth.Answer:
    """Ask a provider, with the company's own authorities trusted."""
    return post_form(url, fields, authorities=company_authorities())


# --- one renewing -----------------------------------------------------------------------------------------


def _holds(row: SignIn, until: datetime) -> bool:
    return row.expires_at is not None and row.expires_at > until


def _access(row: SignIn) -> str:
    try:
        return row.access()
    except vault.Unreadable as error:
        raise SignInMissing(str(error)) from error


def _take(row: SignIn, now: datetime) -> bool:
    until = now + _HOLD
    free = Q(renewing_until=None) | Q(renewing_until__lte=now)
    if SignIn.objects.filter(free, pk=row.pk, turn=row.turn, dead_at=None).update(renewing_until=until) != 1:
        return False
    row.renewing_until = until
    return True


def _mine(row: SignIn) -> Q:
    return Q(pk=row.pk, turn=row.turn, renewing_until=row.renewing_until)


def _renew(row: SignIn, now: Clock, post: Post) -> str:
    try:
        tokens = _ask(row, now, post)
    except SignInDead as death:
        _bury(row, death, now())
        raise
    except ServerError:
        SignIn.objects.filter(_mine(row)).update(renewing_until=None)
        if _holds(row, now() + _STILL_GOOD):
            return _access(row)  # we were early on purpose: there is time to try again
        raise
    return _store(row, tokens, now())


def _ask(row: SignIn, now: Clock, post: Post) -> Tokens:
    provider = row.provider
    if provider.refused_until is not None and provider.refused_until > now():
        raise ApplicationRefused(provider.refusal)
    try:
        refresh_token = row.refresh()
    except vault.Unreadable as error:
        raise SignInMissing(str(error)) from error
    try:
        tokens = oauth.refresh(application(provider), refresh_token, post=post)
    except ApplicationRefused as refusal:
        _note_refusal(provider, refusal, now())
        raise
    if provider.refused_until is not None:
        forgive(provider)
        end_alarm("sign-in-dead", f"provider {provider.pk}", now=now())
    return tokens


def _note_refusal(provider: SignInProvider, refusal: ApplicationRefused, now: datetime) -> None:
    SignInProvider.objects.filter(pk=provider.pk).update(refused_until=now + _ASKED_AGAIN, refusal=refusal.detail)
    details = {"provider": provider.name, "code": refusal.code, "detail": refusal.detail}
    raise_alarm("sign-in-dead", f"provider {provider.pk}", now=now, details=details)


def _store(row: SignIn, tokens: Tokens, now: datetime) -> str:
    # Committed before anybody uses it: the provider has forgotten the old one by now.
    kept = row.refresh() if not tokens.refresh else tokens.refresh
    row.set_tokens(tokens.access, kept)
    SignIn.objects.filter(_mine(row)).update(
        access_sealed=row.access_sealed,
        refresh_sealed=row.refresh_sealed,
        expires_at=now + timedelta(seconds=tokens.seconds),
        turn=row.turn + 1,
        renewing_until=None,
    )
    return tokens.access


def _bury(row: SignIn, death: SignInDead, now: datetime) -> None:
    """Write down that it is over; the gateway waits for a person, and its owner and the administrators are told."""
    dead = {"dead_at": now, "dead_reason": death.detail, "renewing_until": None}
    if SignIn.objects.filter(_mine(row)).update(**dead) != 1:
        return  # somebody has signed in again meanwhile
    gateway = Gateway.objects.select_related("owner").get(pk=row.gateway_id)
    Gateway.objects.filter(pk=gateway.pk).exclude(state=State.PAUSED).update(state=State.SIGN_IN)
    details = {"address": gateway.address, "provider": row.provider.name, "detail": death.detail}
    raise_alarm("sign-in-dead", _subject(gateway.pk), now=now, details=details, gateway=gateway, person=gateway.owner)


def _what_comes(row: SignIn, now: Clock) -> str:
    """What the other worker brings. Raises ProviderFailed when it brings nothing in time."""
    for _ in range(_LOOKS):
        time.sleep(_PAUSE)
        row.refresh_from_db()
        if row.dead_at is not None:
            raise SignInDead(row.dead_reason)
        if _holds(row, now() + _STILL_GOOD):
            return _access(row)
        if row.renewing_until is None:
            break
    raise ProviderFailed("another worker is renewing it")


def _subject(gateway: int) -> str:
    return f"gateway {gateway}"
