"""Rules in words: what can be asked of a message, how, and what can be done."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from podatelna.desk.models import Entry

FIELDS: dict[str, Promise] = {
    "sender": _("Sender"),
    "recipient": _("Recipient"),
    "subject": _("Subject"),
    "header": _("Header field"),
    "body": _("Text"),
    "attachment_name": _("Name of an attachment"),
    "attachment_type": _("Type of an attachment"),
    "attachment_size": _("Size of an attachment"),
    "has_attachment": _("It has an attachment"),
    "is_list": _("It came over a mailing list"),
    "automatic": _("A program wrote it"),
    "verdict": _("What is proven of the sender"),
    "known_contact": _("The correspondent is known"),
    "inside_hours": _("It is within working hours"),
}
HINTS: dict[str, Promise] = {
    "sender": _("Name or address, like jana@example.cz or @example.cz"),
    "recipient": _("Everybody it is for, also those of the envelope"),
    "header": _("The name of the field stands beside; any field may be asked"),
    "body": _("What was newly written, without what is quoted"),
    "attachment_type": _("Like application/pdf"),
    "attachment_size": _("In megabytes"),
    "verdict": _("The rules wait for it a few seconds, ten minutes at most"),
    "known_contact": _("There was mail from or to them before"),
}
HOWS: dict[str, Promise] = {
    "contains": _("contains"),
    "is": _("is"),
    "begins": _("begins with"),
    "ends": _("ends with"),
    "matches": _("matches the pattern"),
    "over": _("is larger than"),
    "under": _("is smaller than"),
    "yes": pgettext_lazy("condition", "yes"),
}
CHOICES: dict[str, Promise] = {
    "auto-reply": _("an automatic reply"),
    "bulk": _("bulk mail"),
    "list": _("a mailing list"),
    "report": _("a delivery report"),
    "verified": _("verified"),
    "own": _("from our own server"),
    "mailing-list": _("passed on by a mailing list that vouches for it"),
    "unverified": _("nothing is proven"),
    "uncertain": _("it could not be found out"),
    "failed": _("it is not who it says"),
    "high": pgettext_lazy("priority", "high"),
    "normal": pgettext_lazy("priority", "normal"),
    "low": pgettext_lazy("priority", "low"),
}
ACTIONS: dict[str, Promise] = {
    "assign": _("Give it to a person"),
    "pool": _("Leave it to the team"),
    "process": _("Let another process work on it"),
    "case": _("File it under a case"),
    "tag": _("Put a tag on"),
    "priority": _("Set the priority"),
    "close": _("Close it"),
    "spam": _("Hold it as spam"),
    "answer": _("Answer by itself"),
    "canned": _("Answer by itself with a canned answer"),
    "notify": _("Tell a person"),
    "webhook": _("Call a webhook"),
    "task": _("Make a task"),
    "sender": _("Send it from another address"),
    "signature": _("Put another signature"),
    "bcc": _("Send a blind copy"),
    "footer": _("Put a footer below"),
    "secure": _("It should go by the secure gateway"),
    "review": _("Hold it for a second pair of eyes"),
}
ACTION_HINTS: dict[str, Promise] = {
    "process": _("It waits in their list; the team of its own process goes on seeing it."),
    "case": _("Found by the number that the pattern finds in subject or text, and made when there is none."),
    "spam": _("It waits under Held until somebody lets it in; nothing is deleted."),
    "answer": _("Only to people, once within the process’s period, and marked as automatic."),
    "canned": _("A text of a process, as it is at that moment. Only to people, and marked as automatic."),
    "sender": _("Only an address that the writer may write from, of the same mailbox."),
    "secure": _("It is written down; the secure gateway is not there yet."),
    "review": _("Somebody else who works on the conversation lets it go out, or gives it back with a reason."),
    "webhook": _("What is posted is signed with the secret of alarms; the text of the message is not in it."),
}
PARAMETERS: dict[str, Promise] = {
    "person": _("Person"),
    "process": _("Process"),
    "pattern": _("Pattern of the number"),
    "canned": _("Canned answer"),
    "tag": _("Tag"),
    "priority": _("Priority"),
    "text": _("Text"),
    "url": _("Address of the webhook"),
    "days": _("Days until it is due"),
    "address": _("Address"),
}
PROBLEMS: dict[str, Promise] = {
    "empty": _("Something is missing here."),
    "too-many": _("These are more than a rule may have (%(detail)s)."),
    "too-long": _("This is too long: %(detail)s"),
    "unknown": _("This does not exist: %(detail)s"),
    "direction": _("This is not for mail of this direction."),
    "pattern": _("The pattern cannot be understood. %(detail)s"),
    "placeholder": _("There is no place {%(detail)s}."),
    "header": _("This is no name of a header field."),
    "number": _("This is no number: %(detail)s"),
    "address": _("This is no e-mail address: %(detail)s"),
    "url": _("This cannot be called: %(detail)s"),
    "tag": _("This cannot be a tag: %(detail)s"),
    "gone": _("This person, process or text is not there any more."),
    "twice": _("These exclude each other."),
}


def listed(keys: object, words: Mapping[str, Promise]) -> str:
    """Keys of `words` as a list in words; unknown ones as they are."""
    found = keys if isinstance(keys, list) else []
    return ", ".join(str(words.get(str(key), str(key))) for key in found)


def event_words(entry: Entry) -> str:
    """What a rule did, for the timeline."""
    details = entry.details
    known = {
        "name": str(details.get("name") or ""),
        "on": listed(details.get("on"), FIELDS).lower(),
        "did": listed(details.get("did"), ACTIONS).lower(),
    }
    if entry.verb == "rule-failed":
        return str(_("The rule “%(name)s” could not be carried out; the message is here all the same") % known)
    words = _("The rule “%(name)s” matched on %(on)s") if known["on"] else _("The rule “%(name)s” matched")
    did = _("%(matched)s: %(did)s") if known["did"] else _("%(matched)s; there was nothing to do")
    return str(did % {**known, "matched": words % known})


NOT = _("not")
NAME_MISSING = _("Give the rule a name: it stands in the history of conversations.")
ACTIONS_MISSING = _("Say what is to be done: add an action.")
PROBLEMS["taken"] = _("There is a rule with this name already.")
