"""Folders, what became of every message that stood in them, and the daily counts against the server, as tables."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from podatelna.archive.models import Delivery


class Folder(models.Model):
    """A mailbox folder under one UIDVALIDITY (RFC 3501 2.3.1.1): UIDs mean something only together with it.

    One of the ledgers of a folder is `current`. `uidnext` and `exists` are as the last complete look left them: where
    the server says the same, nothing can have come. None: the next look must be a complete one.
    """

    gateway = models.ForeignKey("gateways.Gateway", models.CASCADE, related_name="folders")
    name = models.CharField(max_length=500)
    uidvalidity = models.BigIntegerField()
    first_seen_at = models.DateTimeField(default=timezone.now)

    current = models.BooleanField(default=True, db_default=True)
    closed_why = models.CharField(max_length=12, blank=True, default="", db_default="")  # of relocation.WHY
    uidnext = models.BigIntegerField(null=True)
    exists = models.BigIntegerField(null=True)
    # What stood there when the folder was connected (`connected_at`, which later ledgers of it take over) has UIDs
    # below this; null: from a time when that was not noted, nothing of it is history.
    history_end = models.BigIntegerField(null=True)
    connected_at = models.DateTimeField(null=True)
    # The gateway's choice for its history as it was last carried out, see history.py.
    history_done = models.CharField(max_length=24, blank=True, default="", db_default="")
    # What the processed folder was like before the first message that `moved` does not hold.
    processed_uidvalidity = models.BigIntegerField(null=True)
    processed_uidnext = models.BigIntegerField(null=True)
    processed_moved = models.BigIntegerField(default=0, db_default=0)
    # A large look: how many messages it had to take when it was begun, how many are left, how fast it goes.
    backlog = models.PositiveIntegerField(default=0, db_default=0)
    backlog_left = models.PositiveIntegerField(default=0, db_default=0)
    backlog_rate = models.FloatField(null=True)  # messages a second; null: not known yet

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gateway", "name", "uidvalidity"], name="folder_once")]


class LedgerEntry(models.Model):
    """One UID that stood in a folder, and how it ended."""

    class End(models.TextChoices):
        ARCHIVED = "archived"
        DUPLICATE = "duplicate"  # these very bytes had come through this gateway before (moved back by hand)
        FAILED = "failed"  # could not be fetched: `reason` says why, it is tried again
        LEFT = "left"  # stood there before the folder was connected, and was not wanted

    class Move(models.TextChoices):
        PENDING = "pending"
        MOVED = "moved"
        MARKED = "marked"  # the server can neither MOVE nor UID EXPUNGE: a keyword says that it was taken
        GONE = "gone"  # somebody else had moved or removed it before we did
        STAYS = "stays"  # it is to stay where it is: LEFT, or the server gives it back each time that it is moved

    folder = models.ForeignKey(Folder, models.CASCADE, related_name="entries")
    uid = models.BigIntegerField()
    end = models.CharField(max_length=10, choices=End.choices)
    move = models.CharField(max_length=8, choices=Move.choices, default=Move.PENDING)
    delivery = models.ForeignKey(Delivery, models.PROTECT, null=True, related_name="ledger_entries")
    reason = models.TextField(blank=True, default="")
    attempts = models.PositiveIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)
    # INTERNALDATE: the same UID with another one is another message.
    stood_at = models.DateTimeField(null=True)
    # It was old when the folder was connected: it comes onto the desk as history, closed. Null: no.
    past = models.BooleanField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["folder", "uid"], name="ledger_uid_once")]
        indexes = [
            # Counts and filters of the ledger's page need nothing but this.
            models.Index(fields=["folder", "end", "move", "uid"], name="ledger_by_end"),
            models.Index(fields=["folder", "uid"], condition=Q(move="pending"), name="ledger_pending"),
        ]


class Count(models.Model):
    """A folder counted against its ledger: once a day, and when somebody asked; see reconciliation.py."""

    folder = models.ForeignKey(Folder, models.CASCADE, related_name="counts")
    day = models.DateField()
    at = models.DateTimeField(default=timezone.now)
    on_server = models.PositiveIntegerField()  # messages that stand in the folder
    in_ledger = models.PositiveIntegerField()  # entries that say so
    unknown = models.PositiveIntegerField()  # of those on the server: without an entry
    entries = models.PositiveIntegerField()  # every UID that was ever seen
    lost_entries = models.PositiveIntegerField()  # fewer than at the count before
    moved = models.PositiveIntegerField()  # entries that were moved since the count before
    arrived = models.PositiveIntegerField(null=True)  # numbers given out in the processed folder since; null: not told
    unarrived = models.PositiveIntegerField()  # moved, and cannot have got there
    stale = models.BooleanField(default=False, db_default=False)  # somebody wants it counted again
    gap = models.PositiveIntegerField()  # the sum of what is not as it should be; 0: all is accounted for

    objects: ClassVar[models.Manager[Count]] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["folder", "day"], name="count_once_a_day")]
        ordering = ["-day", "-pk"]
