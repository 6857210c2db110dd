"""Organisations as a table: made from the domains that mail comes from."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from podatelna.mail.address_forms import shown_address

from .card_models import Card, Merge


class Organisation(Card):
    """Where contacts work. `domain` is null of one that somebody named; merged ones bring their domains along."""

    domain = models.CharField(max_length=253, unique=True, null=True)  # registered, in ASCII
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["ordered", "id"], condition=models.Q(merged_into=None), name="organisation_listed")
        ]

    @property
    def known_by(self) -> str:
        return self.shown_domain

    @property
    def shown_domain(self) -> str:
        """The domain in its own letters; "" without one."""
        return shown_address(f"@{self.domain}")[1:] if self.domain else ""


class OrganisationMerge(Merge):
    """An organisation was merged into another."""

    merged = models.ForeignKey(Organisation, models.CASCADE, related_name="merges")
    into = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
