"""Working hours of a process: whether it is open, how much of a span is working time, when so much of it has passed.

A process that keeps no hours is open always. Hours are told by the clock on the wall of the process's time zone: on
the two days of the year on which that clock is moved, a day may be an hour shorter or longer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from .holidays import czech_holidays
from .models import Process
from .process_models import ClosedDays

Span = tuple[int, int]  # minutes of the day: from, and until
Week = Sequence[Sequence[Span]]  # of Monday to Sunday

MINUTES = 24 * 60
_FARTHEST = timedelta(days=3 * 366)  # who is closed for years is not waited for day by day


@dataclass(frozen=True)
class Schedule:
    """When a process works. An empty `week`: always."""

    zone: ZoneInfo
    week: Week
    czech_holidays: bool
    closed: Sequence[tuple[date, date]]

    def is_open(self, at: datetime) -> bool:
        """Whether somebody works at `at`."""
        day = at.astimezone(self.zone).date()
        return not self.week or any(start <= at < end for start, end in self._spans(day))

    def working_seconds(self, start: datetime, end: datetime) -> float:
        """How many seconds between the two are worked; 0 when `end` is not later."""
        if end <= start:
            return 0.0
        if not self.week:
            return (end - start).total_seconds()
        seconds = 0.0
        for opens, closes in self._from(start, end):
            seconds += max((min(closes, end) - max(opens, start)).total_seconds(), 0.0)
        return seconds

    def add_working(self, at: datetime, seconds: float) -> datetime:
        """When so many worked seconds have passed since `at`; at most three years later."""
        if not self.week:
            return at + timedelta(seconds=seconds)
        farthest = at + _FARTHEST
        for opens, closes in self._from(at, farthest):
            begins = max(opens, at)
            here = (closes - begins).total_seconds()
            if here <= 0:
                continue
            if seconds <= here:
                return begins + timedelta(seconds=seconds)
            seconds -= here
        return farthest

    def _from(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        day, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        while day <= last:
            yield from self._spans(day)
            day += timedelta(days=1)

    def _spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """When it is open on `day`, in order, in UTC: differences of two times of one zone would be the clock's."""
        if any(first <= day <= last for first, last in self.closed):
            return
        if self.czech_holidays and day in czech_holidays(day.year):
            return
        for start, end in self.week[day.weekday()]:
            yield self._moment(day, start), self._moment(day, end)

    def _moment(self, day: date, minute: int) -> datetime:
        if minute >= MINUTES:
            day, minute = day + timedelta(days=1), minute - MINUTES
        return datetime.combine(day, time(*divmod(minute, 60)), self.zone).astimezone(UTC)


def schedule_of(process: Process) -> Schedule:
    """When `process` works, as it is set now."""
    days = ClosedDays.objects.filter(Q(process=process) | Q(process=None)).values_list("first", "last")
    return Schedule(
        zone=ZoneInfo(process.time_zone or settings.TIME_ZONE),
        week=[[(start, end) for start, end in day] for day in process.hours],
        czech_holidays=process.czech_holidays,
        closed=list(days) if process.hours else [],
    )


def is_open(process: Process, at: datetime) -> bool:
    """Whether somebody of `process` works at `at`."""
    return schedule_of(process).is_open(at)


def working_seconds(process: Process, start: datetime, end: datetime) -> float:
    """How many seconds between the two are working time of `process`."""
    return schedule_of(process).working_seconds(start, end)


def add_working(process: Process, at: datetime, seconds: float) -> datetime:
    """When so many seconds of working time of `process` have passed since `at`."""
    return schedule_of(process).add_working(at, seconds)


def read_spans(text: str) -> list[Span]:
    """What is typed, "8:00-12:00, 13:00-16:30", as minutes, in order; "" is a day on which nobody works.

    Raises ValueError with "shape", "order" or "overlap".
    """
    spans = sorted(_read_span(one) for one in text.replace(";", ",").split(",") if one.strip())
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        raise ValueError("overlap")
    return spans


def _read_span(text: str) -> Span:
    start, dash, end = text.replace("\u2013", "-").replace("\u2014", "-").partition("-")
    if not dash:
        raise ValueError("shape")
    span = _read_time(start), _read_time(end)
    if span[0] >= span[1]:
        raise ValueError("order")
    return span


def _read_time(text: str) -> int:
    hours, colon, minutes = text.strip().replace(".", ":").partition(":")
    digits = [hours, *([minutes] if colon else [])]
    if not all(one.isascii() and one.isdecimal() and len(one) <= 2 for one in digits):
        raise ValueError("shape")
    found = int(hours) * 60 + (int(minutes) if colon else 0)
    if found > MINUTES or (colon and int(minutes) > 59):
        raise ValueError("shape")
    return found


def write_spans(spans: Sequence[Span]) -> str:
    """The inverse of `read_spans`."""
    return ", ".join(f"{_written(start)}\u2013{_written(end)}" for start, end in spans)


def _written(minute: int) -> str:
    hours, minutes = divmod(minute, 60)
    return f"{hours}:{minutes:02}"
