"""Business cases, what is filed under them and what was done in them, as tables. The verbs are in cases.py."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone

from podatelna.accounts.access import Scoped
from podatelna.accounts.models import Person, Scope
from podatelna.archive.models import Blob
from podatelna.contacts.models import Organisation

CASE_PERSON = "case"  # the reason under which a person of a case holds its scope


class CaseSeries(models.Model):
    """The last number that a process has given out in a year."""

    process = models.ForeignKey("desk.Process", models.CASCADE, related_name="case_series")
    year = models.PositiveIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["process", "year"], name="case_series_once")]


class CaseQuerySet(Scoped["Case"]):
    """Cases; start every look-up with `visible_to`: the team of their process, and the people let into them."""

    def open(self) -> CaseQuerySet:
        """Those that go on."""
        return self.filter(status=Case.Status.OPEN)

    def closed(self) -> CaseQuerySet:
        """Those that are done."""
        return self.filter(status=Case.Status.CLOSED)


class Case(models.Model):
    """A business matter that conversations, also of several processes, are filed under."""

    scoped_by = "desk.CaseScope"

    class Status(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"

    process = models.ForeignKey("desk.Process", models.PROTECT, related_name="cases")  # whose number it has
    scope = models.OneToOneField(Scope, models.PROTECT, related_name="case")  # of its people
    year = models.PositiveIntegerField()
    serial = models.PositiveIntegerField()  # from 1, without a gap within process and year
    number = models.CharField(max_length=24, db_index=True)  # "2026-0017"
    title = models.CharField(max_length=300)
    folded = models.TextField(blank=True, default="")  # title and contact in lower case without diacritics
    contact_name = models.CharField(max_length=300, blank=True, default="")
    contact_address = models.CharField(max_length=320, blank=True, default="")  # lower case
    organisation = models.ForeignKey(Organisation, models.SET_NULL, null=True, blank=True, related_name="+")
    values = models.JSONField(default=dict, blank=True)  # of own fields, by the field's id as text
    keep_years = models.PositiveSmallIntegerField(
        null=True, blank=True
    )  # its mail, after it was closed; case_keeping.py
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    deadline = models.DateField(null=True, blank=True)
    is_confidential = models.BooleanField(default=False, db_default=False)  # for its people alone; see confidential.py
    created_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Case]] = CaseQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["process", "year", "serial"], name="case_number_once")]
        indexes = [
            models.Index(fields=["status", "-id"], name="case_listed"),
            models.Index(fields=["contact_address"], name="case_of_contact"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.OPEN

    def is_late(self, today: date) -> bool:
        """Whether its deadline has passed while it is open."""
        return self.is_open and self.deadline is not None and self.deadline < today

    def happened(self, verb: str, by: Person | None, now: datetime, **details: object) -> CaseEntry:
        """Write a line into its timeline."""
        return self.entries.create(at=now, person=by, verb=verb, details=details)


class CaseScope(models.Model):
    """A case carries a scope: its process's, and its own for the people let into it."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="scope_links")
    scope = models.ForeignKey(Scope, models.CASCADE, related_name="case_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "scope"], name="case_scope_once")]
        indexes = [models.Index(fields=["scope", "case"])]


class Filing(models.Model):
    """A conversation is filed under a case, and carries the case's scope as long as it is."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="filings")
    conversation = models.ForeignKey("desk.Conversation", models.CASCADE, related_name="filings")
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "conversation"], name="filing_once")]


class CaseFile(models.Model):
    """A file that somebody laid into a case: seen by whoever sees the case."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="files")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=255)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name


class CaseEntry(models.Model):
    """One thing that was done with a case. What is about a conversation is shown only to who may see that one."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="entries")
    at = models.DateTimeField(default=timezone.now)
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    verb = models.CharField(
        max_length=32
    )  # opened changed closed reopened let-in let-out filed taken-out file-laid file-removed
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["case", "-at", "-id"], name="case_entry_listed")]
