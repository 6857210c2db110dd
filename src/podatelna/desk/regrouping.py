"""Messages that stand in another thread now take their place in the timeline along, into that thread's conversation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import F

from podatelna.accounts.models import Person
from podatelna.archive.models import DeliveryScope, Message, Thread, ThreadKey
from podatelna.archive.thread_keys import digest
from podatelna.mail.addresses import Address

from . import changes, confidential, filing
from .models import Conversation, Draft, Entry, Reading
from .opening import take_up

_LETTERS = (Entry.Kind.MESSAGE, Entry.Kind.OUTGOING)


def regroup(messages: Iterable[int], now: datetime, by: Person | None = None) -> None:
    """Bring the entries of `messages` (ids) into the conversations of the threads that they stand in now.

    In the caller's transaction, after the threads were rearranged. Notes and what was done stay where they were. A new
    conversation begins with the state of the one it comes from: open or closed, whose it is, how far it was read.
    """
    entries = Entry.objects.filter(message__in=list(messages)).exclude(conversation__thread=F("message__thread"))
    away: defaultdict[tuple[int, int], list[Entry]] = defaultdict(list)
    for entry in entries.select_related("message").order_by("at", "pk"):
        assert entry.message is not None
        assert entry.message.thread_id is not None
        away[entry.conversation_id, entry.message.thread_id].append(entry)
    for (source, thread), some in sorted(away.items()):
        _bring(Conversation.objects.get(pk=source).locked(), Thread.objects.get(pk=thread), some, now, by)


def _bring(source: Conversation, thread: Thread, entries: list[Entry], now: datetime, by: Person | None) -> None:
    entries = entries + _on_their_way(source, thread)
    if not source.entries.filter(kind__in=_LETTERS).exclude(pk__in=[entry.pk for entry in entries]).exists():
        there = Conversation.objects.filter(process=source.process_id, thread=thread).exists()
        if not there:
            # All of its mail goes there: so does the conversation.
            Conversation.objects.filter(pk=source.pk).update(thread=thread)
            return
    first = entries[0]
    partner = _partner(entries) or Address(source.partner_name, source.partner_address)
    subject = first.message.subject if first.message else source.subject
    target, new = take_up(source.process, thread, subject, partner, first.at)
    _move(entries, target)
    _move_drafts(source, target, entries)
    if new:
        _begin_like(target, source, now, by)
    confidential.hand_on(source, target, [entry.message_id for entry in entries if entry.message_id])
    _keep_scopes(source, target, entries)
    confidential.follow(target, source, new=new)
    refresh(source)
    refresh(target)
    source.happened("split-off", by, now, conversation=target.pk, name=target.subject)
    target.happened("split", by, now, conversation=source.pk, name=source.subject)
    changes.touched(target, now)


def _on_their_way(source: Conversation, thread: Thread) -> list[Entry]:
    """Letters that were not filed yet and whose names stand in that thread."""
    waiting = source.entries.filter(kind=Entry.Kind.OUTGOING, message=None).select_related("outgoing")
    keys = {digest(entry.outgoing.message_id): entry for entry in waiting if entry.outgoing is not None}
    there = ThreadKey.objects.filter(thread=thread, key__in=list(keys)).values_list("key", flat=True)
    return [keys[bytes(key)] for key in there]


def _partner(entries: Sequence[Entry]) -> Address | None:
    """Who writes from outside: the first author who is none of us."""
    letters = [entry.message for entry in entries if entry.kind == Entry.Kind.MESSAGE and entry.person_id is None]
    return next((Address(one.from_name, one.from_address) for one in letters if one is not None), None)


def _move(entries: Sequence[Entry], target: Conversation) -> None:
    there = set(target.entries.filter(message__isnull=False).values_list("message_id", flat=True))
    double = [entry.pk for entry in entries if entry.message_id in there]
    Entry.objects.filter(pk__in=double, kind=Entry.Kind.MESSAGE).delete()
    Entry.objects.filter(pk__in=[entry.pk for entry in entries]).exclude(pk__in=double).update(conversation=target)


def _move_drafts(source: Conversation, target: Conversation, entries: Sequence[Entry]) -> None:
    """An answer that somebody is writing goes with what it answers."""
    answers = source.drafts.filter(answered__in=[entry.message_id for entry in entries if entry.message_id])
    for draft in answers.exclude(person__in=target.drafts.values("person")):
        Draft.objects.filter(pk=draft.pk).update(conversation=target)


def _begin_like(target: Conversation, source: Conversation, now: datetime, by: Person | None) -> None:
    Conversation.objects.filter(pk=target.pk).update(status=source.status, closed_at=source.closed_at)
    readings = source.readings.values_list("person", "read_at")
    Reading.objects.bulk_create(
        [Reading(person_id=person, conversation=target, read_at=read_at) for person, read_at in readings],
        ignore_conflicts=True,
    )
    if source.assignee is not None and source.assignee.is_active:
        target.assign(source.assignee, by, now)


def _keep_scopes(source: Conversation, target: Conversation, entries: Sequence[Entry]) -> None:
    """Who was let into one of them sees the messages of that one, and no longer those that left it."""
    kept = set(target.scope_links.values_list("scope", flat=True))
    for link in target.scope_links.select_related("scope"):
        target.carry(link.scope)
    lost = [pk for pk in source.scope_links.values_list("scope", flat=True) if pk not in kept]
    moved = [entry.message_id for entry in entries if entry.message_id]
    DeliveryScope.objects.filter(message__in=moved, scope__in=lost).delete()
    filing.put_right(pk for pk in moved if pk is not None)


def refresh(conversation: Conversation) -> None:
    """Write what lists show of a conversation anew, from the letters that are in it."""
    letters = list(conversation.entries.filter(kind__in=_LETTERS).select_related("message").order_by("at", "pk"))
    theirs = [entry for entry in letters if entry.kind == Entry.Kind.MESSAGE and entry.person_id is None]
    inbound = [entry.entered_at for entry in theirs if entry.entered_at is not None]
    read = [entry for entry in letters if entry.message is not None]
    first, last = (read[0].message, read[-1].message) if read else (None, None)
    Conversation.objects.filter(pk=conversation.pk).update(
        subject=first.subject if first else "" if not letters else conversation.subject,
        preview=last.preview if last else "",
        last_message_at=letters[-1].at if letters else conversation.created_at,
        last_inbound_at=max(inbound, default=None),
    )
    conversation.refresh_from_db()


def messages_in(conversation: Conversation) -> list[Message]:
    """The messages of a conversation, in the order of its timeline."""
    entries = conversation.entries.filter(message__isnull=False).select_related("message").order_by("at", "pk")
    return [entry.message for entry in entries if entry.message is not None]
