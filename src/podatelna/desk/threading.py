"""Splitting a conversation and joining two, by a person, and the Undo; it holds for mail that comes later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from podatelna.accounts.access import grant
from podatelna.accounts.models import Person, Scope
from podatelna.archive import store, thread_decisions
from podatelna.archive.arrangement import Named
from podatelna.archive.errors import NothingToSplit
from podatelna.archive.models import DeliveryScope, Message, Thread, ThreadDecision, ThreadKey
from podatelna.archive.rearranging import below
from podatelna.archive.thread_keys import Placed, digest
from podatelna.mail.parse import parse

from . import confidential, filing
from .errors import NotJoinable, NotSplittable
from .merging import absorb
from .models import NAMED, Conversation, ConversationScope, Entry
from .regrouping import refresh

_SAVED = ("subject", "status", "partner_name", "partner_address", "preview", "is_confidential")


def going_along(conversation: Conversation, message: Message) -> list[Entry]:
    """The letters of `conversation` that would go with `message` if it were split off, in their order."""
    keys = below(message)
    letters = conversation.entries.filter(message__key__in=keys).select_related("message", "person")
    return list(letters.order_by("at", "pk"))


@transaction.atomic
def split(
    conversation: Conversation, message: Message, by: Person, now: datetime
) -> tuple[Conversation, ThreadDecision]:
    """Make `message` and what answers it a conversation of its own; the new one, and the decision to be undone.

    Other processes that work the same thread have it split too. Raises NotSplittable when nothing would stay behind.
    """
    conversation = conversation.locked()
    try:
        decided = thread_decisions.split(message, by, now, _waiting(conversation.thread))
    except NothingToSplit as error:
        raise NotSplittable(str(error)) from error
    _take_along(decided.placed, now, by)
    message.refresh_from_db()
    new = Conversation.objects.get(process=conversation.process_id, thread=message.thread)
    return new, decided.decision


@transaction.atomic
def join(
    conversation: Conversation, other: Conversation, by: Person, now: datetime
) -> tuple[Conversation, ThreadDecision]:
    """Make two conversations of one process one; what is left, the older of both, and the decision to be undone.

    Raises NotJoinable for one and the same, and for those of two processes.
    """
    if conversation.pk == other.pk or conversation.process_id != other.process_id:
        raise NotJoinable
    first, second = conversation.thread, other.thread
    memory = [
        _remembered(one) for one in Conversation.objects.filter(thread__in=[first, second]).select_related("scope")
    ]
    try:
        decided = thread_decisions.join(first, second, by, now, also=[*_waiting(first), *_waiting(second)])
    except Thread.DoesNotExist as error:
        raise NotJoinable from error
    decided.decision.memory["conversations"] = memory
    decided.decision.save(update_fields=["memory"])
    _take_along(decided.placed, now, by)
    assert decided.decision.key.thread_id is not None
    decided.decision.key.refresh_from_db()
    return Conversation.objects.get(
        process=conversation.process_id, thread=decided.decision.key.thread
    ), decided.decision


@transaction.atomic
def undo(decision: ThreadDecision, by: Person, now: datetime) -> None:
    """Take a split or a join back. Conversations that a join put an end to are there again, with what was in them."""
    also = _waiting(ThreadKey.objects.select_related("thread").get(pk=decision.key_id).thread)
    memory = decision.memory.get("conversations", [])
    placed = thread_decisions.undo(decision, also)
    for one in memory:
        _restore(one, now)
    _take_along(placed, now, by)
    filing.restore({one["id"]: one.get("cases", []) for one in memory})


def decided_here(conversation: Conversation) -> Iterable[ThreadDecision]:
    """What people decided about the thread of a conversation, the latest first."""
    rows = ThreadDecision.objects.filter(key__thread=conversation.thread_id, person__isnull=False)
    return rows.select_related("person").order_by("-at", "-pk")


def _take_along(placed: Sequence[Placed], now: datetime, by: Person) -> None:
    if placed:
        absorb(placed[0], now, by)


def _waiting(thread: Thread) -> list[Named]:
    """Letters that stand in the thread and are not filed yet, with what they answer."""
    entries = Entry.objects.filter(conversation__thread=thread, kind=Entry.Kind.OUTGOING, message=None)
    found = []
    for entry in entries.select_related("outgoing__raw"):
        assert entry.outgoing is not None
        references = parse(store.read_blob(entry.outgoing.raw)).references
        found.append(Named(digest(entry.outgoing.message_id), tuple(map(digest, references))))
    return found


# --- what an Undo of a join needs ------------------------------------------------------------------------


def _remembered(conversation: Conversation) -> dict[str, Any]:
    letters = conversation.entries.filter(message__isnull=False).values_list("message", flat=True)
    return {
        "id": conversation.pk,
        "process": conversation.process_id,
        "message": letters.order_by("at", "pk").first(),
        "assignee": conversation.assignee_id,
        "entries": list(conversation.entries.values_list("pk", flat=True)),
        "created_at": conversation.created_at.isoformat(),
        "cases": list(conversation.filings.values_list("case", flat=True)),
        "named": [person.pk for person in confidential.named_people(conversation)],
        **{name: getattr(conversation, name) for name in _SAVED},
    }


def _restore(memory: dict[str, Any], now: datetime) -> None:
    """Make a conversation again that a join put an end to, under its own number."""
    message = Message.objects.filter(pk=memory["message"]).first()
    if message is None or message.thread_id is None or Conversation.objects.filter(pk=memory["id"]).exists():
        return
    if Conversation.objects.filter(process=memory["process"], thread=message.thread_id).exists():
        return  # that part of it was worked meanwhile
    conversation = Conversation.objects.create(
        pk=memory["id"],
        process_id=memory["process"],
        thread_id=message.thread_id,
        scope=Scope.objects.create(kind=Scope.Kind.CONVERSATION),
        created_at=datetime.fromisoformat(memory["created_at"]),
        **{name: memory[name] for name in _SAVED if name in memory},
    )
    ConversationScope.objects.create(conversation=conversation, scope=conversation.process.scope)
    entries = Entry.objects.filter(pk__in=memory["entries"], conversation__process=memory["process"])
    sources = list(Conversation.objects.filter(pk__in=entries.values("conversation"), is_confidential=True))
    entries.update(conversation=conversation)
    messages = filing.messages_of(conversation)
    for source in sources:
        confidential.hand_on(source, conversation, messages)
        DeliveryScope.objects.filter(message__in=messages, scope=source.scope_id).delete()
    for one in Person.objects.filter(pk__in=memory.get("named", []), is_active=True):
        grant(conversation.scope, one, NAMED, None)
    confidential.keep(conversation)
    person = Person.objects.filter(pk=memory["assignee"], is_active=True).first()
    if person is not None:
        conversation.assign(person, None, now)
    refresh(conversation)
