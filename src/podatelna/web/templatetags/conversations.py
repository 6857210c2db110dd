"""What the templates of conversations need: text of strangers as safe HTML, addresses, events in words."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

from django import template
from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from podatelna.accounts.models import Person
from podatelna.desk.case_models import Case
from podatelna.desk.custody import may_hide
from podatelna.desk.models import Entry, Hidden
from podatelna.mail.addresses import Address, written
from podatelna.mail.html import text_as_html
from podatelna.web.desk.mark_words import marked_words
from podatelna.web.rule_words import event_words as rule_event_words

from .podatelna import icon, initials

register = template.Library()


@register.simple_tag
def prose(text: str) -> SafeString:
    """Plain text of anybody as paragraphs with links; `text_as_html` escapes all of it."""
    return SafeString(text_as_html(text.strip("\n")))


@register.simple_tag
def note_prose(entry: Entry) -> SafeString:
    """A note as `prose`, the people named in it marked."""
    html = prose(entry.text)
    names = {str(escape(one["text"])) for one in entry.details.get("mentions", [])}
    if not names:
        return html
    named = re.compile("|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)))
    pieces = re.split(r"(<[^>]*>)", html)  # every other one is a tag, and stays as it is
    marked = [named.sub(r'<span class="mention">\g<0></span>', piece) for piece in pieces[::2]]
    pieces[::2] = marked
    return SafeString("".join(pieces))


@register.simple_tag
def sender_avatar(sender: Address) -> SafeString:
    """The initials of somebody outside; their colour follows their address, which a name cannot borrow."""
    hue = zlib.crc32(sender.address.lower().encode()) % 8
    words = initials(sender.name or sender.address)
    return format_html('<span class="avatar hue-{}" aria-hidden="true">{}</span>', hue, words)


@register.simple_tag
def addressees(addresses: Sequence[Address]) -> SafeString:
    """Names (else addresses) with commas, each with its address on hover; after the fifth only how many more."""
    shown = format_html_join(
        ", ", '<span title="{}">{}</span>', ((written(a), a.name or a.address) for a in addresses[:5])
    )
    if len(addresses) <= 5:
        return shown
    rest = ", ".join(written(a) for a in addresses[5:])
    return format_html('{}, <span title="{}">{}</span>', shown, rest, f"+{len(addresses) - 5}")


@register.simple_tag
def automatic_words(kind: str) -> str:
    """What kind of automatic mail it is."""
    return {
        "auto-reply": _("automatic reply"),
        "bulk": _("bulk mail"),
        "list": _("mailing list"),
        "report": _("delivery report"),
    }.get(kind, _("automatic"))


_ICONS = {
    "opened": "inbox",
    "assigned": "assign",
    "closed": "check",
    "reopened": "reopen",
    "withdrawn": "back",
    "merged": "link",
    "joined": "link",
    "split": "split",
    "split-off": "split",
    "hid": "lock",
    "hid-delivery": "lock",
    "showed": "eye",
    "handed": "forward",
    "taken-back": "back",
    "parted": "lock",
    "answered-outside": "reply",
    "filed": "tag",
    "tagged": "hash",
    "untagged": "hash",
    "priority": "flag",
    "task": "task",
    "task-given": "task",
    "task-due": "clock",
    "task-done": "check",
    "task-again": "task",
    "confidential": "lock",
    "open-again": "eye",
    "let-in": "at",
    "let-out": "lock",
    "stands-in": "people",
    "stood-in": "people",
    "taken-out": "tag",
    "rule": "automatic",
    "rule-failed": "alert",
    "approved": "check",
    "given-back": "back",
    "retried": "refresh",
    "marked-sent": "check",
    "gave-up": "close",
    "put-off": "clock",
    "target-missed": "clock",
    "sent-now": "send",
}


@register.simple_tag
def event_icon(entry: Entry) -> SafeString:
    """The small picture of what was done."""
    return icon(_ICONS.get(entry.verb, "info"), "small")


@register.simple_tag
def event_words(entry: Entry) -> str:
    """What was done and by whom, as a sentence without its time."""
    by, to = str(entry.person or ""), str(entry.details.get("name") or "")
    known = {"by": by, "to": to}
    match entry.verb:
        case "opened":
            return _("%(by)s opened the conversation") % known if by else _("The conversation began")
        case "closed":
            return _("%(by)s closed it") % known if by else _("It was closed")
        case "reopened":
            return _("%(by)s reopened it") % known if by else _("A new message reopened it")
        case "withdrawn":
            return _("%(by)s took a message back before it went out") % known
        case "put-off":
            return _("%(by)s chose another time for a message") % known
        case "sent-now":
            return _("%(by)s had a message sent at once") % known
        case "assigned":
            return _assigned(entry, by, to)
        case "merged":
            return _("It turned out to be one with another conversation, which is in here now")
        case "joined":
            return _("%(by)s joined it with “%(to)s”, which is in here now") % known
        case "split" | "split-off":
            return _split(entry, known)
        case "hid":
            return _("%(by)s took a message out of view") % known
        case "hid-delivery":
            return _("%(by)s took one copy of a message out of view") % known
        case "showed":
            return _("%(by)s brought a message back into view") % known
        case "handed" if entry.details.get("as_owner"):
            return _("%(by)s handed it over to %(to)s, who may answer from the owner’s address") % known
        case "handed":
            return _("%(by)s handed it over to %(to)s") % known
        case "taken-back":
            return _("%(by)s took it back from %(to)s") % known
        case "parted":
            return _("%(to)s sees it no more: it became one with mail that was not handed over") % known
        case "answered-outside":
            return _("%(by)s answered from another mail program") % known if by else _("It was answered elsewhere")
        case "filed":
            return _("%(by)s filed it under a case") % known if by else _("Its number filed it under a case")
        case "taken-out":
            return _("%(by)s took it out of a case") % known
        case "tagged" | "untagged" | "priority" | "task" | "task-given" | "task-due" | "task-done" | "task-again":
            return marked_words(entry.verb, by, to, str(entry.details.get("priority", "")))
        case "target-missed" if entry.details.get("which") == "resolution":
            return _("It was not resolved within its time")
        case "target-missed":
            return _("It was not answered within its time")
        case "confidential":
            return _("%(by)s made it confidential") % known
        case "open-again":
            return _("%(by)s made it open to the team again") % known
        case "let-in" if entry.details.get("mention"):
            return _("%(by)s let %(to)s in by mentioning them") % known
        case "let-in":
            return _("%(by)s let %(to)s in") % known
        case "let-out":
            return _("%(by)s let %(to)s out again") % known
        case "rule" | "rule-failed":
            return rule_event_words(entry)
        case "approved":
            return _("%(by)s let the held letter go out") % known
        case "given-back":
            return _("%(by)s gave the held letter back to its writer: %(why)s") % {
                **known,
                "why": entry.details.get("reason", ""),
            }
        case "stands-in":
            return _("%(to)s stands in for %(of)s and sees it") % {**known, "of": entry.details.get("of", "")}
        case "stood-in":
            return _("%(to)s does not stand in any more") % known
        case "retried":
            return _("%(by)s had it sent once more") % known
        case "marked-sent":
            return _("%(by)s marked it as sent") % known
        case "gave-up":
            return _("%(by)s gave up sending it") % known
    return _other(entry, known)


def _assigned(entry: Entry, by: str, to: str) -> str:
    known = {"by": by, "to": to}
    if not to:
        return _("%(by)s gave it back to the team") % known if by else _("It lies with nobody again")
    if entry.person is not None and entry.details.get("to") == entry.person.pk:
        return _("%(by)s took it") % known
    return _("%(by)s gave it to %(to)s") % known if by else _("%(to)s has it now") % known


def _split(entry: Entry, known: dict[str, str]) -> str:
    """Without a person it came of itself: mail that came later told where the messages belong."""
    known = {**known, "to": known["to"] or _("(no subject)")}
    if entry.verb == "split":
        words = _("%(by)s split it off from “%(to)s”") if known["by"] else _("Messages came over from “%(to)s”")
    else:
        words = _("%(by)s split “%(to)s” off") if known["by"] else _("Messages went over to “%(to)s”")
    return words % known


@register.simple_tag
def event_url(entry: Entry, person: Person | None) -> str:
    """Where one sees more about what was done, "" for nowhere."""
    if entry.verb in {"split", "split-off"} and entry.details.get("conversation"):
        return reverse("conversation", args=[entry.details["conversation"]])
    if entry.verb in {"filed", "taken-out"} and person is not None:
        case = Case.objects.visible_to(person).filter(pk=entry.details.get("case")).first()
        return reverse("case", args=[case.pk]) if case is not None else ""
    if entry.verb in {"hid", "hid-delivery"} and person is not None:
        hidden = Hidden.objects.filter(pk=entry.details.get("hidden")).select_related("process").first()
        if hidden is not None and may_hide(person, hidden.process):
            return reverse("hidden", args=[hidden.pk])
    return ""


def _other(entry: Entry, known: dict[str, str]) -> str:
    # A verb of a later release, read by an older page: shown as it is rather than hidden.
    return f"{known['by']} {entry.verb} {known['to']}".strip()
