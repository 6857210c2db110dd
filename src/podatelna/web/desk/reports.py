"""Delivery reports, read receipts and complaints in words: which message, to whom, what became of it, and why."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from podatelna.desk.models import Conversation, Entry
from podatelna.mail.parse import Parsed
from podatelna.mail.receipts import Receipt, read_receipt
from podatelna.mail.reports import Bounce, FailedRecipient, is_feedback_report, read_bounce

from .status_words import status_words

MOST_RECIPIENTS = 20

# Parts that only programs read: what they say stands in the words.
TYPES = frozenset(
    {
        "message/delivery-status",
        "message/global-delivery-status",
        "message/disposition-notification",
        "message/global-disposition-notification",
        "message/feedback-report",
    }
)


@dataclass(frozen=True)
class Line:
    """What became of the message for one addressee."""

    address: str
    words: str
    why: str  # in our words; "" when the report gives no known reason
    said: str  # as the server worded it
    failed: bool


@dataclass(frozen=True)
class ReportView:
    """A report: its heading, its lines, and the message that it is about, where that stands in the conversation."""

    heading: str
    tone: str  # "error", "warn" or "ok"
    lines: tuple[Line, ...]
    more: int  # addressees that are not shown
    about: Entry | None


def report_of(parsed: Parsed, conversation: Conversation | None) -> ReportView | None:
    """What `parsed` reports, None when it is no report."""
    receipt = read_receipt(parsed)
    if receipt is not None:
        lines = (Line(receipt.address, _disposition(receipt), "", "", False),)
        return ReportView(_("Read receipt"), "ok", lines, 0, _about(receipt.original_message_id, conversation))
    if is_feedback_report(parsed):
        return ReportView(_("Somebody marked a message of yours as spam."), "warn", (), 0, None)
    bounce = read_bounce(parsed)
    return _delivery_report(bounce, conversation) if bounce is not None else None


def _delivery_report(bounce: Bounce, conversation: Conversation | None) -> ReportView:
    lines = tuple(_line(one) for one in bounce.recipients[:MOST_RECIPIENTS])
    late = bool(bounce.recipients) and all(one.action != "failed" for one in bounce.recipients)
    if not bounce.failed:
        heading, tone = _("The message was delivered."), "ok"
    elif late:
        heading, tone = _("The message is late."), "warn"
    else:
        heading, tone = _("The message was not delivered."), "error"
    more = len(bounce.recipients) - len(lines)
    return ReportView(heading, tone, lines, more, _about(bounce.original_message_id, conversation))


def _line(recipient: FailedRecipient) -> Line:
    failed = recipient.action in ("failed", "")
    code = " ".join(str(part) for part in (recipient.reply_code, recipient.status) if part)
    said = recipient.reason if not code or code in recipient.reason else f"{recipient.reason} ({code})".strip()
    why = _why(recipient.status) if failed or recipient.action == "delayed" else ""
    return Line(recipient.address, _action(recipient), why, said, failed)


def _action(recipient: FailedRecipient) -> str:
    match recipient.action:
        case "delivered":
            return _("It was delivered.")
        case "relayed":
            return _("It was passed on to a server that sends no reports.")
        case "expanded":
            return _("It was passed on to several addresses.")
        case "delayed":
            return _("It is not there yet; the server goes on trying. Do not send it again.")
    if recipient.permanent is None:
        return _("It was not delivered.")
    if recipient.permanent:
        return _("It was not delivered, and trying again will not help.")
    return _("It was not delivered. Later it may work.")


def _why(status: str) -> str:
    return status_words(status)


def _disposition(receipt: Receipt) -> str:
    return {
        "displayed": _("The message was opened there."),
        "deleted": _("The message was deleted there without being opened."),
        "dispatched": _("The message was passed on from there."),
        "processed": _("A program dealt with the message there."),
        "denied": _("No receipt is given there."),
        "failed": _("A receipt could not be made there."),
    }.get(receipt.disposition, _("The message was received there."))


def _about(message_id: str, conversation: Conversation | None) -> Entry | None:
    """The entry of the message with this Message-ID in the same conversation: who sees one sees the other."""
    if not message_id or conversation is None:
        return None
    return conversation.entries.filter(message__message_id=message_id).select_related("message").first()
