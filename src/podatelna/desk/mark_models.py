"""What people put on conversations (tags, tasks, mentions) and what they are told of, as tables.

The verbs are in tags.py, tasks.py, mentions.py and notices.py.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from podatelna.accounts.models import Person


def _seen_by(person: Person) -> Exists:
    """That the conversation of a row is visible to `person`."""
    from .models import Conversation

    # Asked of each row, and not of a list of all that they see: that may be a million.
    return Exists(Conversation.objects.visible_to(person).filter(pk=OuterRef("conversation")))


class TaggingQuerySet(QuerySet["Tagging"]):
    """Tags on conversations; start every look-up with `visible_to`."""

    def visible_to(self, person: Person) -> TaggingQuerySet:
        """Those on conversations that `person` may see."""
        return self.filter(_seen_by(person))


class Tagging(models.Model):
    """A conversation has a tag. Tags are words: each is seen where the conversation is, and has no row of its own."""

    conversation = models.ForeignKey("desk.Conversation", models.CASCADE, related_name="taggings")
    name = models.CharField(max_length=50)  # as it was typed
    key = models.CharField(max_length=100)  # in lower case without diacritics: by this it is found
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[Tagging]] = TaggingQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "key"], name="tag_once")]
        indexes = [models.Index(fields=["key", "conversation"], name="tag_of_conversations")]
        ordering = ["key"]


class TaskQuerySet(QuerySet["Task"]):
    """Tasks; start every look-up with `visible_to`."""

    def visible_to(self, person: Person) -> TaskQuerySet:
        """Those on conversations that `person` may see."""
        return self.filter(_seen_by(person))

    def open(self) -> TaskQuerySet:
        """Those that are still to be done."""
        return self.filter(done_at=None)


class Task(models.Model):
    """Something to be done in a conversation, by somebody or by whoever comes to it."""

    conversation = models.ForeignKey("desk.Conversation", models.CASCADE, related_name="tasks")
    text = models.CharField(max_length=500)
    person = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="tasks")
    due = models.DateField(null=True, blank=True)
    created_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    reminded_at = models.DateTimeField(null=True)  # when its person was told that its day has come

    objects: ClassVar[models.Manager[Task]] = TaskQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["person", "due", "id"], condition=Q(done_at=None), name="task_to_do"),
            models.Index(fields=["due"], condition=Q(done_at=None, reminded_at=None), name="task_to_remind_of"),
        ]
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text

    @property
    def is_done(self) -> bool:
        return self.done_at is not None

    def is_late(self, today: date) -> bool:
        """Whether its day has passed and it is not done."""
        return self.done_at is None and self.due is not None and self.due < today


class Mention(models.Model):
    """Somebody was named in a note, and so told of it."""

    conversation = models.ForeignKey("desk.Conversation", models.CASCADE, related_name="mentions")
    entry = models.ForeignKey("desk.Entry", models.CASCADE, related_name="mentions")
    person = models.ForeignKey(Person, models.CASCADE, related_name="mentions")
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "person"], name="mention_once")]
        indexes = [models.Index(fields=["person", "conversation"], name="mention_of_person")]


class NoticeQuerySet(QuerySet["Notice"]):
    """Notices; start every look-up with `visible_to`."""

    def visible_to(self, person: Person) -> NoticeQuerySet:
        """Those of `person`, without what is about a conversation that they may not see (any more)."""
        return self.filter(Q(conversation=None) | Q(_seen_by(person)), person=person, person__is_active=True)

    def new(self) -> NoticeQuerySet:
        """Those that were not seen yet."""
        return self.filter(seen_at=None)


class Notice(models.Model):
    """Something that a person is told of: beside the bell until they have seen it."""

    class Kind(models.TextChoices):
        MENTION = "mention"
        ASSIGNED = "assigned"
        RULE = "rule"
        TASK = "task"
        TARGET = "target"

    person = models.ForeignKey(Person, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=16)  # one of Kind; a later release may know more
    at = models.DateTimeField(default=timezone.now)
    conversation = models.ForeignKey("desk.Conversation", models.CASCADE, null=True, related_name="notices")
    details = models.JSONField(default=dict)
    seen_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Notice]] = NoticeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["person", "-at", "-id"], name="notice_listed"),
            models.Index(fields=["person", "conversation"], condition=Q(seen_at=None), name="notice_new"),
        ]
