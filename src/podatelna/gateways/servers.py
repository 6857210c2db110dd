"""A gateway's settings as the servers that protocols/ can talk to."""

from __future__ import annotations

from podatelna import vault
from podatelna.protocols.errors import ServerError
from podatelna.protocols.imap import ImapServer
from podatelna.protocols.smtp import SmtpServer

from .models import Gateway


class PasswordUnreadable(ServerError):
    """The stored password does not open with this machine's key: it must be typed again (or the key file restored)."""

    code = "password-unreadable"


def imap_server(gateway: Gateway) -> ImapServer:
    """Where the gateway's mailbox is; it need not be saved. Raises PasswordUnreadable."""
    try:
        password = gateway.imap_password()
    except vault.Unreadable as error:
        raise PasswordUnreadable(str(error)) from error
    return ImapServer(gateway.imap_host, gateway.imap_port, gateway.imap_security, gateway.imap_login, password)


def smtp_server(gateway: Gateway) -> SmtpServer:
    """Where the gateway's mail goes out; it need not be saved. Raises PasswordUnreadable."""
    try:
        password = gateway.smtp_password() if gateway.smtp_login else ""
    except vault.Unreadable as error:
        raise PasswordUnreadable(str(error)) from error
    return SmtpServer(gateway.smtp_host, gateway.smtp_port, gateway.smtp_security, gateway.smtp_login, password)
