"""Mail of a conversation that was handed over finds it, through whoever's mailbox it comes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Q

from podatelna.archive.models import Message

from .models import Conversation, Entry, Process
from .personal_models import HandOver


class Coming(NamedTuple):
    """A message that comes to a process, and the thread it is in."""

    process: Process
    message: Message
    thread: int


def homes(coming: Iterable[Coming]) -> dict[tuple[int, int], Process]:
    """By process and message: the desk in whose conversation, handed over to the process or its owner, it belongs.

    Where the process has its own conversation on the thread, only answers to what stands in the other one go there.
    """
    wanted = list(coming)
    given = HandOver.objects.filter(conversation__thread__in={one.thread for one in wanted})
    rows = list(given.select_related("conversation__process").order_by("at", "pk"))
    if not rows:
        return {}
    found = {(one.process.pk, one.message.pk): _home(one, rows) for one in wanted}
    return {key: process for key, process in found.items() if process is not None}


def _home(coming: Coming, rows: Iterable[HandOver]) -> Process | None:
    conversations = [
        row.conversation
        for row in rows
        if row.conversation.thread_id == coming.thread
        and row.conversation.process_id != coming.process.pk
        and _is_for(row, coming.process)
    ]
    if not conversations:
        return None
    answered = [one for one in conversations if _stands_in(one, coming.message)]
    own = Conversation.objects.filter(process=coming.process, thread=coming.thread).exists()
    if own and not answered:
        return None
    return (answered or conversations)[0].process


def _is_for(row: HandOver, process: Process) -> bool:
    if row.to_process_id is not None:
        return row.to_process_id == process.pk
    return process.owner_id is not None and row.to_person_id == process.owner_id


def _stands_in(conversation: Conversation, message: Message) -> bool:
    """Whether what `message` answers stands in the conversation, or it stands there itself."""
    entries = Entry.objects.filter(conversation=conversation)
    if entries.filter(message=message).exists():
        return True
    parent = message.parent
    named = Q(message__key=parent) | Q(outgoing__message_id=parent.message_id) if parent is not None else None
    return named is not None and entries.filter(named).exists()
