"""What a page says about another process that has the same mail."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from podatelna.desk import drafts, notes, presence
from podatelna.desk.models import Conversation, Draft
from podatelna.outbox.models import Outgoing
from tests.cast import Cast, a_mail, receive
from tests.web.test_composer import opened, send
from tests.web.test_conversation import signed_in, url


@pytest.fixture
def pair(cast: Cast) -> tuple[Conversation, Conversation]:
    raw = a_mail(to="helpdesk@acme.cz, sales@acme.cz")
    return receive(raw, cast.helpdesk_gateway), receive(raw, cast.sales_gateway)


@pytest.fixture
def bob(cast: Cast) -> Client:
    return signed_in(cast.bob)


def carol_answers(cast: Cast, sales: Conversation) -> None:
    carol = signed_in(cast.carol)
    assert send(carol, opened(carol, sales), text="Only sales may read this.", told_until=0).status_code == 200


def page(client: Client, conversation: Conversation) -> str:
    return re.sub(r"\s+", " ", client.get(url(conversation)).content.decode())


def test_the_page_says_that_the_other_side_answered_and_by_whom(
    cast: Cast, bob: Client, pair: tuple[Conversation, Conversation]
) -> None:
    assert "has this mail too: no answer yet" in page(bob, pair[0])
    notes.add(pair[1], cast.carol, "A secret of sales.", timezone.now())
    carol_answers(cast, pair[1])
    html = page(bob, pair[0])
    assert "<strong>Sales</strong>" in html
    assert "has this mail too: Carol answered it" in html
    assert "Only sales may read this." not in html
    assert "A secret of sales." not in html
    assert bob.get(url(pair[1])).status_code == 404


def test_the_composer_warns_from_the_start(cast: Cast, bob: Client, pair: tuple[Conversation, Conversation]) -> None:
    carol_answers(cast, pair[1])
    opened(bob, pair[0])
    html = page(bob, pair[0])
    assert "This mail has been answered already." in html
    assert "Carol (Sales) answered it" in html
    assert "Send anyway" in html


def test_sending_is_stopped_once_when_the_other_side_answered_meanwhile(
    cast: Cast, bob: Client, pair: tuple[Conversation, Conversation]
) -> None:
    draft = opened(bob, pair[0])
    told = re.search(r'name="told_until" value="(\d+)"', page(bob, pair[0]))
    assert told is not None
    carol_answers(cast, pair[1])
    html = send(bob, draft, text="Mine.", told_until=told[1]).content.decode()
    assert "Nothing was sent." in html
    assert Outgoing.objects.count() == 1
    told = re.search(r'name="told_until" value="(\d+)"', html)
    assert told is not None
    draft.refresh_from_db()
    assert draft.text == "Mine."
    send(bob, draft, text="Mine.", told_until=told[1])
    assert Outgoing.objects.count() == 2


def test_the_pulse_names_who_is_writing_over_there(
    cast: Cast, bob: Client, pair: tuple[Conversation, Conversation]
) -> None:
    drafts.open_draft(cast.carol, Draft.Kind.REPLY, timezone.now(), conversation=pair[1])
    presence.seen(pair[1], cast.carol, timezone.now(), writing=True)
    here = bob.get("/pulse", {"open": pair[0].pk}).json()["presence"]
    assert here == [{"name": "Carol (Sales)", "writing": True}]
