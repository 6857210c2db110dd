"""A gateway's settings as the servers that protocols/ can talk to, with what it takes to get in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.utils import timezone

from podatelna import vault
from podatelna.protocols.certificates import Notices
from podatelna.protocols.errors import ServerError
from podatelna.protocols.imap import ImapServer
from podatelna.protocols.oauth import Post
from podatelna.protocols.smtp import SmtpServer

from . import tokens
from .certificate_store import authorities_of, identity_of, note_expiry
from .models import Authentication, Gateway

Clock = Callable[[], datetime]


class PasswordUnreadable(ServerError):
    """The stored password does not open with this machine's key: it must be typed again (or the key file restored)."""

    code = "password-unreadable"


def imap_server(gateway: Gateway, *, now: Clock = timezone.now, post: Post | None = None) -> ImapServer:
    """Where the gateway's mailbox is and how to get in; it need not be saved.

    A token is renewed when it soon ends: `post` asks the provider. Raises PasswordUnreadable, SignInMissing, SignInDead
    or another ServerError.
    """
    way = gateway.imap_authentication
    return ImapServer(
        gateway.imap_host,
        gateway.imap_port,
        gateway.imap_security,
        gateway.imap_login,
        _opened(gateway.imap_password) if way == Authentication.PASSWORD else "",
        token=tokens.access_token(gateway, now=now, post=post) if way == Authentication.TOKEN else "",
        external=way == Authentication.CERTIFICATE,
        authorities=authorities_of(gateway),
        identity=identity_of(gateway),
        notices=_notices(gateway, "imap", now),
    )


def smtp_server(gateway: Gateway, *, now: Clock = timezone.now, post: Post | None = None) -> SmtpServer:
    """Where the gateway's mail goes out and how to get in; as `imap_server`."""
    way = gateway.smtp_authentication
    with_password = way == Authentication.PASSWORD and gateway.smtp_login
    return SmtpServer(
        gateway.smtp_host,
        gateway.smtp_port,
        gateway.smtp_security,
        gateway.smtp_login,
        _opened(gateway.smtp_password) if with_password else "",
        token=tokens.access_token(gateway, now=now, post=post) if way == Authentication.TOKEN else "",
        external=way == Authentication.CERTIFICATE,
        authorities=authorities_of(gateway),
        identity=identity_of(gateway),
        notices=_notices(gateway, "smtp", now),
    )


def imap_door(gateway: Gateway) -> ImapServer:
    """Where the mailbox is, without a secret: enough to dial and encrypt. Raises ClientCertificateRefused."""
    return ImapServer(
        gateway.imap_host,
        gateway.imap_port,
        gateway.imap_security,
        gateway.imap_login,
        "",
        authorities=authorities_of(gateway),
        identity=identity_of(gateway),
        notices=_notices(gateway, "imap", timezone.now),
    )


def smtp_door(gateway: Gateway) -> SmtpServer:
    """Where mail goes out, without a secret: as `imap_door`."""
    return SmtpServer(
        gateway.smtp_host,
        gateway.smtp_port,
        gateway.smtp_security,
        authorities=authorities_of(gateway),
        identity=identity_of(gateway),
        notices=_notices(gateway, "smtp", timezone.now),
    )


def _opened(password: Callable[[], str]) -> str:
    try:
        return password()
    except vault.Unreadable as error:
        raise PasswordUnreadable(str(error)) from error


def _notices(gateway: Gateway, side: str, now: Clock) -> Notices:
    return Notices(partial(note_expiry, gateway, side), lambda: tokens.doubt(gateway, now()))
