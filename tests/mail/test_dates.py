"""Dates as broken as they come."""

import pytest

from podatelna.mail.dates import read_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon, 5 Jan 2026 09:14:00 +0100", "2026-01-05T09:14:00+01:00"),
        ("5 Jan 2026 09:14 +0100", "2026-01-05T09:14:00+01:00"),
        ("Mon, 05 Jan 26 09:14:00 GMT", "2026-01-05T09:14:00+00:00"),
        ("Mon, 5 Jan 2026 09:14:00 -0000", "2026-01-05T09:14:00+00:00"),
        ("Mon,  5 Jan 2026  9:14:00 CET (stredoevropsky cas)", "2026-01-05T09:14:00+01:00"),
        ("Mon, 5 Jan 2026 09:14:00 +01:00", "2026-01-05T09:14:00+01:00"),
        ("Mon, 5 Jan 2026 09:14:00 GMT+0100", "2026-01-05T09:14:00+01:00"),
        ("Mon, 5 Jan 2026 09:14:00 +0530", "2026-01-05T09:14:00+05:30"),
        ("Mon Jan  5 09:14:00 2026 +0100", "2026-01-05T09:14:00+01:00"),
        ("Mon Jan 5 09:14:00 CET 2026", "2026-01-05T09:14:00+01:00"),
        ("2026-01-05T09:14:00Z", "2026-01-05T09:14:00+00:00"),
        ("2026-01-05 09:14:00.123 +0100", "2026-01-05T09:14:00+01:00"),
        ("po, 5 led 2026 09:14:00 +0100", "2026-01-05T09:14:00+01:00"),
        ("Mo, 5 Mai 2025 09:14:00 +0200", "2025-05-05T09:14:00+02:00"),
        ("Mon, 5 Jan 2026 9:14:00 PM +0000", "2026-01-05T21:14:00+00:00"),
        ("Mon, 5 Jan 2026 12:14:00 AM +0000", "2026-01-05T00:14:00+00:00"),
        ("Mon, 5 Jan 2026 23:59:60 +0000", "2026-01-05T23:59:59+00:00"),
        ("Mon, 5 Jan 2026 24:00:00 +0000", "2026-01-06T00:00:00+00:00"),
        ("Thu, 22 Aug 0102 12:07:35 +0800", "2002-08-22T12:07:35+08:00"),
        ("5-Jan-2026 09:14:00 +0100", "2026-01-05T09:14:00+01:00"),
        ("5 Jan 102 09:14:00 +0100", "2002-01-05T09:14:00+01:00"),
    ],
)
def test_reads(text: str, expected: str) -> None:
    moment, defect = read_date(text)

    assert moment is not None
    assert (moment.isoformat(), defect) == (expected, "")


@pytest.mark.parametrize(
    ("text", "expected", "defect"),
    [
        ("Mon, 5 Jan 2026 09:14:00", "2026-01-05T09:14:00+00:00", "time zone unknown"),
        ("5. 1. 2026 9:14", "2026-01-05T09:14:00+00:00", "time zone unknown"),
        ("Mon, 5 Jan 2026 09:14:00 +9900", "2026-01-05T09:14:00+00:00", "time zone unknown"),
        ("Mon, 5 Jan 2026 09:14:00 XYZ", "2026-01-05T09:14:00+00:00", "time zone unknown"),
        ("Mon, 5 Jan 2026 99:99:99 +0100", "2026-01-05T00:00:00+01:00", "impossible time of day"),
        ("Mon, 5 Jan 2026", "2026-01-05T00:00:00+00:00", "no time of day"),
    ],
)
def test_reads_and_says_what_was_missing(text: str, expected: str, defect: str) -> None:
    moment, found = read_date(text)

    assert moment is not None
    assert (moment.isoformat(), found) == (expected, defect)


@pytest.mark.parametrize(
    ("text", "defect"),
    [
        ("", "no date"),
        ("včera", "unreadable date"),
        ("Mon, 31 Feb 2026 09:14:00 +0100", "unreadable date"),
        ("1 Jan 1801 00:00 +0000", "impossible date"),
        ("31 Dec 9999 23:59:59 -2300", "unreadable date"),
    ],
)
def test_knows_what_is_no_date(text: str, defect: str) -> None:
    assert read_date(text) == (None, defect)
