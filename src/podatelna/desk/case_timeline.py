"""Everything in a case that somebody may see, the latest first: what was done with it, its mail, letters and notes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from podatelna.accounts.models import Person
from podatelna.archive.models import Part
from podatelna.outbox.models import Outgoing

from .case_models import Case, CaseEntry
from .cases import filed_under
from .models import Conversation, Entry

Row = TypeVar("Row", CaseEntry, Entry)

_ACT, _ENTRY = 0, 1  # which table a line is of; at one moment what was done stands below mail

Key = tuple[datetime, int, int]  # of a line: time, table, row


@dataclass(frozen=True)
class Line:
    """One line: `act` of the case itself, or `entry` of a conversation filed under it; one of both is None."""

    at: datetime
    act: CaseEntry | None = None
    entry: Entry | None = None
    conversation: Conversation | None = None  # what it is about or stands in; the reader may see it

    @property
    def key(self) -> Key:
        """Its place."""
        row = self.act if self.act is not None else self.entry
        assert row is not None
        return self.at, _ACT if self.act is not None else _ENTRY, row.pk


def timeline(case: Case, person: Person, before: Key | None = None, size: int = 50) -> tuple[list[Line], Key | None]:
    """The next `size` lines before the key `before`, and the key of the page after them."""
    visible = {conversation.pk: conversation for conversation in filed_under(case, person)}
    lines = [*_acts(case, person, before, size), *_mail(visible, before, size)]
    lines.sort(key=lambda line: line.key, reverse=True)
    return lines[:size], lines[size - 1].key if len(lines) > size else None


def _acts(case: Case, person: Person, before: Key | None, size: int) -> list[Line]:
    """What is about a conversation is for those alone who may see that one."""
    about = case.entries.filter(verb__in=("filed", "taken-out")).values_list("details", flat=True)
    named = {details["conversation"] for details in about}
    seen = {one.pk: one for one in Conversation.objects.visible_to(person).filter(pk__in=named)}
    acts = case.entries.select_related("person").filter(
        Q(details__conversation__isnull=True) | Q(details__conversation__in=list(seen))
    )
    rows = _before(acts, before, _ACT)[: size + 1]
    return [Line(row.at, act=row, conversation=seen.get(row.details.get("conversation", 0))) for row in rows]


def _mail(visible: dict[int, Conversation], before: Key | None, size: int) -> list[Line]:
    entries = Entry.objects.filter(conversation__in=visible).exclude(kind=Entry.Kind.EVENT)
    entries = entries.exclude(outgoing__state=Outgoing.State.WITHDRAWN).select_related("message", "outgoing", "person")
    rows = _before(entries, before, _ENTRY)[: size + 1]
    return [Line(row.at, entry=row, conversation=visible[row.conversation_id]) for row in rows]


def _before(rows: QuerySet[Row], key: Key | None, table: int) -> QuerySet[Row]:
    rows = rows.order_by("-at", "-pk")
    if key is None:
        return rows
    at, of, pk = key
    same = Q(at=at, pk__lt=pk) if table == of else Q(at=at) if table < of else Q(pk__in=())
    return rows.filter(Q(at__lt=at) | same)


def files(case: Case, person: Person, limit: int = 50) -> list[tuple[Part, Conversation]]:
    """The newest attachments of its conversations that `person` may see, each with one of them that it came in."""
    visible = {conversation.pk: conversation for conversation in filed_under(case, person)}
    here = Entry.objects.filter(message=OuterRef("message"), conversation__in=visible)
    parts = Part.objects.filter(Exists(here), is_attachment=True).select_related("message")
    newest = list(parts.order_by("-message__received_at", "-message", "position")[:limit])
    entries = Entry.objects.filter(message__in=[part.message_id for part in newest], conversation__in=visible)
    homes = dict(entries.order_by("-pk").values_list("message_id", "conversation_id"))
    return [(part, visible[homes[part.message_id]]) for part in newest]
