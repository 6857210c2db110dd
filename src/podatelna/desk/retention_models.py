"""How long mail is kept, what must not be erased, and erasures of a person's data, as tables."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from podatelna.accounts.models import Person


class RetentionPolicy(models.Model):
    """What holds for every erasure; its one row is made when somebody changes it."""

    four_eyes = models.BooleanField(default=False)  # who asks for an erasure cannot confirm it

    @classmethod
    def current(cls) -> RetentionPolicy:
        """The row, or what holds without one."""
        return cls.objects.order_by("pk").first() or cls()


class RetentionRule(models.Model):
    """How long the mail of a process is kept after its conversation was closed; without a rule it stays for good."""

    process = models.OneToOneField("desk.Process", models.CASCADE, related_name="retention")
    months = models.PositiveIntegerField()  # nothing is erased before, whoever asks for it
    erases = models.BooleanField(default=False)  # and is erased by itself afterwards

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(months__gte=1), name="retention_rule_has_months")]


class Hold(models.Model):
    """Somebody's mail, or a conversation, must not be erased, by rule or by request, until this is released."""

    address = models.CharField(max_length=320, blank=True, default="", db_index=True)  # lower case; or `conversation`
    conversation = models.ForeignKey("desk.Conversation", models.PROTECT, null=True, related_name="holds")
    reason = models.CharField(max_length=500)
    set_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)
    released_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Hold]] = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(address="", conversation__isnull=False)
                | (~models.Q(address="") & models.Q(conversation__isnull=True)),
                name="hold_of_one_thing",
            )
        ]


class Erasure(models.Model):
    """A request that what is kept of somebody be erased. The address goes with the rest, the counts stay."""

    class State(models.TextChoices):
        ASKED = "asked"  # waits to be confirmed
        RUNNING = "running"  # a worker erases, a message at a time
        DONE = "done"
        CANCELLED = "cancelled"

    class Shared(models.TextChoices):
        KEEP = "keep"  # mail in which others from outside take part stays
        ERASE = "erase"

    address = models.CharField(max_length=320, blank=True, default="")  # lower case; "" once it is done
    shared = models.CharField(max_length=8, choices=Shared.choices, default=Shared.KEEP)
    reason = models.CharField(max_length=500, blank=True, default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    confirmed_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cursor = models.BigIntegerField(default=0)  # the last message that was decided on
    counts = models.JSONField(default=dict)  # what was erased, what was kept by reason

    class Meta:
        ordering = ["-pk"]
