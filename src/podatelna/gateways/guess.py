"""Servers guessed from an address: a table of providers, else imap. and smtp. of the domain."""

from __future__ import annotations

from dataclasses import dataclass

_TLS, _STARTTLS, _NONE = "tls", "starttls", "none"


@dataclass(frozen=True)
class Guess:
    """Settings to fill a form with. `known`: from the table; else the names are only likely.

    `hint` says what is special there: "app-password" (the usual password is refused, make an app password in the
    account's settings), "enable-imap" (IMAP must be allowed in the mailbox's settings first), "oauth" (accounts of
    companies sign in with OAuth; a password works only where the administrator allows it), "bridge" (the provider's
    bridge must run on this computer), or "".
    """

    imap_host: str
    imap_port: int
    imap_security: str
    smtp_host: str
    smtp_port: int
    smtp_security: str
    hint: str = ""
    known: bool = True


def _provider(imap: str, smtp: str, hint: str = "", *, starttls: bool = False) -> Guess:
    return Guess(imap, 993, _TLS, smtp, 587 if starttls else 465, _STARTTLS if starttls else _TLS, hint)


_SEZNAM = _provider("imap.seznam.cz", "smtp.seznam.cz", "enable-imap")
_GMAIL = _provider("imap.gmail.com", "smtp.gmail.com", "app-password")
_MICROSOFT = _provider("outlook.office365.com", "smtp.office365.com", "oauth", starttls=True)
_OUTLOOK = _provider("outlook.office365.com", "smtp-mail.outlook.com", "oauth", starttls=True)
_CENTRUM = _provider("imap.centrum.cz", "smtp.centrum.cz")
_ICLOUD = _provider("imap.mail.me.com", "smtp.mail.me.com", "app-password", starttls=True)
_YAHOO = _provider("imap.mail.yahoo.com", "smtp.mail.yahoo.com", "app-password")
_GMX = _provider("imap.gmx.net", "mail.gmx.net", "enable-imap", starttls=True)
_PROTON = Guess("127.0.0.1", 1143, _STARTTLS, "127.0.0.1", 1025, _STARTTLS, "bridge")
_FASTMAIL = _provider("imap.fastmail.com", "smtp.fastmail.com", "app-password")

PROVIDERS: dict[str, Guess] = {
    # Czech and Slovak
    **dict.fromkeys(("seznam.cz", "email.cz", "post.cz", "spoluzaci.cz", "stream.cz", "firmy.cz"), _SEZNAM),
    **dict.fromkeys(("centrum.cz", "atlas.cz"), _CENTRUM),
    "volny.cz": _provider("imap.volny.cz", "smtp.volny.cz"),
    "tiscali.cz": _provider("imap.tiscali.cz", "smtp.tiscali.cz"),
    "azet.sk": _provider("imap.azet.sk", "smtp.azet.sk"),
    "zoznam.sk": _provider("imap.zoznam.sk", "smtp.zoznam.sk"),
    # Everywhere
    **dict.fromkeys(("gmail.com", "googlemail.com"), _GMAIL),
    **dict.fromkeys(("outlook.com", "outlook.cz", "hotmail.com", "live.com", "msn.com"), _OUTLOOK),
    **dict.fromkeys(("icloud.com", "me.com", "mac.com"), _ICLOUD),
    **dict.fromkeys(("yahoo.com", "yahoo.de", "yahoo.co.uk", "ymail.com"), _YAHOO),
    **dict.fromkeys(("gmx.net", "gmx.de", "gmx.at", "gmx.ch"), _GMX),
    "gmx.com": _provider("imap.gmx.com", "mail.gmx.com", "enable-imap", starttls=True),
    "web.de": _provider("imap.web.de", "smtp.web.de", "enable-imap", starttls=True),
    "mailbox.org": _provider("imap.mailbox.org", "smtp.mailbox.org"),
    "posteo.de": _provider("posteo.de", "posteo.de"),
    **dict.fromkeys(("fastmail.com", "fastmail.fm"), _FASTMAIL),
    **dict.fromkeys(("zoho.com", "zohomail.com"), _provider("imap.zoho.com", "smtp.zoho.com", "enable-imap")),
    "zohomail.eu": _provider("imap.zoho.eu", "smtp.zoho.eu", "enable-imap"),
    **dict.fromkeys(("proton.me", "protonmail.com", "pm.me"), _PROTON),
    "aol.com": _provider("imap.aol.com", "smtp.aol.com", "app-password"),
}

# Where a company's domain has its mail: the end of the name of its MX host tells (for a caller that has looked it up).
HOSTERS: dict[str, Guess] = {
    "google.com": _GMAIL,
    "googlemail.com": _GMAIL,
    "protection.outlook.com": _MICROSOFT,
    "seznam.cz": _SEZNAM,
    "forpsi.com": _provider("imap.forpsi.com", "smtp.forpsi.com"),
    "wedos.net": _provider("wes1-imap1.wedos.net", "wes1-smtp.wedos.net"),
    "active24.com": _provider("imap.active24.com", "smtp.active24.com"),
    "hostinger.com": _provider("imap.hostinger.com", "smtp.hostinger.com"),
    "mail.ovh.net": _provider("ssl0.ovh.net", "ssl0.ovh.net"),
    "zoho.com": _provider("imappro.zoho.com", "smtppro.zoho.com", "enable-imap"),
    "zoho.eu": _provider("imappro.zoho.eu", "smtppro.zoho.eu", "enable-imap"),
    "messagingengine.com": _FASTMAIL,
    "icloud.com": _ICLOUD,
    "mailbox.org": _provider("imap.mailbox.org", "smtp.mailbox.org"),
    "protonmail.ch": _PROTON,
}


def guess(address: str, mx_host: str = "") -> Guess:
    """Settings likely right for `address`; `mx_host` (its domain's MX) tells more of a company's own domain."""
    domain = address.rpartition("@")[2].strip().rstrip(".").lower()
    if domain in PROVIDERS:
        return PROVIDERS[domain]
    hoster = mx_host.rstrip(".").lower()
    for ending, found in HOSTERS.items():
        if hoster == ending or hoster.endswith(f".{ending}"):
            return found
    if domain in {"", "localhost"}:
        return Guess("localhost", 143, _NONE, "localhost", 25, _NONE, known=False)
    return Guess(f"imap.{domain}", 993, _TLS, f"smtp.{domain}", 465, _TLS, known=False)


def own_server(host: str) -> Guess:
    """The settings of the mail server provided with the system, which is `host`."""
    return Guess(host, 993, _TLS, host, 465, _TLS)
