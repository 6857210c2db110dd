"""Dates of messages, as broken as they come (RFC 5322 3.3, and what programs write instead)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12, "led": 1, "úno": 2, "uno": 2, "bře": 3, "bre": 3, "dub": 4, "kvě": 5, "kve": 5, "srp": 8, "zář": 9,
    "zar": 9, "říj": 10, "rij": 10, "lis": 11, "pro": 12, "mär": 3, "mrz": 3, "mai": 5, "okt": 10, "dez": 12, "máj": 5,
    "jún": 6, "júl": 7, "maj": 5, "fév": 2, "avr": 4, "aoû": 8, "déc": 12,
}  # fmt: skip
_ZONES = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "cet": 60, "mez": 60, "met": 60, "sec": 60, "selč": 120, "cest": 120,
    "mesz": 120, "mest": 120, "bst": 60, "west": 60, "eet": 120, "eest": 180, "msk": 180, "est": -300, "edt": -240,
    "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "jst": 540, "ist": 330, "hst": -600,
    "akst": -540, "akdt": -480, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
}  # fmt: skip
_TIME = re.compile(
    r"(?<!\d)(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:[.,]\d{1,9})?(?!\d)\s{0,3}([ap]\.?m\b)?", re.IGNORECASE
)
_COLON_TIME = re.compile(
    r"(?<!\d)(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?(?:[.,]\d{1,9})?(?!\d)\s{0,3}([ap]\.?m\b)?", re.IGNORECASE
)
_OFFSET = re.compile(r"([+-])\s?(\d{1,2}):?(\d{2})?(?!\d)")
_ISO = re.compile(r"(?<!\d)(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d)")
_DOTTED = re.compile(r"(?<!\d)(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})(?!\d)")
_DAY_MONTH = re.compile(r"(?<!\d)(\d{1,2})[\s.,/-]{0,5}([^\W\d_]{3})[^\W\d_]{0,8}[\s.,/-]{0,5}(\d{4}|\d{2,3})(?!\d)")
_MONTH_DAY = re.compile(r"(?<![^\W\d_])([^\W\d_]{3})[^\W\d_]{0,8}[\s.,/-]{1,5}(\d{1,2})(?![\d:])")
_YEAR = re.compile(r"(?<![\d:])(\d{4})(?![\d:])")
_WORD = re.compile(r"[^\W\d_]{1,5}")


def read_date(text: str) -> tuple[datetime | None, str]:
    """The moment that a Date value names (aware), and what was wrong with it ("" when nothing was).

    Without a known time zone the time is taken as UTC and said so.
    """
    text = " ".join(text[:200].split())
    if not text:
        return None, "no date"
    day, rest = _day(text)
    if day is None:
        return None, "unreadable date"
    hour, minute, second, behind, clock_defect = _time(rest)
    zone, zone_defect = _zone(behind)
    try:
        local = datetime(*day, tzinfo=timezone(zone or timedelta(0)))
        moment = local + timedelta(hours=hour, minutes=minute, seconds=second)
        # Some zones go past the first or last moment that can be written in UTC.
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None, "unreadable date"
    if not 1970 <= moment.year <= 2199:
        return None, "impossible date"
    return moment, clock_defect or zone_defect


def _day(text: str) -> tuple[tuple[int, int, int] | None, str]:
    """(year, month, day) and the text with it taken out."""
    for match in (_DAY_MONTH.search(text), _MONTH_DAY.search(text), _ISO.search(text), _DOTTED.search(text)):
        if match is None:
            continue
        if match.re is _ISO:
            year, month, day = int(match.group(1)), int(match.group(2)), int(match.group(3))
        elif match.re is _DOTTED:
            year, month, day = _year(match.group(3)), int(match.group(2)), int(match.group(1))
        elif match.re is _DAY_MONTH:
            year, month, day = _year(match.group(3)), _MONTHS.get(match.group(2).lower(), 0), int(match.group(1))
        else:
            found = _YEAR.search(text, match.end())
            year, month, day = (
                (int(found.group()) if found else 0),
                _MONTHS.get(match.group(1).lower(), 0),
                int(match.group(2)),
            )
        if 1 <= month <= 12 and 1 <= day <= 31 and year:
            return (year, month, day), text[: match.start()] + " " + text[match.end() :]
    return None, text


def _year(digits: str) -> int:
    # RFC 5322 4.3: two digits from 50 up, and three digits, count from 1900.
    year = int(digits)
    if 100 <= year < 200:
        return year + 1900  # what a program of the year 2000 made of tm_year
    if len(digits) == 4:
        return year
    return year + (2000 if year < 50 else 1900)


def _time(text: str) -> tuple[int, int, int, str, str]:
    match = _COLON_TIME.search(text) or _TIME.search(text)
    if match is None:
        return 0, 0, 0, text, "no time of day"
    hour, minute, second = int(match.group(1)), int(match.group(2)), int(match.group(3) or 0)
    half = (match.group(4) or "").lower()
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    if hour > 24 or minute > 59 or second > 61:
        return 0, 0, 0, text[match.end() :], "impossible time of day"
    return hour, minute, min(second, 59), text[match.end() :], ""


def _zone(text: str) -> tuple[timedelta | None, str]:
    offset = _OFFSET.search(text)
    if offset:
        digits = offset.group(2) + (offset.group(3) or "")
        hours, minutes = (
            (int(offset.group(2)), int(offset.group(3) or 0)) if len(digits) != 3 else (int(digits[0]), int(digits[1:]))
        )
        minutes += hours * 60
        if minutes < 24 * 60:
            return timedelta(minutes=-minutes if offset.group(1) == "-" else minutes), ""
        return None, "time zone unknown"
    for word in _WORD.findall(text):
        if word.lower() in _ZONES:
            return timedelta(minutes=_ZONES[word.lower()]), ""
    return None, "time zone unknown"
