"""Delivery reports: which letter of ours they are about, what they say of whom, and what follows.

A report counts only when it names a letter that left through the very gateway that the report came through: its
Message-ID in the returned header, in the report's words or references, or its envelope id (RFC 3461 4.4). Anything else
that looks like a report is mail like any other and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from podatelna.accounts.models import Person
from podatelna.archive.models import Delivery
from podatelna.contacts.bad import is_about_the_address, remember_bad
from podatelna.contacts.models import BadAddress
from podatelna.mail.bounce_words import status_code
from podatelna.mail.delivery_status import fields_of
from podatelna.mail.failed import Bounce, FailedRecipient
from podatelna.mail.identity import find_message_ids
from podatelna.mail.parse import Parsed
from podatelna.mail.reports import read_bounce
from podatelna.outbox.models import Outgoing, Recipient

from .models import Conversation, Entry

_MOST_NAMES = 50
_STATUS = ("message/delivery-status", "message/global-delivery-status")
_GONE_WRONG = ("failed", "")  # of RFC 3464 2.3.3; a report that does not say tells of a failure


@dataclass(frozen=True)
class Reported:
    """A letter sent from here, its conversation, and what a report says of it."""

    outgoing: Outgoing
    conversation: Conversation
    bounce: Bounce

    @property
    def failed(self) -> bool:
        """Whether somebody will never get it: late is not failed."""
        return not self.bounce.recipients or any(_has_failed(one) for one in self.bounce.recipients)


def reported(delivery: Delivery, parsed: Parsed) -> Reported | None:
    """The letter that a delivery report is about; None when it is none, or about nothing that was sent from here."""
    if parsed.automatic != "report":
        return None
    bounce = read_bounce(parsed)
    if bounce is None:
        return None
    sent = Entry.objects.filter(outgoing__gateway__origin=delivery.origin_id)
    sent = sent.filter(outgoing__message_id__in=_named(parsed, bounce))
    entry = sent.select_related("outgoing", "conversation__process").order_by("-pk").first()
    if entry is None or entry.outgoing is None:
        return None
    return Reported(entry.outgoing, entry.conversation, bounce)


def note(found: Reported, now: datetime) -> None:
    """Write down what became of the letter for each addressee, remember bad addresses, tell whoever sent it."""
    for said in found.bounce.recipients:
        for recipient in _addressees(found.outgoing, said):
            _note(recipient, said, now)
    if found.failed:
        tell(found.conversation, found.outgoing.person, now)


def tell(conversation: Conversation, writer: Person | None, now: datetime) -> None:
    """A letter was not delivered: its conversation is open again, and is its writer's when it was nobody's."""
    conversation.reopen(None, now)
    conversation.assignee = conversation.locked().assignee
    if conversation.assignee is None and writer is not None and _may_have(conversation, writer):
        conversation.assign(writer, None, now)


def note_refusals(outgoing: Outgoing, now: datetime) -> None:
    """Remember the addresses that the server itself would not take (5xx, RFC 5321 4.2.1)."""
    for recipient in outgoing.recipients.filter(state=Recipient.State.REFUSED, reply__startswith="5"):
        status = status_code(recipient.reply)
        # Without a status it may be anything: that the whole server refuses us is no mark of an address.
        if status and is_about_the_address(status):
            remember_bad(recipient.address, outgoing, status, recipient.reply, now)


def known_bad(addresses: Iterable[str], person: Person) -> list[BadAddress]:
    """Of `addresses` those that mail came back from, as far as `person` may see the letter; the last time of each."""
    wanted = sorted({address.lower() for address in addresses})[:100]
    if not wanted:
        return []
    seen = Conversation.objects.visible_to(person)
    rows = BadAddress.objects.filter(address__in=wanted, cleared_at=None, outgoing__entry__conversation__in=seen)
    return list({row.address: row for row in rows.order_by("at", "pk")}.values())


def _named(parsed: Parsed, bounce: Bounce) -> list[str]:
    """Message-IDs that the report may mean, without <>."""
    envelope = [
        name
        for part in parsed.parts
        if part.content_type in _STATUS
        for name in _ids(fields_of(part.content, part.charset).get("original-envelope-id", ""))
    ]
    names = (bounce.original_message_id, *envelope, *parsed.in_reply_to, *parsed.references)
    return list(dict.fromkeys(name for name in names if name))[:_MOST_NAMES]


def _ids(text: str) -> list[str]:
    return [text.strip().strip("<>"), *find_message_ids(text)] if text.strip() else []


def _addressees(outgoing: Outgoing, said: FailedRecipient) -> list[Recipient]:
    """Whom of the letter's recipients it is about: one whose mail was forwarded is reported by another address."""
    rows = list(outgoing.recipients.all())
    same = [row for row in rows if row.address.lower() == said.address.lower()]
    return same or (rows if len(rows) == 1 else [])


def _note(recipient: Recipient, said: FailedRecipient, now: datetime) -> None:
    failed = _has_failed(said)
    if recipient.reported == "failed" and not failed and said.action != "delivered":
        return  # "late" that comes after "failed" was late itself
    recipient.reported = "failed" if failed else said.action
    recipient.reported_status, recipient.reported_reason = said.status[:16], said.reason.replace("\0", "")[:1000]
    # RFC 3464 2.3.3: "failed" says that nobody tries any more, even where the status is 4.x.x.
    recipient.reported_permanent = said.permanent if said.permanent is not None else failed or None
    recipient.reported_at = now
    recipient.save()
    if failed and recipient.reported_permanent and is_about_the_address(said.status):
        remember_bad(recipient.address, recipient.outgoing, said.status, said.reason, now)


def _has_failed(said: FailedRecipient) -> bool:
    return said.action in _GONE_WRONG


def _may_have(conversation: Conversation, person: Person) -> bool:
    return person.is_active and Conversation.objects.visible_to(person).filter(pk=conversation.pk).exists()
