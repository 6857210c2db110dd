"""Leasing rows: one worker gets a row, and it comes back when that worker is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from podatelna.archive.models import Delivery
from podatelna.claims import lease, lease_many, prolong, prolong_many, release, settle, take, waiting
from tests.cast import NOON, Cast, a_mail, arrive

HOLD = timedelta(minutes=5)


@pytest.fixture
def delivery(cast: Cast) -> Delivery:
    return arrive(a_mail(), cast.helpdesk_gateway, NOON)


def test_a_row_is_leased_once(delivery: Delivery) -> None:
    assert lease(Delivery.objects.all(), NOON, HOLD) == delivery
    assert lease(Delivery.objects.all(), NOON, HOLD) is None


def test_of_two_who_read_the_same_row_one_takes_it(delivery: Delivery) -> None:
    mine, theirs = Delivery.objects.get(), Delivery.objects.get()
    assert take(mine, NOON, HOLD)
    assert not take(theirs, NOON, HOLD)


def test_a_row_is_free_again_when_its_lease_runs_out(delivery: Delivery) -> None:
    lease(Delivery.objects.all(), NOON, HOLD)
    assert lease(Delivery.objects.all(), NOON + HOLD, HOLD) == delivery


def test_a_row_waits_until_it_is_due(delivery: Delivery) -> None:
    assert not waiting(Delivery.objects.all(), NOON - timedelta(seconds=1)).exists()
    assert waiting(Delivery.objects.all(), NOON).exists()


def test_the_longest_waiting_comes_first(cast: Cast) -> None:
    arrive(a_mail(), cast.helpdesk_gateway, NOON)
    earlier = arrive(a_mail(), cast.helpdesk_gateway, NOON - timedelta(hours=1))
    assert lease(Delivery.objects.all(), NOON, HOLD) == earlier


def test_prolonging_holds_on(delivery: Delivery) -> None:
    mine = lease(Delivery.objects.all(), NOON, HOLD)
    assert mine is not None
    assert prolong(mine, NOON + timedelta(minutes=4), HOLD)
    assert lease(Delivery.objects.all(), NOON + timedelta(minutes=6), HOLD) is None


def test_who_lost_the_lease_neither_prolongs_nor_settles(delivery: Delivery) -> None:
    mine = lease(Delivery.objects.all(), NOON, HOLD)
    assert mine is not None
    assert lease(Delivery.objects.all(), NOON + HOLD, HOLD)
    assert not prolong(mine, NOON + HOLD, HOLD)
    assert not settle(mine, None)
    assert Delivery.objects.get().due_at == NOON


def test_what_is_settled_is_not_due(delivery: Delivery) -> None:
    mine = lease(Delivery.objects.all(), NOON, HOLD)
    assert mine is not None
    assert settle(mine, None)
    assert lease(Delivery.objects.all(), NOON + timedelta(days=1), HOLD) is None


def test_settled_for_later_it_comes_again(delivery: Delivery) -> None:
    mine = lease(Delivery.objects.all(), NOON, HOLD)
    assert mine is not None
    settle(mine, NOON + timedelta(hours=1))
    assert lease(Delivery.objects.all(), NOON, HOLD) is None
    assert lease(Delivery.objects.all(), NOON + timedelta(hours=1), HOLD) == delivery


def test_what_a_dead_worker_held_can_be_given_free(delivery: Delivery) -> None:
    assert take(delivery, NOON, HOLD)
    release(Delivery.objects.all())
    assert lease(Delivery.objects.all(), NOON, HOLD) == delivery


def test_many_are_leased_at_once_and_by_nobody_else(cast: Cast) -> None:
    arrived = [arrive(a_mail(), cast.helpdesk_gateway, NOON + timedelta(seconds=at)) for at in range(5)]
    later = NOON + timedelta(minutes=1)
    mine = lease_many(Delivery.objects.all(), later, HOLD, 3, attempts=1)
    assert mine == arrived[:3]
    assert lease_many(Delivery.objects.all(), later, HOLD, 9) == arrived[3:]
    assert lease_many(Delivery.objects.all(), later, HOLD, 9) == []
    assert Delivery.objects.get(pk=mine[0].pk).attempts == 1
    assert prolong(mine[0], later, HOLD * 2)


def test_what_does_not_fit_is_left_to_others(cast: Cast) -> None:
    arrived = [arrive(a_mail(), cast.helpdesk_gateway, NOON) for _ in range(3)]
    assert lease_many(Delivery.objects.all(), NOON, HOLD, 9, fits=lambda rows: 1) == arrived[:1]
    assert lease(Delivery.objects.all(), NOON, HOLD) == arrived[1]


def test_many_leases_are_held_together_and_those_that_are_lost_are_named(cast: Cast) -> None:
    rows = [arrive(a_mail(), cast.helpdesk_gateway, NOON) for _ in range(4)]
    assert all(take(row, NOON, HOLD) for row in rows[:2])
    assert all(take(row, NOON + timedelta(seconds=1), HOLD) for row in rows[2:])
    Delivery.objects.filter(pk=rows[1].pk).update(leased_until=None)
    later = NOON + timedelta(minutes=1)
    assert prolong_many(rows, later, HOLD) == [rows[1]]
    until = [row.leased_until for row in Delivery.objects.order_by("pk")]
    assert until == [later + HOLD, None, later + HOLD, later + HOLD]
    assert prolong_many([rows[0], *rows[2:]], later + HOLD, HOLD) == []
