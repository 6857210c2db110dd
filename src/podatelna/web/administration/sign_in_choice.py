"""How a mailbox signs in, as a choice in its form: with a password, at a provider, or with its client certificate."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from podatelna.gateways import consents
from podatelna.gateways.models import Authentication, Gateway
from podatelna.gateways.sign_in_models import ClientCertificate, SignIn, SignInProvider
from podatelna.web.consent import consent_url

PASSWORD, CERTIFICATE = "password", "certificate"
_PROVIDER = "provider-"
# Where a mailbox is, and which provider lets people into it.
_HOSTS = {
    "imap.gmail.com": SignInProvider.Kind.GOOGLE,
    "outlook.office365.com": SignInProvider.Kind.MICROSOFT,
}


def choices(gateway: Gateway) -> list[tuple[str, str | Promise]]:
    """What there is to choose from; a client certificate only where one was uploaded."""
    found: list[tuple[str, str | Promise]] = [(PASSWORD, _("With login and password"))]
    for provider in SignInProvider.objects.all():
        found.append((f"{_PROVIDER}{provider.pk}", gettext("Sign in with %(name)s") % {"name": provider.name}))
    if gateway.pk and ClientCertificate.objects.filter(gateway=gateway).exists():
        found.append((CERTIFICATE, _("With its client certificate alone")))
    return found


def stored(gateway: Gateway) -> str:
    """What was chosen for it before."""
    if gateway.imap_authentication == Authentication.CERTIFICATE:
        return CERTIFICATE
    chosen = SignIn.objects.filter(gateway=gateway).first() if gateway.pk else None
    if gateway.imap_authentication == Authentication.TOKEN and chosen is not None:
        return f"{_PROVIDER}{chosen.provider_id}"
    return PASSWORD


def likely(imap_host: str) -> str:
    """What suits a mailbox there best, as far as it is set up."""
    provider = _at(imap_host)
    return f"{_PROVIDER}{provider.pk}" if provider else PASSWORD


def likely_provider(gateway: Gateway) -> SignInProvider | None:
    """The provider that was chosen for it, or lets people into its server; None where neither is known."""
    chosen = SignIn.objects.filter(gateway=gateway).select_related("provider").first()
    return chosen.provider if chosen else _at(gateway.imap_host)


def _at(imap_host: str) -> SignInProvider | None:
    return SignInProvider.objects.filter(kind=_HOSTS[imap_host]).first() if imap_host in _HOSTS else None


def authentication(choice: str) -> Authentication:
    """The choice as the gateway keeps it."""
    if choice == CERTIFICATE:
        return Authentication.CERTIFICATE
    return Authentication.TOKEN if choice.startswith(_PROVIDER) else Authentication.PASSWORD


def settle(gateway: Gateway, choice: str, now: datetime) -> None:
    """The form was saved: from now on it signs in so. At another provider, a person has to let it in first."""
    if choice.startswith(_PROVIDER):
        consents.choose(gateway, SignInProvider.objects.get(pk=int(choice.removeprefix(_PROVIDER))), now)
        return
    with transaction.atomic():
        gone, _rows = SignIn.objects.filter(gateway=gateway).delete()
        if gone:
            mine = Gateway.objects.filter(pk=gateway.pk)
            mine.update(redials=F("redials") + 1)
            mine.filter(state=Gateway.State.SIGN_IN).update(state=Gateway.State.NEW, failures=0, due_at=now)


def waits(gateway: Gateway, choice: str) -> bool:
    """Whether a person has to let it in at the chosen provider before it can be dialled."""
    if not choice.startswith(_PROVIDER):
        return False
    there = SignIn.objects.filter(gateway=gateway, provider=int(choice.removeprefix(_PROVIDER)))
    return not there.exclude(signed_in_at=None).exists()


def next_step(gateway: Gateway, back: str = "") -> str:
    """Where to go when it was saved: to the provider when a person has to sign in, and then `back` (the list)."""
    back = back or reverse("administration_gateways")
    waiting = SignIn.objects.filter(gateway=gateway, signed_in_at=None).exists()
    return consent_url(gateway, back) if waiting else back
