"""An invitation as a card: what, when in the reader's words, where, by whom, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_timezone_location
from django.utils import timezone
from django.utils.translation import gettext as _

from podatelna.mail.addresses import Address
from podatelna.mail.calendars import Invitation, find_calendar
from podatelna.mail.parse import ParsedPart
from podatelna.web.templatetags.podatelna import babel_locale

_CANCELLED, _ANSWER = "cancelled", "answer"


@dataclass(frozen=True)
class InvitationView:
    """What the card shows; every text of a stranger is still to be escaped."""

    title: str
    heading: str  # what it is: an invitation, a change, a cancellation, an answer
    tone: str  # "", "warn" for a cancelled one
    when: str
    elsewhere: str  # the same time where the sender is; "" where it reads the same
    repeats: bool
    place: str
    description: str
    organisers: tuple[Address, ...]
    attendees: tuple[Address, ...]
    url: str  # its file


def invitation_of(parts: Iterable[ParsedPart], base: str) -> InvitationView | None:
    """The card of the first invitation among `parts`, whose files lie below the URL `base`; None when there is none."""
    found = find_calendar(parts)
    if found is None:
        return None
    part, invitation = found
    kind = _kind(invitation)
    return InvitationView(
        title=invitation.summary or _("(no title)"),
        heading=_heading(invitation, kind),
        tone="warn" if kind == _CANCELLED else "",
        when=_span(invitation, timezone.get_current_timezone()),
        elsewhere=_elsewhere(invitation),
        repeats=invitation.repeats,
        place=invitation.location,
        description=invitation.description,
        organisers=(invitation.organiser,) if invitation.organiser else (),
        attendees=invitation.attendees,
        url=f"{base}parts/{part.position}",
    )


def _kind(invitation: Invitation) -> str:
    if invitation.cancelled:
        return _CANCELLED
    return _ANSWER if invitation.method == "REPLY" else invitation.method


def _heading(invitation: Invitation, kind: str) -> str:
    """What the sender's calendar program wants to say (RFC 5546 1.4)."""
    if kind == _CANCELLED:
        return _("Cancelled")
    if kind == _ANSWER:
        return _answer(invitation)
    if kind == "COUNTER":
        return _("Another time is proposed")
    if kind == "DECLINECOUNTER":
        return _("The proposed time is declined")
    if kind == "REFRESH":
        return _("The invitation is asked for once more")
    if kind in ("REQUEST", "ADD"):
        return _("Changed invitation") if invitation.sequence else _("Invitation")
    return _("Event")


def _answer(invitation: Invitation) -> str:
    who = invitation.attendees[0] if invitation.attendees else None
    named = {"who": (who.name or who.address) if who else _("Somebody")}
    match invitation.answer:
        case "ACCEPTED":
            return _("%(who)s accepts") % named
        case "DECLINED":
            return _("%(who)s declines") % named
        case "TENTATIVE":
            return _("%(who)s accepts for now") % named
        case "DELEGATED":
            return _("%(who)s sends somebody else") % named
    return _("%(who)s answers an invitation") % named


# --- when ------------------------------------------------------------------------------------------------


def _span(invitation: Invitation, zone: tzinfo) -> str:
    """From when to when, in `zone`."""
    starts, ends = invitation.starts, invitation.ends
    if starts is None:
        return _("The time is not given.")
    if not isinstance(starts, datetime):
        return _days(starts, ends)
    if starts.tzinfo is None:
        words = _hours(starts, ends if isinstance(ends, datetime) else None)
        called = invitation.time_zone
        unknown = _("in an unknown time zone (%(name)s)") % {"name": called} if called else _("time zone not given")
        return f"{words}, {unknown}"
    return _hours(_moved(starts, zone), _moved(ends, zone) if isinstance(ends, datetime) else None)


def _moved(moment: datetime, zone: tzinfo) -> datetime:
    try:
        return moment.astimezone(zone)
    except (OverflowError, ValueError):
        return moment  # of the year 1 or 9999


def _days(starts: date, ends: date | datetime | None) -> str:
    """Whole days; RFC 5545 3.6.1: the end is the day behind the last."""
    last = ends - timedelta(days=1) if ends is not None and not isinstance(ends, datetime) else starts
    if last <= starts:
        return _("%(day)s, all day") % {"day": _day(starts)}
    return _("%(first)s – %(last)s") % {"first": _day(starts), "last": _day(last)}


def _hours(starts: datetime, ends: datetime | None) -> str:
    clock = format_time(starts.time(), "short", locale=babel_locale())
    if ends is None or ends == starts:
        return f"{_day(starts)}, {clock}"
    end = format_time(ends.time(), "short", locale=babel_locale())
    if ends.date() == starts.date():
        return f"{_day(starts)}, {clock}–{end}"
    return f"{_day(starts)}, {clock} – {_day(ends)}, {end}"


def _day(day: date) -> str:
    return format_date(day, "EEEE d MMMM y" if babel_locale() != "cs" else "EEEE d. MMMM y", locale=babel_locale())


def _elsewhere(invitation: Invitation) -> str:
    """The time as the sender's clocks show it, where they show another than here."""
    starts, ends = invitation.starts, invitation.ends
    if not isinstance(starts, datetime) or not isinstance(starts.tzinfo, ZoneInfo):
        return ""
    here = _moved(starts, timezone.get_current_timezone())
    if here.utcoffset() == starts.utcoffset():
        return ""
    there = get_timezone_location(starts.tzinfo, locale=babel_locale(), return_city=True)
    there_ends = _moved(ends, starts.tzinfo) if isinstance(ends, datetime) and ends.tzinfo else None
    return _("%(time)s there (%(place)s)") % {"time": _hours(starts, there_ends), "place": there}
