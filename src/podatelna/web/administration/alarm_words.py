"""Alarms in words: what happened, what was kept, what to do. For the health page, for mail and for webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from podatelna.accounts.models import Person
from podatelna.gateways.alarm_models import Alarm

from .words import explain

Text = str | Promise


@dataclass(frozen=True)
class AlarmWords:
    """Words of one kind. `%(mailbox)s` stands for the gateway, other names for those in the alarm's details."""

    happened: Text
    kept: Text
    to_do: Text


ALARMS: dict[str, AlarmWords] = {
    "gateway-failing": AlarmWords(
        _("The mailbox %(mailbox)s cannot be fetched."),
        _("Its mail waits on the server and is fetched by itself when this is mended. Replies wait in the outbox."),
        _("Open the mailbox in the administration, read what the server said, and test the connection there."),
    ),
    "sign-in-dead": AlarmWords(
        _("The mailbox %(mailbox)s lets Podatelna in no more: its sign-in has ended."),
        _("Its mail waits on the server. Nothing was lost, and other mailboxes go on."),
        _("Sign in to the mailbox again in its settings; only its owner or the provider can renew the consent."),
    ),
    "ledger-gap": AlarmWords(
        _("The ledger of %(mailbox)s does not add up: its server holds messages that were not accounted for."),
        _("What was fetched is archived, and what stands on the server stays there."),
        _("Open the ledger of the mailbox: it names the messages and lets you fetch them again."),
    ),
    "folder-gone": AlarmWords(
        _("A folder of %(mailbox)s is not on the server any more."),
        _("Everything that was fetched from it is archived. Other mailboxes go on."),
        _("Make the folder again in a mail program, or choose another one in the settings of the mailbox."),
    ),
    "uidvalidity": AlarmWords(
        _("The server of %(mailbox)s has numbered a folder anew, as after a restore from a backup."),
        _("Nothing was lost: the folder was read again, and messages that were here already were recognised."),
        _("Look into its ledger whether the counts agree, then put this alarm away."),
    ),
    "backlog": AlarmWords(
        _("Mail that has come waits longer than it should to be processed."),
        _("It is archived byte for byte and waits in order; it comes to the desk when it is its turn."),
        _("See on the health page whether the worker runs and what it works on. Restart it if it stands still."),
    ),
    "outbox-stuck": AlarmWords(
        _("Replies through %(mailbox)s do not go out."),
        _("They wait in the outbox and are tried again for three days. Nothing was sent twice."),
        _("Open the mailbox and test its connection for sending. The outbox shows the server's answers."),
    ),
    "outbox-uncertain": AlarmWords(
        _("A reply may or may not have been sent, and somebody has to decide."),
        _("It is kept and is not sent again by itself, so that nobody gets it twice."),
        _("Whoever wrote it sees it in the conversation: look into Sent or ask the recipient, then decide there."),
    ),
    "copy-failed": AlarmWords(
        _("Copies of sent replies could not be put into the Sent folder of %(mailbox)s."),
        _("The replies were sent and are archived; only the copies on the server are missing."),
        _("Check the Sent folder in the settings of the mailbox, and whether the mailbox is full."),
    ),
    "worker-gone": AlarmWords(
        _("No worker is running: nothing is fetched, processed or sent."),
        _("Mail waits on its servers, and what was written waits in the outbox. Nothing is lost."),
        _("Start Podatelna again (podatelna run, or podatelna worker), and read its log for why it stopped."),
    ),
    "disk": AlarmWords(
        _("The disk of the data folder is nearly full: %(free)s are left."),
        _("Everything so far is kept. When it is full, mail stays on its servers unfetched."),
        _("Make room, or move the data folder to a larger disk."),
    ),
    "certificate": AlarmWords(
        _("The certificate of a server of %(mailbox)s ends soon, or has ended: %(ends)s."),
        _("Until then everything goes on. Afterwards its mail waits on the server."),
        _("Have it renewed by whoever runs that mail server."),
    ),
    "token": AlarmWords(
        _("The sign-in of %(mailbox)s ends soon, or has ended: %(ends)s."),
        _("Until then everything goes on. Afterwards its mail waits on the server."),
        _("Sign in to the mailbox again in its settings."),
    ),
    "quarantine": AlarmWords(
        _("Mail has come that could not be processed."),
        _("It is archived byte for byte and stands in the quarantine."),
        _("Open the quarantine: it says what stopped each message, and lets you try again or hand it to a process."),
    ),
    "damage": AlarmWords(
        _("The nightly verification has found damage in the archive."),
        _("Everything else was read again and is whole. What was found is listed."),
        _("Open the verification in the log, and bring back what is damaged from a backup."),
    ),
    "index": AlarmWords(
        _("The search index does not agree with the archive."),
        _("The archive itself is whole; some messages are not found by searching."),
        _("Run podatelna index check --repair, or podatelna index rebuild."),
    ),
    "flood": AlarmWords(
        _("One sender writes far more than is usual. What comes from them is held."),
        _("Every message is archived. Nothing was answered by itself."),
        _("Look at what is held and release it, or let it be."),
    ),
    "rule-webhook": AlarmWords(
        _("The webhook of the rule “%(rule)s” did not take what it was called for within a day."),
        _("The message is on the desk, and everything else that the rule does was done. The call itself was given up."),
        _("See that the program behind the webhook answers, and test its address; or change the rule."),
    ),
}
# Where a kind is about something else than a mailbox.
WITHOUT_MAILBOX: dict[str, AlarmWords] = {
    "sign-in-dead": AlarmWords(
        _("The provider %(provider)s does not accept this company's application any more."),
        _("Mail of the mailboxes that sign in there waits on the server. Other mailboxes go on."),
        _("Renew the application's secret at the provider, and enter it in the administration under Sign-in."),
    ),
}
UNKNOWN = AlarmWords(
    _("Something needs attention: %(subject)s."),
    _("Nothing was given up by itself."),
    _("See the health page of the administration, and the log of Podatelna."),
)


@dataclass(frozen=True)
class ToldAlarm:
    """An alarm for somebody to read, in the language that is active. `detail`: a server's words, or numbers."""

    happened: str
    kept: str
    to_do: str
    detail: str


class _Values(dict[str, Any]):
    """An alarm that lacks a detail is told all the same."""

    def __missing__(self, name: str) -> str:
        return "?"


def tell_alarm(alarm: Alarm, *, to_owner: bool = False) -> ToldAlarm:
    """The alarm in words. Of a private mailbox only its owner (`to_owner`) is told what its server said."""
    words = ALARMS.get(alarm.kind, UNKNOWN)
    if alarm.gateway is None:
        words = WITHOUT_MAILBOX.get(alarm.kind, words)
    values = _Values({**alarm.details, "mailbox": mailbox_name(alarm), "subject": alarm.subject})
    if "ends" in alarm.details:
        values["ends"] = _day(str(alarm.details["ends"]))
    if owner_of(alarm) is not None and not to_owner:
        return ToldAlarm(str(words.happened) % values, str(words.kept), str(words.to_do), "")
    to_do, code = str(words.to_do), str(alarm.details.get("code", ""))
    if code:
        explained = explain(code, str(alarm.details.get("detail", "")))
        to_do = f"{explained.happened} {explained.to_do}"
    return ToldAlarm(str(words.happened) % values, str(words.kept), to_do, _detail(alarm.details))


def owner_of(alarm: Alarm) -> Person | None:
    """Whose private mailbox an alarm is about; None: it is about something of the company's."""
    return alarm.person or (alarm.gateway.owner if alarm.gateway is not None else None)


def mailbox_name(alarm: Alarm) -> str:
    """The mailbox that an alarm is about: its address, or for a private one whose it is."""
    owner = owner_of(alarm)
    if owner is not None:
        return gettext("(private mailbox of %(owner)s)") % {"owner": owner}
    return alarm.gateway.address if alarm.gateway is not None else alarm.subject


# What alarms of this house carry as details; others are named as they are.
DETAILS: dict[str, Text] = {
    "last_seen": _("last seen"),
    "messages": _("messages"),
    "findings": _("findings"),
    "missing": _("missing"),
    "changed": _("changed"),
    "extra": _("too much"),
    "unreadable": _("unreadable"),
    "detail": _("the server said"),
    "said": _("the server said"),
    "folder": _("folder"),
    "process": _("process"),
    "provider": _("provider"),
    "unknown": _("not accounted for"),
    "lost": _("gone without having been fetched"),
    "unarrived": _("moved, but not arrived"),
    "before": _("before"),
    "after": _("after"),
}
_SAID_ALREADY = {"code", "free", "ends", "address", "why", "rule"}


def _detail(details: Mapping[str, Any]) -> str:
    rest = {name: value for name, value in details.items() if name not in _SAID_ALREADY and value not in ("", None)}
    if set(rest) == {"detail"}:
        return str(rest["detail"])
    return ", ".join(f"{DETAILS.get(name, name)}: {value}" for name, value in rest.items())


def _day(text: str) -> str:
    try:
        return date_format(date.fromisoformat(text), "DATE_FORMAT")
    except ValueError:
        return text
