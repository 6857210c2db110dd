"""Czech public holidays, computed: Act No. 245/2000 Coll. on state holidays and other holidays, as amended."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

# (month, day): what the Act calls the day. Of English words see web/administration/holiday_words.py.
_FIXED = {
    (1, 1): "new-year",
    (5, 1): "labour-day",
    (5, 8): "victory-day",
    (7, 5): "cyril-and-methodius",
    (7, 6): "jan-hus",
    (9, 28): "statehood-day",
    (10, 28): "independence-day",
    (11, 17): "freedom-day",
    (12, 24): "christmas-eve",
    (12, 25): "christmas-day",
    (12, 26): "second-christmas-day",
}
_GOOD_FRIDAY_SINCE = 2016  # Act No. 359/2015 Coll.


@lru_cache(maxsize=64)
def czech_holidays(year: int) -> dict[date, str]:
    """The public holidays of `year` (Gregorian, 1583 to 9999) in their order, each with its key.

    As the law stands today, also for years before it: only Good Friday is left out where it was none.
    """
    sunday = easter(year)
    found = {date(year, month, day): key for (month, day), key in _FIXED.items()}
    found[sunday + timedelta(days=1)] = "easter-monday"
    if year >= _GOOD_FRIDAY_SINCE:
        found[sunday - timedelta(days=2)] = "good-friday"
    return dict(sorted(found.items()))


def easter(year: int) -> date:
    """Easter Sunday of a Gregorian year; the algorithm of Meeus, Jones and Butcher."""
    golden = year % 19
    century, of_century = divmod(year, 100)
    leaps, rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - correction + 15) % 30
    quarters, remainder = divmod(of_century, 4)
    weekday = (32 + 2 * rest + 2 * quarters - epact - remainder) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
