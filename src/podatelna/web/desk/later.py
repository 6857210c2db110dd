"""Times at which a letter may go out, as a form offers and reads them: on the wall clock of whoever asks."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from podatelna.desk import later

_FORM = "%Y-%m-%dT%H:%M"  # of <input type="datetime-local">


class Offer(NamedTuple):
    """A time that is one click away; `value` as the form sends it."""

    words: str
    value: str


class NoTime(Exception):
    """What was typed is no time at which a letter can go out; the words say why."""


def offers(now: datetime) -> list[Offer]:
    """Tomorrow and Monday in the morning; on a Sunday that is the same."""
    zone = timezone.get_current_timezone()
    tomorrow, monday = later.tomorrow(now, zone), later.next_monday(now, zone)
    found = [Offer(_("Tomorrow 8:00"), tomorrow.strftime(_FORM))]
    return found if monday == tomorrow else [*found, Offer(_("Monday 8:00"), monday.strftime(_FORM))]


def as_typed(at: datetime) -> str:
    """A moment as the field for a time has it."""
    return timezone.localtime(at).strftime(_FORM)


def chosen_time(posted: QueryDict, now: datetime) -> datetime | None:
    """The time that was asked for, None when it is to go at once. Raises NoTime.

    `later` is the button: a time, or "own" for the one in the field `own_time`.
    """
    wanted = posted.get("later", "")
    if not wanted:
        return None
    return read_time(posted.get("own_time", "") if wanted == "own" else wanted, now)


def read_time(typed: str, now: datetime) -> datetime:
    """A wall-clock time of the person's zone. Raises NoTime."""
    try:
        wall = datetime.fromisoformat(typed[:16])
    except ValueError:
        raise NoTime(_("Choose a day and a time.")) from None
    at = wall.replace(tzinfo=timezone.get_current_timezone())
    if not later.is_possible(at, now):
        raise NoTime(_("Choose a time that is still to come, within a year."))
    return at
