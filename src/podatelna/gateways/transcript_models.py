"""What was said to the server of a private mailbox, and how far its Sent folder was looked through, as tables."""

from __future__ import annotations

from django.db import models


class Said(models.Model):
    """Commands that were sent in a row; of looks that were the same line for line, how many. See transcript.py."""

    gateway = models.ForeignKey("gateways.Gateway", models.CASCADE, related_name="said")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)
    lines = models.TextField()
    size = models.PositiveIntegerField(default=0)  # letters of `lines`

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["gateway", "-id"])]


class Unsaid(models.Model):
    """How many commands were dropped from a transcript, and until when: it is bounded."""

    gateway = models.OneToOneField("gateways.Gateway", models.CASCADE, related_name="unsaid")
    commands = models.BigIntegerField(default=0)
    until = models.DateTimeField()


class SentMark(models.Model):
    """From which UID on the Sent folder of a private mailbox was not looked at yet, under its UIDVALIDITY."""

    gateway = models.OneToOneField("gateways.Gateway", models.CASCADE, related_name="sent_mark")
    name = models.CharField(max_length=500)
    uidvalidity = models.BigIntegerField()
    next_uid = models.BigIntegerField()
