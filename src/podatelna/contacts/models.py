"""People written to and from, as tables."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Contact(models.Model):
    """Somebody outside, known by an address. What a viewer is told of one always goes through `visible_to` of mail."""

    address = models.CharField(max_length=320, unique=True)  # lower case
    name = models.CharField(max_length=300, blank=True, default="")
    folded = models.CharField(max_length=300, blank=True, default="")  # the name in lower case without diacritics
    first_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "address"]
