"""What keeps an open page alive: changes of what one may see, and who else is there."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from podatelna.accounts.models import Person
from podatelna.desk.models import Presence
from tests.cast import Cast, a_mail, receive


class Page:
    """An open page of somebody's, which asks as pulse.js does."""

    def __init__(self, person: Person) -> None:
        self.client = Client()
        self.client.force_login(person)
        self.cursor = ""
        self.ask()

    def ask(self, **about: object) -> dict[str, Any] | None:
        """The news, or None for 204."""
        response: HttpResponse = self.client.get("/pulse", {"since": self.cursor, **about})  # type: ignore[assignment]
        if response.status_code == 204:
            return None
        assert response.status_code == 200
        news: dict[str, Any] = json.loads(response.content)
        self.cursor = news["cursor"]
        return news


def test_nothing_new_is_no_content(cast: Cast) -> None:
    assert Page(cast.bob).ask() is None


def test_new_mail_is_told_once_to_each_page_of_the_team(cast: Cast) -> None:
    alice, bob = Page(cast.alice), Page(cast.bob)
    conversation = receive(a_mail("Broken"), cast.helpdesk_gateway)
    for one in (alice, bob):
        news = one.ask()
        assert news
        assert news["conversations"] == [conversation.pk]
        assert one.ask() is None


def test_page_that_was_just_rendered_misses_nothing_from_then_on(cast: Cast) -> None:
    bob = Page(cast.bob)
    html = bob.client.get("/desk/all/").content.decode()
    bob.cursor = html.split('data-cursor="')[1].split('"')[0]
    conversation = receive(a_mail("Broken"), cast.helpdesk_gateway)
    news = bob.ask()
    assert news
    assert news["conversations"] == [conversation.pk]


def test_others_learn_nothing_of_what_changed(cast: Cast) -> None:
    carol, eve = Page(cast.carol), Page(cast.eve)
    receive(a_mail("Broken"), cast.helpdesk_gateway)
    for one in (carol, eve):
        news = one.ask()
        assert news is None or news["conversations"] == []
        assert one.ask() is None


def test_who_else_is_there_is_told_with_whether_they_write(cast: Cast) -> None:
    conversation = receive(a_mail("Broken"), cast.helpdesk_gateway)
    alice, bob = Page(cast.alice), Page(cast.bob)
    bob.ask(open=conversation.pk)
    alice.ask(open=conversation.pk, writing=1)
    news = bob.ask(open=conversation.pk)
    assert news
    assert news["presence"] == [{"name": "Alice", "writing": True}]
    assert bob.ask(open=conversation.pk) is None


def test_who_has_left_is_told_too(cast: Cast) -> None:
    conversation = receive(a_mail("Broken"), cast.helpdesk_gateway)
    alice, bob = Page(cast.alice), Page(cast.bob)
    alice.ask(open=conversation.pk)
    bob.ask(open=conversation.pk)
    alice.client.post("/presence", {"conversation": conversation.pk, "state": "gone"})
    news = bob.ask(open=conversation.pk)
    assert news
    assert news["presence"] == []


def test_writing_is_told_without_waiting_for_a_pulse(cast: Cast) -> None:
    conversation = receive(a_mail("Broken"), cast.helpdesk_gateway)
    alice, bob = Page(cast.alice), Page(cast.bob)
    alice.client.post("/presence", {"conversation": conversation.pk, "state": "writing"})
    news = bob.ask(open=conversation.pk)
    assert news
    assert news["presence"] == [{"name": "Alice", "writing": True}]


def test_looking_at_what_one_may_not_see_leaves_no_trace(cast: Cast) -> None:
    conversation = receive(a_mail("Broken"), cast.helpdesk_gateway)
    Page(cast.alice).ask(open=conversation.pk)
    carol = Page(cast.carol)
    news = carol.ask(open=conversation.pk, writing=1)
    assert news is None or news["presence"] == []
    assert carol.client.post("/presence", {"conversation": conversation.pk}).status_code == 404
    assert set(Presence.objects.values_list("person", flat=True)) == {cast.alice.pk}


def test_not_every_pulse_writes(cast: Cast) -> None:
    conversation = receive(a_mail("Broken"), cast.helpdesk_gateway)
    bob = Page(cast.bob)
    bob.ask(open=conversation.pk)
    first = Presence.objects.get().seen_at
    bob.ask(open=conversation.pk)
    assert Presence.objects.get().seen_at == first
    Presence.objects.update(seen_at=timezone.now() - timedelta(seconds=20))
    bob.ask(open=conversation.pk)
    assert Presence.objects.get().seen_at >= first


@pytest.mark.parametrize("since", ["nonsense", "1_", "_", "~", "9" * 30, "1_2.x", "٣", "12~~"])
def test_a_cursor_that_was_never_given_out_begins_anew(cast: Cast, since: str) -> None:
    bob = Page(cast.bob)
    bob.cursor = since
    assert bob.ask(open="x")
    assert bob.ask() is None


def test_what_one_may_no_longer_see_leaves_the_screen_and_that_is_said_once(cast: Cast) -> None:
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    conversation.assign(cast.carol, cast.alice, timezone.now())
    page = Page(cast.carol)
    news = page.ask(open=conversation.pk)
    assert news is None or "gone" not in news
    conversation.assign(None, cast.alice, timezone.now())
    news = page.ask(open=conversation.pk)
    assert news is not None
    assert (news["gone"], news["conversations"], news["presence"]) == (True, [], [])
    assert page.ask(open=conversation.pk) is None


def test_what_never_was_one_s_own_looks_like_what_is_not_there(cast: Cast) -> None:
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    assert Page(cast.eve).ask(open=conversation.pk) == Page(cast.eve).ask(open=987654)
