"""One mail to two processes: their conversations are linked by the stored message, and each says that it answers.

What one side learns of the other is the other's name, that it is answering or has answered, who, and when: no text, no
note, no subject, and nobody who is not answering. What is confidential, or lies on a personal desk, says nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from podatelna.accounts.models import Person
from podatelna.archive.models import Message
from podatelna.outbox.models import Outgoing

from . import changes
from .drafts import FORWARDS
from .models import Conversation, ConversationQuerySet, Draft, Entry, Presence
from .presence import GONE_AFTER

_MOST = 10  # sides, and answers of one side, that are looked at
_ANSWERS = frozenset(Draft.Kind) - FORWARDS - {Draft.Kind.NOTE, Draft.Kind.NEW}
_NOT_OUT = (Outgoing.State.HELD, Outgoing.State.FAILED, Outgoing.State.WITHDRAWN)


@dataclass(frozen=True)
class Answer:
    """That another process answered: the number of its entry, which process, who (None: it is not known), when."""

    entry: int
    process: str
    person: Person | None
    at: datetime


@dataclass(frozen=True)
class Side:
    """Another process's work on the same mail, as far as it may be told."""

    conversation: Conversation
    seen: bool  # whether the reader may see that conversation for other reasons
    answer: Answer | None  # the newest one
    writers: tuple[Person, ...]  # who write an answer at this moment

    @property
    def process(self) -> str:
        """The name of the process that works on it."""
        return _name(self.conversation)


def linked_to(conversation: Conversation) -> ConversationQuerySet:
    """Conversations of other processes on a mail from outside that stands in `conversation` too; not for a page."""
    here = conversation.entries.filter(kind=Entry.Kind.MESSAGE, message=OuterRef("message"))
    both = Entry.objects.filter(Exists(here), kind=Entry.Kind.MESSAGE, conversation=OuterRef("pk"))
    # By thread first: an index finds the few, and a mail stands in one thread.
    others = Conversation.objects.filter(Exists(both), thread=conversation.thread_id).exclude(pk=conversation.pk)
    return others.select_related("process", "worked_by").order_by("pk")


def sides(conversation: Conversation, person: Person, now: datetime) -> list[Side]:
    """The other processes that have the same mail, as `person`, who sees `conversation`, may know of them."""
    others = _told(conversation, person)
    if not others:
        return []
    seen = set(
        Conversation.objects.visible_to(person).filter(pk__in=[one.pk for one in others]).values_list("pk", flat=True)
    )
    since = _shared_since(conversation, others)
    writers = _writers(others, now)
    return [
        Side(one, one.pk in seen, next(iter(_answers(one, since[one.pk])), None), tuple(writers[one.pk]))
        for one in others
        if one.pk in since
    ]


def writers_elsewhere(conversation: Conversation, person: Person, now: datetime) -> list[tuple[Person, str]]:
    """Who write an answer to the same mail in another process at this moment, each with its name."""
    others = {one.pk: one for one in _told(conversation, person)}
    found = _writers(others.values(), now)
    return [(writer, _name(others[pk])) for pk in others for writer in found[pk] if writer != person]


def answers_elsewhere(draft: Draft) -> list[Answer]:
    """How other processes have answered the mail that `draft` answers, the oldest first."""
    if draft.conversation is None or draft.answered is None or draft.kind not in _ANSWERS:
        return []
    others = _told(draft.conversation, draft.person)
    since = _shared_since(draft.conversation, others, draft.answered)
    found = [answer for one in others if one.pk in since for answer in _answers(one, since[one.pk])]
    return sorted(found, key=lambda answer: answer.entry)


def touched(conversation: Conversation, now: datetime) -> None:
    """Something was answered here, or taken back: open pages of the other sides look again."""
    changes.all_touched(linked_to(conversation), now)


def _told(conversation: Conversation, person: Person) -> list[Conversation]:
    """The other sides of which `person` may know that they are there."""
    company = Q(worked_by__owner=None, is_confidential=False)
    return list(linked_to(conversation).filter(company)[:_MOST])


def _shared_since(
    conversation: Conversation, others: Iterable[Conversation], message: Message | None = None
) -> dict[int, datetime]:
    """When the mail (the newest that both have, unless one is given) came to each of `others` that has it."""
    mail = Entry.objects.filter(kind=Entry.Kind.MESSAGE, conversation__in=[one.pk for one in others])
    here = conversation.entries.filter(kind=Entry.Kind.MESSAGE, message=OuterRef("message"))
    mail = mail.filter(message=message) if message is not None else mail.filter(Exists(here))
    return dict(mail.order_by("at", "pk").values_list("conversation_id", "at"))


def _answers(other: Conversation, since: datetime) -> list[Answer]:
    """Its answers since then, the newest first: letters from here, and what was written in other programs."""
    letters = Q(kind=Entry.Kind.OUTGOING, person__isnull=False) & ~Q(outgoing__state__in=_NOT_OUT)
    outside = Q(kind=Entry.Kind.MESSAGE, person__isnull=False)
    rows = other.entries.filter(letters | outside, at__gte=since).select_related("person").order_by("-pk")[:_MOST]
    return [Answer(row.pk, _name(other), row.person, row.at) for row in rows if _is_answer(row)]


def _is_answer(entry: Entry) -> bool:
    kept = entry.details.get("draft", {})
    return entry.kind == Entry.Kind.MESSAGE or kept.get("kind", Draft.Kind.REPLY) in _ANSWERS


def _writers(others: Iterable[Conversation], now: datetime) -> dict[int, list[Person]]:
    """Who write an answer in each of them just now; who writes a note is not among them."""
    answer = Draft.objects.filter(
        conversation=OuterRef("conversation"), person=OuterRef("person"), kind__in=sorted(_ANSWERS)
    )
    rows = Presence.objects.filter(
        Exists(answer),
        conversation__in=[one.pk for one in others],
        writing=True,
        seen_at__gt=now - GONE_AFTER,
        person__is_active=True,
    )
    found: dict[int, list[Person]] = defaultdict(list)
    for row in rows.select_related("person").order_by("person__name", "person_id"):
        found[row.conversation_id].append(row.person)
    return found


def _name(conversation: Conversation) -> str:
    return (conversation.worked_by or conversation.process).name
