"""People written to and from, as tables."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from podatelna.accounts.models import Person
from podatelna.outbox.models import Outgoing


class Contact(models.Model):
    """Somebody outside, known by an address. What a viewer is told of one always goes through `visible_to` of mail."""

    address = models.CharField(max_length=320, unique=True)  # lower case
    name = models.CharField(max_length=300, blank=True, default="")
    folded = models.CharField(max_length=300, blank=True, default="")  # the name in lower case without diacritics
    first_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "address"]


class BadAddress(models.Model):
    """Mail to an address that came back for good. Told only to who may see the letter; cleared when it works again."""

    address = models.CharField(max_length=320)  # lower case
    outgoing = models.ForeignKey(Outgoing, models.CASCADE, related_name="bad_addresses")
    status = models.CharField(max_length=16, blank=True, default="")  # RFC 3463, "5.1.1"
    reason = models.TextField(blank=True, default="")  # the server's words
    at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    cleared_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")  # null: mail came from there

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address", "outgoing"], name="bad_address_once")]
        indexes = [models.Index(fields=["address"], condition=models.Q(cleared_at=None), name="bad_address_stands")]
