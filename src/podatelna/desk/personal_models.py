"""Conversations of personal desks that were handed over, as a table. The verbs are in handover.py."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from podatelna.accounts.models import Person


class HandOver(models.Model):
    """A conversation of a personal desk was given to a person or to a process, and not taken back."""

    conversation = models.ForeignKey("desk.Conversation", models.CASCADE, related_name="hand_overs")
    to_person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="handed")
    to_process = models.ForeignKey("desk.Process", models.CASCADE, null=True, related_name="handed")
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    as_owner = models.BooleanField(default=False)  # may they answer from the owner's address

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(to_person__isnull=True) ^ models.Q(to_process__isnull=True), name="handed_to_one"
            ),
            models.UniqueConstraint(
                fields=["conversation", "to_person"],
                condition=models.Q(to_person__isnull=False),
                name="handed_person_once",
            ),
            models.UniqueConstraint(
                fields=["conversation"], condition=models.Q(to_process__isnull=False), name="handed_process_once"
            ),
        ]
