"""Routing: to which processes a delivery belongs, and what it does to their conversations.

The rules, in one place:

- A delivery belongs to the process of the address it came through. Where a mailbox serves several processes, the
  recipients decide; where they do not, the first one.
- Each process works in its own conversation, of which there is one per thread.
- Mail that one of us wrote to somebody outside (a colleague's answer from another program) is an answer: it joins, it
  is not news, and its writer has the conversation if nobody had it.
- Any other mail to a closed conversation reopens it; automatic answers and delivery reports join and leave it closed,
  or an absence note would undo every closing.
- What is imported joins as history: new conversations are closed, and nothing is announced.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Max, Q, QuerySet

from podatelna.accounts.models import Person
from podatelna.archive import store
from podatelna.archive.columns import fit
from podatelna.archive.models import Delivery, Message, Origin
from podatelna.archive.threads import Placed
from podatelna.mail.addresses import Address, read_addresses
from podatelna.mail.parse import Parsed

from . import changes
from .errors import NoProcess
from .imports import process_of
from .merging import absorb, follow_message
from .models import Conversation, Entry, Process, ProcessAddress
from .opening import take_up
from .senders import own_addresses

_NEAREST = 5  # of the messages that an answer names, the last ones
_QUIET = ("auto-reply", "report")
_ENVELOPE_HEADERS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")


@dataclass(frozen=True)
class _Mail:
    """One delivery on its way to the desk."""

    delivery: Delivery
    message: Message
    parsed: Parsed
    at: datetime
    imported: bool


@dataclass(frozen=True)
class _Author:
    """Who wrote it, as one process sees it. `ours`: an answer by one of us to somebody outside."""

    ours: bool
    person: Person | None
    partner: Address | None


def route(
    delivery: Delivery,
    message: Message,
    parsed: Parsed,
    placed: Placed,
    now: datetime,
    *,
    process: Process | None = None,
) -> list[Conversation]:
    """Put the delivery into its conversations, made where there were none; idempotent, in the caller's transaction.

    `process` is for imports alone. Raises NoProcess when it came through a gateway that no process uses.
    """
    absorb(placed, now)
    imported = delivery.origin.kind == Origin.Kind.IMPORT
    mail = _Mail(delivery, message, parsed, min(message.received_at, delivery.seen_at, now), imported)
    return [_join(mail, one, placed, now) for one in _processes(delivery, parsed, process)]


def announce(conversations: list[Conversation], now: datetime) -> None:
    """Tell open pages."""
    for conversation in conversations:
        changes.touched(conversation, now)


# --- where to --------------------------------------------------------------------------------------------


def _processes(delivery: Delivery, parsed: Parsed, process: Process | None) -> list[Process]:
    if delivery.origin.kind != Origin.Kind.IMAP:
        process = process or process_of(delivery.origin)
        return [process] if process is not None else []
    rows = list(ProcessAddress.objects.filter(gateway__origin=delivery.origin_id).select_related("process"))
    if not rows:
        raise NoProcess(f"no process has an address at the gateway {delivery.origin.name}")
    recipients = _recipients(delivery, parsed)
    named = [row.process for row in rows if row.address in recipients] or [rows[0].process]
    return sorted(set(named), key=lambda one: one.pk)


def _recipients(delivery: Delivery, parsed: Parsed) -> set[str]:
    """Everybody it was for, lower case, also without the +detail of RFC 5233."""
    texts = [*delivery.rcpt_to, *(value for name, value in parsed.headers if name.lower() in _ENVELOPE_HEADERS)]
    envelope = [address.address for text in texts for address in read_addresses(text)[0]]
    written = [address.address for address in (*parsed.to, *parsed.cc, *parsed.bcc)]
    everybody = {address.lower() for address in (*envelope, *written)}
    return everybody | {_without_detail(address) for address in everybody}


def _without_detail(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


# --- what it does there ----------------------------------------------------------------------------------


def _join(mail: _Mail, process: Process, placed: Placed, now: datetime) -> Conversation:
    author = _author(mail.parsed, process)
    follow_message(mail.message, process, placed.thread)
    conversation, new = take_up(process, placed.thread, mail.parsed.subject, author.partner, mail.at)
    if new and mail.imported:
        conversation.status, conversation.closed_at = Conversation.Status.CLOSED, mail.at
    mail = replace(mail, at=_below_what_it_answers(mail, conversation))
    entered = _enter(mail, conversation, author, now)
    if entered or not conversation.subject:  # without subject it may have been unreadable until now
        _update(mail, conversation, author, new, now)
    if entered:
        _follow(mail, conversation, author, now)
    for link in conversation.scope_links.select_related("scope"):
        store.give_scope(mail.delivery, link.scope)
    return conversation


def _author(parsed: Parsed, process: Process) -> _Author:
    sender = parsed.sender
    colleagues = {
        person.email: person for person in Person.objects.filter(is_active=True, email__in=_everybody(parsed))
    }
    own = own_addresses(process) | set(colleagues)
    outside = [one for one in (*parsed.to, *parsed.cc, *parsed.bcc) if one.address.lower() not in own]
    if sender is None or sender.address.lower() not in own or not outside:
        return _Author(False, None, sender)
    return _Author(True, colleagues.get(sender.address.lower()), outside[0])


def _everybody(parsed: Parsed) -> list[str]:
    senders = (parsed.sender,) if parsed.sender is not None else ()
    # A message may name thousands: enough of them to tell whether one of us wrote it.
    return [one.address.lower() for one in (*senders, *parsed.to, *parsed.cc, *parsed.bcc)][:300]


def _below_what_it_answers(mail: _Mail, conversation: Conversation) -> datetime:
    """When it came; mailboxes keep whole seconds, and a quick answer must not stand above its question for that."""
    last: datetime | None = _answered(mail, conversation.entries.all()).aggregate(last=Max("at"))["last"]
    if last is None or not mail.at <= last < mail.at + timedelta(seconds=1):
        return mail.at
    return last + timedelta(microseconds=1)


def _enter(mail: _Mail, conversation: Conversation, author: _Author, now: datetime) -> bool:
    """Put the message into the timeline; False when it is there already."""
    if conversation.entries.filter(message=mail.message).exists():
        return False
    own = _sent_from_here(mail, conversation)
    if own is not None:
        # Our own letter came back as a copy before it was filed.
        Entry.objects.filter(pk=own.pk).update(message=mail.message)
        return False
    conversation.entries.create(
        kind=Entry.Kind.MESSAGE, at=mail.at, entered_at=now, person=author.person, message=mail.message
    )
    return True


def _sent_from_here(mail: _Mail, conversation: Conversation) -> Entry | None:
    entries = conversation.entries.filter(kind=Entry.Kind.OUTGOING, message=None)
    entry = entries.filter(outgoing__message_id=mail.parsed.message_id).select_related("outgoing__raw").first()
    if entry is None or entry.outgoing is None:
        return None
    # Message-ID is not identity: the body must be the very same.
    ours, theirs = store.read_blob(entry.outgoing.raw), store.original(mail.delivery)
    return entry if ours.partition(b"\r\n\r\n")[2] == theirs.partition(b"\r\n\r\n")[2] else None


def _update(mail: _Mail, conversation: Conversation, author: _Author, new: bool, now: datetime) -> None:
    """What the list shows. Mail is not always processed in the order in which it came."""
    if new or mail.at >= conversation.last_message_at:
        conversation.preview = mail.message.preview
        conversation.last_message_at = mail.at
    if new or not author.ours:
        conversation.last_inbound_at = max(now, conversation.last_inbound_at or now)
    if not conversation.subject or (mail.parsed.subject and _begins(mail, conversation)):
        conversation.subject = fit(mail.parsed.subject, 2000)
    if not conversation.partner_address and author.partner is not None:
        conversation.partner_name = fit(author.partner.name, 300)
        conversation.partner_address = fit(author.partner.address, 320).lower()
    conversation.save(update_fields=_LISTED)


def _begins(mail: _Mail, conversation: Conversation) -> bool:
    """Whether the conversation began with this message, although others of it were here first."""
    others = conversation.entries.filter(kind__in=_LETTERS).exclude(message=mail.message)
    first = others.order_by("at", "pk").select_related("message").first()
    if first is None or _answered(mail, others).exists():
        return False
    parent = first.message.parent_id if first.message is not None else None
    return mail.at < first.at or (parent is not None and parent == mail.message.key_id)


def _answered(mail: _Mail, entries: QuerySet[Entry]) -> QuerySet[Entry]:
    """Those of `entries` that the mail names as what it answers."""
    named = Q(outgoing__message_id__in=mail.parsed.references[-_NEAREST:])
    if mail.message.parent_id is not None:
        named |= Q(message__key=mail.message.parent_id)
    return entries.filter(named)


_LETTERS = (Entry.Kind.MESSAGE, Entry.Kind.OUTGOING)
_LISTED = (
    "subject", "status", "closed_at", "partner_name", "partner_address", "preview", "last_message_at",
    "last_inbound_at",
)  # fmt: skip


def _follow(mail: _Mail, conversation: Conversation, author: _Author, now: datetime) -> None:
    """What mail does to the work: reopens it, or gives it to the colleague who answered."""
    if mail.imported:
        return
    closed = conversation.status == Conversation.Status.CLOSED
    if closed and not author.ours and mail.parsed.automatic not in _QUIET:
        conversation.reopen(None, now)
    if author.person is None or conversation.assignee_id is not None:
        return
    if conversation.process.members.filter(person=author.person).exists():
        conversation.assign(author.person, author.person, now)
