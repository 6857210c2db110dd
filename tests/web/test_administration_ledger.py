"""The ledger's page, the daily counts, the history of a mailbox that is connected, and how far a large folder is."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from podatelna.accounts.models import AuditEntry
from podatelna.archive.models import Delivery
from podatelna.gateways import alarms
from podatelna.gateways.alarm_models import Alarm
from podatelna.gateways.models import Count, Folder, Gateway, LedgerEntry
from podatelna.gateways.relocation import RENUMBERED
from tests.cast import NOON, Cast, a_mail, arrive

from .test_administration_gateways import FORM, GATEWAYS


@pytest.fixture
def dan(cast: Cast, client: Client) -> Client:
    client.force_login(cast.dan)
    return client


@pytest.fixture
def folder(cast: Cast) -> Folder:
    return Folder.objects.create(gateway=cast.helpdesk_gateway, name="INBOX", uidvalidity=7)


def path(folder: Folder, rest: str = "ledger/") -> str:
    return f"{GATEWAYS}{folder.gateway_id}/{rest}"


def write(folder: Folder, *uids: int, **fields: Any) -> None:
    values = {"end": "archived", "move": "moved", "at": NOON, **fields}
    LedgerEntry.objects.bulk_create(LedgerEntry(folder=folder, uid=uid, **values) for uid in uids)


def count(folder: Folder, **fields: int) -> Count:
    values = dict.fromkeys(("on_server", "in_ledger", "unknown", "entries", "lost_entries", "moved", "unarrived"), 0)
    gap = sum(fields.get(name, 0) for name in ("unknown", "lost_entries", "unarrived"))
    return Count.objects.create(folder=folder, day=timezone.localdate(), at=NOON, gap=gap, **{**values, **fields})


def uids(page: Any) -> list[int]:
    return [line.entry.uid for line in page.context["rows"]]


def test_pages_go_by_uid_and_a_filter_stays_on_the_next_page(dan: Client, folder: Folder) -> None:
    write(folder, *range(1, 101))
    write(folder, *range(101, 161), end="left", move="stays")
    first = dan.get(path(folder), {"end": "archived"})
    assert uids(first) == list(range(100, 50, -1))
    second = dan.get(f"{path(folder)}?{first.context['query']}&before={first.context['next']}")
    assert uids(second) == list(range(50, 0, -1))
    assert second.context["next"] is None
    assert uids(dan.get(path(folder), {"move": "stays"})) == list(range(160, 110, -1))
    assert dan.get(path(folder), {"end": "nonsense", "move": "x", "folder": "y", "before": "9" * 40}).status_code == 200


def test_a_long_ledger_costs_no_more_statements_than_a_short_one(dan: Client, folder: Folder) -> None:
    counts = []
    write(folder, *range(1, 61))
    for more in (range(61, 62), range(62, 2001)):
        write(folder, *more)
        with CaptureQueriesContext(connection) as queries:
            dan.get(path(folder))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_what_the_pipeline_shunted_is_shown_as_quarantined(cast: Cast, dan: Client, folder: Folder) -> None:
    delivery = arrive(a_mail(), cast.helpdesk_gateway)
    Delivery.objects.filter(pk=delivery.pk).update(state="shunted")
    write(folder, 1, 2)
    write(folder, 3, delivery=delivery)
    page = dan.get(path(folder), {"end": "quarantined"})
    assert uids(page) == [3]
    assert [(end, number) for end, *_, number in page.context["counts"]] == [("archived", 3), ("quarantined", 1)]


def test_ledgers_that_were_closed_can_be_looked_into_and_say_why(cast: Cast, dan: Client, folder: Folder) -> None:
    Folder.objects.filter(pk=folder.pk).update(current=False, closed_why=RENUMBERED)
    write(folder, 1)
    later = Folder.objects.create(gateway=cast.helpdesk_gateway, name="INBOX", uidvalidity=8)
    write(later, 5)
    assert uids(dan.get(path(folder))) == [5]
    page = dan.get(path(folder), {"folder": folder.pk})
    assert uids(page) == [1]
    assert "numbered the folder anew" in page.content.decode()


def test_a_ledger_of_another_mailbox_is_not_shown_here(cast: Cast, dan: Client, folder: Folder) -> None:
    other = Folder.objects.create(gateway=cast.sales_gateway, name="INBOX", uidvalidity=7)
    write(other, 9)
    write(folder, 1)
    assert uids(dan.get(path(folder), {"folder": other.pk})) == [1]


# --- trying again


def test_what_failed_is_tried_again_at_once_all_or_one(cast: Cast, dan: Client, folder: Folder) -> None:
    write(folder, 1, 2, end="failed", move="pending", attempts=5, reason="too large: 9 GB")
    write(folder, 3, end="failed", move="gone", attempts=5)
    [one] = LedgerEntry.objects.filter(uid=1)
    dan.post(path(folder, "ledger/retry/"), {"entry": one.pk})
    assert [entry.attempts for entry in LedgerEntry.objects.order_by("uid")] == [0, 5, 5]
    dan.post(path(folder, "ledger/retry/"))
    assert [entry.attempts for entry in LedgerEntry.objects.order_by("uid")] == [0, 0, 5]
    assert Gateway.objects.get(pk=cast.helpdesk_gateway.pk).due_at is not None
    assert AuditEntry.objects.filter(act="retry-fetching").count() == 2


def test_of_a_closed_ledger_nothing_is_tried_again(dan: Client, folder: Folder) -> None:
    Folder.objects.update(current=False)
    write(folder, 1, end="failed", move="pending", attempts=5)
    page = dan.get(path(folder))
    assert not page.context["failures"]
    dan.post(path(folder, "ledger/retry/"))
    assert LedgerEntry.objects.get().attempts == 5


# --- counts


def test_a_gap_is_shown_with_what_to_do_and_can_be_accepted(cast: Cast, dan: Client, folder: Folder) -> None:
    count(folder, unarrived=2, moved=5, arrived=3)
    alarms.raise_alarm("ledger-gap", f"gateway {folder.gateway_id}", now=NOON, gateway=cast.helpdesk_gateway)
    page = dan.get(path(folder)).content.decode()
    assert "the processed folder has not got so many" in page
    assert "2 missing" in page
    dan.post(path(folder, "ledger/acceptance/"))
    assert "missing" not in dan.get(path(folder)).content.decode()
    assert Alarm.objects.get().ended_at is not None
    assert AuditEntry.objects.get(act="accept-gap").details["unarrived"] == 2


def test_without_a_gap_there_is_nothing_to_accept(dan: Client, folder: Folder) -> None:
    count(folder, on_server=3, in_ledger=3, entries=3)
    assert "accept the gap" not in dan.get(path(folder)).content.decode()
    dan.post(path(folder, "ledger/acceptance/"))
    assert not AuditEntry.objects.filter(act="accept-gap").exists()


def test_it_can_be_counted_now(cast: Cast, dan: Client, folder: Folder) -> None:
    counted = count(folder)
    dan.post(path(folder, "ledger/count/"))
    counted.refresh_from_db()
    assert counted.stale
    assert Gateway.objects.get(pk=cast.helpdesk_gateway.pk).due_at is not None


def test_a_paused_mailbox_is_not_woken(cast: Cast, dan: Client, folder: Folder) -> None:
    Gateway.objects.update(state="paused", due_at=None)
    dan.post(path(folder, "ledger/count/"))
    assert Gateway.objects.get(pk=cast.helpdesk_gateway.pk).due_at is None


# --- how far it is


def test_a_large_folder_says_how_far_it_is_and_asks_again(dan: Client, folder: Folder) -> None:
    Folder.objects.update(backlog=100_000, backlog_left=60_000, backlog_rate=100.0)
    page = dan.get(path(folder, "progress/")).content.decode()
    assert "40,000 of 100,000 messages" in page
    assert "about 10 minutes left" in page
    assert 'hx-trigger="every 2s"' in page
    assert "40 %" in dan.get(GATEWAYS).content.decode()
    assert "40,000" in dan.get(path(folder, "")).content.decode()
    Folder.objects.update(backlog_left=0)
    Gateway.objects.update(state="working")
    assert dan.get(path(folder, "progress/")).content.decode().strip() == ""


def test_a_mailbox_that_was_just_connected_says_that_it_begins(dan: Client, folder: Folder) -> None:
    page = dan.get(path(folder, "progress/")).content.decode()
    assert "The first look into the folder begins." in page
    assert 'hx-trigger="every 2s"' in page


# --- the choice


def test_the_choice_for_the_history_is_kept_and_told_in_the_log(cast: Cast, dan: Client) -> None:
    form = {**FORM, "history": "since", "history_since": "2026-04-01", "history_closed_days": "30"}
    dan.post(f"{GATEWAYS}new/", form)
    gateway = Gateway.objects.latest("pk")
    assert (gateway.history, gateway.history_since, gateway.history_closed_days) == ("since", date(2026, 4, 1), 30)
    dan.post(f"{GATEWAYS}{gateway.pk}/", {**form, "history": "everything"})
    gateway.refresh_from_db()
    assert gateway.history == "everything"
    assert AuditEntry.objects.get(act="change-gateway").details["before"] == {"history": "since"}
    assert 'value="2026-04-01"' in dan.get(f"{GATEWAYS}{gateway.pk}/").content.decode()


def test_who_says_nothing_fetches_everything(cast: Cast, dan: Client) -> None:
    dan.post(f"{GATEWAYS}new/", FORM)
    gateway = Gateway.objects.latest("pk")
    assert (gateway.history, gateway.history_since, gateway.history_closed_days) == ("everything", None, 14)


@pytest.mark.parametrize("day", ["", "tomorrow", "next week"])
def test_since_needs_a_day_that_has_been(cast: Cast, dan: Client, day: str) -> None:
    written = (timezone.localdate() + timedelta(days=7)).isoformat() if day == "next week" else day
    before = Gateway.objects.count()
    answer = dan.post(f"{GATEWAYS}new/", {**FORM, "history": "since", "history_since": written})
    assert answer.status_code == 422
    assert "history_since" in answer.context["form"].errors
    assert Gateway.objects.count() == before


def test_another_processed_folder_is_counted_from_its_beginning(cast: Cast, dan: Client) -> None:
    dan.post(f"{GATEWAYS}new/", FORM)
    gateway = Gateway.objects.latest("pk")
    Folder.objects.create(gateway=gateway, name="INBOX", uidvalidity=1, processed_uidnext=7)
    dan.post(f"{GATEWAYS}{gateway.pk}/", {**FORM, "processed_folder": "Elsewhere"})
    assert Folder.objects.get(gateway=gateway).processed_uidnext is None
