"""What an administrator sets for a process: who gets what is new, its hours, targets and automatic answers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from podatelna.accounts.models import AuditEntry
from podatelna.desk.lists import conversations_in
from podatelna.desk.models import Member, Process
from podatelna.desk.process_models import ClosedDays, Target
from podatelna.desk.processes import add_address
from podatelna.desk.senders import senders
from tests.cast import Cast, a_mail, receive

WEEK = {f"{day}day": "8:00–12:00, 13:00–17:00" for day in ("mon", "tues", "wednes", "thurs", "fri")}
HOURS = {
    **WEEK, "saturday": "", "sunday": "", "keeps_hours": "on", "czech_holidays": "on", "time_zone": "",
    "answer_minutes": "4 h", "resolution_minutes": "3 h 30 min", "warn_minutes": "30 min",
}  # fmt: skip


@pytest.fixture
def dan(cast: Cast, client: Client) -> Client:
    """The administrator's browser."""
    client.force_login(cast.dan)
    return client


def page(cast: Cast, name: str) -> str:
    return f"/administration/processes/{cast.helpdesk.pk}/{name}/"


def helpdesk(cast: Cast) -> Process:
    return Process.objects.get(pk=cast.helpdesk.pk)


def last(act: str) -> dict[str, dict[str, object]]:
    details: dict[str, dict[str, object]] = AuditEntry.objects.filter(act=act).latest("pk").details
    return details


# --- who gets it -----------------------------------------------------------------------------------------


def test_who_gets_what_is_new_is_set_and_recorded(cast: Cast, dan: Client) -> None:
    assert "Alice" in dan.get(page(cast, "assignment")).content.decode()
    sent = {"assignment": "turns", "to_last_handler": "on", "takes_new": [cast.bob.pk]}
    assert dan.post(page(cast, "assignment"), sent).status_code == 302
    assert (helpdesk(cast).assignment, helpdesk(cast).to_last_handler) == ("turns", True)
    assert set(Member.objects.filter(process=cast.helpdesk, takes_new=True)) == {
        Member.objects.get(process=cast.helpdesk, person=cast.bob)
    }
    assert last("change-process") == {
        "before": {"assignment": "pool", "to_last_handler": False, "takes_new": [cast.alice.pk, cast.bob.pk]},
        "after": {"assignment": "turns", "to_last_handler": True, "takes_new": [cast.bob.pk]},
    }
    receive(a_mail(), cast.helpdesk_gateway)
    assert cast.bob.assigned.count() == 1


def test_who_is_not_in_the_team_cannot_be_chosen(cast: Cast, dan: Client) -> None:
    sent = {"assignment": "turns", "takes_new": [cast.eve.pk]}
    assert dan.post(page(cast, "assignment"), sent).status_code == 422
    assert helpdesk(cast).assignment == "pool"


def test_a_reader_only_looks_on_and_is_given_nothing(cast: Cast, dan: Client) -> None:
    dan.post(f"/administration/processes/{cast.helpdesk.pk}/members/{cast.bob.pk}/", {"role": "reader"})
    assert Member.objects.get(process=cast.helpdesk, person=cast.bob).role == "reader"
    shown = dan.get(page(cast, "assignment")).content.decode()
    assert "Alice" in shown
    assert ">Bob<" not in shown


# --- hours and targets -----------------------------------------------------------------------------------


def test_hours_and_targets_are_set_and_recorded(cast: Cast, dan: Client) -> None:
    assert dan.post(page(cast, "hours"), HOURS).status_code == 302
    row = helpdesk(cast)
    assert row.hours == [[[480, 720], [780, 1020]]] * 5 + [[], []]
    assert (row.answer_minutes, row.resolution_minutes, row.warn_minutes) == (240, 210, 30)
    assert last("change-process")["before"]["answer_minutes"] is None
    assert last("change-process")["after"]["answer_minutes"] == 240
    shown = dan.get(page(cast, "hours")).content.decode()
    assert 'value="8:00–12:00, 13:00–17:00"' in shown
    assert 'value="3 h 30 min"' in shown


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"monday": "8"}, "Write hours like"),
        ({"tuesday": "17-8"}, "later than the beginning"),
        ({"friday": "8-12, 11-15"}, "overlap"),
        ({"answer_minutes": "soon"}, "Write it like"),
        ({**dict.fromkeys(WEEK, "")}, "for one day at least"),
    ],
    ids=["shape", "order", "overlap", "span", "never"],
)
def test_what_cannot_be_is_refused_in_words(cast: Cast, dan: Client, change: dict[str, str], words: str) -> None:
    answer = dan.post(page(cast, "hours"), {**HOURS, **change})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert helpdesk(cast).hours == []


def test_without_hours_it_is_always_open(cast: Cast, dan: Client) -> None:
    dan.post(page(cast, "hours"), HOURS)
    dan.post(page(cast, "hours"), {key: value for key, value in HOURS.items() if key != "keeps_hours"})
    assert helpdesk(cast).hours == []


def test_the_settings_are_tried_with_a_letter(cast: Cast, dan: Client) -> None:
    dan.post(page(cast, "hours"), {**HOURS, "answer_minutes": "2 h"})
    # Thursday 16:00; on Friday is Victory Day.
    trial = dan.get(page(cast, "hours"), {"at": "2026-05-07T16:00"}).context["trial"]
    assert trial.is_open
    assert trial.answer_at == datetime(2026, 5, 11, 9, 0, tzinfo=ZoneInfo("Europe/Prague"))
    assert dan.get(page(cast, "hours"), {"at": "nonsense"}).status_code == 200


def test_a_closed_day_moves_what_runs_and_its_removal_moves_it_back(cast: Cast, dan: Client) -> None:
    dan.post(page(cast, "hours"), HOURS)
    receive(a_mail(), cast.helpdesk_gateway, timezone.now())
    due = Target.objects.get(kind="answer").due_at
    day = timezone.localdate(due)
    sent = {"name": "Stocktaking", "first": f"{day:%Y-%m-%d}", "last": "", "everywhere": "on"}
    dan.post(page(cast, "closed-days"), sent)
    assert Target.objects.get(kind="answer").due_at > due
    days = ClosedDays.objects.get()
    assert (days.process, days.first, days.last) == (None, day, day)
    assert "Stocktaking" in dan.get(page(cast, "hours")).content.decode()
    dan.post(f"{page(cast, 'closed-days')}{days.pk}/removal/")
    assert Target.objects.get(kind="answer").due_at == due
    assert last("close-days") == last("open-days") == {"name": "Stocktaking", "first": f"{day}", "last": f"{day}"}


def test_days_in_the_wrong_order_are_refused(cast: Cast, dan: Client) -> None:
    sent = {"name": "Holiday", "first": "2026-08-14", "last": "2026-08-01"}
    assert dan.post(page(cast, "closed-days"), sent).status_code == 422
    assert not ClosedDays.objects.exists()


def test_another_processs_days_are_not_removed_here(cast: Cast, dan: Client) -> None:
    day = date(2026, 5, 4)
    of_sales = ClosedDays.objects.create(process=cast.sales, first=day, last=day, name="Of sales")
    assert dan.post(f"{page(cast, 'closed-days')}{of_sales.pk}/removal/").status_code == 404
    assert ClosedDays.objects.exists()


# --- automatic answers -----------------------------------------------------------------------------------


def test_texts_in_four_languages_inside_and_outside_hours(cast: Cast, dan: Client) -> None:
    sent = {
        "answers": "on", "answer_de": "Guten Tag {number}", "closed_de": "Morgen wieder", "answer_hours": "24",
        "flood_messages": "60", "flood_minutes": "10",
    }  # fmt: skip
    assert dan.post(page(cast, "answers"), sent).status_code == 302
    assert (helpdesk(cast).answer_de, helpdesk(cast).closed_de) == ("Guten Tag {number}", "Morgen wieder")
    without = {key: value for key, value in sent.items() if key != "answer_de"}
    refused = dan.post(page(cast, "answers"), without)
    assert refused.status_code == 422
    assert "in one language at least" in refused.content.decode()


def test_a_place_that_there_is_none_of_is_refused_in_a_text(cast: Cast, dan: Client) -> None:
    sent = {
        "answers": "on", "answer_en": "Dear {contact.nmae}, see {number}", "answer_hours": "24",
        "flood_messages": "60", "flood_minutes": "10",
    }  # fmt: skip
    refused = dan.post(page(cast, "answers"), sent)
    assert refused.status_code == 422
    assert "{contact.nmae}" in refused.content.decode()
    assert "{contact.name}" in refused.content.decode()
    assert helpdesk(cast).answer_en == ""


# --- addresses -------------------------------------------------------------------------------------------


def test_letters_go_out_from_the_address_that_was_put_first(cast: Cast, dan: Client) -> None:
    alias = add_address(cast.helpdesk, cast.helpdesk_gateway, "servis@acme.cz", cast.dan)
    url = f"/administration/processes/{cast.helpdesk.pk}/addresses/{alias.pk}/"
    assert senders(cast.bob, cast.helpdesk)[0].address.address == "helpdesk@acme.cz"
    dan.post(url, {"first": "1"})
    dan.post(url, {"name": "Servis\r\nBcc: x@y.cz"})
    first = senders(cast.bob, cast.helpdesk)[0].address
    assert (first.address, first.name) == ("servis@acme.cz", "Servis Bcc: x@y.cz")
    changed = AuditEntry.objects.filter(act="change-address").order_by("pk").values_list("details", flat=True)
    assert [one["before"] for one in changed] == [{"main": "helpdesk@acme.cz"}, {"name": ""}]
    assert "servis@acme.cz" in dan.get(f"/administration/processes/{cast.helpdesk.pk}/").content.decode()


# --- on the desk -----------------------------------------------------------------------------------------


def test_what_is_late_says_so_in_its_row_and_on_its_page(cast: Cast, dan: Client) -> None:
    Process.objects.filter(pk=cast.helpdesk.pk).update(answer_minutes=60, resolution_minutes=24 * 60)
    conversation = receive(a_mail(), cast.helpdesk_gateway, timezone.now() - timedelta(hours=4, minutes=1))
    dan.force_login(cast.bob)
    assert "Answer 3 h late" in dan.get("/desk/all/").content.decode()
    shown = dan.get(f"/conversations/{conversation.pk}/").content.decode()
    assert "Answer 3 h late" in shown
    assert "First answer due" in shown
    conversation.close(cast.bob, timezone.now())
    assert "3 h late" not in dan.get(f"/conversations/{conversation.pk}/").content.decode()


def test_what_is_due_stands_in_a_list_of_its_own(cast: Cast, dan: Client) -> None:
    Process.objects.filter(pk=cast.helpdesk.pk).update(answer_minutes=60)
    receive(a_mail("Late one"), cast.helpdesk_gateway, timezone.now() - timedelta(hours=4))
    receive(a_mail("Fresh one"), cast.helpdesk_gateway, timezone.now() + timedelta(minutes=1))
    dan.force_login(cast.bob)
    due = dan.get("/desk/due/").content.decode()
    assert "Late one" in due
    assert "Fresh one" not in due
    assert [row.subject for row in conversations_in(f"process-{cast.helpdesk.pk}-due", cast.bob)] == ["Late one"]
    dan.force_login(cast.carol)
    assert "Late one" not in dan.get("/desk/due/").content.decode()
