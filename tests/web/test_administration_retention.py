"""Retention in the administration: rules, holds, erasures with their preview, tombstones."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from podatelna.accounts.models import AuditEntry, Person
from podatelna.archive.models import Message
from podatelna.desk import erasures, retention
from podatelna.desk.erasing import erase_message
from podatelna.desk.models import Conversation, Erasure
from podatelna.desk.retention_models import Hold, RetentionRule
from tests.cast import Cast, a_mail, a_person, receive

URL = "/administration/retention/"
JANA = "jana@example.cz"


def as_(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def dan(cast: Cast) -> Client:
    return as_(cast.dan)


def text(client: Client, url: str, status: int = 200, **posted: object) -> str:
    response = client.post(url, posted, follow=True) if posted else client.get(url)
    assert response.status_code == status, response.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode().partition("<main")[2]))


@pytest.mark.parametrize("page", ["", "holds/", "erasures/", "tombstones/"])
def test_only_administrators_find_it(cast: Cast, page: str) -> None:
    auditor = a_person("Olga", is_auditor=True)
    for person in (cast.alice, cast.eve, auditor):
        assert as_(person).get(URL + page).status_code == 404
    assert as_(cast.dan).get(URL + page).status_code == 200


# --- rules -----------------------------------------------------------------------------------------------


def rule_of(cast: Cast) -> str:
    return f"{URL}rules/{cast.helpdesk.pk}/"


def test_a_rule_is_set_changed_and_taken_away(cast: Cast, dan: Client) -> None:
    text(dan, rule_of(cast), count=10, unit=12)
    assert RetentionRule.objects.get().months == 120
    assert 'value="10"' in dan.get(URL).content.decode()
    text(dan, rule_of(cast), count=18, unit=1)
    assert RetentionRule.objects.get().months == 18
    text(dan, rule_of(cast), count="", unit=12)
    assert not RetentionRule.objects.exists()
    assert AuditEntry.objects.filter(act="set-retention", person=cast.dan).count() == 3


@pytest.mark.parametrize("posted", [{"count": 0}, {"count": 101}, {"count": "x"}, {"count": "", "erases": "on"}])
def test_a_rule_that_says_nothing_is_refused(cast: Cast, dan: Client, posted: dict[str, object]) -> None:
    text(dan, rule_of(cast), 422, unit=12, **posted)
    assert not RetentionRule.objects.exists()


def test_a_rule_that_erases_at_once_is_set_only_when_that_was_seen(cast: Cast, dan: Client) -> None:
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    conversation.close(cast.bob, timezone.now() - timedelta(days=800))
    said = text(dan, rule_of(cast), 422, count=2, unit=12, erases="on")
    assert "1 conversation was closed longer ago than this" in said
    assert not RetentionRule.objects.exists()
    text(dan, rule_of(cast), count=2, unit=12, erases="on", seen=1)
    assert RetentionRule.objects.get().erases
    text(dan, rule_of(cast), 422, count=1, unit=12, erases="on")
    assert RetentionRule.objects.get().months == 24, "a shorter one is asked about again"
    text(dan, rule_of(cast), count=3, unit=12, erases="on")
    assert RetentionRule.objects.get().months == 36, "a longer one erases nothing more"


# --- holds -----------------------------------------------------------------------------------------------


def test_a_hold_is_set_and_released_with_reasons(cast: Cast, dan: Client) -> None:
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    text(dan, f"{URL}holds/", address="JANA@example.cz", reason="A lawsuit")
    text(dan, f"{URL}holds/", conversation=conversation.pk, reason="Another one")
    said = text(dan, f"{URL}holds/")
    assert f"{JANA} A lawsuit" in said
    assert f"Conversation {conversation.pk} Another one" in said
    hold = Hold.objects.get(address=JANA)
    text(dan, f"{URL}holds/{hold.pk}/release/", reason=" ")
    hold.refresh_from_db()
    assert hold.released_at is None
    text(dan, f"{URL}holds/{hold.pk}/release/", reason="It is over")
    hold.refresh_from_db()
    assert hold.released_by == cast.dan
    released = AuditEntry.objects.get(act="release-hold")
    assert released.details["reason"] == "It is over"


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"address": JANA, "conversation": 1},
        {"conversation": 999_999},
        {"conversation": 10**30},
        {"address": "jana"},
    ],
)
def test_a_hold_on_nothing_is_refused(cast: Cast, dan: Client, posted: dict[str, object]) -> None:
    receive(a_mail(), cast.helpdesk_gateway)
    text(dan, f"{URL}holds/", 422, reason="Why", **posted)
    assert not Hold.objects.exists()


# --- erasures --------------------------------------------------------------------------------------------


def ask(client: Client, **more: object) -> str:
    response = client.post(f"{URL}erasures/", {"address": JANA, "shared": "keep", "reason": "2026/14", **more})
    assert response.status_code == 302
    return response["Location"]


def test_it_says_what_goes_what_stays_and_why_and_erases_nothing_yet(cast: Cast, dan: Client) -> None:
    receive(a_mail("Tajemství"), cast.helpdesk_gateway)
    receive(a_mail("For both", cc="petr@example.cz"), cast.helpdesk_gateway)
    retention.set_rule(cast.sales, 24, False, cast.dan)
    in_sales = receive(a_mail(to="sales@acme.cz"), cast.sales_gateway)
    in_sales.close(cast.carol, timezone.now())
    said = text(dan, ask(dan))
    assert "1 message, in all its copies" in said
    assert "1 message: others from outside take part" in said
    assert "1 message: kept by a rule for now" in said
    assert "until" in said
    assert "Tajemství" not in said, "an administrator reads no mail by that role"
    assert not erasures.step(timezone.now())
    assert Message.objects.count() == 3


def test_it_begins_when_the_address_was_typed_again(cast: Cast, dan: Client) -> None:
    receive(a_mail(), cast.helpdesk_gateway)
    page = ask(dan)
    assert "That is not the address" in text(dan, f"{page}confirmation/", address="joe@example.cz")
    assert not erasures.step(timezone.now())
    text(dan, f"{page}confirmation/", address=JANA.upper())
    while erasures.step(timezone.now()):
        pass
    assert not Message.objects.exists()
    said = text(dan, page)
    assert "Messages erased: 1" in said
    assert JANA not in said
    assert "It cannot be confirmed" in text(dan, f"{page}confirmation/", address=JANA)
    assert "cannot be withdrawn" in text(dan, f"{page}withdrawal/", x=1)


def test_a_second_person_confirms_where_that_is_wanted(cast: Cast, dan: Client) -> None:
    receive(a_mail(), cast.helpdesk_gateway)
    other = as_(a_person("Ivan", is_administrator=True))
    text(dan, f"{URL}erasures/policy/", four_eyes="on")
    page = ask(dan)
    assert "Another administrator must confirm it." in text(dan, page)
    assert "somebody else must do it" in text(dan, f"{page}confirmation/", address=JANA)
    assert Erasure.objects.get().state == Erasure.State.ASKED
    assert "Another administrator" not in text(other, page)
    text(other, f"{page}confirmation/", address=JANA)
    assert Erasure.objects.get().state == Erasure.State.RUNNING


def test_a_withdrawn_request_forgets_whom_it_was_about(cast: Cast, dan: Client) -> None:
    page = ask(dan)
    said = text(dan, f"{page}withdrawal/", x=1)
    assert "withdrawn" in said
    assert JANA not in said


def test_a_held_person_stays_and_it_is_said(cast: Cast, dan: Client) -> None:
    receive(a_mail(), cast.helpdesk_gateway)
    retention.hold_person(JANA, "A lawsuit", cast.dan, timezone.now())
    page = ask(dan)
    assert "A legal hold is on this person" in text(dan, page)
    text(dan, f"{page}confirmation/", address=JANA)
    while erasures.step(timezone.now()):
        pass
    assert Message.objects.exists()
    assert "1 message stayed: under a legal hold" in text(dan, page)


# --- tombstones ------------------------------------------------------------------------------------------


def test_what_was_erased_is_listed_without_its_content(cast: Cast, dan: Client) -> None:
    for reason in (f"rule of process {cast.helpdesk.pk}", "erasure 4711"):
        conversation = receive(a_mail("Tajemství"), cast.helpdesk_gateway)
        erase_message(conversation.entries.exclude(message=None)[0].message_id or 0, cast.dan, reason, timezone.now())
    assert not Conversation.objects.exists()
    said = text(dan, f"{URL}tombstones/")
    assert "2 copies were erased." in said
    assert "rule of the process Helpdesk" in said
    assert "Erasure 4711" in said
    assert "Tajemství" not in said
    assert JANA not in said


def test_tombstones_come_a_page_at_a_time(cast: Cast, dan: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("podatelna.web.administration.tombstones.PAGE", 1)
    for _ in range(2):
        conversation = receive(a_mail(), cast.helpdesk_gateway)
        erase_message(conversation.entries.exclude(message=None)[0].message_id or 0, cast.dan, "test", timezone.now())
    first = dan.get(f"{URL}tombstones/").content.decode()
    before = re.search(r'href="\?before=(\d+)"', first)
    assert before is not None
    assert 'href="?before=' not in dan.get(f"{URL}tombstones/?before={before[1]}").content.decode()
    assert dan.get(f"{URL}tombstones/?before=x").status_code == 200
