"""What an export is of: a search, a conversation, a process, a person's correspondence; delivery by delivery.

Nobody gets more than `visible_to` shows them: of a message that came to two teams each member gets the own team's copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Self

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from podatelna.accounts.access import scopes_of
from podatelna.accounts.models import Person
from podatelna.archive.models import Correspondent, Delivery
from podatelna.archive.search import search

from .finding import resolver_for
from .models import Conversation, Entry, Process

_PAGE = 500  # hits and deliveries that are asked for together


@dataclass(frozen=True)
class Selection:
    """What is exported; where several are given, what is in all of them. Nothing given: everything.

    `query` is a search as it is typed, `address` somebody who is named in the messages, the others are keys.
    """

    query: str = ""
    conversation: int | None = None
    process: int | None = None
    address: str = ""

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """What `as_json` gave."""
        return cls(**stored)

    def as_json(self) -> dict[str, Any]:
        """As a job keeps it and the audit trail shows it."""
        return asdict(self)

    @property
    def is_one_conversation(self) -> bool:
        """Whether it is a conversation, or less of one: whoever sees it may take it along."""
        return self.conversation is not None


def deliveries(selection: Selection, person: Person | None) -> Iterator[Delivery]:
    """The deliveries of `selection` that `person` may see (None: all; command line only), with message and origin.

    Raises QueryError for a query that is not understood.
    """
    rows = chosen(selection, person).select_related("message", "origin")
    if selection.query:
        yield from _of_search(rows, selection.query, person)
        return
    last = 0
    while page := list(rows.filter(pk__gt=last).order_by("pk")[:_PAGE]):
        yield from page
        last = page[-1].pk


def chosen(selection: Selection, person: Person | None) -> QuerySet[Delivery]:
    """The deliveries of `selection` without regard to its query."""
    rows = Delivery.objects.all() if person is None else Delivery.objects.visible_to(person)
    if selection.conversation is not None:
        rows = rows.filter(pk__in=_of_conversation(selection.conversation, person))
    if selection.process is not None:
        rows = rows.filter(scope_links__scope__in=Process.objects.filter(pk=selection.process).values("scope"))
    if selection.address:
        named = Correspondent.objects.filter(message=OuterRef("message"), address=selection.address.lower())
        rows = rows.filter(Exists(named))
    return rows


def _of_conversation(pk: int, person: Person | None) -> QuerySet[Delivery, int]:
    """Of its messages the copies that came here: those that share a scope with it, and with `person`."""
    found = Conversation.objects.all() if person is None else Conversation.objects.visible_to(person)
    links = found.filter(pk=pk).values("scope_links__scope")
    scopes = Q(scope_links__scope__in=links)
    if person is not None:
        scopes &= Q(scope_links__scope__in=scopes_of(person))
    entries = Entry.objects.filter(conversation=pk, message=OuterRef("message"))
    return Delivery.objects.filter(scopes).filter(Exists(entries)).values_list("pk", flat=True)


def _of_search(rows: QuerySet[Delivery], query: str, person: Person | None) -> Iterator[Delivery]:
    for messages in _hits(query, person):
        # Copies of one message next to each other: they are made from the same stored body.
        yield from rows.filter(message__in=messages).order_by("-message__received_at", "message", "pk")


def _hits(query: str, person: Person | None) -> Iterator[list[int]]:
    resolve = resolver_for(person)
    before: int | None = None
    while hits := search(query, person=person, limit=_PAGE, before=before, resolve=resolve):
        yield [hit.message_id for hit in hits]
        before = hits[-1].search_id


@dataclass(frozen=True)
class Extent:
    """How much a selection is; `more`: it was not counted to its end."""

    count: int
    bytes: int
    more: bool = False


def extent(selection: Selection, person: Person | None, most: int | None = None) -> Extent:
    """How many deliveries it is and how many bytes; of a search counted until there are `most`. Raises QueryError."""
    rows = chosen(selection, person)
    if not selection.query:
        return _sum(Delivery.objects.filter(pk__in=rows.values("pk")))
    count = size = 0
    for messages in _hits(selection.query, person):
        found = _sum(Delivery.objects.filter(pk__in=rows.filter(message__in=messages).values("pk")))
        count, size = count + found.count, size + found.bytes
        if most is not None and count >= most:
            return Extent(count, size, more=True)
    return Extent(count, size)


def _sum(rows: QuerySet[Delivery]) -> Extent:
    found = rows.aggregate(count=Count("pk"), bytes=Sum("size"))
    return Extent(found["count"], found["bytes"] or 0)
