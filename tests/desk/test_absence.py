"""Absence: new mail goes round who is away, and the substitute sees what is open, no more and no longer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from podatelna.accounts.models import AuditEntry, Holding, Person
from podatelna.desk import absence, personal
from podatelna.desk.absence import attend, end, enter, is_away, substitute_of
from podatelna.desk.assignment import set_assignment
from podatelna.desk.confidential import make_confidential
from podatelna.desk.errors import BadAbsence
from podatelna.desk.lists import conversations_in
from podatelna.desk.models import Conversation, Process
from podatelna.desk.processes import add_member
from podatelna.desk.rights import may_act
from tests.cast import NOON, Cast, a_gateway, a_mail, a_person, receive

TODAY = NOON.date()
DAY = timedelta(days=1)


def sees(person: Person, conversation: Conversation) -> bool:
    return Conversation.objects.visible_to(person).filter(pk=conversation.pk).exists()


def bobs(cast: Cast) -> Conversation:
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    conversation.assign(cast.bob, cast.alice, NOON)
    return conversation


def away(cast: Cast, person: Person, substitute: Person | None, days: int = 3) -> absence.Absence:
    return enter(person, "holiday", TODAY, TODAY + days * DAY, substitute, person, NOON)


def test_the_substitute_sees_what_is_open_and_may_act_until_it_ends(cast: Cast) -> None:
    conversation = bobs(cast)
    row = away(cast, cast.bob, cast.carol)
    assert sees(cast.carol, conversation)
    assert may_act(cast.carol, conversation)
    end(row, cast.bob, NOON)
    assert not sees(cast.carol, conversation)


def test_the_worker_begins_it_on_its_first_day_and_ends_it_after_its_last(cast: Cast) -> None:
    conversation = bobs(cast)
    enter(cast.bob, "sick", TODAY + DAY, TODAY + 2 * DAY, cast.carol, cast.bob, NOON)
    seen = []
    for days in range(4):
        attend(NOON + days * DAY)
        seen.append((is_away(cast.bob, NOON + days * DAY), sees(cast.carol, conversation)))
    assert seen == [(False, False), (True, True), (True, True), (False, False)]


def test_what_comes_to_them_meanwhile_is_shown_and_what_is_given_away_is_not(cast: Cast) -> None:
    away(cast, cast.bob, cast.carol)
    conversation = bobs(cast)
    attend(NOON)
    assert sees(cast.carol, conversation)
    conversation.assign(cast.alice, cast.alice, NOON)
    attend(NOON)
    assert not sees(cast.carol, conversation)


def test_attending_again_changes_nothing(cast: Cast) -> None:
    bobs(cast)
    away(cast, cast.bob, cast.carol)
    assert (attend(NOON), Holding.objects.filter(reason="substitute").count()) == (0, 1)


def test_a_day_is_a_day_of_ones_own_time_zone(cast: Cast) -> None:
    cast.bob.time_zone = "Pacific/Auckland"
    cast.bob.save()
    enter(cast.bob, "holiday", TODAY + DAY, TODAY + DAY, cast.carol, cast.bob, NOON)
    assert is_away(cast.bob, NOON + timedelta(hours=3))  # after midnight there


def test_of_a_substitute_who_is_away_theirs_stands_in_and_a_ring_gives_nobody(cast: Cast) -> None:
    away(cast, cast.bob, cast.carol)
    away(cast, cast.carol, cast.alice)
    assert substitute_of(cast.bob, NOON) == cast.alice
    away(cast, cast.alice, cast.bob)
    assert substitute_of(cast.bob, NOON) is None


@pytest.mark.parametrize("way", ["turns", "least"])
def test_what_is_new_goes_round_who_is_away(cast: Cast, way: str) -> None:
    set_assignment(
        cast.helpdesk, way, to_account_manager=False, to_last_handler=False, takes_new=[cast.alice, cast.bob],
        by=cast.dan,
    )  # fmt: skip
    away(cast, cast.bob, None)
    assert {receive(a_mail(f"No. {n}"), cast.helpdesk_gateway).assignee for n in range(3)} == {cast.alice}


def test_for_the_last_handler_who_is_away_the_substitute_of_the_team_comes_in(cast: Cast) -> None:
    bobs(cast)
    set_assignment(
        cast.helpdesk, Process.Assignment.POOL, to_account_manager=False, to_last_handler=True,
        takes_new=[cast.alice, cast.bob], by=cast.dan,
    )  # fmt: skip
    away(cast, cast.bob, cast.alice)
    assert receive(a_mail("Another"), cast.helpdesk_gateway).assignee == cast.alice


def test_a_lead_shows_only_what_stands_in_the_process_they_lead(cast: Cast) -> None:
    add_member(cast.sales, cast.bob, "member", cast.dan)
    here, there = bobs(cast), receive(a_mail(to="sales@acme.cz"), cast.sales_gateway)
    there.assign(cast.bob, cast.bob, NOON)
    enter(cast.bob, "sick", TODAY, None, cast.alice, cast.alice, NOON)
    assert (sees(cast.alice, here), sees(cast.alice, there)) == (True, False)


def test_what_is_confidential_is_not_shown(cast: Cast) -> None:
    conversation = bobs(cast)
    make_confidential(conversation, cast.bob, NOON)
    away(cast, cast.bob, cast.carol)
    assert not sees(cast.carol, conversation)


@pytest.mark.parametrize(("by", "shown"), [("bob", True), ("dan", False)])
def test_a_personal_desk_is_shown_only_where_its_owner_says_so(cast: Cast, by: str, shown: bool) -> None:
    gateway = a_gateway("bob.private@acme.cz", owner=cast.bob)
    personal.take_in(gateway, cast.bob)
    conversation = receive(a_mail(to="bob.private@acme.cz"), gateway)
    conversation.assign(cast.bob, cast.bob, NOON)
    enter(cast.bob, "holiday", TODAY, None, cast.carol, getattr(cast, by), NOON, with_desk=True)
    assert sees(cast.carol, conversation) is shown


@pytest.mark.parametrize(
    ("by", "first", "last", "substitute", "code"),
    [
        ("carol", 0, 1, "alice", "not-yours"),
        ("bob", 1, 0, "alice", "order"),
        ("bob", -3, -1, "alice", "past"),
        ("bob", 0, 1, "bob", "substitute"),
        ("bob", 10, 12, "alice", "overlap"),
    ],
)
def test_an_absence_that_cannot_be_is_refused(
    cast: Cast, by: str, first: int, last: int, substitute: str, code: str
) -> None:
    enter(cast.bob, "holiday", TODAY + 12 * DAY, None, None, cast.bob, NOON)
    with pytest.raises(BadAbsence) as refused:
        enter(
            cast.bob, "holiday", TODAY + first * DAY, TODAY + last * DAY, getattr(cast, substitute),
            getattr(cast, by), NOON,
        )  # fmt: skip
    assert refused.value.code == code


def test_who_left_stands_in_for_nobody(cast: Cast) -> None:
    gone = a_person("Gone", is_active=False)
    row = away(cast, cast.bob, cast.carol)
    absence.Absence.objects.filter(pk=row.pk).update(substitute=gone)
    assert substitute_of(cast.bob, NOON) is None


def test_the_log_has_who_entered_it_and_not_why(cast: Cast) -> None:
    enter(cast.bob, "sick", date(2026, 5, 4), None, cast.carol, cast.dan, NOON)
    entry = AuditEntry.objects.get(act="enter-absence")
    assert (entry.person, entry.details["after"]["substitute"], "sick" in str(entry.details)) == (
        cast.dan,
        cast.carol.pk,
        False,
    )


def test_what_one_stands_in_for_has_a_list_of_its_own(cast: Cast) -> None:
    conversation = bobs(cast)
    away(cast, cast.bob, cast.carol)
    assert [*conversations_in("standing-in", cast.carol)] == [conversation]
    assert not conversations_in("standing-in", cast.alice).exists()


def test_an_administrator_does_not_let_themselves_in(cast: Cast) -> None:
    conversation = bobs(cast)
    enter(cast.bob, "sick", TODAY, None, cast.dan, cast.dan, NOON)
    assert not sees(cast.dan, conversation)
