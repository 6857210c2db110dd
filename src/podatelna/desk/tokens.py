"""A mark in the subject that names a conversation, for programs that answer without saying what they answer.

It is a last resort: what a message names by References holds before it, and only somebody who is in the conversation
already can come into it so. Whether letters carry the mark is set for each process.
"""

from __future__ import annotations

import re
from datetime import datetime

from django.db.models import Q
from django.utils.text import slugify

from podatelna.archive import thread_decisions
from podatelna.archive.models import Correspondent, Delivery, ThreadDecision
from podatelna.archive.threads import Placed
from podatelna.mail.parse import Parsed
from podatelna.outbox.models import Recipient

from .models import Conversation

_TOKEN = re.compile(r"\[#([a-z0-9_-]{1,60})-(\d{1,18})\]")
_MOST = 5  # of the marks in one subject


def marked(subject: str, conversation: Conversation | None) -> str:
    """`subject` with the conversation's mark at its end, where its process wants that and it is not there yet."""
    if conversation is None or not conversation.process.mark_subjects:
        return subject
    name = _name(conversation)
    return subject if (name, conversation.pk) in _marks(subject) else f"{subject} [#{name}-{conversation.pk}]".strip()


def follow(delivery: Delivery, parsed: Parsed, placed: Placed, now: datetime) -> Placed:
    """Where a message belongs whose subject names a conversation of the mailbox's process; else as it was `placed`.

    Only where it names no message that is here, and only for whom that conversation has written to or heard from.
    Remembered like a join by hand.
    """
    marks = _marks(parsed.subject)
    if not marks or placed.thread.messages.exclude(pk=delivery.message_id).exists():
        return placed
    processes = Q(process__addresses__gateway__origin=delivery.origin_id)
    named = Conversation.objects.filter(processes, pk__in=[number for _, number in marks])
    for conversation in named.select_related("thread", "process").order_by("pk"):
        # Others mark their subjects too: the name must be ours.
        ours = (_name(conversation), conversation.pk) in marks
        if ours and conversation.thread_id != placed.thread.pk and _is_in(parsed, conversation):
            return _join(delivery, conversation, placed, now)
    return placed


def _marks(subject: str) -> list[tuple[str, int]]:
    found = _TOKEN.findall(subject.lower())[:_MOST] if "[#" in subject else []
    return [(name, int(number)) for name, number in found]


def _name(conversation: Conversation) -> str:
    return slugify(conversation.process.name)[:40] or "mail"


def _is_in(parsed: Parsed, conversation: Conversation) -> bool:
    """Whether the author is among those who wrote in the conversation or were written to."""
    author = parsed.sender.address.lower() if parsed.sender is not None else ""
    if not author:
        return False
    letters = Correspondent.objects.filter(address=author, message__entries__conversation=conversation)
    waiting = Recipient.objects.filter(address__iexact=author, outgoing__entry__conversation=conversation)
    return letters.exists() or waiting.exists()


def _join(delivery: Delivery, conversation: Conversation, placed: Placed, now: datetime) -> Placed:
    kind = ThreadDecision.Kind.TOKEN
    decided = thread_decisions.join(placed.thread, conversation.thread, None, now, kind=kind)
    delivery.message.refresh_from_db(fields=["thread", "key", "parent"])
    return next(one for one in decided.placed if one.thread.pk == delivery.message.thread_id)
