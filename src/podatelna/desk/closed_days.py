"""Days on which a process, or the whole company, is closed beside weekends and public holidays."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from podatelna.accounts.audit import record
from podatelna.accounts.models import Person

from . import targets
from .models import Process
from .process_models import ClosedDays


def of(process: Process) -> QuerySet[ClosedDays]:
    """Those of `process` and those of the company."""
    return ClosedDays.objects.filter(Q(process=process) | Q(process=None))


def coming(process: Process, today: date) -> QuerySet[ClosedDays]:
    """The same without what is over."""
    return of(process).filter(last__gte=today)


@transaction.atomic
def close(process: Process | None, first: date, last: date, name: str, by: Person, now: datetime) -> ClosedDays:
    """Nobody of `process` (None: of any) works from `first` to `last`, both included; what runs is due later."""
    days = ClosedDays.objects.create(process=process, first=first, last=last, name=name)
    record(by, "close-days", _subject(process), **_plain(days))
    _move_targets(process, now)
    return days


@transaction.atomic
def open_again(days: ClosedDays, by: Person, now: datetime) -> None:
    """These days are worked after all."""
    record(by, "open-days", _subject(days.process), **_plain(days))
    process = days.process
    days.delete()
    _move_targets(process, now)


def _plain(days: ClosedDays) -> dict[str, object]:
    return {"name": days.name, "first": days.first, "last": days.last}


def _subject(process: Process | None) -> str:
    return f"process {process.pk}" if process is not None else "company"


def _move_targets(process: Process | None, now: datetime) -> None:
    for one in [process] if process is not None else Process.objects.of_company():
        targets.set_anew(one, now)
