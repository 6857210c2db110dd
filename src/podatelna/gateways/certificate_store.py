"""Certificates that are kept: authorities that are trusted besides the machine's own, and what gateways show."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q

from podatelna import vault
from podatelna.protocols.certificates import Described, Identity
from podatelna.protocols.errors import ClientCertificateRefused

from .models import Gateway
from .sign_in_models import Authority, ClientCertificate


def company_authorities() -> str:
    """PEM of the authorities that everything here trusts."""
    return "".join(Authority.objects.filter(gateway=None).values_list("pem", flat=True))


def authorities_of(gateway: Gateway) -> str:
    """PEM of the authorities that the gateway's servers may lead to, besides those of this machine."""
    return "".join(Authority.objects.filter(Q(gateway=None) | Q(gateway_id=gateway.pk)).values_list("pem", flat=True))


def trust(found: list[Described], gateway: Gateway | None, now: datetime) -> list[Authority]:
    """Trust authorities from now on, for one gateway or for all; those that are new."""
    with transaction.atomic():
        known = set(Authority.objects.filter(gateway=gateway).values_list("sha256", flat=True))
        new = [
            Authority(
                gateway=gateway,
                pem=one.pem,
                subject=one.subject,
                sha256=one.sha256,
                expires_at=one.expires_at,
                added_at=now,
            )
            for one in found
            if one.sha256 not in known
        ]
        Authority.objects.bulk_create(new)
        _dial_again(gateway, now)
    return new


def distrust(authority: Authority, now: datetime) -> None:
    """Trust it no more; connections that may stand on it are made anew."""
    with transaction.atomic():
        authority.delete()
        _dial_again(authority.gateway, now)


def identity_of(gateway: Gateway) -> Identity | None:
    """The client certificate that the gateway shows, if it has one. Raises ClientCertificateRefused."""
    row = ClientCertificate.objects.filter(gateway_id=gateway.pk).first() if gateway.pk else None
    if row is None:
        return None
    try:
        return Identity(row.pem, row.key())
    except vault.Unreadable as error:
        raise ClientCertificateRefused(str(error)) from error


def keep_identity(gateway: Gateway, identity: Identity, described: Described, now: datetime) -> ClientCertificate:
    """Show this client certificate from now on; its key is sealed."""
    with transaction.atomic():
        row, _ = ClientCertificate.objects.update_or_create(
            gateway=gateway,
            defaults={"pem": identity.certificate, "subject": described.subject, "expires_at": described.expires_at},
        )
        row.set_key(identity.key)
        row.save(update_fields=["key_sealed"])
        _dial_again(gateway, now)
    return row


def forget_identity(gateway: Gateway, now: datetime) -> bool:
    """Show no client certificate any more; whether there was one."""
    with transaction.atomic():
        gone, _ = ClientCertificate.objects.filter(gateway=gateway).delete()
        _dial_again(gateway, now)
    return bool(gone)


def note_expiry(gateway: Gateway, side: str, expires_at: datetime) -> None:
    """Remember when the certificate of the gateway's server ends (`side` "imap" or "smtp"); written when it changed."""
    column = f"{side}_certificate_expires_at"
    if gateway.pk and getattr(gateway, column) != expires_at:
        setattr(gateway, column, expires_at)
        Gateway.objects.filter(pk=gateway.pk).update(**{column: expires_at})


def _dial_again(gateway: Gateway | None, now: datetime) -> None:
    rows = Gateway.objects.all() if gateway is None else Gateway.objects.filter(pk=gateway.pk)
    rows.update(redials=F("redials") + 1)
    rows.exclude(state__in=[Gateway.State.PAUSED, Gateway.State.SIGN_IN]).update(due_at=now)
