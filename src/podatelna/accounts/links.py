"""One-time links: a secret that lets its holder set a password, once and not for long. Only its hash is stored."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import QuerySet

from .models import OneTimeLink, Person

Purpose = OneTimeLink.Purpose
VALID = {Purpose.SET_UP: timedelta(hours=24), Purpose.PASSWORD: timedelta(days=7)}


def make_link(purpose: Purpose, *, person: Person | None, by: Person | None, now: datetime) -> str:
    """The secret of a new link: 43 URL-safe characters, 256 random bits. Earlier links for the same end with it."""
    withdraw_links(purpose, person)
    secret = secrets.token_urlsafe(32)
    OneTimeLink.objects.create(
        purpose=purpose, person=person, sha256=_digest(secret), made_by=by, expires_at=now + VALID[purpose]
    )
    return secret


def find_link(secret: str, purpose: Purpose, now: datetime) -> OneTimeLink | None:
    """The link with this secret, if it is still good."""
    return usable(purpose, now).filter(sha256=_digest(secret)).first()


def usable(purpose: Purpose, now: datetime) -> QuerySet[OneTimeLink]:
    """Links that are neither used nor expired, of people who have not left."""
    links = OneTimeLink.objects.filter(purpose=purpose, used_at=None, expires_at__gt=now)
    return links.exclude(person__is_active=False).select_related("person")


def use(link: OneTimeLink, now: datetime) -> bool:
    """Spend the link; False when it was spent, withdrawn or has expired since it was read. Of two, one succeeds."""
    return usable(Purpose(link.purpose), now).filter(pk=link.pk).update(used_at=now) == 1


def withdraw_links(purpose: Purpose, person: Person | None) -> None:
    """Links that were made for this and not used stop working."""
    OneTimeLink.objects.filter(purpose=purpose, person=person, used_at=None).delete()


def _digest(secret: str) -> bytes:
    # A plain hash is enough: the secret is 256 random bits, there is nothing to guess.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
