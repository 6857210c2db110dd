"""Dates as broken as they come."""

import pytest

from podatelna.mail.dates import read_date, read_moment, sending_time


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
        ("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "1997-11-21T09:55:06-06:00"),
        ("17-6-2008 17:10:08 +0200", "2008-06-17T17:10:08+02:00"),
        ("2002/09/14 Sat 02:29:32 CDT", "2002-09-14T02:29:32-05:00"),
        ("Thu, 29 Aug 2002 15:36:58 +-0500", "2002-08-29T15:36:58-05:00"),
        ("Mon, 5 Jan 2026 09:14:00 EST", "2026-01-05T09:14:00-05:00"),
        ("Mon, 5 Jan 2026 09:14:00 Z", "2026-01-05T09:14:00+00:00"),
        ("Mon, 5 Jan 2026 09:14:00 -0330", "2026-01-05T09:14:00-03:30"),
        ("Mon, 5 Jan 2026 09:14:00 +1", "2026-01-05T09:14:00+01:00"),
        ("Mon, 5 Jan 2026 09:14:00 0530", "2026-01-05T09:14:00+05:30"),
        ("Mon, 5 Jan 2026 09:14:00 (CET)", "2026-01-05T09:14:00+01:00"),
        ("Mon (pondělí (první)), 5 (pátý) Jan 2026 (rok) 09:14:00 (ráno) +0100 (CET", "2026-01-05T09:14:00+01:00"),
        ("Fri, 30 Aug 02 21:48:08 Eastern Daylight Time", "2002-08-30T21:48:08-04:00"),
        ("Sat, 21 Sep 02 05:01:06 Greenwich Standard Time", "2002-09-21T05:01:06+00:00"),
        ("Mon, 5 Jan 2026 09:14:00 W. Europe Standard Time", "2026-01-05T09:14:00+01:00"),
        ("Mon, 5 Jan 49 09:14:00 +0100", "2049-01-05T09:14:00+01:00"),
        ("Tue, 5 Jan 99 09:14:00 +0100", "1999-01-05T09:14:00+01:00"),
        ("Monday, January 5, 2026 9:14 AM +0100", "2026-01-05T09:14:00+01:00"),
        ("Jan 5th, 2026, 9:14 p.m. +0100", "2026-01-05T21:14:00+01:00"),
        ("2026 Jan 5 09:14:00 +0100", "2026-01-05T09:14:00+01:00"),
        ("09:14:00 5 Jan 2026 +0100", "2026-01-05T09:14:00+01:00"),
        ("5 Jan 09:14:00 2026 +0100", "2026-01-05T09:14:00+01:00"),
        ("Mon,5Jan2026 09:14:00+0100", "2026-01-05T09:14:00+01:00"),
        ("Mon, 5 Jan 2026 9.14.00 +0100", "2026-01-05T09:14:00+01:00"),
        ("Mon, 5 Jan 2026 9:4:5 +0100", "2026-01-05T09:04:05+01:00"),
        ("20260105T091400Z", "2026-01-05T09:14:00+00:00"),
        ("20260105091400 +0100", "2026-01-05T09:14:00+01:00"),
        ("2026/01/05 09:14:00 +0100", "2026-01-05T09:14:00+01:00"),
        ("2026-01-05T09:14:00.123456-05:00", "2026-01-05T09:14:00-05:00"),
        ("1767600840", "2026-01-05T08:14:00+00:00"),
        ("1767600840123", "2026-01-05T08:14:00+00:00"),
        ("Mon, 05/01/2026 09:14:00 +0100", "2026-01-05T09:14:00+01:00"),
        ("Mon, 01/05/2026 09:14:00 +0100", "2026-01-05T09:14:00+01:00"),
        ("01/05/2026 09:14:00 +0100", "2026-01-05T09:14:00+01:00"),
        ("25/12/2026 09:14:00 +0100", "2026-12-25T09:14:00+01:00"),
        ("2026年1月5日 09:14:00 +0900", "2026-01-05T09:14:00+09:00"),
        ("pondělí 5. ledna 2026 9:14:00 SEČ", "2026-01-05T09:14:00+01:00"),
        ("5. června 2026 9:14 SELČ", "2026-06-05T09:14:00+02:00"),
        ("5. července 2026 9:14 +0200", "2026-07-05T09:14:00+02:00"),
        ("5. listopadu 2026 9:14 +0100", "2026-11-05T09:14:00+01:00"),
        ("5. 11. 2026 9:14 +0100", "2026-11-05T09:14:00+01:00"),
        ("št, 5 feb 2026 09:14:00 +0100", "2026-02-05T09:14:00+01:00"),
        ("5. júla 2026 9:14 +0200", "2026-07-05T09:14:00+02:00"),
        ("Do, 5 Mär 2026 09:14:00 MEZ", "2026-03-05T09:14:00+01:00"),
        ("Sa, 5 Dez 2026 09:14:00 +0100", "2026-12-05T09:14:00+01:00"),
        ("pon., 5 sty 2026 09:14:00 +0100", "2026-01-05T09:14:00+01:00"),
        ("mar., 5 mai 2026 09:14:00 +0200", "2026-05-05T09:14:00+02:00"),
        ("5 juillet 2026 09:14:00 +0200", "2026-07-05T09:14:00+02:00"),
        ("lun, 5 de enero de 2026 09:14:00 +0100", "2026-01-05T09:14:00+01:00"),
        ("Пн, 5 янв 2026 09:14:00 +0300", "2026-01-05T09:14:00+03:00"),
        ("po, 5 u\u0301no 2026 09:14:00 +0100", "2026-02-05T09:14:00+01:00"),
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
        ("Mon, 5 Jan 2026 09:14:00 K", "2026-01-05T09:14:00+00:00", "time zone unknown"),
        ("Mon, 5 Jan 2026 09:14:00 +01000", "2026-01-05T09:14:00+00:00", "time zone unknown"),
        ("27 Jun 01 3:36:25 AM", "2001-06-27T03:36:25+00:00", "time zone unknown"),
        ("Mon, 5 Jan 2026", "2026-01-05T00:00:00+00:00", "no time of day"),
        ("Thu, 13 Feb 1969 23:32 -0330 (Newfoundland Time)", "1969-02-13T23:32:00-03:30", "impossible date"),
        ("Fri, 1 Jan 1904 00:00:00 +0000", "1904-01-01T00:00:00+00:00", "impossible date"),
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
        ("Mon, 0 Jan 2026 09:14:00 +0100", "unreadable date"),
        ("Mon, 32 Jan 2026 09:14:00 +0100", "unreadable date"),
        ("2026-13-45 09:14", "unreadable date"),
        ("Mon, 5 Foo 2026 09:14:00 +0100", "unreadable date"),
        ("()", "no date"),
    ],
)
def test_knows_what_is_no_date(text: str, defect: str) -> None:
    assert read_date(text) == (None, defect)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("Mon, 5 Jan 2026 09:14:00 +0000", True),
        ("Mon, 5 Jan 2026 09:14:00 GMT", True),
        ("Mon, 5 Jan 2026 09:14:00 -0000", False),
        ("Mon, 5 Jan 2026 09:14:00", False),
        ("Mon, 5 Jan 2026 09:14:00 QQQ", False),
    ],
)
def test_says_whether_the_time_zone_is_known(text: str, known: bool) -> None:
    assert read_moment(text).zone_known is known


RECEIVED = "from a (a [192.0.2.1]) by mx.firma.cz with ESMTP id 1; Mon, 5 Jan 2026 09:15:00 +0100"
OLDER = "by a; Mon, 5 Jan 2026 09:13:00 +0100"


@pytest.mark.parametrize(
    ("dates", "expected", "defect"),
    [
        (["Mon, 5 Jan 2026 09:14:00 +0100"], "2026-01-05T09:14:00+01:00", ""),
        (["včera", "Mon, 5 Jan 2026 09:14:00 +0100"], "2026-01-05T09:14:00+01:00", ""),
        (["Mon, 5 Jan 2026 09:14:00"], "2026-01-05T09:14:00+00:00", "time zone unknown"),
        ([], "2026-01-05T09:15:00+01:00", "no date: time of receipt taken"),
        (["včera"], "2026-01-05T09:15:00+01:00", "unreadable date: time of receipt taken"),
        (["Fri, 1 Jan 1904 00:00:00 +0000"], "2026-01-05T09:15:00+01:00", "impossible date: time of receipt taken"),
        (["1 Jan 1801 00:00 +0000"], "2026-01-05T09:15:00+01:00", "impossible date: time of receipt taken"),
        (["Thu, 1 Jan 1970 00:00:00 +0000"], "1970-01-01T00:00:00+00:00", "date far from its receipt"),
        (["Tue, 19 Jan 2038 03:14:07 +0000"], "2038-01-19T03:14:07+00:00", "date far from its receipt"),
    ],
)
def test_where_the_date_says_nothing_the_time_of_receipt_does(dates: list[str], expected: str, defect: str) -> None:
    sent = sending_time(dates, ["by b (no date)", RECEIVED, OLDER])

    assert sent.at is not None
    assert (sent.at.isoformat(), sent.defect) == (expected, defect)


def test_without_any_date_there_is_none() -> None:
    assert (sending_time([], []).at, sending_time([], []).defect) == (None, "no date")
    assert sending_time(["včera"], ["by a"]).defect == "unreadable date"
