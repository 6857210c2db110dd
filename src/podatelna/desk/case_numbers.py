"""Numbers of cases: one series per process and year, without gaps, and no number twice."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from .case_models import CaseSeries
from .models import Process

_NUMBER = re.compile(r"(20[0-9]{2})-([0-9]{1,9})", re.ASCII)


def allot(process: Process, now: datetime) -> tuple[int, int]:
    """Year (of the installation's time zone) and the next serial; only within the transaction that makes the case.

    The series' row stays locked until then: who comes next waits, and a case that is not made after all gives its
    number back.
    """
    year = timezone.localtime(now, timezone.get_default_timezone()).year
    mine = CaseSeries.objects.filter(process=process, year=year)
    if not mine.update(last=F("last") + 1):
        try:
            with transaction.atomic():
                CaseSeries.objects.create(process=process, year=year, last=1)
        except IntegrityError:  # another one was first; its row is there once it has committed
            mine.update(last=F("last") + 1)
    return year, mine.values_list("last", flat=True).get()


def written(year: int, serial: int) -> str:
    """2026 and 17 as "2026-0017"."""
    return f"{year}-{serial:04d}"


def read_number(text: str) -> str | None:
    """ "2026-17", also with "#" or blanks around it, as it is written, "2026-0017"; None for what is no number."""
    match = _NUMBER.fullmatch(text.strip().lstrip("#").strip())
    return written(int(match[1]), int(match[2])) if match else None
