"""Invitations read as values."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from podatelna.mail.addresses import Address
from podatelna.mail.calendars import Invitation, find_invitation, read_calendar
from podatelna.mail.parse import parse

PRAGUE = ZoneInfo("Europe/Prague")


def event(*lines: str, method: str = "REQUEST") -> Invitation | None:
    return read_calendar(
        "\r\n".join(
            ["BEGIN:VCALENDAR", f"METHOD:{method}", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""]
        ).encode()
    )


def test_a_whole_invitation() -> None:
    assert event(
        "UID:1@acme",
        "SUMMARY:Porada\\, obchod\\; ceny",
        "LOCATION:Zasedačka",
        "DESCRIPTION:První řádek\\nDruhý",
        'ORGANIZER;CN="Nováková, Jana":mailto:jana@acme.cz',
        "ATTENDEE;PARTSTAT=ACCEPTED;CN=Petr:MAILTO:petr@firma.cz",
        "DTSTART;TZID=Europe/Prague:20260112T100000",
        "DTEND;TZID=Europe/Prague:20260112T113000",
        "SEQUENCE:2",
    ) == Invitation(
        method="REQUEST",
        uid="1@acme",
        summary="Porada, obchod; ceny",
        location="Zasedačka",
        description="První řádek\nDruhý",
        organiser=Address("Nováková, Jana", "jana@acme.cz"),
        attendees=(Address("Petr", "petr@firma.cz"),),
        answer="ACCEPTED",
        starts=datetime(2026, 1, 12, 10, 0, tzinfo=PRAGUE),
        ends=datetime(2026, 1, 12, 11, 30, tzinfo=PRAGUE),
        time_zone="Europe/Prague",
        sequence=2,
        repeats=False,
        cancelled=False,
    )


@pytest.mark.parametrize(
    ("written", "starts", "zone"),
    [
        ("DTSTART:20260112T100000Z", datetime(2026, 1, 12, 10, tzinfo=UTC), ""),
        ("DTSTART;VALUE=DATE:20260112", date(2026, 1, 12), ""),
        ("DTSTART:20260112", date(2026, 1, 12), ""),
        ("DTSTART:20260112T100000", datetime(2026, 1, 12, 10), ""),  # noqa: DTZ001 there is no zone
        (
            "DTSTART;TZID=Central Europe Standard Time:20260712T1000",
            datetime(2026, 7, 12, 10, tzinfo=PRAGUE),
            "Central Europe Standard Time",
        ),
        (
            'DTSTART;TZID="Europe/Prague":20260112T100060',
            datetime(2026, 1, 12, 10, 0, 59, tzinfo=PRAGUE),
            "Europe/Prague",
        ),
        (
            "DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Prague:20260112T100000",
            datetime(2026, 1, 12, 10, tzinfo=PRAGUE),
            "/freeassociation.sourceforge.net/Europe/Prague",
        ),
        ("DTSTART;TZID=../../etc/passwd:20260112T100000", datetime(2026, 1, 12, 10), "../../etc/passwd"),  # noqa: DTZ001
        ("DTSTART;TZID=Vlastní:20260112T100000", datetime(2026, 1, 12, 10), "Vlastní"),  # noqa: DTZ001
        ("DTSTART:20261312T100000Z", None, ""),
        ("DTSTART:zítra", None, ""),
    ],
)
def test_when_it_starts(written: str, starts: datetime | date | None, zone: str) -> None:
    found = event("SUMMARY:x", written)

    assert found is not None
    assert (found.starts, found.time_zone) == (starts, zone)


@pytest.mark.parametrize(
    ("starts", "duration", "ends"),
    [
        ("20260112T100000Z", "PT1H30M", datetime(2026, 1, 12, 11, 30, tzinfo=UTC)),
        ("20260112", "P2D", date(2026, 1, 14)),
        ("20260112T100000Z", "P1W", datetime(2026, 1, 19, 10, tzinfo=UTC)),
        ("20260112T100000Z", "P99999D", datetime(2299, 10, 27, 10, tzinfo=UTC)),
        ("99991231", "P9999W", None),
        ("20260112T100000Z", "P", None),
    ],
)
def test_how_long_it_takes(starts: str, duration: str, ends: datetime | date | None) -> None:
    found = event(f"DTSTART:{starts}", f"DURATION:{duration}")

    assert found is not None
    assert found.ends == ends


@pytest.mark.parametrize(
    ("content", "summary"),
    [
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:a\nEND:VEVENT\n", "a"),
        ("BEGIN:VEVENT\r\nSUMMARY:dlouhý ná\r\n zev\r\nEND:VEVENT", "dlouhý název"),
        ("BEGIN:VEVENT\r\nSUMMARY:a", "a"),
        ("BEGIN:VEVENT\nBEGIN:VALARM\nSUMMARY:budík\nEND:VALARM\nSUMMARY:a\nEND:VEVENT", "a"),
        ("BEGIN:VTIMEZONE\nSUMMARY:z\nEND:VTIMEZONE\nBEGIN:VTODO\nsummary:úkol\nEND:VTODO", "úkol"),
        ("BEGIN:VEVENT\nSUMMARY:a\nSUMMARY:b\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:c\nEND:VEVENT", "a"),
        ('BEGIN:VEVENT\nSUMMARY;ALTREP="http://e:1/";LANGUAGE=cs:Název: dva\nEND:VEVENT', "Název: dva"),
        ('BEGIN:VEVENT\nSUMMARY;X="nikdy nekončí:a\nEND:VEVENT', "a"),
    ],
)
def test_what_it_is_called(content: str, summary: str) -> None:
    found = read_calendar(content.encode())

    assert found is not None
    assert found.summary == summary


@pytest.mark.parametrize(
    "content", [b"", b"text", b"BEGIN:VCALENDAR\nEND:VCALENDAR", b"\x00\xff" * 100, b"BEGIN:VEVENT"]
)
def test_what_is_no_calendar(content: bytes) -> None:
    assert read_calendar(content) is None


def test_a_cancellation() -> None:
    assert [
        found.cancelled
        for found in (event("SUMMARY:x", method="CANCEL"), event("STATUS:CANCELLED"), event("SUMMARY:x"))
        if found
    ] == [True, True, False]


def test_found_in_a_message_by_type_and_by_name() -> None:
    calendar = "BEGIN:VEVENT\nSUMMARY:Žluť\nEND:VEVENT"
    as_type = parse(b"Content-Type: text/calendar; charset=iso-8859-2\n\n" + calendar.encode("iso8859-2"))
    as_file = parse(b"Content-Type: application/octet-stream; name=pozvanka.ics\n\n" + calendar.encode())

    for parsed in (as_type, as_file):
        found = find_invitation(parsed.parts)
        assert found is not None
        assert found.summary == "Žluť"
    assert find_invitation(parse(b"Content-Type: text/plain\n\nBEGIN:VEVENT").parts) is None
