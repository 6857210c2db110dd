"""Order and reference numbers: the patterns that recognise them, and those that were found in messages, as tables."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from podatelna.archive.models import Message

LONGEST_NUMBER = 100  # characters


class ReferencePattern(models.Model):
    """How numbers of one kind are written: of a process or of all, in mail of some domains or of all."""

    name = models.CharField(max_length=100)  # "Order"
    pattern = models.CharField(max_length=300)  # of RE2; its first group is the number, without one the whole
    process = models.ForeignKey(
        "desk.Process", models.CASCADE, null=True, blank=True, related_name="reference_patterns"
    )
    domains = models.JSONField(default=list, blank=True)  # of organisations, in ASCII; with what stands below them
    is_on = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Reference(models.Model):
    """A number that a message names. Whoever may see a conversation with that message may see it."""

    pattern = models.ForeignKey(ReferencePattern, models.CASCADE, related_name="found")
    message = models.ForeignKey(Message, models.CASCADE, related_name="references_named")
    number = models.CharField(max_length=LONGEST_NUMBER)  # as it is written there
    key = models.CharField(max_length=LONGEST_NUMBER)  # letters and digits alone, in lower case

    objects: ClassVar[models.Manager[Reference]] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "pattern", "key"], name="reference_once")]
        indexes = [models.Index(fields=["key", "pattern", "message"], name="reference_found")]

    def __str__(self) -> str:
        return self.number
