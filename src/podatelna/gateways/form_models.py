"""Web forms as tables: where they stand, what their fields mean, what is enough; and how much has come."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils import timezone

from podatelna.archive.models import Origin


def new_key() -> str:
    """Names a form in its address. No secret: everybody who sees the page sees it."""
    return secrets.token_urlsafe(12)


class WebForm(models.Model):
    """A form on a web page. What a visitor writes into it arrives as mail from the visitor to `address`."""

    origin = models.OneToOneField(Origin, models.PROTECT, related_name="web_form")
    key = models.CharField(max_length=40, unique=True, default=new_key)
    name = models.CharField(max_length=100)
    address = models.EmailField(max_length=320)  # of a process, lower case
    origins = models.TextField()  # pages that may send it, like https://www.acme.cz, one a line
    is_open = models.BooleanField(default=True)
    language = models.CharField(max_length=8, blank=True, default="")  # of what visitors are told; "": their browser's
    thanks_url = models.URLField(max_length=500, blank=True, default="")  # "": a page of ours

    # Names of the fields; all others are listed below the text.
    name_field = models.CharField(max_length=100, blank=True, default="name")
    email_field = models.CharField(max_length=100, default="email")
    subject_field = models.CharField(max_length=100, blank=True, default="subject")
    text_field = models.CharField(max_length=100, default="message")
    subject = models.CharField(max_length=200, blank=True, default="")  # where the visitor gives none

    # What people leave empty, for they do not see it, and programs do not.
    trap_field = models.CharField(max_length=100, blank=True, default="website")
    least_seconds = models.PositiveSmallIntegerField(default=0)  # from opening the page to sending; 0: any
    per_hour = models.PositiveIntegerField(default=10)  # of one visitor's address
    per_day = models.PositiveIntegerField(default=200)  # of all together
    files = models.PositiveSmallIntegerField(default=3)  # 0: none
    megabytes = models.PositiveSmallIntegerField(default=10)  # of all a visitor sends
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def size(self) -> int:
        """The most octets that a visitor may send."""
        return self.megabytes * 1024 * 1024

    @property
    def allowed_origins(self) -> list[str]:
        """As browsers name them: scheme, host and port in lower case."""
        return self.origins.lower().split()


class FormCount(models.Model):
    """How often something happened with a form in an hour or a day; see forms.py."""

    form = models.ForeignKey(WebForm, models.CASCADE, related_name="counts")
    what = models.CharField(max_length=60)
    since = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["form", "what", "since"], name="form_count_once")]
