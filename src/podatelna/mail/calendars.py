"""Invitations in mail (iCalendar, RFC 5545 and 5546): what is asked, when, by whom. Values; nothing is acted on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .addresses import Address, read_addresses
from .charsets import decode_bytes
from .leaves import ParsedPart
from .text import one_line, storable

MAX_CALENDAR = 1_000_000  # bytes that are read
MAX_ATTENDEES = 1_000
MAX_TEXT = 20_000
TYPES = ("text/calendar", "application/ics", "text/x-vcalendar")
_FOLD = re.compile(r"\r?\n[ \t]|\r(?!\n)[ \t]")
_MOMENT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})?(Z)?)?$")
_DURATION = re.compile(r"P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?$")
_ESCAPED = re.compile(r"\\([nN,;\\])")
# What Exchange calls the zones that its users are in.
_WINDOWS_ZONES = {
    "central europe standard time": "Europe/Prague", "central european standard time": "Europe/Warsaw",
    "w. europe standard time": "Europe/Berlin", "romance standard time": "Europe/Paris",
    "gmt standard time": "Europe/London", "greenwich standard time": "Atlantic/Reykjavik", "utc": "UTC",
    "fle standard time": "Europe/Kyiv", "gtb standard time": "Europe/Bucharest", "e. europe standard time":
    "Europe/Chisinau", "russian standard time": "Europe/Moscow", "turkey standard time": "Europe/Istanbul",
    "eastern standard time": "America/New_York", "central standard time": "America/Chicago",
    "mountain standard time": "America/Denver", "pacific standard time": "America/Los_Angeles",
    "israel standard time": "Asia/Jerusalem", "india standard time": "Asia/Kolkata", "china standard time":
    "Asia/Shanghai", "tokyo standard time": "Asia/Tokyo", "aus eastern standard time": "Australia/Sydney",
    "e. south america standard time": "America/Sao_Paulo", "south africa standard time": "Africa/Johannesburg",
}  # fmt: skip


@dataclass(frozen=True)
class Invitation:
    """An event as a calendar program sends it."""

    method: str  # "REQUEST", "REPLY", "CANCEL", "PUBLISH" …; "" when none is named
    uid: str
    summary: str
    location: str
    description: str
    organiser: Address | None
    attendees: tuple[Address, ...]
    answer: str  # of the only attendee: "ACCEPTED", "DECLINED", "TENTATIVE" …, "" in all else
    starts: datetime | date | None  # aware, or without a zone where none is known; a date: the whole day
    ends: datetime | date | None  # for whole days the day behind the last, as RFC 5545 writes it
    time_zone: str  # as written, "" for UTC and for times without a zone
    sequence: int
    repeats: bool
    cancelled: bool


@dataclass
class _Line:
    name: str
    parameters: dict[str, str]
    value: str


@dataclass
class _Event:
    lines: dict[str, _Line] = field(default_factory=dict)
    attendees: list[_Line] = field(default_factory=list)


def find_invitation(parts: Iterable[ParsedPart]) -> Invitation | None:
    """The first invitation among the parts of a message."""
    found = find_calendar(parts)
    return found[1] if found is not None else None


def find_calendar(parts: Iterable[ParsedPart]) -> tuple[ParsedPart, Invitation] | None:
    """The first part with an invitation in it, and that."""
    for part in parts:
        if is_calendar(part.content_type, part.filename):
            found = read_calendar(part.content, part.charset)
            if found is not None:
                return part, found
    return None


def is_calendar(content_type: str, filename: str) -> bool:
    """Whether a part looks like a calendar file."""
    return content_type in TYPES or filename.lower().endswith((".ics", ".vcs"))


def read_calendar(content: bytes, charset: str = "") -> Invitation | None:
    """The first event (or task) of an iCalendar file, None when there is none. Never raises."""
    text, _ = decode_bytes(content[:MAX_CALENDAR], charset or "utf-8")
    method = ""
    event: _Event | None = None
    depth = 0
    for line in _lines(text):
        if line.name == "BEGIN":
            kind = line.value.strip().upper()
            depth += event is not None
            if event is None and kind in ("VEVENT", "VTODO"):
                event = _Event()
        elif line.name == "END" and event is not None:
            if depth == 0:
                return _invitation(method, event)
            depth -= 1
        elif line.name == "METHOD" and event is None:
            method = line.value.strip().upper()[:20]
        elif event is not None and depth == 0:
            _add(event, line)
    return _invitation(method, event) if event is not None and (event.lines or event.attendees) else None


def _add(event: _Event, line: _Line) -> None:
    if line.name == "ATTENDEE":
        if len(event.attendees) < MAX_ATTENDEES:
            event.attendees.append(line)
    else:
        event.lines.setdefault(line.name, line)


def _lines(text: str) -> list[_Line]:
    found = []
    for line in _FOLD.sub("", text).splitlines():
        head, value = _split_value(line)
        if head:
            name, *parameters = head.split(";")
            pairs = [pair.partition("=") for pair in parameters]
            found.append(
                _Line(
                    name.strip().upper(), {key.strip().upper(): written.strip('" ') for key, _, written in pairs}, value
                )
            )
    return found


def _split_value(line: str) -> tuple[str, str]:
    """Name with parameters, and value: at the first colon outside of quotes."""
    position = line.find(":")
    quote = line.find('"')
    while 0 <= quote < position:
        closing = line.find('"', quote + 1)
        if closing < 0:
            break
        position = line.find(":", closing) if closing > position else position
        quote = line.find('"', closing + 1)
    return (line[:position], line[position + 1 :]) if position > 0 else ("", "")


def _invitation(method: str, event: _Event) -> Invitation:
    starts, zone = _moment(event.lines.get("DTSTART"))
    ends, _ = _moment(event.lines.get("DTEND") or event.lines.get("DUE"))
    if ends is None and starts is not None:
        ends = _after(starts, _text(event, "DURATION"))
    people = tuple(person for line in event.attendees if (person := _person(line)))
    sequence = _text(event, "SEQUENCE")
    return Invitation(
        method=method,
        uid=one_line(_text(event, "UID"), 500),
        summary=one_line(_text(event, "SUMMARY"), 500),
        location=one_line(_text(event, "LOCATION"), 500),
        description=storable(_text(event, "DESCRIPTION"))[:MAX_TEXT].strip(),
        organiser=_person(event.lines.get("ORGANIZER")),
        attendees=people,
        answer=event.attendees[0].parameters.get("PARTSTAT", "").upper()[:20] if len(event.attendees) == 1 else "",
        starts=starts,
        ends=ends,
        time_zone=one_line(zone, 100),
        sequence=int(sequence[:9]) if sequence.isascii() and sequence.isdigit() else 0,
        repeats="RRULE" in event.lines,
        cancelled=method == "CANCEL" or _text(event, "STATUS").upper() == "CANCELLED",
    )


def _text(event: _Event, name: str) -> str:
    line = event.lines.get(name)
    if line is None:
        return ""
    return _ESCAPED.sub(lambda found: "\n" if found.group(1) in "nN" else found.group(1), line.value.strip())


def _person(line: _Line | None) -> Address | None:
    if line is None:
        return None
    value = line.value.strip()
    address = value[7:] if value[:7].lower() == "mailto:" else line.parameters.get("EMAIL", value)
    good, _ = read_addresses(address[:1_000])
    if not good:
        return None
    name = one_line(line.parameters.get("CN", ""), 300)
    return Address("" if name == good[0].address else name, good[0].address)


def _moment(line: _Line | None) -> tuple[datetime | date | None, str]:
    """A DATE or DATE-TIME value, and the time zone as it is called."""
    match = _MOMENT.match(line.value.strip()) if line is not None else None
    if line is None or match is None:
        return None, ""
    try:
        year, month, day = (int(match.group(place)) for place in (1, 2, 3))
        if match.group(4) is None:
            return date(year, month, day), ""
        seconds = min(int(match.group(6) or 0), 59)  # 60 is a leap second
        moment = datetime(year, month, day, int(match.group(4)), int(match.group(5)), seconds)  # noqa: DTZ001 zone below
    except ValueError:
        return None, ""
    if match.group(7):
        return moment.replace(tzinfo=UTC), ""
    called = line.parameters.get("TZID", "")
    zone = _zone(called)
    return (moment.replace(tzinfo=zone) if zone else moment), called


def _zone(called: str) -> ZoneInfo | None:
    bare = called.strip().lstrip("/")
    name = _WINDOWS_ZONES.get(bare.lower(), bare)
    # /freeassociation.sourceforge.net/Europe/Prague and the like.
    for candidate in (name, "/".join(name.split("/")[-2:])):
        try:
            if candidate and len(candidate) < 60:
                return ZoneInfo(candidate)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return None


def _after(starts: datetime | date, duration: str) -> datetime | date | None:
    match = _DURATION.match(duration)
    if match is None or not any(match.groups()):
        return None
    weeks, days, hours, minutes, seconds = (int(found or 0) for found in match.groups())
    try:
        return starts + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None
