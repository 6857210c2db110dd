"""Codes of the outbox, of mail servers and of odd senders in words, for whoever looks at a conversation."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


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
        "limit": _("The mailbox has sent as many messages within an hour as it may."),
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


def defect_words(defect: str) -> str:
    """What is wrong with a message, as `mail.parse` names it; an unknown name gets a word before it."""
    known = {
        "no sender": _("it names no sender"),
        "no date": _("it has no date"),
        "unreadable date": _("its date cannot be read"),
        "impossible date": _("its date is impossible"),
        "time zone unknown": _("its date is in an unknown time zone"),
        "several From fields": _("it names several senders"),
        "no empty line behind the header": _("header and text are not divided"),
        "multipart without a boundary": _("its parts are not divided"),
        "missing boundary: guessed": _("the mark between its parts is missing and was guessed"),
        "too many parts: the rest is not taken apart": _("it has too many parts; the rest is in the original"),
        "multipart without parts": _("its parts are not divided"),
        "cut off: the closing boundary is missing": _("its end is missing"),
        "wrong boundary: another one is used": _("the mark between its parts was named wrongly"),
        "text cut: it is longer than can be shown": _(
            "its text is longer than can be shown; the whole is in the original"
        ),
        "date far from its receipt": _("its date is far from the day it came"),
        "utf-8 encoded twice": _("its letters were encoded twice and put right"),
        "text behind the base64": _("text was added behind a part"),
        "broken winmail.dat": _("its winmail.dat is damaged"),
        "broken compressed RTF": _("the text in its winmail.dat is damaged"),
        "broken base64": _("a part is damaged (base64)"),
        "broken quoted-printable": _("a part is damaged (quoted-printable)"),
    }
    named, taken, behind = defect.partition(": time of receipt taken")
    if taken and not behind:
        return _("%(defect)s; the time of its receipt was taken") % {"defect": known.get(named) or _with_detail(named)}
    return known.get(defect) or _with_detail(defect)


def _with_detail(defect: str) -> str:
    """Of defects that name something; what has no words yet is said to be unusual, with its name in English."""
    patterns = [
        ("one piece of a message: ", _("it is one piece of a message that was sent in several (%(detail)s)")),
        ("several ", _("it has several of what may stand once: %(detail)s")),
        ("uuencoded ", _("a file in its text is damaged (uuencoded %(detail)s)")),
        ("yEnc ", _("a file in its text is damaged (yEnc %(detail)s)")),
        ("could not be read: ", _("something of it could not be read: %(detail)s")),
        ("unreadable address in ", _("an address cannot be read: %(detail)s")),
        ("unknown charset ", _("its character set is not known: %(detail)s")),
        ("charset guessed: ", _("its character set is not given; guessed: %(detail)s")),
        ("unknown transfer encoding ", _("a part is encoded in an unknown way: %(detail)s")),
        ("charset ", _("its letters are not those it names: %(detail)s")),
        ("broken ", _("some letters are damaged (%(detail)s)")),
    ]
    for prefix, words in patterns:
        if defect.startswith(prefix):
            return words % {"detail": defect.removeprefix(prefix)}
    return _("unusual: %(detail)s") % {"detail": defect}


# Codes of mail.lookalike. `shown` is what a sender could be taken for, `true` the sender's address or its domain.
SUSPICIONS = {
    "address-in-name": gettext_lazy("The name shows %(shown)s, but the message came from %(true)s."),
    "known-name": gettext_lazy(
        "The name is that of somebody you know (%(shown)s), but the message came from another address: %(true)s."
    ),
    "own-name": gettext_lazy("The name is your own company’s, but the message came from outside: %(true)s."),
    "confusable-domain": gettext_lazy(
        "The domain looks like %(shown)s, but it is another one. The message came from %(true)s."
    ),
    "near-domain": gettext_lazy(
        "The domain is almost %(shown)s, but it is another one. The message came from %(true)s."
    ),
    "mixed-scripts": gettext_lazy("The domain %(shown)s mixes letters of two alphabets that look alike."),
    "subdomain-trick": gettext_lazy(
        "The domain begins like %(shown)s, but it belongs to somebody else. The message came from %(true)s."
    ),
    "mixed-name": gettext_lazy("The sender’s name mixes letters of two alphabets that look alike."),
    "hidden-characters": gettext_lazy(
        "The sender’s name has characters that cannot be seen or that turn the writing around."
    ),
    "reply-elsewhere": gettext_lazy("The message came from %(true)s, but an answer would go to %(shown)s."),
}


def suspicion_words(code: str, *, shown: str, true: str) -> str:
    """Why to look twice at a sender; `code`, `shown` of a mail.lookalike.Suspicion, `true` where the mail came from."""
    return str(SUSPICIONS[code]) % {"shown": shown, "true": true}
