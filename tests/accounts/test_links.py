"""One-time links: who gets in with one, how often and for how long; and how everybody's sessions are ended."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client

from podatelna.accounts.links import VALID, Purpose, find_link, make_link, use, withdraw_links
from podatelna.accounts.models import OneTimeLink
from podatelna.accounts.sessions import end_sessions
from tests.cast import NOON, Cast


def link_for_bob(cast: Cast) -> tuple[str, OneTimeLink]:
    secret = make_link(Purpose.PASSWORD, person=cast.bob, by=cast.dan, now=NOON)
    link = find_link(secret, Purpose.PASSWORD, NOON)
    assert link is not None
    return secret, link


def test_a_link_is_spent_by_the_first_of_two(cast: Cast) -> None:
    secret, link = link_for_bob(cast)
    assert use(link, NOON)
    assert not use(link, NOON)
    assert find_link(secret, Purpose.PASSWORD, NOON) is None


def test_a_link_ends_with_its_time(cast: Cast) -> None:
    secret, link = link_for_bob(cast)
    end = NOON + VALID[Purpose.PASSWORD]
    assert find_link(secret, Purpose.PASSWORD, end - timedelta(seconds=1)) == link
    assert find_link(secret, Purpose.PASSWORD, end) is None
    assert not use(link, end)


def test_a_link_is_for_one_purpose(cast: Cast) -> None:
    secret, _ = link_for_bob(cast)
    assert find_link(secret, Purpose.SET_UP, NOON) is None


def test_a_link_of_somebody_who_has_left_is_dead(cast: Cast) -> None:
    secret, link = link_for_bob(cast)
    cast.bob.is_active = False
    cast.bob.save()
    assert find_link(secret, Purpose.PASSWORD, NOON) is None
    assert not use(link, NOON)


def test_withdrawing_takes_one_persons_links_only(cast: Cast) -> None:
    secret, _ = link_for_bob(cast)
    other = make_link(Purpose.PASSWORD, person=cast.eve, by=cast.dan, now=NOON)
    withdraw_links(Purpose.PASSWORD, cast.bob)
    assert find_link(secret, Purpose.PASSWORD, NOON) is None
    assert find_link(other, Purpose.PASSWORD, NOON) is not None


def test_ending_sessions_ends_all_of_one_person_and_nobody_elses(cast: Cast) -> None:
    bobs, alices = [Client(), Client()], Client()
    for client in bobs:
        client.force_login(cast.bob)
    alices.force_login(cast.alice)
    assert end_sessions(cast.bob) == 2
    assert [client.get("/preferences/").status_code for client in bobs] == [302, 302]
    assert alices.get("/preferences/").status_code == 200
