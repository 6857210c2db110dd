"""What proves the archive, as tables: arrivals in the sealed log, tombstones of what was erased, verifications."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from podatelna.accounts.models import Person


class ArrivalRun(models.Model):
    """Deliveries with consecutive ids that were sealed together; see arrivals.py. Runs never overlap."""

    first = models.BigIntegerField(primary_key=True)  # a delivery's id, as is `last`
    last = models.BigIntegerField()
    position = models.BigIntegerField(db_index=True)  # of their line in the log
    offset = models.PositiveIntegerField()  # of the first of them among the deliveries of that line
    sealed_at = models.DateTimeField()


class Tombstone(models.Model):
    """What stays of an erased delivery: that it came and went, and its hash. Nothing of its content or its people."""

    delivery_id = models.BigIntegerField(unique=True)
    message_id = models.BigIntegerField(db_index=True)
    arrival = models.TextField()  # its line among the arrivals, which the sealed log needs
    with_message = models.BooleanField()  # it was the last: the message went too
    erased_at = models.DateTimeField(default=timezone.now, db_index=True)
    erased_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=200)  # "rule of process 7", "erasure 12"


class Verification(models.Model):
    """One reading of the whole archive, in one go or a slice each night; one that was cut off goes on where it was."""

    class Kind(models.TextChoices):
        FULL = "full"
        NIGHTLY = "nightly"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)  # of a nightly one: when its next slice begins
    left = models.BigIntegerField(default=0)  # of a nightly one: rows still to be read in this slice
    stage = models.CharField(max_length=16)
    cursor = models.BigIntegerField(default=0)  # how far this stage is
    counts = models.JSONField(default=dict)  # by stage: what was read

    class Meta:
        indexes = [models.Index(fields=["kind", "-started_at"])]


class Finding(models.Model):
    """Something that a verification found."""

    class Kind(models.TextChoices):
        MISSING = "missing"
        CHANGED = "changed"
        ORPHANED = "orphaned"  # takes room and harms nothing
        UNREADABLE = "unreadable"  # sealed with a key that was not given

    verification = models.ForeignKey(Verification, models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    subject = models.CharField(max_length=100)  # "delivery 7", "blob 3f…", "log line 12"
    words = models.CharField(max_length=500)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["verification", "kind"])]
