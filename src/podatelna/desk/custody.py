"""Who got a message and where: its deliveries as somebody may see them; and taking a process's view of one away.

A view is taken by one delivery or of the whole message, for one process; everybody else's stays. It is remembered: the
same delivery replayed, or for the whole message another copy that comes, does not bring it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from podatelna.accounts.access import record, scopes_of
from podatelna.accounts.models import Person
from podatelna.archive.columns import fit
from podatelna.archive.models import Delivery, DeliveryScope, Message

from . import changes
from .confidential import keep
from .errors import NotHidable
from .filing import put_right
from .models import Conversation, Entry, Hidden, Member, Process
from .regrouping import refresh

_LETTERS = (Entry.Kind.MESSAGE, Entry.Kind.OUTGOING)


def deliveries_of(message: Message, person: Person, conversation: Conversation | None = None) -> QuerySet[Delivery]:
    """The deliveries of `message` that `person` may see, the first one first.

    In a conversation that they may see those that came to it count too: it may have been given to them alone.
    """
    scopes = Q(scope_links__scope__in=scopes_of(person))
    if conversation is not None:
        scopes |= Q(scope_links__scope__in=conversation.own_scopes())
    rows = Delivery.objects.filter(scopes, message=message).select_related("origin", "message")
    return rows.distinct().order_by("pk")


def processes_of(delivery: Delivery) -> QuerySet[Process]:
    """The processes whose teams see a message through this delivery."""
    return Process.objects.filter(scope__delivery_links__delivery=delivery)


def may_hide(person: Person, process: Process) -> bool:
    """Whether `person` may take views of messages from `process`: who leads it, and of the company's administrators."""
    if not person.is_active:
        return False
    if person.is_administrator and process.owner_id is None:
        return True
    return process.members.filter(person=person, role=Member.Role.LEAD).exists()


@transaction.atomic
def hide(
    message: Message, process: Process, by: Person, now: datetime, *, delivery: Delivery | None = None, reason: str = ""
) -> Hidden:
    """Take the view of `message` (through `delivery` alone, or through all, those to come too) from `process`.

    With the last view the message leaves the process's conversation. What is stored stays as it is. Raises NotHidable
    when the process does not see it there, or when it is a letter that was written here.
    """
    conversation = _conversation(message, process)
    if conversation is not None and conversation.is_confidential:
        raise NotHidable("the process does not see it")
    entry = conversation.entries.get(message=message) if conversation else None
    if entry is not None and entry.kind == Entry.Kind.OUTGOING:
        raise NotHidable("it was written here")
    links = DeliveryScope.objects.filter(message=message, scope__in=_scopes(process, conversation))
    if delivery is not None:
        links = links.filter(delivery=delivery)
    memory: dict[str, Any] = {"links": [list(pair) for pair in links.values_list("delivery", "scope").order_by("pk")]}
    if not memory["links"]:
        raise NotHidable("the process does not see it there")
    links.delete()
    if conversation and entry and not DeliveryScope.objects.filter(message=message, scope=process.scope_id).exists():
        memory |= _take_out(entry, conversation)
    put_right([message.pk])
    hidden = _remember(message, process, delivery, by, now, reason, memory)
    record(by, "hide", f"message {message.pk}", process=process.pk, delivery=delivery and delivery.pk, reason=reason)
    if conversation is not None:
        conversation.happened("hid" if "entry" in memory else "hid-delivery", by, now, hidden=hidden.pk)
    return hidden


@transaction.atomic
def show(hidden: Hidden, by: Person, now: datetime) -> None:
    """Give a view back that was taken, and the message its place in the conversation."""
    present = set(hidden.message.deliveries.values_list("pk", flat=True))
    DeliveryScope.objects.bulk_create(
        [
            DeliveryScope(delivery_id=delivery, message=hidden.message, scope_id=scope)
            for delivery, scope in hidden.memory.get("links", [])
            if delivery in present
        ],
        ignore_conflicts=True,
    )
    conversation = _put_back(hidden) or _conversation(hidden.message, hidden.process)
    if conversation is not None:
        keep(conversation)
    put_right([hidden.message_id])
    subject, process, reason = f"message {hidden.message_id}", hidden.process_id, hidden.reason
    record(by, "show-again", subject, process=process, delivery=hidden.delivery_id, reason=reason)
    hidden.delete()
    if conversation is not None:
        conversation.happened("showed", by, now)
        changes.touched(conversation, now)


def hidden_views(messages: Iterable[Message]) -> set[tuple[int, int, int | None]]:
    """Of some messages: message, process and delivery (None: every one) of the views that were taken away."""
    rows = Hidden.objects.filter(message__in=[message.pk for message in messages])
    return {(row.message_id, row.process_id, row.delivery_id) for row in rows.defer("memory")}


def _remember(
    message: Message,
    process: Process,
    delivery: Delivery | None,
    by: Person,
    now: datetime,
    reason: str,
    memory: dict[str, Any],
) -> Hidden:
    try:
        with transaction.atomic():
            return Hidden.objects.create(
                message=message,
                process=process,
                delivery=delivery,
                person=by,
                at=now,
                reason=fit(reason.strip(), 500),
                memory=memory,
            )
    except IntegrityError:
        raise NotHidable("it is hidden already") from None


# --- its place in the conversation -----------------------------------------------------------------------


def _conversation(message: Message, process: Process) -> Conversation | None:
    """The process's conversation that the message is in, locked."""
    found = Conversation.objects.select_for_update().filter(process=process, pk__in=_in_which(message))
    return found.order_by("pk").first()


def _in_which(message: Message) -> Sequence[int]:
    return list(Entry.objects.filter(message=message).values_list("conversation", flat=True))


def _scopes(process: Process, conversation: Conversation | None) -> list[int]:
    """Through which scopes the process and those it let into its conversation see a message."""
    return [process.scope_id] if conversation is None else [process.scope_id, conversation.scope_id]


def _take_out(entry: Entry, conversation: Conversation) -> dict[str, Any]:
    memory = {
        "entry": {
            "conversation": conversation.pk,
            "at": entry.at.isoformat(),
            "entered_at": entry.entered_at and entry.entered_at.isoformat(),
            "person": entry.person_id,
        },
        "partner": [conversation.partner_name, conversation.partner_address],
    }
    entry.delete()
    if not conversation.entries.filter(kind__in=_LETTERS).exists():
        # Who wrote it was known from nothing else.
        Conversation.objects.filter(pk=conversation.pk).update(partner_name="", partner_address="")
    refresh(conversation)
    return memory


def _put_back(hidden: Hidden) -> Conversation | None:
    kept = hidden.memory.get("entry")
    if not kept:
        return None
    conversations = Conversation.objects.select_for_update().filter(process=hidden.process_id)
    conversation = (
        conversations.filter(thread=hidden.message.thread_id).first()
        or conversations.filter(pk=kept["conversation"]).first()
    )
    if conversation is None or conversation.entries.filter(message=hidden.message).exists():
        return conversation
    conversation.entries.create(
        kind=Entry.Kind.MESSAGE,
        at=datetime.fromisoformat(kept["at"]),
        entered_at=kept["entered_at"] and datetime.fromisoformat(kept["entered_at"]),
        person=Person.objects.filter(pk=kept["person"]).first(),
        message=hidden.message,
    )
    if not conversation.partner_address:
        name, address = hidden.memory["partner"]
        Conversation.objects.filter(pk=conversation.pk).update(partner_name=name, partner_address=address)
    refresh(conversation)
    return conversation
