"""Codes of the outbox and of mail servers in words, with what to do, for whoever looks at a conversation."""

from __future__ import annotations

from django.utils.translation import gettext as _


def sending_words(code: str) -> str:
    """Why a message is not (wholly) sent: `code` is of `outbox.queue.CODES` or `protocols.errors`; "" for none."""
    if not code:
        return ""
    return _outbox(code) or _server(code) or _("The mail server could not be spoken to.")


def _outbox(code: str) -> str:
    return {
        "temporary": _("The mail server cannot take it just now."),
        "rejected": _("The mail server refused it."),
        "some-rejected": _("The mail server refused some of the addresses."),
        "gave-up": _("It is not tried any more."),
        "crashed": _("The desk stopped while it was sending. Nothing had been handed over."),
        "secret": _("The mailbox’s password cannot be read on this machine. An administrator has to enter it again."),
        "internal": _("The desk made an error. An administrator finds it in the log."),
        "unfiled": _("It was sent, and is put into the archive in a moment."),
        "uncertain": _("The connection broke after the message was handed over."),
    }.get(code, "")


def _server(code: str) -> str:
    mailbox = _("An administrator should look at the mailbox’s settings.")
    return {
        "name-not-found": _("The mail server’s name is not known.") + " " + mailbox,
        "refused": _("The mail server does not answer at its port."),
        "unreachable": _("There is no way to the mail server: the network may be down."),
        "timeout": _("The mail server did not answer in time."),
        "certificate": _("The mail server’s certificate is not trusted.") + " " + mailbox,
        "tls": _("An encrypted connection to the mail server could not be made.") + " " + mailbox,
        "login-refused": _("The mail server did not accept the mailbox’s password.") + " " + mailbox,
        "sender-refused": _("The mail server does not let this mailbox send from this address.") + " " + mailbox,
        "connection-lost": _("The connection to the mail server broke."),
    }.get(code, "")
