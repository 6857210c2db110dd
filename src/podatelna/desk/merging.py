"""When two threads turn out to be one: the work on them becomes one piece of work per process."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from podatelna.accounts.access import grant
from podatelna.accounts.models import Person
from podatelna.archive.models import Message, Thread
from podatelna.archive.threads import Placed, bury

from . import confidential, filing, marks
from .handover import keep_apart
from .models import ASSIGNED, Conversation, Draft, Entry, Process, Reading
from .regrouping import regroup


def absorb(placed: Placed, now: datetime, by: Person | None = None) -> None:
    """Move the conversations of absorbed threads to the thread that took them over, and bury those threads.

    Part of the transaction that placed the message. Of two conversations of one process the older stays. Where people
    decided about threads (`by`: just now), messages that moved take their place in another conversation.
    """
    for one in (placed, *placed.also):
        _absorb_threads(one, now, by)
    if placed.moved:
        regroup(placed.moved, now, by)


def _absorb_threads(placed: Placed, now: datetime, by: Person | None) -> None:
    if not placed.absorbed:
        return
    here = Q(thread=placed.thread) | Q(thread__in=placed.absorbed)
    kept: dict[int, Conversation] = {}
    for conversation in Conversation.objects.select_for_update().filter(here).order_by("created_at", "pk"):
        first = kept.setdefault(conversation.process_id, conversation)
        if first.pk != conversation.pk:
            _merge(first, conversation, now, by)
    Conversation.objects.filter(thread__in=placed.absorbed).update(thread=placed.thread)
    bury(placed)


def follow_message(message: Message, process: Process, thread: Thread) -> None:
    """A message that could not be read at first, and now has another thread, takes its own conversation there."""
    entries = Entry.objects.filter(message=message, conversation__process=process)
    entry = entries.exclude(conversation__thread=thread).select_related("conversation").first()
    if entry is None or entry.conversation.entries.filter(message__isnull=False).exclude(pk=entry.pk).exists():
        return
    there = Conversation.objects.select_for_update().filter(process=process, thread=thread).first()
    if there is None:
        Conversation.objects.filter(pk=entry.conversation_id).update(thread=thread)
    else:
        _merge(there, entry.conversation.locked(), entry.at)


def _merge(kept: Conversation, other: Conversation, now: datetime, by: Person | None = None) -> None:
    """Everything of `other` goes over to `kept`, and `other` is gone."""
    keep_apart(kept, other, by, now)
    Conversation.objects.filter(pk=kept.pk).update(is_confidential=kept.is_confidential or other.is_confidential)
    kept.is_confidential = kept.is_confidential or other.is_confidential
    confidential.hand_on(other, kept, filing.messages_of(other))
    _move_entries(kept, other)
    _move_drafts(kept, other)
    _move_readings(kept, other)
    _join_columns(kept, other)
    filing.join(kept, other, by_person=by is not None and by.pk == kept.process.owner_id)
    marks.join(kept, other)
    _move_waiting(kept, other)
    _let_in(kept, other)
    scope, gone, name = other.scope, other.pk, other.subject
    other.delete()
    scope.delete()
    filing.carry_cases(kept)
    _keep_confidential(kept, by, now)
    if by is None:
        kept.happened("merged", None, now, conversation=gone)
    else:
        kept.happened("joined", by, now, conversation=gone, name=name)


def _keep_confidential(kept: Conversation, by: Person | None, now: datetime) -> None:
    """Of two conversations of which one was confidential, the one they are now is: the team sees it no more."""
    confidential.keep(kept)
    assignee = kept.locked().assignee
    if assignee is not None and not Conversation.objects.visible_to(assignee).filter(pk=kept.pk).exists():
        kept.assign(None, by, now)


def _move_entries(kept: Conversation, other: Conversation) -> None:
    here = kept.entries.filter(message__isnull=False).values("message")
    double = other.entries.filter(message__in=here)
    # A letter sent from here keeps its state; the copy that came in by mail is the one to go.
    for entry in double.filter(kind=Entry.Kind.OUTGOING):
        kept.entries.filter(message=entry.message).delete()
    double.filter(kind=Entry.Kind.MESSAGE).delete()
    other.entries.update(conversation=kept)


def _move_drafts(kept: Conversation, other: Conversation) -> None:
    """Nothing typed is lost: who had a draft in both has one with both texts."""
    for draft in other.drafts.all():
        mine = kept.drafts.filter(person=draft.person).first()
        if mine is None:
            Draft.objects.filter(pk=draft.pk).update(conversation=kept)
            continue
        mine.text = "\n\n".join(text for text in (mine.text, draft.text) if text.strip())
        mine.revision += 1
        mine.save()
        draft.files.update(draft=mine)
        draft.delete()


def _move_readings(kept: Conversation, other: Conversation) -> None:
    """Who has not read one of them has not read the whole."""
    read = {row.person_id: row for row in other.readings.all()}
    for row in kept.readings.all():
        earlier = read.get(row.person_id)
        if earlier is None:
            row.delete()
        elif earlier.read_at < row.read_at:
            Reading.objects.filter(pk=row.pk).update(read_at=earlier.read_at)


def _move_waiting(kept: Conversation, other: Conversation) -> None:
    """What is still to be done with mail of `other`: rules that wait for a verdict, webhooks, automatic answers."""
    there = list(kept.rule_waits.values_list("delivery", flat=True))
    other.rule_waits.exclude(delivery__in=there).update(conversation=kept, opened=False)
    for rows in (other.rule_calls, other.automatic_answers):
        rows.update(conversation=kept)


def _join_columns(kept: Conversation, other: Conversation) -> None:
    if other.status == Conversation.Status.OPEN:
        kept.status, kept.closed_at = Conversation.Status.OPEN, None
    if other.last_message_at > kept.last_message_at:
        kept.last_message_at, kept.preview = other.last_message_at, other.preview
    inbound = [at for at in (kept.last_inbound_at, other.last_inbound_at) if at is not None]
    kept.last_inbound_at = max(inbound, default=None)
    if not kept.partner_address:
        kept.partner_name, kept.partner_address = other.partner_name, other.partner_address
    kept.assignee = kept.assignee or other.assignee
    kept.subject = kept.subject or other.subject
    kept.priority = max(kept.priority, other.priority)
    kept.save()


def _let_in(kept: Conversation, other: Conversation) -> None:
    """Whoever was let into one of them sees the whole; the messages of each carry the scopes of both."""
    for link in other.scope_links.exclude(scope=other.scope).select_related("scope"):
        kept.carry(link.scope)
    holdings = list(other.scope.holdings.select_related("person"))
    for holding in holdings:
        # Of two assignees one stays; the other one's reason to see it is gone.
        if holding.reason != ASSIGNED or holding.person_id == kept.assignee_id:
            kept.carry(kept.scope)
            grant(kept.scope, holding.person, holding.reason, holding.granted_by)
    for link in kept.scope_links.select_related("scope"):
        kept.carry(link.scope)
