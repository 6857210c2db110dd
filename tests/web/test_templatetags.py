"""Times, initials and marks as templates show them, in both languages."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from podatelna.web.templatetags.podatelna import exact, in_words, initials, marked

PRAGUE = ZoneInfo("Europe/Prague")
NOW = datetime(2026, 5, 6, 9, 30, tzinfo=PRAGUE)  # a Wednesday


@pytest.mark.parametrize(
    ("at", "english", "czech"),
    [
        ((2026, 5, 6, 9, 14), "09:14", "9:14"),
        ((2026, 5, 6, 0, 0), "00:00", "0:00"),
        ((2026, 5, 3, 9, 14), "Sun", "ne"),
        ((2026, 4, 29, 9, 14), "29 Apr", "29. 4."),
        ((2025, 12, 31, 9, 14), "31 Dec 2025", "31. 12. 2025"),
        ((2031, 1, 1, 9, 14), "1 Jan 2031", "1. 1. 2031"),
    ],
)
def test_times_are_as_near_as_they_can_be_said(at: tuple[int, int, int, int, int], english: str, czech: str) -> None:
    moment = datetime(*at, tzinfo=PRAGUE)
    with translation.override("en"):
        assert in_words(moment, NOW, long=False) == english
    with translation.override("cs"):
        assert in_words(moment, NOW, long=False) == czech


def test_yesterday_begins_at_midnight_and_not_24_hours_ago() -> None:
    late = datetime(2026, 5, 5, 23, 59, tzinfo=PRAGUE)
    with translation.override("en"):
        assert in_words(late, NOW, long=False) == "yesterday"
        assert in_words(late, NOW, long=True) == "yesterday 23:59"


def test_exact_time_is_told_to_the_minute() -> None:
    with translation.override("en"):
        assert exact(NOW) == "Wednesday 6 May 2026, 09:30"
    with translation.override("cs"):
        assert exact(NOW) == "středa 6. května 2026 9:30"


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Jana Nováková", "JN"),
        ("Jana z Nových Hradů", "JH"),
        ("eva@acme.cz", "E"),
        ("", "?"),
        ("– —", "–"),
        ("  ", "?"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_marked_text_is_escaped_inside_and_outside_of_marks() -> None:
    assert marked([("<a>", False), ("<b>", True)]) == "&lt;a&gt;<mark>&lt;b&gt;</mark>"
