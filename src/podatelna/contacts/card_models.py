"""What contacts and organisations have in common: a card with a name, and cards that were merged into another."""

from __future__ import annotations

from typing import Self, cast

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from podatelna.accounts.models import Person
from podatelna.mail.language import folded

from .ordering import czech_key

MAX_NAME = 300


class Card(models.Model):
    """A contact or an organisation.

    A card that was merged into another keeps its row and its own values: splitting it off is taking the link away.
    """

    class Language(models.TextChoices):
        UNKNOWN = "", _("not known")
        CZECH = "cs", _("Czech")
        SLOVAK = "sk", _("Slovak")
        ENGLISH = "en", _("English")
        GERMAN = "de", _("German")
        POLISH = "pl", _("Polish")
        FRENCH = "fr", _("French")
        UKRAINIAN = "uk", _("Ukrainian")

    name = models.CharField(max_length=MAX_NAME, blank=True, default="")
    folded = models.CharField(max_length=MAX_NAME, blank=True, default="")  # in lower case without diacritics
    ordered = models.CharField(max_length=300, blank=True, default="", db_default="")  # the list's order: ordering.py
    account_manager = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    language = models.CharField(max_length=8, choices=Language.choices, blank=True, default="", db_default="")
    notes = models.TextField(blank=True, default="", db_default="")
    values = models.JSONField(default=dict, blank=True)  # of own fields, by the field's id as text; see own_fields.py
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="merged")

    class Meta:
        abstract = True

    @property
    def root(self) -> Self:
        """The card that stands for this one: itself unless it was merged."""
        into = self.merged_into
        return self if into is None else cast(Self, into)

    @property
    def known_by(self) -> str:
        """What it is found by: an address or a domain."""
        raise NotImplementedError

    def rename(self, name: str) -> None:
        """Give it `name`, and what is searched and sorted by; it is not saved yet."""
        self.name, self.folded = name, folded(name)[:MAX_NAME]
        self.ordered = czech_key(name or self.known_by)

    @property
    def title(self) -> str:
        """What a page calls it."""
        return self.name or self.known_by

    def __str__(self) -> str:
        return self.title


class Merge(models.Model):
    """One card was merged into another: what undoing it needs to know."""

    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    # What the merge wrote into the other card, and what stood there: only what still stands there is taken back.
    memory = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
