"""Fields of one's own on contacts, organisations and cases, as a table."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class OwnField(models.Model):
    """A field that an administrator has added. One that is hidden keeps its values."""

    class Of(models.TextChoices):
        CONTACT = "contact", _("Contacts")
        ORGANISATION = "organisation", _("Organisations")
        CASE = "case", _("Cases")

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        CHOICE = "choice", _("Choice")

    of = models.CharField(max_length=12, choices=Of.choices, default=Of.CONTACT)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.TEXT)
    choices = models.JSONField(default=list, blank=True)  # texts, of a choice
    position = models.PositiveSmallIntegerField(default=0)
    is_shown = models.BooleanField(default=True)

    class Meta:
        ordering = ["of", "position", "name", "pk"]
        constraints = [models.UniqueConstraint(fields=["of", "name"], name="own_field_once")]

    def __str__(self) -> str:
        return self.name
