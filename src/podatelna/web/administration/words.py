"""Errors of mail servers in words: what happened, and what to do."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

Text = str | Promise


@dataclass(frozen=True)
class Words:
    """What happened and what to do, for one code of protocols/errors.py."""

    happened: Text
    to_do: Text


WORDS = {
    "name-not-found": Words(
        _("The name of the server is not known."),
        _("Check the spelling. If it is right, check that this computer can look up names (DNS)."),
    ),
    "refused": Words(
        _("The computer is there, but nothing listens on this port."),
        _("Check the port: usually 993 for IMAP, 465 or 587 for SMTP. Or the mail server is not running just now."),
    ),
    "unreachable": Words(
        _("There is no way to the server."),
        _("Check the network and the firewall of the computer that Podatelna runs on."),
    ),
    "timeout": Words(
        _("The server did not answer in time."),
        _("Check the port and the firewall: a blocked or wrong port often stays silent. Then try again."),
    ),
    "certificate": Words(
        _("The server's certificate cannot be trusted."),
        _("Use the very name that the certificate was made for, or have the certificate renewed."),
    ),
    "certificate-expired": Words(
        _("The server's certificate has run out, or is not valid yet."),
        _("Have it renewed by whoever runs the server. If it is new, check the clock of this computer."),
    ),
    "certificate-name": Words(
        _("The server's certificate was made for another name."),
        _("Type the name of the server as it stands in the certificate; the answer below has it."),
    ),
    "certificate-unknown": Words(
        _("The server's certificate was signed by nobody who is trusted here."),
        _("If your company signs its own certificates, add its authority on the page “Sign-in”."),
    ),
    "client-certificate": Words(
        _("The server wants a client certificate, or it did not accept ours."),
        _("Upload the certificate and its key on the page “Sign-in” of this mailbox; they may have run out."),
    ),
    "tls": Words(
        _("An encrypted connection could not be made."),
        _("Security and port do not fit together: TLS goes with 993 and 465, STARTTLS with 143 and 587."),
    ),
    "plaintext-refused": Words(
        _("An unencrypted connection would show the password to everybody on the way, so it was not made."),
        _("Choose TLS or STARTTLS. Without encryption only a server on this very computer is reached."),
    ),
    "starttls-missing": Words(
        _("The server offers no STARTTLS on this port."),
        _("Choose TLS with its port, 993 for IMAP or 465 for SMTP."),
    ),
    "login-refused": Words(
        _("The server refused the login or the password."),
        _("Type both again. Many providers want an app password, which you make in their settings."),
    ),
    "token-refused": Words(
        _("The mail server refused the permission that the provider gave."),
        _("Allow IMAP and SMTP for this mailbox, and sign in as the account that it belongs to. It is tried again."),
    ),
    "sign-in-missing": Words(
        _("Nobody has signed in at the provider for this mailbox yet."),
        _("Save, then sign in. Until then mail waits on its server."),
    ),
    "sign-in-dead": Words(
        _("The provider no longer lets this mailbox in: the permission was taken back or has run out."),
        _("Sign in again. Mail waits on its server and replies wait here until then; other mailboxes go on."),
    ),
    "consent-refused": Words(
        _("The provider gave no permission. Nothing was changed."),
        _("Sign in again with the account of this mailbox, and allow what the provider asks about."),
    ),
    "application-refused": Words(
        _("The provider did not accept Podatelna's own application."),
        _("Its secret may have run out: make a new one at the provider and type it on the page “Sign-in”."),
    ),
    "provider": Words(
        _("The provider's sign-in service did not answer as it should."),
        _("Nothing now: it is asked again by itself. If it goes on, check the network of this computer."),
    ),
    "login-disabled": Words(
        _("The server does not let anybody sign in with a password here."),
        _("Allow IMAP and SMTP for this mailbox in the settings of the provider."),
    ),
    "folder-missing": Words(
        _("The folder is not on the server."),
        _("Load the folders and choose one of them, or make the folder in your mail program."),
    ),
    "cannot-move": Words(
        _("Messages cannot be moved to the processed folder. They are safe here."),
        _("Check that this login may change the folder, and that the mailbox is not full."),
    ),
    "virtual-folder": Words(
        _("This folder is none that mail can be moved into or out of for good. What was fetched is safe here."),
        _("Choose another one: not All Mail or Starred, which show what stands elsewhere, and not Trash or Spam."),
    ),
    "foreign-folder": Words(
        _("A command that would have named another folder of a private mailbox was not sent. Nothing was touched."),
        _("Save the mailbox’s folders again under Preferences, My mailbox; if it comes back, report it."),
    ),
    "sender-refused": Words(
        _("The server does not let this login send from this address."),
        _("Allow the address for this login at the provider, or use the login that belongs to it."),
    ),
    "server-no": Words(
        _("The server refused what it was asked to do."),
        _("Read its answer below; the provider can say what it means."),
    ),
    "busy": Words(
        _("The mail server has too much to do, or too many connections of this mailbox."),
        _("Nothing now: it is tried again by itself, more slowly. If it goes on, close other mail programs."),
    ),
    "server-bye": Words(
        _("The server ended the connection."),
        _("Nothing now: it is dialled again by itself. If it goes on, ask the provider."),
    ),
    "connection-lost": Words(
        _("The connection broke."),
        _("Nothing now: it is dialled again by itself. If it goes on, check the network."),
    ),
    "protocol": Words(
        _("The server answered something that was not understood."),
        _("Check that this port belongs to a mail server of this kind (IMAP or SMTP). Else report its answer."),
    ),
    "uncertain": Words(
        _("The connection broke after a message was handed over. It may have been sent."),
        _("Look into the Sent folder or ask the recipient, then decide in the conversation."),
    ),
    "webhook-address": Words(
        _("The webhook's address may not be posted to."),
        _("Correct it, or allow hosts of the company's own network in the settings of alarms."),
    ),
    "webhook-answer": Words(
        _("The webhook did not take what was posted to it."),
        _("Read its answer; whoever runs it can say what it means. It is tried again by itself for a day."),
    ),
    "server-error": Words(
        _("Something went wrong with the mail server."),
        _("Try again. If it goes on, read the log of Podatelna."),
    ),
    "storage": Words(
        _("Mail could not be stored here: the disk is full, or the database or the store of files is away."),
        _("All of it still stands in the mailbox and is fetched by itself. Make room, or mend the store."),
    ),
    "internal": Words(
        _("Something went wrong in Podatelna itself, not at the mail server."),
        _("It is tried again by itself. If it goes on, read the log of Podatelna."),
    ),
    "password-unreadable": Words(
        _("The stored password cannot be read with the key file of this installation."),
        _("Bring back the right key file, or type the password of this mailbox again."),
    ),
}


@dataclass(frozen=True)
class Explained:
    """An error of a mail server, for a page: our words, and the server's."""

    happened: Text
    to_do: Text
    detail: str


def explain(code: str, detail: str = "") -> Explained:
    """Words for `code`; one that is not known is shown as it is, never hidden."""
    words = WORDS.get(code)
    if words is None:
        return Explained(WORDS["server-error"].happened, WORDS["server-error"].to_do, f"{code} {detail}".strip())
    return Explained(words.happened, words.to_do, detail)


def explain_last_error(text: str) -> Explained | None:
    """Words for a gateway's `last_error`, which is JSON; None when it is empty."""
    if not text:
        return None
    try:
        kept = json.loads(text)
    except ValueError:
        kept = None
    if not isinstance(kept, dict):
        return explain("server-error", text)
    return explain(str(kept.get("code", "server-error")), str(kept.get("detail", "")))


# Of gateways/probe.py.
STEPS: dict[str, Text] = {
    "imap-name": _("The IMAP server's name is known"),
    "imap-connect": _("The IMAP server answers"),
    "imap-tls": _("The connection is secure"),
    "imap-login": _("Login and password are accepted"),
    "imap-folder": _("The folder is there"),
    "imap-move": _("Messages can be moved to the processed folder"),
    "smtp-name": _("The SMTP server's name is known"),
    "smtp-connect": _("The SMTP server answers"),
    "smtp-tls": _("The connection for sending is secure"),
    "smtp-login": _("Login and password for sending are accepted"),
    "smtp-sender": _("Mail from this address is accepted"),
}
_DETAILS: dict[tuple[str, str], Text] = {
    ("imap-tls", "none"): _("not encrypted, but it does not leave this computer"),
    ("smtp-tls", "none"): _("not encrypted, but it does not leave this computer"),
    ("smtp-login", ""): _("no sign-in is wanted"),
    ("imap-folder", "new"): _("the folder will be made"),
    ("imap-move", "move"): _("the server moves them"),
    ("imap-move", "move, new"): _("the server moves them; the folder will be made"),
    ("imap-move", "copy"): _("they are copied first, and only then taken away"),
    ("imap-move", "copy, new"): _("they are copied first, and only then taken away; the folder will be made"),
    ("imap-move", "mark"): _("the server cannot move: what was taken is marked with a keyword and stays"),
}
# Of gateways/guess.py.
HINTS: dict[str, Words] = {
    "app-password": Words(
        _("This provider refuses the usual password here."),
        _("Make an app password in the security settings of the account, and type that one."),
    ),
    "enable-imap": Words(
        _("IMAP must be allowed first."),
        _("Switch it on in the settings of the mailbox on the provider's web page."),
    ),
    "oauth": Words(
        _("Accounts of Microsoft mostly do not let anybody sign in with a password."),
        _("Choose “Sign in with Microsoft 365” below. An administrator sets it up once, on the page “Sign-in”."),
    ),
    "bridge": Words(
        _("This provider is reached through its bridge only."),
        _("Install the bridge on this computer, and type the login and password that it shows."),
    ),
    "published": Words(
        _("These servers were published by the domain of the address itself."),
        _("Look whether they belong to whoever runs your mail before you type the password."),
    ),
    "sent-by-itself": Words(
        _("This provider keeps a copy of what is sent by itself."),
        _("Leave the folder for sent messages empty, or each reply stands there twice."),
    ),
}


def step_title(name: str) -> Text:
    """What a step of the connection test is called."""
    return STEPS.get(name, name)


def step_detail(name: str, detail: str) -> Text:
    """What is said of a step that went well: a count, an address, words for what the probe abbreviates."""
    if name == "imap-folder" and detail.isdecimal():
        return ngettext("%(count)s message in it", "%(count)s messages in it", int(detail)) % {"count": detail}
    return _DETAILS.get((name, detail), "" if name.endswith("-tls") else detail)
