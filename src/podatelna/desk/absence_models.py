"""Who is away and who stands in, as a table. The verbs are in absence.py."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from podatelna.accounts.models import Person


class Absence(models.Model):
    """A holiday or a sick leave of a person, by days of their own time zone."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday"
        SICK = "sick"
        OTHER = "other"

    person = models.ForeignKey(Person, models.CASCADE, related_name="absences")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.HOLIDAY)
    first = models.DateField()
    last = models.DateField(null=True, blank=True)  # the last day away; null: until they are back
    substitute = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="standing_in")
    # Whether the substitute sees what is open on their personal desk too; they alone say so.
    with_desk = models.BooleanField(default=False)
    entered_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    entered_at = models.DateTimeField(default=timezone.now)
    begun_at = models.DateTimeField(null=True)  # when the worker had seen that it began
    ended_at = models.DateTimeField(null=True)  # over, or called off before it began

    class Meta:
        ordering = ["first", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(last=None) | Q(last__gte=F("first")), name="absence_in_order"),
        ]
        indexes = [models.Index(fields=["person"], condition=Q(ended_at=None), name="absence_to_come")]
