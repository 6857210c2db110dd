"""Enhanced status codes of mail servers (RFC 3463, RFC 7505) in words: what they mean, and what to do about it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from podatelna.mail.bounce_words import status_code

# Subject and detail, without the class; a subject alone stands for its other details.
STATUSES: dict[str, str | Promise] = {
    "1.1": _("There is no such address."),
    "1.2": _("There is no such domain, or it takes no mail."),
    "1.3": _("The address is not written as addresses are."),
    "1.6": _("The addressee has moved to another address."),
    "1.8": _("The server does not like the address that we send from."),
    "1.10": _("The domain takes no mail."),
    "1": _("Something is wrong with the address."),
    "2.1": _("The mailbox is closed."),
    "2.2": _("The mailbox is full."),
    "2.3": _("The message is too large for the mailbox."),
    "2": _("The mailbox does not take it."),
    "3.1": _("The server has no room left."),
    "3.4": _("The message is too large for the server."),
    "3": _("The server does not take it just now."),
    "4.1": _("The addressee’s server does not answer."),
    "4.4": _("Nobody knows where mail to this domain goes."),
    "4.6": _("The message went round in circles between servers."),
    "4.7": _("The server could not be reached for days."),
    "4": _("The server could not be reached."),
    "5.3": _("The server does not take so many addressees at once."),
    "5": _("The servers did not understand each other."),
    "6.7": _("The server cannot handle letters like á or ř in addresses."),
    "6": _("The server cannot handle the form of the message."),
    "7.1": _("The server refused it: for its content, or for where it came from."),
    "7.8": _("The server did not accept login and password."),
    "7.20": _("The server wants a valid DKIM signature. An administrator should look at the mailbox’s signing."),
    "7.23": _("The server refused it: the domain does not let this mail server send (SPF)."),
    "7.25": _("The server refused it: our mail server’s name and address do not fit together."),
    "7.26": _("The server refused it: it fits neither the domain’s SPF nor its DKIM."),
    "7.27": _("The address that we send from takes no mail itself."),
    "7.28": _("So many messages came from us that the server lets no more in for a while."),
    "7": _("The server refused it: for its content, or for where it came from."),
}
# A class of 4 is for now only, and means something else there.
FOR_NOW: dict[str, str | Promise] = {
    "4.7.1": _("The server lets in nobody whom it does not know at the first try (greylisting). A later one will do."),
    "4.7.0": _("The server puts us off for a while; it does that with senders whom it does not know yet."),
    "4.2.1": _("The mailbox gets more mail just now than its server lets in."),
    "4.2.2": _("The mailbox is full. When there is room again, it arrives."),
    "4.3.2": _("The server is being worked on."),
    "4.4.1": _("The addressee’s server does not answer."),
    "4.4.2": _("The connection to the server broke."),
    "4.5.3": _("The server does not take so many addressees at once; the others get it in the next try."),
}


def status_words(status: str) -> str:
    """What "5.1.1" means; "" for a status that says nothing in particular."""
    _class, _dot, rest = status.partition(".")
    words = FOR_NOW.get(status) or STATUSES.get(rest) or STATUSES.get(rest.partition(".")[0])
    return str(words or "")


def reply_words(reply: str) -> str:
    """What a server's answer ("550 5.1.1 no such user") means, "" when it has no status that is known."""
    return status_words(status_code(reply)) if reply else ""
