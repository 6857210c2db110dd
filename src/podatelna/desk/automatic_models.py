"""Automatic answers and floods, as tables. See automatic_answers.py and flood.py."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from podatelna.accounts.models import Person
from podatelna.archive.models import Delivery
from podatelna.claims import Claimable
from podatelna.outbox.models import Outgoing

from .models import Conversation, Process


class AutomaticAnswer(Claimable):
    """An answer that a process may give by itself, decided once it is known whether the sender is genuine."""

    class State(models.TextChoices):
        WAITING = "waiting"
        GIVEN = "given"
        WITHHELD = "withheld"  # `reason` says why: see automatic_answers.REASONS

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="automatic_answers")
    delivery = models.OneToOneField(Delivery, models.CASCADE, related_name="automatic_answer")
    address = models.CharField(max_length=320)  # whom it would go to, lower case
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=16, blank=True, default="")
    text = models.TextField(blank=True, default="", db_default="")  # a rule's, places filled in; "": the process's
    outgoing = models.OneToOneField(Outgoing, models.CASCADE, null=True, related_name="automatic_answer")
    created_at = models.DateTimeField(default=timezone.now)


class Answered(models.Model):
    """When a process last answered somebody by itself: the next one only after its period."""

    process = models.ForeignKey(Process, models.CASCADE, related_name="+")
    address = models.CharField(max_length=320)  # lower case
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["process", "address"], name="answered_once")]


class Flood(models.Model):
    """More mail of one sender than people can read. While it is held, its conversations are set aside."""

    class State(models.TextChoices):
        HELD = "held"
        RELEASED = "released"  # a person let it onto the desk
        CLOSED = "closed"  # a person put it away

    process = models.ForeignKey(Process, models.CASCADE, related_name="floods")
    address = models.CharField(max_length=320)  # lower case
    state = models.CharField(max_length=8, choices=State.choices, default=State.HELD)
    messages = models.PositiveIntegerField(default=0)  # that came since it began
    is_spam = models.BooleanField(default=False, db_default=False)  # a rule has held it, however much it is
    began_at = models.DateTimeField()
    last_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["process", "address"], condition=models.Q(state="held"), name="flood_held_once"
            )
        ]
