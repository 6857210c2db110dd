"""What is to be sent, and every attempt at it, as tables."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from podatelna.accounts.models import Person
from podatelna.archive.models import Blob, Message
from podatelna.claims import Claimable
from podatelna.gateways.models import Gateway


class Outgoing(Claimable):
    """A composed message on its way out. From its first attempt on it is always the same message, byte for byte."""

    class State(models.TextChoices):
        WAITING = "waiting"  # for the undo time, or for the next attempt (`attempts` tells which)
        SENDING = "sending"  # an attempt is recorded and may be under way
        SENT = "sent"
        FAILED = "failed"  # refused for good, or given up
        UNCERTAIN = "uncertain"  # the connection broke after the message was handed over: a person decides
        WITHDRAWN = "withdrawn"  # undone before it left
        HELD = "held"  # until a second person has looked at it

    gateway = models.ForeignKey(Gateway, models.PROTECT, related_name="outgoing")
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    message_id = models.CharField(max_length=255, unique=True)
    mail_from = models.CharField(max_length=320)
    raw = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    give_up_at = models.DateTimeField()  # temporary failures after this are final
    last_code = models.CharField(max_length=32, blank=True, default="")  # see queue.py; "" when nothing is wrong
    last_reply = models.TextField(blank=True, default="")  # the server's words, or ours when there was no server
    created_at = models.DateTimeField(default=timezone.now)
    # When it is to go out; `scheduled`: at a time that somebody chose. Letters of one conversation go in this order.
    planned_at = models.DateTimeField(null=True)
    scheduled = models.BooleanField(default=False, db_default=False)
    # Whether `raw` is what goes out: dated and signed, right before the first attempt. From then on it never changes.
    final = models.BooleanField(default=False, db_default=False)
    signed_by = models.CharField(
        max_length=1000, blank=True, default="", db_default=""
    )  # names of DKIM keys, blanks between
    sent_at = models.DateTimeField(null=True)
    archived = models.ForeignKey(Message, models.PROTECT, null=True, related_name="outgoing")  # once it is sent
    sent_copy = models.CharField(max_length=8, blank=True, default="")  # "", "due", "done", "failed": copy in Sent
    sent_copy_error = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"])]


class Recipient(models.Model):
    """One address the message goes to, and what its server said."""

    class State(models.TextChoices):
        WAITING = "waiting"
        ACCEPTED = "accepted"
        REFUSED = "refused"

    outgoing = models.ForeignKey(Outgoing, models.CASCADE, related_name="recipients")
    address = models.CharField(max_length=320)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    reply = models.TextField(blank=True, default="")
    # What delivery reports say became of it after the server had taken it (RFC 3464).
    reported = models.CharField(max_length=9, blank=True, default="", db_default="")  # failed delayed delivered relayed
    reported_status = models.CharField(max_length=16, blank=True, default="", db_default="")  # RFC 3463, "5.1.1"
    reported_reason = models.TextField(blank=True, default="", db_default="")  # the servers' words
    reported_permanent = models.BooleanField(null=True)
    reported_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["outgoing", "address"], name="recipient_once")]
        ordering = ["pk"]


class Attempt(models.Model):
    """One try, recorded before dialling; `ended_at` null after a crash means that nobody knows how it ended."""

    outgoing = models.ForeignKey(Outgoing, models.CASCADE, related_name="attempt_log")
    started_at = models.DateTimeField(default=timezone.now)
    handed_over_at = models.DateTimeField(null=True)  # DATA is about to be spoken: from here on it may have been sent
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, blank=True, default="")
    reply = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["pk"]
