"""People written to and from, as tables."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from podatelna.accounts.models import Person
from podatelna.outbox.models import Outgoing

from .card_models import Card, Merge
from .field_models import OwnField as OwnField  # a table of this app
from .organisation_models import Organisation as Organisation
from .organisation_models import OrganisationMerge as OrganisationMerge


class Contact(Card):
    """Somebody outside, known by an address. What a viewer is told of one always goes through `visible_to` of mail."""

    address = models.CharField(max_length=320, unique=True)  # lower case
    organisation = models.ForeignKey(Organisation, models.SET_NULL, null=True, blank=True, related_name="contacts")
    first_seen_at = models.DateTimeField(default=timezone.now)

    seen_as = ""  # no column: the address that a viewer may see, where it is another one; see sight.py

    class Meta:
        ordering = ["name", "address"]
        indexes = [models.Index(fields=["ordered", "id"], condition=models.Q(merged_into=None), name="contact_listed")]

    @property
    def known_by(self) -> str:
        return self.address

    @property
    def title(self) -> str:
        """Their name; without one an address, of several one that the viewer may see."""
        return self.name or self.seen_as or self.address


class ContactMerge(Merge):
    """A contact was merged into another: they are one person with two addresses."""

    merged = models.ForeignKey(Contact, models.CASCADE, related_name="merges")
    into = models.ForeignKey(Contact, models.CASCADE, related_name="+")


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
