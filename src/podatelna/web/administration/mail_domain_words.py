"""Words for the DNS records of a mail domain: what each is for, and what the check found."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PURPOSES: dict[str, Promise] = {
    "mx": _("Where mail for the domain is delivered. Without it nothing comes."),
    "spf": _("Who may send for the domain. Without it your mail ends as spam."),
    "dkim": _("The key that proves your letters genuine."),
    "dmarc": _("What others shall do with letters that only pretend to be yours."),
    "mta-sts": _("Others deliver to you over encrypted connections only."),
    "mta-sts-host": _("Where that rule is read; the proxy in front of the desk needs a certificate for this name."),
    "tls-rpt": _("Where others report encrypted connections that failed."),
    "imaps": _("Mail programs find the server by themselves."),
    "submissions": _("Mail programs find the server for sending by themselves."),
    "autoconfig": _("Thunderbird sets itself up; the proxy needs a certificate for this name."),
    "autodiscover": _("Outlook sets itself up."),
}

STATES: dict[str, Promise] = {
    "ok": _("published"),
    "missing": _("not there yet"),
    "other": _("something else is published"),
    "unanswered": _("DNS did not answer; try again later"),
}
