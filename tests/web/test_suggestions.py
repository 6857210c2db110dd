"""Addresses that are suggested to whoever writes: of mail that they may see, of no other."""

from __future__ import annotations

from django.test import Client

from podatelna.accounts.models import Person
from tests.cast import Cast, a_mail, receive
from tests.web.test_conversation import signed_in


def suggested(person: Person, typed: str) -> list[str]:
    answer = signed_in(person).get("/addresses", {"q": typed})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return [one["written"] for one in answer.json()["addresses"]]


def test_who_wrote_to_ones_process_is_suggested(cast: Cast) -> None:
    receive(a_mail(), cast.helpdesk_gateway)
    assert suggested(cast.bob, "nov") == ["Jana Nováková <jana@example.cz>"]
    assert suggested(cast.bob, "jana@") == ["Jana Nováková <jana@example.cz>"]


def test_nobody_is_suggested_whose_mail_one_may_not_see(cast: Cast) -> None:
    receive(a_mail(), cast.helpdesk_gateway)
    for person in (cast.carol, cast.dan, cast.eve):
        assert suggested(person, "jana") == []
        assert suggested(person, "@example.cz") == []


def test_an_assignee_of_another_team_is_suggested_who_wrote_there(cast: Cast) -> None:
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    conversation.assign(cast.carol, cast.bob, conversation.created_at)
    assert suggested(cast.carol, "jana") == ["Jana Nováková <jana@example.cz>"]


def test_a_name_with_a_comma_is_written_so_that_it_can_be_read_again(cast: Cast) -> None:
    receive(a_mail(sender='"Nováková, Jana" <jana@example.cz>'), cast.helpdesk_gateway)
    assert suggested(cast.bob, "jana") == ['"Nováková, Jana" <jana@example.cz>']


def test_nothing_typed_suggests_nothing(cast: Cast) -> None:
    receive(a_mail(), cast.helpdesk_gateway)
    for typed in ("", "  ", "\0", "%", "x" * 5000):
        assert suggested(cast.bob, typed) == []


def test_it_only_tells(cast: Cast) -> None:
    client: Client = signed_in(cast.bob)
    assert client.post("/addresses", {"q": "jana"}).status_code == 405
