"""Working hours and Czech public holidays."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podatelna.desk.holidays import czech_holidays, easter
from podatelna.desk.hours import Schedule, add_working, is_open, read_spans, working_seconds, write_spans
from podatelna.desk.process_models import ClosedDays
from tests.cast import Cast

PRAGUE = ZoneInfo("Europe/Prague")
HOUR = 3600
WORKDAYS = [[[480, 720], [780, 1020]]] * 5 + [[], []]  # 8:00 to 12:00 and 13:00 to 17:00


def at(text: str) -> datetime:
    """A time on the wall in Prague."""
    return datetime.fromisoformat(text).replace(tzinfo=PRAGUE)


SCHEDULE = Schedule(PRAGUE, [[(480, 720), (780, 1020)]] * 5 + [[], []], True, [])


def test_easter_falls_where_the_church_says() -> None:
    # https://www.census.gov/data/software/x13as/genhol/easter-dates.html
    days = {1961: (4, 2), 2000: (4, 23), 2008: (3, 23), 2011: (4, 24), 2026: (4, 5), 2027: (3, 28), 2038: (4, 25)}
    assert {year: (easter(year).month, easter(year).day) for year in days} == days


def test_the_holidays_of_2026_are_those_of_the_law() -> None:
    days = "1.1. 3.4. 6.4. 1.5. 8.5. 5.7. 6.7. 28.9. 28.10. 17.11. 24.12. 25.12. 26.12."
    assert " ".join(f"{day.day}.{day.month}." for day in czech_holidays(2026)) == days
    assert date(2015, 4, 3) not in czech_holidays(2015), "Good Friday is a holiday since 2016"


@given(st.integers(1583, 9999))
def test_easter_is_a_sunday_of_spring(year: int) -> None:
    assert easter(year).weekday() == 6
    assert date(year, 3, 22) <= easter(year) <= date(year, 4, 25)


@pytest.mark.parametrize(
    ("when", "is_it"),
    [
        ("2026-05-04T08:00", True),
        ("2026-05-04T07:59", False),
        ("2026-05-04T12:00", False),
        ("2026-05-04T13:00", True),
        ("2026-05-02T10:00", False),
        ("2026-05-08T10:00", False),  # Victory Day, a Friday
        ("2026-04-06T10:00", False),  # Easter Monday
    ],
)
def test_open_in_hours_and_not_on_holidays(when: str, is_it: bool) -> None:
    assert SCHEDULE.is_open(at(when)) is is_it


def test_working_time_skips_nights_weekends_and_holidays() -> None:
    # From Thursday 16:00 over Victory Day and the weekend to Monday 9:00.
    assert SCHEDULE.working_seconds(at("2026-05-07T16:00"), at("2026-05-11T09:00")) == 2 * HOUR
    assert SCHEDULE.add_working(at("2026-05-07T16:00"), 2 * HOUR) == at("2026-05-11T09:00")
    assert SCHEDULE.working_seconds(at("2026-05-11T09:00"), at("2026-05-07T16:00")) == 0


def test_time_that_comes_while_closed_begins_with_the_morning() -> None:
    assert SCHEDULE.add_working(at("2026-05-03T22:00"), HOUR) == at("2026-05-04T09:00")


def test_the_clock_that_is_moved_takes_an_hour_of_the_night() -> None:
    nights = Schedule(PRAGUE, [[(0, 360)]] * 7, False, [])
    seconds = [nights.working_seconds(at(f"{day}T00:00"), at(f"{day}T23:00")) for day in ("2026-03-29", "2026-10-25")]
    assert seconds == [5 * HOUR, 7 * HOUR]


def test_who_never_opens_is_not_waited_for_without_end() -> None:
    never = Schedule(PRAGUE, [[]] * 7, False, [])
    assert never.add_working(at("2026-05-04T08:00"), HOUR) <= at("2029-06-01T00:00")


@given(
    st.integers(0, 3 * 365 * 24 * HOUR).map(lambda seconds: at("2025-01-01T00:00") + timedelta(seconds=seconds)),
    st.integers(1, 200 * HOUR),
)
def test_adding_and_measuring_agree(start: datetime, seconds: int) -> None:
    end = SCHEDULE.add_working(start, seconds)
    assert SCHEDULE.working_seconds(start, end) == seconds
    assert SCHEDULE.working_seconds(start, end - timedelta(seconds=1)) < seconds


def test_a_process_without_hours_is_always_open(cast: Cast) -> None:
    saturday = at("2026-05-02T03:00")
    assert is_open(cast.helpdesk, saturday)
    assert add_working(cast.helpdesk, saturday, HOUR) == saturday + timedelta(hours=1)


def test_days_of_ones_own_and_of_the_company_are_closed(cast: Cast) -> None:
    cast.helpdesk.hours = WORKDAYS
    cast.helpdesk.save()
    ClosedDays.objects.create(process=None, first=date(2026, 5, 4), last=date(2026, 5, 5), name="Stocktaking")
    ClosedDays.objects.create(process=cast.sales, first=date(2026, 5, 6), last=date(2026, 5, 6), name="Of another")
    cast.helpdesk.refresh_from_db()
    assert not is_open(cast.helpdesk, at("2026-05-05T09:00"))
    assert is_open(cast.helpdesk, at("2026-05-06T09:00"))
    assert working_seconds(cast.helpdesk, at("2026-05-04T00:00"), at("2026-05-07T00:00")) == 8 * HOUR


def test_hours_are_told_by_the_clock_of_the_process(cast: Cast) -> None:
    cast.helpdesk.hours, cast.helpdesk.time_zone = WORKDAYS, "America/New_York"
    assert is_open(cast.helpdesk, at("2026-05-04T22:00"))
    assert not is_open(cast.helpdesk, at("2026-05-04T09:00"))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("8-16", [(480, 960)]),
        ("13:00-17:00, 8.30–12", [(510, 720), (780, 1020)]),
        ("0-24", [(0, 1440)]),
        ("", []),
    ],
)
def test_hours_as_people_type_them(typed: str, read: list[tuple[int, int]]) -> None:
    assert read_spans(typed) == read
    assert read_spans(write_spans(read)) == read


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("8", "shape"),
        ("8-25", "shape"),
        ("8:70-9", "shape"),
        ("x-y", "shape"),
        ("12-8", "order"),
        ("8-12,11-13", "overlap"),
    ],
)
def test_hours_that_cannot_be_are_refused(typed: str, code: str) -> None:
    with pytest.raises(ValueError, match=code):
        read_spans(typed)
