"""When a process is closed, and by when its conversations want an answer, as tables. See hours.py and targets.py."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from .models import Conversation, Process


class ClosedDays(models.Model):
    """Days on which nobody works, of one process or (null) of all of them: a company's holiday, a day of one's own."""

    process = models.ForeignKey(Process, models.CASCADE, null=True, blank=True, related_name="closed_days")
    first = models.DateField()
    last = models.DateField()  # the same day for a single one
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["first", "pk"]
        constraints = [models.CheckConstraint(condition=Q(last__gte=models.F("first")), name="closed_days_in_order")]

    def __str__(self) -> str:
        return self.name


class Target(models.Model):
    """By when a conversation is to be answered, or done; it runs until it is met or the conversation is closed."""

    class Kind(models.TextChoices):
        ANSWER = "answer"  # the first answer of a person to what opened the conversation
        RESOLUTION = "resolution"  # closed, since it was opened or reopened

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="targets")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    began_at = models.DateTimeField(default=timezone.now)
    warn_at = models.DateTimeField(null=True)  # from then on it is said that it will be late; null: it is not
    due_at = models.DateTimeField()
    met_at = models.DateTimeField(null=True)
    missed_at = models.DateTimeField(null=True)  # when people were told that it was missed
    look_at = models.DateTimeField(null=True)  # when the worker looks at it next

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "kind"], name="target_once")]
        indexes = [
            models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="target_to_look_at"),
            models.Index(fields=["due_at"], condition=Q(met_at=None), name="target_running"),
        ]
