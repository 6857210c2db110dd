"""The lists of the desk: what stands in each, how many, what is unread. All of them start from `visible_to`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils import timezone

from podatelna.accounts.models import Holding, Person

from . import targets
from .absence import SUBSTITUTE
from .errors import UnknownView
from .mark_models import Mention
from .models import Conversation, ConversationQuerySet, Process, Reading

_OF_PROCESS = re.compile(r"process-([0-9]{1,18})(?:-(unassigned|closed|held|high|due))?")


@dataclass(frozen=True)
class View:
    """One list. `kind` is mine, unassigned, all, closed, held (of floods), high (what presses), due, mentions or
    standing-in (for who is away).

    Of due are those whose target is missed or soon will be. `process` narrows it to one.
    """

    slug: str
    kind: str
    process: Process | None = None


def find_view(slug: str, person: Person) -> View:
    """The list called `slug` in URLs. Raises UnknownView, also for a process that is not the person's."""
    if slug in {"mine", "unassigned", "closed", "all", "held", "high", "due", "mentions", "standing-in"}:
        return View(slug, slug)
    match = _OF_PROCESS.fullmatch(slug)
    process = match and Process.objects.visible_to(person).filter(pk=int(match[1])).first()
    if not match or process is None:
        raise UnknownView(slug)
    return View(slug, match[2] or "all", process)


def conversations_in(view_slug: str, person: Person) -> ConversationQuerySet:
    """What `person` finds in the list, the last written to first. Raises UnknownView."""
    view = find_view(view_slug, person)
    rows = Conversation.objects.visible_to(person).select_related("process", "assignee")
    if view.process is not None:
        # One's own desk shows what was handed to a process too: its owner always sees what becomes of it.
        rows = rows.filter(**{"process" if view.process.owner_id else "worked_by": view.process})
    if view.kind == "mentions":
        # Few of very many: begin with these, and not with all conversations in the order of their mail.
        return rows.filter(pk__in=Mention.objects.filter(person=person).values("conversation"))
    if view.kind == "standing-in":
        held = Holding.objects.filter(person=person, reason=SUBSTITUTE).values("scope")
        rows = rows.filter(scope__in=held)
    rows = {"closed": rows.closed, "held": rows.held}.get(view.kind, rows.open)()
    if view.kind == "high":
        rows = rows.filter(priority=1)
    elif view.kind == "due":
        rows = rows.filter(pk__in=targets.pressing(timezone.now()).values("conversation"))
    elif view.kind == "mine":
        rows = rows.filter(assignee=person)
    elif view.kind == "unassigned":
        rows = rows.filter(assignee=None)
    return rows.order_by("-last_message_at", "-id")


def open_counts(person: Person) -> dict[str, int]:
    """How many open conversations stand in each list, by slug; every process of the person is there, if with 0."""
    counts = {"mine": 0, "unassigned": 0, "all": 0}
    for pk in Process.objects.visible_to(person).values_list("pk", flat=True):
        counts[f"process-{pk}"] = counts[f"process-{pk}-unassigned"] = 0
    by = ("process_id", "worked_by_id", "process__owner_id")
    # By their ids first: a planner that groups would read all that are closed, too.
    found = Conversation.objects.visible_to(person).open()
    rows = Conversation.objects.filter(pk__in=found.values("pk")).values(*by).order_by().annotate(
        every=Count("pk"),
        unassigned=Count("pk", filter=Q(assignee=None)),
        mine=Count("pk", filter=Q(assignee=person)),
    )  # fmt: skip
    for row in rows:
        counts["all"] += row["every"]
        counts["unassigned"] += row["unassigned"]
        counts["mine"] += row["mine"]
        # What was handed over stands on two desks; what one is let into alone counts as one's own and on no desk.
        for pk in {row["process_id"], row["worked_by_id"]} if row["process__owner_id"] else {row["worked_by_id"]}:
            if (slug := f"process-{pk}") in counts:
                counts[slug] += row["every"]
                counts[f"{slug}-unassigned"] += row["unassigned"]
    return counts


def page(
    queryset: ConversationQuerySet, before: tuple[datetime, int] | None, size: int = 50
) -> tuple[list[Conversation], tuple[datetime, int] | None]:
    """The next `size` rows after the key `before` (time of the last message, id), and the key of the page after it."""
    if before is not None:
        at, pk = before
        # The first condition alone lets the index seek; the second is exact where times are equal.
        queryset = queryset.filter(last_message_at__lte=at).filter(Q(last_message_at__lt=at) | Q(pk__lt=pk))
    rows = list(queryset.order_by("-last_message_at", "-id")[: size + 1])
    if len(rows) <= size:
        return rows, None
    last = rows[size - 1]
    return rows[:size], (last.last_message_at, last.pk)


def page_pressing_first(
    queryset: ConversationQuerySet, before: tuple[int, datetime, int] | None, size: int = 50
) -> tuple[list[Conversation], tuple[int, datetime, int] | None]:
    """As `page`, but what presses first; keys begin with the priority. For lists of what is open, which are short."""
    if before is not None:
        priority, at, pk = before
        older = Q(last_message_at__lt=at) | Q(last_message_at=at, pk__lt=pk)
        queryset = queryset.filter(Q(priority__lt=priority) | Q(older, priority=priority))
    rows = list(queryset.order_by("-priority", "-last_message_at", "-id")[: size + 1])
    if len(rows) <= size:
        return rows, None
    last = rows[size - 1]
    return rows[:size], (last.priority, last.last_message_at, last.pk)


def unread_ids(conversations: Iterable[Conversation], person: Person) -> set[int]:
    """Those with something from outside that `person` has not seen. What is closed is not news."""
    news = {
        row.pk: row.last_inbound_at
        for row in conversations
        if row.status == Conversation.Status.OPEN and row.last_inbound_at is not None
    }
    rows = Reading.objects.filter(person=person, conversation__in=news).values_list("conversation_id", "read_at")
    read = dict(rows)
    return {pk for pk, at in news.items() if pk not in read or read[pk] < at}


def mark_read(conversation: Conversation, person: Person, now: datetime) -> None:
    """`person` has seen everything up to `now`; it never goes back."""
    reading, new = Reading.objects.get_or_create(person=person, conversation=conversation, defaults={"read_at": now})
    if not new:
        Reading.objects.filter(pk=reading.pk, read_at__lt=now).update(read_at=now)
