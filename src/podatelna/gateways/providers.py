"""Providers that people sign in to their mail with: the addresses of the known ones, and our application there."""

from __future__ import annotations

import re
from urllib.parse import quote

from podatelna import vault
from podatelna.protocols.errors import ApplicationRefused
from podatelna.protocols.oauth import Application, Endpoints

from .sign_in_models import SignInProvider

Kind = SignInProvider.Kind

# Of which organisation people may be: this word, a domain, or the number of the organisation.
ANY_TENANT = "organizations"
_TENANT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,198}[A-Za-z0-9])?")
_GOOGLE = Endpoints(
    "https://accounts.google.com/o/oauth2/v2/auth",
    "https://oauth2.googleapis.com/token",
    "https://mail.google.com/ openid email",
    # Without both, Google gives a permission that ends after an hour. Its codes for devices are not given for mail.
    more=(("access_type", "offline"), ("prompt", "consent")),
)
_MICROSOFT_SCOPE = (
    "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access openid email"
)


def endpoints(provider: SignInProvider) -> Endpoints:
    """Where the provider is asked."""
    if provider.kind == Kind.GOOGLE:
        return _GOOGLE
    if provider.kind == Kind.MICROSOFT:
        at = f"https://login.microsoftonline.com/{quote(provider.tenant or ANY_TENANT, safe='')}/oauth2/v2.0"
        more = (("prompt", "select_account"),)
        return Endpoints(f"{at}/authorize", f"{at}/token", _MICROSOFT_SCOPE, f"{at}/devicecode", more)
    return Endpoints(provider.authorize_url, provider.token_url, provider.scope, provider.device_url)


def application(provider: SignInProvider) -> Application:
    """Our application there. Raises ApplicationRefused when its secret does not open with this machine's key."""
    try:
        return Application(endpoints(provider), provider.client_id, provider.secret())
    except vault.Unreadable as error:
        raise ApplicationRefused(str(error)) from error


def is_tenant(text: str) -> bool:
    """Whether `text` can name an organisation at Microsoft: a domain, a number, or "organizations" or "common"."""
    return bool(_TENANT.fullmatch(text))
