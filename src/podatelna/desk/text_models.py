"""Canned answers and signatures, of a process or of a person, as tables. See canned.py and signatures.py."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from podatelna.accounts.models import Person

from .models import Process


class CannedAnswer(models.Model):
    """A text that is put into what somebody writes; its places are filled in then (placeholders.py)."""

    process = models.ForeignKey(Process, models.CASCADE, null=True, blank=True, related_name="canned")
    person = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="canned")
    name = models.CharField(max_length=100)
    text = models.TextField()
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(process=None) ^ Q(person=None), name="canned_of_one"),
            models.UniqueConstraint(fields=["process", "name"], condition=Q(person=None), name="canned_process_once"),
            models.UniqueConstraint(fields=["person", "name"], condition=Q(process=None), name="canned_person_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Signature(models.Model):
    """What stands below letters from a process's addresses: of everybody (person null), or of one person."""

    process = models.ForeignKey(Process, models.CASCADE, related_name="signatures")
    person = models.ForeignKey(Person, models.CASCADE, null=True, blank=True, related_name="signatures")
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["process"], condition=Q(person=None), name="signature_process_once"),
            models.UniqueConstraint(
                fields=["process", "person"], condition=Q(person__isnull=False), name="signature_person_once"
            ),
        ]
