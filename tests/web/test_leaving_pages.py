"""Somebody leaves, on the administrators' pages: choose, look, confirm."""

from __future__ import annotations

import re

from django.test import Client

from podatelna.desk.models import Conversation
from tests.cast import NOON, Cast, a_mail, receive


def bobs(cast: Cast) -> Conversation:
    conversation = receive(a_mail("Tajuplnost"), cast.helpdesk_gateway)
    conversation.assign(cast.bob, cast.alice, NOON)
    return conversation


def test_nothing_happens_before_it_was_looked_at_and_confirmed(cast: Cast) -> None:
    conversation, client = bobs(cast), Client()
    client.force_login(cast.dan)
    url, choice = f"/administration/people/{cast.bob.pk}/leaving/", {f"heir-{cast.helpdesk.pk}": cast.alice.pk}
    assert "1 open conversation" in client.get(url).content.decode()
    page = client.post(url, {**choice, "step": "preview"}).content.decode()
    assert "Alice gets it." in page
    assert "Tajuplnost" not in page
    conversation.refresh_from_db()
    assert conversation.assignee == cast.bob
    state = re.search(r'name="state" value="(\w+)"', page)
    assert state is not None
    assert client.post(url, {**choice, "step": "confirm", "state": state[1]}).status_code == 302
    conversation.refresh_from_db()
    assert conversation.assignee == cast.alice


def test_what_changed_meanwhile_is_said_and_nothing_is_done(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.dan)
    response = client.post(f"/administration/people/{cast.bob.pk}/leaving/", {"step": "confirm", "state": "older"})
    cast.bob.refresh_from_db()
    assert (response.status_code, cast.bob.is_active) == (422, True)
    assert "Something has changed since you looked." in response.content.decode()


def test_only_administrators_find_the_page(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.alice)
    assert client.get(f"/administration/people/{cast.bob.pk}/leaving/").status_code == 404
