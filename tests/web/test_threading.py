"""Splitting and joining on the desk: what will happen is said first, who did it afterwards, and it can be undone."""

from __future__ import annotations

import json

import pytest

from podatelna.archive.models import Message, ThreadDecision
from podatelna.desk.models import Conversation
from tests.cast import Cast, a_mail, receive
from tests.web.test_conversation import HTMX, signed_in, url


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    """A question, an answer to it, and an answer to that."""
    receive(a_mail("Question", "One", message_id="one@example.cz"), cast.helpdesk_gateway)
    receive(
        a_mail("Re: Question", "Two", message_id="two@example.cz", in_reply_to="one@example.cz"), cast.helpdesk_gateway
    )
    raw = a_mail("Other matter", "Three", message_id="three@example.cz", in_reply_to="two@example.cz")
    return receive(raw, cast.helpdesk_gateway)


def message(name: str) -> Message:
    return Message.objects.get(message_id=f"{name}@example.cz")


def undo_url(answer: object) -> str:
    return str(json.loads(answer["HX-Trigger"])["desk:toast"]["undo_url"])  # type: ignore[index]


def test_the_page_says_what_goes_along(cast: Cast, conversation: Conversation) -> None:
    bob = signed_in(cast.bob)
    chosen = bob.get(url(conversation, "splitting")).content.decode()
    assert f'name="message" value="{message("two").pk}"' in chosen
    assert f'name="message" value="{message("one").pk}"' not in chosen
    shown = bob.get(url(conversation, f"splitting?message={message('two').pk}")).content.decode()
    assert "These 2 messages become a conversation of their own" in shown
    assert not ThreadDecision.objects.exists()


def test_splitting_goes_to_the_new_conversation_and_can_be_undone(cast: Cast, conversation: Conversation) -> None:
    bob = signed_in(cast.bob)
    answer = bob.post(url(conversation, "splitting"), {"message": message("three").pk}, headers=HTMX)
    new = Conversation.objects.exclude(pk=conversation.pk).get()
    assert json.loads(answer["HX-Location"])["path"] == f"/conversations/{new.pk}/"
    page = bob.get(url(new)).content.decode()
    assert "Bob split it off from “Question”" in page
    assert "Bob split “Other matter” off" in bob.get(url(conversation)).content.decode()
    bob.post(undo_url(answer), headers=HTMX)
    assert Conversation.objects.get() == conversation
    assert not ThreadDecision.objects.exists()


def test_what_would_leave_nothing_behind_is_refused_in_words(cast: Cast, conversation: Conversation) -> None:
    bob = signed_in(cast.bob)
    shown = bob.get(url(conversation, f"splitting?message={message('one').pk}")).content.decode()
    assert "nothing would stay behind" in shown
    bob.post(url(conversation, "splitting"), {"message": message("one").pk})
    assert Conversation.objects.get() == conversation


def test_joining_offers_the_partners_and_what_is_found(cast: Cast, conversation: Conversation) -> None:
    same = receive(a_mail("Washing machine"), cast.helpdesk_gateway)
    other = receive(a_mail("Dryer", "It burns", sender="petr@example.cz"), cast.helpdesk_gateway)
    sales = receive(a_mail("Secret of sales"), cast.sales_gateway)
    bob = signed_in(cast.bob)
    offered = bob.get(url(conversation, "joining")).content.decode()
    assert (f'name="other" value="{same.pk}"' in offered, f'name="other" value="{other.pk}"' in offered) == (
        True,
        False,
    )
    found = bob.get(url(conversation, "joining?q=dryer")).content.decode()
    assert (f'name="other" value="{same.pk}"' in found, f'name="other" value="{other.pk}"' in found) == (False, True)
    assert f'name="other" value="{sales.pk}"' not in bob.get(url(conversation, "joining?q=secret")).content.decode()


def test_joining_goes_to_the_one_that_is_left_and_can_be_undone(cast: Cast, conversation: Conversation) -> None:
    other = receive(a_mail("Washing machine"), cast.helpdesk_gateway)
    bob = signed_in(cast.bob)
    answer = bob.post(url(other, "joining"), {"other": conversation.pk}, headers=HTMX)
    assert json.loads(answer["HX-Location"])["path"] == f"/conversations/{conversation.pk}/"
    assert "Bob joined it with “Washing machine”" in bob.get(url(conversation)).content.decode()
    bob.post(undo_url(answer), headers=HTMX)
    assert set(Conversation.objects.all()) == {conversation, other}


def test_nobody_joins_what_they_cannot_see(cast: Cast, conversation: Conversation) -> None:
    sales = receive(a_mail("Secret of sales"), cast.sales_gateway)
    assert signed_in(cast.bob).post(url(conversation, "joining"), {"other": sales.pk}).status_code == 404
    assert signed_in(cast.eve).post(url(conversation, "joining"), {"other": sales.pk}).status_code == 404
    assert Conversation.objects.count() == 2


def test_an_outsider_cannot_undo(cast: Cast, conversation: Conversation) -> None:
    signed_in(cast.bob).post(url(conversation, "splitting"), {"message": message("three").pk})
    decision = ThreadDecision.objects.get()
    assert signed_in(cast.carol).post(f"/thread-decisions/{decision.pk}/undo").status_code == 404
    assert Conversation.objects.count() == 2


def test_keys_and_palette_lead_there(cast: Cast, conversation: Conversation) -> None:
    page = signed_in(cast.bob).get(url(conversation)).content.decode()
    assert 'data-key="S"' in page
    assert 'data-key="J"' in page
    assert 'data-press="J"' in signed_in(cast.bob).get("/palette?q=join").content.decode()
