"""The rows of a list: conversations with what is shown of each, a page at a time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from podatelna.accounts.models import Person
from podatelna.desk import lists, targets
from podatelna.desk.models import Conversation, ConversationQuerySet, Entry
from podatelna.desk.priority import name_of
from podatelna.desk.tags import tags_on

from .clocks import ShownClock, shown

PAGE = 50
MOST = 500  # rows that one answer carries, however far somebody has scrolled

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Row:
    """One conversation as its list shows it."""

    conversation: Conversation
    url: str
    unread: bool
    has_files: bool
    automatic: bool
    selected: bool
    tags: list[str]
    pressing: str  # "high" or "low"; "" for what presses as most do
    clock: ShownClock | None  # what is late, or due soon


@dataclass(frozen=True)
class Page:
    """Some rows, and the key by which the next ones are asked for ("" at the end)."""

    rows: list[Row]
    older: str


def page_of(
    slug: str,
    person: Person,
    *,
    before: str = "",
    size: int = PAGE,
    selected: int | None = None,
    pressing_first: bool = False,
) -> Page:
    """The rows after the key `before`; the newest first, or what presses first. Raises UnknownView."""
    found, older = (_pressing if pressing_first else _newest)(lists.conversations_in(slug, person), before, size)
    ids = [conversation.pk for conversation in found]
    unread = lists.unread_ids(found, person)
    files, automatic = _marks(ids)
    tagged = tags_on(ids)
    now = timezone.now()
    clocks = {pk: shown(clock, now) for pk, clock in targets.clocks(ids, now).items()}
    rows = [
        Row(
            conversation=conversation,
            url=reverse("conversation", args=[conversation.pk]) + f"?in={slug}",
            unread=conversation.pk in unread,
            has_files=conversation.pk in files,
            automatic=conversation.pk in automatic,
            selected=conversation.pk == selected,
            tags=tagged.get(conversation.pk, []),
            pressing=name_of(conversation.priority) if conversation.priority else "",
            clock=clocks.get(conversation.pk),
        )
        for conversation in found
    ]
    return Page(rows, older)


def _newest(rows: ConversationQuerySet, before: str, size: int) -> tuple[list[Conversation], str]:
    found, key = lists.page(rows, read_key(before), min(size, MOST))
    return found, write_key(key) if key else ""


def _pressing(rows: ConversationQuerySet, before: str, size: int) -> tuple[list[Conversation], str]:
    """Keys have the priority before them: "1~…"."""
    priority, tilde, rest = before.partition("~")
    place = read_key(rest) if tilde and priority in {"-1", "0", "1"} else None
    found, key = lists.page_pressing_first(rows, (int(priority), *place) if place else None, min(size, MOST))
    return found, f"{key[0]}~{write_key(key[1:])}" if key else ""


def _marks(conversations: Collection[int]) -> tuple[set[int], set[int]]:
    """Which of them have a file somewhere, and which hold nothing but automatic mail."""
    counted = (
        Entry.objects.filter(conversation__in=conversations, message__isnull=False)
        .order_by()
        .values("conversation_id")
        .annotate(
            messages=Count("pk"),
            files=Count("pk", filter=Q(message__attachment_count__gt=0)),
            automatic=Count("pk", filter=~Q(message__automatic="")),
        )
    )
    rows = list(counted)
    files = {row["conversation_id"] for row in rows if row["files"]}
    return files, {row["conversation_id"] for row in rows if row["automatic"] == row["messages"]}


def write_key(key: tuple[datetime, int]) -> str:
    """A row's place in its list as text for a URL: microseconds since 1970 and the id."""
    at, pk = key
    return f"{(at - _EPOCH) // _MICROSECOND}_{pk}"


def read_key(text: str) -> tuple[datetime, int] | None:
    """The inverse; None for "" and for what no list has given out."""
    at, _, pk = text.partition("_")
    if not all(n.isascii() and n.isdecimal() and len(n) < 17 for n in (at, pk)):
        return None
    return _EPOCH + int(at) * _MICROSECOND, int(pk)
