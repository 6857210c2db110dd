"""Inspections: an auditor says why, reads everything for a while, and each thing read stands in the sealed log.

What an auditor sees because of an inspection they never hold: it ends by itself, and nothing can be done in it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from .audit import record
from .models import Inspection, Person

LASTS = timedelta(hours=1)
LONGEST_REASON = 500


class NotAuditor(Exception):
    """Somebody else than an auditor wanted to inspect."""


def inspection_of(person: Person, now: datetime | None = None) -> Inspection | None:
    """The inspection in which `person` is just now. `now` is for tests: whether it is over is asked at each look."""
    if not (person.is_auditor and person.is_active):
        return None
    going_on = Inspection.objects.filter(person=person, ended_at=None, ends_at__gt=now or timezone.now())
    return going_on.order_by("-pk").first()


def is_inspecting(person: Person) -> bool:
    """Whether `person` sees everything just now, and can act on nothing."""
    return inspection_of(person) is not None


@transaction.atomic
def begin(person: Person, reason: str, now: datetime, lasts: timedelta = LASTS) -> Inspection:
    """Let the auditor read everything until `lasts` is over. Raises NotAuditor, and ValueError without a reason."""
    reason = reason.replace("\0", "").strip()[:LONGEST_REASON]
    if not (person.is_auditor and person.is_active):
        raise NotAuditor
    if not reason:
        raise ValueError("an inspection needs a reason")
    standing = inspection_of(person, now)
    if standing is not None:
        end(standing, now)
    inspection = Inspection.objects.create(person=person, reason=reason, begun_at=now, ends_at=now + lasts)
    until = inspection.ends_at.isoformat(timespec="seconds")
    record(person, "begin-inspection", f"inspection {inspection.pk}", reason=reason, until=until)
    return inspection


@transaction.atomic
def end(inspection: Inspection, now: datetime) -> bool:
    """It is over before its time; False when it was."""
    if Inspection.objects.filter(pk=inspection.pk, ended_at=None).update(ended_at=now) != 1:
        return False
    record(inspection.person, "end-inspection", f"inspection {inspection.pk}")
    return True
