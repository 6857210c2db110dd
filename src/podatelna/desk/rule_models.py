"""Rules, their order at each gateway, and what of them is still to be done, as tables. The verbs are in rules/."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from podatelna.accounts.models import Person
from podatelna.archive.models import Delivery
from podatelna.claims import Claimable
from podatelna.gateways.models import Gateway
from podatelna.outbox.models import Outgoing

from .models import Conversation


class Rule(models.Model):
    """When mail is so, do that. A thing of its own: several gateways can use it, and one that none uses does nothing.

    Conditions and actions are lists of JSON objects; see rules/conditions.py and rules/actions.py.
    """

    class Direction(models.TextChoices):
        IN = "in"
        OUT = "out"

    class Joined(models.TextChoices):
        ALL = "all"
        ANY = "any"

    name = models.CharField(max_length=100, unique=True)
    direction = models.CharField(max_length=3, choices=Direction.choices, default=Direction.IN)
    joined = models.CharField(max_length=3, choices=Joined.choices, default=Joined.ALL)
    conditions = models.JSONField(default=list)
    actions = models.JSONField(default=list)
    stops = models.BooleanField(default=False)  # where it matched, no later rule is looked at
    is_on = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class RuleOrder(models.Model):
    """A rule is used by a gateway, at a place among its others."""

    gateway = models.ForeignKey(Gateway, models.CASCADE, related_name="rule_orders")
    rule = models.ForeignKey(Rule, models.CASCADE, related_name="orders")
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["gateway", "rule"], name="rule_once_at_a_gateway")]


class RuleWait(Claimable):
    """Mail whose rules ask for a verdict that is not there yet: they are applied when it is, or after a while."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="+")
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="rule_waits")
    opened = models.BooleanField()  # whether it has opened the conversation
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "conversation"], name="rule_wait_once")]


class RuleCall(Claimable):
    """A webhook that a rule has called for: posted by the worker, tried again for a day."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        FAILED = "failed"

    rule = models.ForeignKey(Rule, models.SET_NULL, null=True, related_name="calls")
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="rule_calls")
    url = models.CharField(max_length=500)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)


class Review(models.Model):
    """A letter that a rule has held until a second person has looked at it."""

    class State(models.TextChoices):
        HELD = "held"
        APPROVED = "approved"
        RETURNED = "returned"

    outgoing = models.OneToOneField(Outgoing, models.CASCADE, related_name="review")
    rule = models.ForeignKey(Rule, models.SET_NULL, null=True, related_name="+")
    writer = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.HELD)
    decided_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
