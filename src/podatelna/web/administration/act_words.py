"""Acts of the audit trail in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ACTS: dict[str, Promise] = {
    "sign-in": _("signed in"),
    "sign-in-failed": _("failed to sign in"),
    "sign-out": _("signed out"),
    "demo-sign-in": _("signed in to the demo"),
    "set-up": _("set the house up"),
    "set-password": _("chose a password"),
    "make-link": _("made a one-time link"),
    "add-person": _("added a person"),
    "change-person": _("changed a person"),
    "deactivate-person": _("deactivated a person"),
    "reactivate-person": _("let a person in again"),
    "grant": _("let somebody in"),
    "withdraw": _("took access away"),
    "add-member": _("added somebody to a team"),
    "remove-member": _("removed somebody from a team"),
    "create-process": _("made a process"),
    "change-process": _("changed a process"),
    "add-address": _("gave a process an address"),
    "remove-address": _("took an address from a process"),
    "change-company": _("changed the company"),
    "connect-gateway": _("connected a mailbox"),
    "change-gateway": _("changed a mailbox"),
    "pause-gateway": _("paused a mailbox"),
    "resume-gateway": _("resumed a mailbox"),
    "replay": _("replayed mail"),
    "put-away-alarm": _("put an alarm away"),
    "change-alarms": _("changed where alarms go"),
    "test-alarms": _("tested the alarms"),
    "retry-sending": _("had a sending tried again"),
    "mark-sent": _("said that a message was sent"),
    "give-up-sending": _("gave a sending up"),
    "hide": _("hid a message from a process"),
    "show-again": _("showed a hidden message again"),
    "import": _("imported mail"),
    "cancel-import": _("stopped an import"),
    "resume-import": _("went on with an import"),
    "export": _("exported mail"),
    "fetch-export": _("fetched an export"),
    "request-stamps": _("asked for time-stamps again"),
    "export-root": _("exported a root of the log"),
    "make-proof": _("began a proof pack"),
    "proof-made": _("made a proof pack"),
    "begin-inspection": _("began an inspection"),
    "end-inspection": _("ended an inspection"),
    "inspect": _("looked, in an inspection"),
    "set-retention": _("changed a retention rule"),
    "hold": _("set a legal hold"),
    "release-hold": _("released a legal hold"),
    "request-erasure": _("asked for an erasure"),
    "confirm-erasure": _("confirmed an erasure"),
    "cancel-erasure": _("withdrew an erasure"),
    "finish-erasure": _("finished an erasure"),
    "erase-delivery": _("erased a delivery"),
    "erase-conversation": _("erased a conversation"),
    "erase-details": _("erased details of the log"),
    "change-erasure-policy": _("changed how erasures are confirmed"),
}


def act_words(act: str) -> Promise | str:
    """An act in words; one that has none is shown as it is."""
    return ACTS.get(act, act)
