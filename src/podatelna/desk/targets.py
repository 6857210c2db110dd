"""By when a conversation wants its first answer and its end, in working time of its process; said before it is late.

A target begins with mail of a person from outside: the answer's when it opens the conversation, the resolution's also
when it reopens it. The first answer is met by a letter of one of us, wherever it was written, and never by an automatic
one. While a conversation is closed or held nothing runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from podatelna.accounts.models import Person
from podatelna.outbox.models import Outgoing

from . import hours
from .absence import substitute_of
from .mark_models import Notice
from .models import Conversation, Entry, Member, Process
from .notices import notify
from .process_models import Target

Kind = Target.Kind
_AT_ONCE = 100


@dataclass(frozen=True)
class Clock:
    """What is shown of a conversation that must not wait: which target, and whether it is missed already."""

    kind: str
    due_at: datetime
    late: bool


# --- beginning and ending --------------------------------------------------------------------------------


def begin(conversations: Iterable[Conversation], now: datetime) -> int:
    """Mail of people has opened `conversations`: their targets run since that mail came; how many began."""
    schedules: dict[int, hours.Schedule] = {}
    rows: list[Target] = []
    for one in conversations:
        if one.process.owner_id is not None or not _lengths(one.process):
            continue
        if one.process_id not in schedules:
            schedules[one.process_id] = hours.schedule_of(one.process)
        rows += [_target(one, kind, schedules[one.process_id], one.created_at) for kind in _lengths(one.process)]
    if not rows:
        return 0
    Target.objects.bulk_create(rows, ignore_conflicts=True)
    # What was held with a flood runs on, and has been due perhaps.
    asleep = Target.objects.filter(conversation__in={row.conversation_id for row in rows}, met_at=None, look_at=None)
    asleep.filter(missed_at=None).update(look_at=now)
    return len(rows)


def answered(conversation: Conversation, now: datetime) -> bool:
    """One of us has answered; whether that was the first answer."""
    return _running(conversation, Kind.ANSWER).update(met_at=now, look_at=None) == 1


def unanswered(conversation: Conversation, now: datetime) -> None:
    """A letter was taken back, or did not go out for good: an answer counts only if there is another one."""
    letters = conversation.entries.filter(kind=Entry.Kind.OUTGOING, person__isnull=False)
    on_the_way = letters.exclude(outgoing__state__in=[Outgoing.State.FAILED, Outgoing.State.HELD])
    if not on_the_way.exists():
        answer = Target.objects.filter(conversation=conversation, kind=Kind.ANSWER, met_at__isnull=False)
        answer.update(met_at=None, look_at=now)


def closed(conversation: Conversation, now: datetime) -> None:
    """It is done; nobody waits for an answer any more."""
    _running(conversation, Kind.RESOLUTION).update(met_at=now, look_at=None)


def reopened(conversation: Conversation, now: datetime) -> None:
    """It is taken up again: there is as much time for it as at first. What it still owes an answer to, it owes."""
    resolution = Target.objects.filter(conversation=conversation, kind=Kind.RESOLUTION)
    if (minutes := conversation.process.resolution_minutes) and resolution.exists():
        row = _target(conversation, Kind.RESOLUTION, hours.schedule_of(conversation.process), now, minutes)
        resolution.update(
            began_at=row.began_at, warn_at=row.warn_at, due_at=row.due_at, look_at=row.look_at,
            met_at=None, missed_at=None,
        )  # fmt: skip
    _running(conversation, Kind.ANSWER).filter(missed_at=None).update(look_at=now)


@transaction.atomic
def set_anew(process: Process, now: datetime) -> int:
    """The targets or hours of `process` were changed: what runs has other deadlines, or none; how many run."""
    running = Target.objects.filter(
        conversation__process=process, met_at=None, conversation__status=Conversation.Status.OPEN
    ).select_related("conversation")
    lengths, schedule = _lengths(process), hours.schedule_of(process)
    running.exclude(kind__in=lengths).delete()
    rows = list(running.select_for_update(of=("self",)).order_by("pk"))
    for row in rows:
        anew = _target(row.conversation, row.kind, schedule, row.began_at, lengths[row.kind], process)
        row.warn_at, row.due_at, row.look_at = anew.warn_at, anew.due_at, anew.look_at
        if row.due_at > now:
            row.missed_at = None
        elif row.missed_at is not None:
            row.look_at = None  # they know
    Target.objects.bulk_update(rows, ["warn_at", "due_at", "look_at", "missed_at"], batch_size=_AT_ONCE)
    return len(rows)


def _lengths(process: Process) -> dict[str, int]:
    """Minutes of each target that the process has."""
    found = {Kind.ANSWER.value: process.answer_minutes, Kind.RESOLUTION.value: process.resolution_minutes}
    return {kind: minutes for kind, minutes in found.items() if minutes}


def _target(
    conversation: Conversation,
    kind: str,
    schedule: hours.Schedule,
    began_at: datetime,
    minutes: int | None = None,
    process: Process | None = None,
) -> Target:
    process = process or conversation.process
    minutes = minutes or _lengths(process)[kind]
    before = minutes - process.warn_minutes
    warn_at = schedule.add_working(began_at, before * 60) if process.warn_minutes and before > 0 else None
    due_at = schedule.add_working(began_at, minutes * 60)
    return Target(
        conversation=conversation, kind=kind, began_at=began_at, warn_at=warn_at, due_at=due_at,
        look_at=warn_at or due_at,
    )  # fmt: skip


def _running(conversation: Conversation, kind: str) -> QuerySet[Target]:
    return Target.objects.filter(conversation=conversation, kind=kind, met_at=None)


# --- what is shown ---------------------------------------------------------------------------------------


def clocks(conversations: Collection[int], now: datetime) -> Mapping[int, Clock]:
    """Of conversations (keys) those that are late or soon will be, each with what is due first."""
    rows = pressing(now).filter(conversation__in=conversations).order_by("-due_at")
    return {row.conversation_id: Clock(row.kind, row.due_at, row.due_at <= now) for row in rows}


def pressing(now: datetime) -> QuerySet[Target]:
    """What runs and is late or soon will be."""
    running = Target.objects.filter(
        met_at=None, conversation__status=Conversation.Status.OPEN, conversation__flood=None
    )
    return running.filter(Q(due_at__lte=now) | Q(warn_at__lte=now))


def of(conversation: Conversation) -> list[Target]:
    """Its targets, met or not, as the pane tells of them."""
    return list(Target.objects.filter(conversation=conversation).order_by("due_at", "pk"))


# --- telling people --------------------------------------------------------------------------------------


def tell_due(now: datetime, limit: int = _AT_ONCE) -> int:
    """Tell people of up to `limit` targets that will soon be missed or have been; how many were looked at."""
    keys = list(Target.objects.filter(look_at__lte=now).order_by("look_at", "pk").values_list("pk", flat=True)[:limit])
    for pk in keys:
        _look_at(pk, now)
    return len(keys)


@transaction.atomic
def _look_at(pk: int, now: datetime) -> None:
    rows = Target.objects.select_for_update(of=("self",)).filter(pk=pk, look_at__lte=now, met_at=None)
    row = rows.select_related("conversation__process", "conversation__assignee").first()
    if row is None:
        return  # another worker has told, or it was met meanwhile
    conversation, late = row.conversation, row.due_at <= now
    if conversation.status != Conversation.Status.OPEN or conversation.flood_id is not None:
        Target.objects.filter(pk=pk).update(look_at=None)
        return
    Target.objects.filter(pk=pk).update(look_at=None if late else row.due_at, missed_at=now if late else F("missed_at"))
    if late:
        conversation.happened("target-missed", None, now, which=row.kind)
    for person in _concerned(conversation, now, late=late):
        notify(person, Notice.Kind.TARGET, now, conversation=conversation, details={"which": row.kind, "late": late})


def _concerned(conversation: Conversation, now: datetime, *, late: bool) -> list[Person]:
    """Whose it is, and who stands in for them; nobody's is everybody's of the team. When it is late also its leads."""
    team = Member.objects.filter(process=conversation.worked_by_id, person__is_active=True)
    acting = team.exclude(role=Member.Role.READER).select_related("person").order_by("pk")
    members = [(row.role, row.person) for row in acting]
    if conversation.assignee is None:
        return [person for _, person in members]
    leads = [person for role, person in members if role == Member.Role.LEAD] if late else []
    substitute = substitute_of(conversation.assignee, now)
    told = [conversation.assignee, *([substitute] if substitute is not None else []), *leads]
    return list(dict.fromkeys(told))
