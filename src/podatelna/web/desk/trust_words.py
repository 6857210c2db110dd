"""What is proven about a message's sender, in words: each reason, each verdict, and what they mean together."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Text = str | Promise

# Codes of mail.trust. `detail` is mostly the domain that the reason is about.
REASONS: dict[str, Text] = {
    "spf-pass": gettext_lazy("%(detail)s lets the server that brought the message send its mail."),
    "spf-fail": gettext_lazy("%(detail)s says that the server that brought the message may not send its mail."),
    "spf-softfail": gettext_lazy(
        "%(detail)s says that the server that brought the message probably may not send its mail."
    ),
    "spf-neutral": gettext_lazy("%(detail)s says nothing about the server that brought the message."),
    "spf-none": gettext_lazy("%(detail)s has published no list of its servers."),
    "spf-temperror": gettext_lazy("The list of servers of %(detail)s could not be looked up: DNS did not answer."),
    "spf-permerror": gettext_lazy("The list of servers of %(detail)s has a mistake in it."),
    "client-unknown": gettext_lazy("The message does not say which server brought it."),
    "envelope-unknown": gettext_lazy("The message does not say what address it would have been returned to."),
    "signature-good": gettext_lazy("Signed by %(detail)s, and not changed since."),
    "signature-wrong": gettext_lazy(
        "The signature of %(detail)s does not fit: the header was changed on the way, or the signature is forged."
    ),
    "body-changed": gettext_lazy(
        "The signature of %(detail)s does not fit: the text or the attachments were changed on the way."
    ),
    "body-shorter": gettext_lazy("The signature of %(detail)s does not fit: a part of the text is missing."),
    "body-partly-signed": gettext_lazy(
        "The signature of %(detail)s leaves out the end of the text: anybody may have added it."
    ),
    "signature-expired": gettext_lazy("The signature of %(detail)s was no longer valid when the message came."),
    "signature-future": gettext_lazy("The signature of %(detail)s claims to be made in the future."),
    "signature-malformed": gettext_lazy("A signature of %(detail)s is not written as it must be."),
    "signature-foreign": gettext_lazy(
        "%(detail)s is another domain than the sender’s, so its signature says nothing about the sender."
    ),
    "from-unsigned": gettext_lazy("The signature of %(detail)s leaves out who the sender is."),
    "from-added": gettext_lazy("The sender stands there twice, and the signature of %(detail)s covers only one."),
    "field-added": gettext_lazy("A line was added to the header that is shown in place of the signed one: %(detail)s."),
    "header-ambiguous": gettext_lazy("The header is damaged so that programs show different texts."),
    "algorithm-old": gettext_lazy("The signature of %(detail)s is made in an old way that proves nothing any more."),
    "algorithm-unknown": gettext_lazy("The signature of %(detail)s is made in a way that is not known here."),
    "key-short": gettext_lazy("The key of %(detail)s is so short that anybody can break it."),
    "key-revoked": gettext_lazy("The key with which %(detail)s signed was revoked."),
    "key-missing": gettext_lazy("%(detail)s does not publish the key of the signature, or no longer."),
    "key-invalid": gettext_lazy("What %(detail)s publishes as its key cannot be used."),
    "key-unanswered": gettext_lazy("The key of %(detail)s could not be looked up: DNS did not answer."),
    "key-testing": gettext_lazy("%(detail)s says that it is only trying out its signatures."),
    "unsigned": gettext_lazy("No domain has signed it."),
    "dmarc-pass": gettext_lazy("%(detail)s vouches for the message."),
    "dmarc-fail": gettext_lazy("%(detail)s says how its mail can be known, and this message does not fit."),
    "dmarc-none": gettext_lazy("%(detail)s does not say how its mail can be known."),
    "dmarc-temperror": gettext_lazy("The rules of %(detail)s could not be looked up: DNS did not answer."),
    "dmarc-permerror": gettext_lazy("The sender’s address cannot be read."),
    "several-from": gettext_lazy("It names several senders, and programs show different ones."),
    "chain-good": gettext_lazy("%(detail)s passed it on and vouches for what it had got."),
    "chain-broken": gettext_lazy("The record of who passed it on is not whole."),
    "chain-failed-before": gettext_lazy("Somebody on the way found the record of who passed it on broken already."),
    "inside": gettext_lazy("It was made by your own mail server, or inside your own network."),
    "signed-in": gettext_lazy("It was handed to your own mail server by somebody who had signed in there."),
    "server-said": gettext_lazy("Your own mail server %(detail)s found this when the message came."),
}

# RFC 8601 2.7, as one reads them beside the name of the method.
RESULTS: dict[str, Text] = {
    "pass": gettext_lazy("in order"),
    "fail": gettext_lazy("not in order"),
    "softfail": gettext_lazy("doubtful"),
    "neutral": gettext_lazy("says nothing"),
    "none": gettext_lazy("nothing to go by"),
    "temperror": gettext_lazy("not answered"),
    "permerror": gettext_lazy("faulty"),
}

METHODS: dict[str, Text] = {
    "spf": gettext_lazy("Sending server (SPF)"),
    "dkim": gettext_lazy("Signature (DKIM)"),
    "dmarc": gettext_lazy("Sender’s domain (DMARC)"),
    "arc": gettext_lazy("Passed on (ARC)"),
}


def reason_words(code: str, detail: str) -> str:
    """A reason as a sentence; a code of a later release is shown as it is."""
    words = REASONS.get(code)
    if words is None:
        return f"{code} {detail}".strip()
    return str(words) % {"detail": detail or _("a domain that is not named")}


def short_words(summary: str) -> str:
    """What is proven, in a word or two."""
    return {
        "verified": _("sender proven"),
        "own": _("sent from inside"),
        "mailing-list": _("sender proven, passed on"),
        "failed": _("sender in doubt"),
        "uncertain": _("not checked yet"),
    }.get(summary, _("sender not proven"))


def meaning(summary: str, domain: str, *, waits: bool) -> str:
    """What the verdicts mean together, for somebody who has never heard of them."""
    named = {"domain": domain or _("the sender’s domain")}
    match summary:
        case "verified":
            return _("The message really comes from %(domain)s.") % named
        case "own":
            return _("It comes from inside: from your own mail server, or from somebody who had signed in there.")
        case "mailing-list":
            words = _("A mailing list passed it on. Those who did vouch that it had come from %(domain)s.")
            return words % named
        case "failed":
            return _("Nothing proves that it comes from %(domain)s, and something speaks against it.") % named
        case "uncertain":
            again = _("It is tried again.") if waits else _("It was tried for hours.")
            return _("DNS did not answer, so nobody knows yet.") + " " + again
    return _("Nothing proves that it comes from %(domain)s, and nothing speaks against it.") % named
