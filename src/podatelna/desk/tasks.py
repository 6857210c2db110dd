"""Tasks on conversations: what is to be done, by whom, until which day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from podatelna.accounts.models import Holding, Person

from . import changes, notices
from .errors import BadTask, NotAssignable
from .mark_models import Notice, Task, TaskQuerySet
from .models import Conversation, Entry
from .rights import READS_ONLY

LONGEST = 500  # characters
SLIP = timedelta(minutes=15)  # so long what was written down can be taken back


@transaction.atomic
def add_task(
    conversation: Conversation,
    text: str,
    by: Person | None,
    now: datetime,
    person: Person | None = None,
    due: date | None = None,
) -> Task:
    """Write down what is to be done; `person` is told of it, unless they wrote it themselves.

    A task lets nobody in: raises NotAssignable for a person who does not work on the conversation, BadTask for no text.
    """
    words = " ".join(text.replace("\0", "").split())[:LONGEST]
    if not words:
        raise BadTask
    _check(conversation, person)
    task = Task.objects.create(
        conversation=conversation, text=words, person=person, due=due, created_by=by, created_at=now
    )
    conversation.happened("task", by, now, task=task.pk, name=person and person.name)
    _tell(task, by, now)
    return task


@transaction.atomic
def finish(task: Task, by: Person | None, now: datetime) -> bool:
    """It is done; False when it was already."""
    if Task.objects.filter(pk=task.pk, done_at=None).update(done_at=now, done_by=by) != 1:
        return False
    task.done_at, task.done_by = now, by
    task.conversation.happened("task-done", by, now, task=task.pk)
    return True


@transaction.atomic
def take_up(task: Task, by: Person | None, now: datetime) -> bool:
    """It is to be done after all; False when it never was done."""
    if Task.objects.filter(pk=task.pk, done_at__isnull=False).update(done_at=None, done_by=None) != 1:
        return False
    task.done_at, task.done_by = None, None
    task.conversation.happened("task-again", by, now, task=task.pk)
    return True


@transaction.atomic
def withdraw(task: Task, by: Person, now: datetime) -> bool:
    """It was a slip, as if it had never been written down; False unless `by` did that within the last quarter hour."""
    if task.created_by != by or task.created_at < now - SLIP:
        return False
    pk, conversation = task.pk, task.conversation
    task.delete()
    conversation.entries.filter(kind=Entry.Kind.EVENT, verb="task", details__task=pk).delete()
    conversation.notices.filter(kind=Notice.Kind.TASK, details__task=pk).delete()
    changes.touched(conversation, now)
    return True


@transaction.atomic
def give(task: Task, person: Person | None, by: Person | None, now: datetime) -> bool:
    """Make it `person`'s, or anybody's; False when it was so already. Raises NotAssignable, as add_task does."""
    _check(task.conversation, person)
    changed = Task.objects.filter(pk=task.pk).exclude(person=person).update(person=person, reminded_at=None)
    if changed != 1:
        return False
    task.person = person
    task.conversation.happened("task-given", by, now, task=task.pk, name=person and person.name)
    _tell(task, by, now)
    return True


@transaction.atomic
def put_off(task: Task, due: date | None, by: Person | None, now: datetime) -> bool:
    """Another day for it, or none; False when it was so already. Its person is told of the new day when it comes."""
    if Task.objects.filter(pk=task.pk).exclude(due=due).update(due=due, reminded_at=None) != 1:
        return False
    task.due = due
    task.conversation.happened("task-due", by, now, task=task.pk, due=due and due.isoformat())
    return True


def _check(conversation: Conversation, person: Person | None) -> None:
    if person is not None and not people(conversation).filter(pk=person.pk).exists():
        raise NotAssignable


def people(conversation: Conversation) -> QuerySet[Person]:
    """Who can be given a task there: who sees it and does not only read it."""
    holdings = Holding.objects.filter(scope__conversation_links__conversation=conversation)
    doing = holdings.exclude(reason__in=READS_ONLY).values("person")
    return Person.objects.filter(is_active=True, pk__in=doing).order_by("name", "pk")


def _tell(task: Task, by: Person | None, now: datetime) -> None:
    if task.person is None or task.person == by:
        return
    details = {"by": by and by.name, "task": task.pk}
    notices.notify(task.person, Notice.Kind.TASK, now, conversation=task.conversation, details=details)


def of_person(person: Person, *, done: bool = False) -> TaskQuerySet:
    """What `person` has to do, the first due first; with `done` what they have done, the last first."""
    mine = Task.objects.visible_to(person).filter(person=person).select_related("conversation__process", "created_by")
    if done:
        return mine.filter(done_at__isnull=False).order_by("-done_at", "-pk")
    return mine.open().order_by(F("due").asc(nulls_last=True), "pk")


def of_conversation(conversation: Conversation) -> list[Task]:
    """Its tasks: what is to be done in the order of its days, then what is done."""
    rows = conversation.tasks.select_related("person", "done_by", "created_by")
    to_do = rows.filter(done_at=None).order_by(F("due").asc(nulls_last=True), "pk")
    return [*to_do, *rows.filter(done_at__isnull=False).order_by("-done_at", "-pk")[:20]]


def remind(now: datetime) -> int:
    """Tell everybody of their tasks whose day has come, once; how many were told of."""
    today = timezone.localdate(now)
    due = Task.objects.open().filter(due__lte=today, reminded_at=None, person__isnull=False)
    told = 0
    for task in due.select_related("person", "conversation").order_by("pk")[:500]:
        with transaction.atomic():
            if Task.objects.filter(pk=task.pk, reminded_at=None, done_at=None).update(reminded_at=now) != 1:
                continue
            told += 1
            assert task.person is not None
            notices.notify(
                task.person,
                Notice.Kind.TASK,
                now,
                conversation=task.conversation,
                details={"task": task.pk, "today": True},
            )
    return told
