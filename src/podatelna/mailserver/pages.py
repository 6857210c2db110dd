"""What pages say of the provided mail server: a domain with the hosts of this installation, and its set-up."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from .models import MailDomain
from .records import Published


def published(domain: MailDomain) -> Published:
    """What is to be published of `domain` here."""
    return Published(
        domain=domain.name,
        mail_host=settings.MAILSERVER_NAME or f"mail.{domain.name}",
        desk_host=urlsplit(settings.ORIGIN).hostname or "",
        selector=domain.selector,
        public_key=domain.public_key,
    )


def served_here(address: str) -> bool:
    """Whether the domain of `address` is one of the provided mail server."""
    name = address.rpartition("@")[2].lower()
    return bool(settings.MAILSERVER_NAME) and MailDomain.objects.filter(name=name).exists()
