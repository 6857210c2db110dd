"""One message, many deliveries: each copy as it came, seen by those it came to; a view that is taken away is gone."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from podatelna import pipeline
from podatelna.accounts.models import AuditEntry, Person
from podatelna.archive import quarantine, search, store
from podatelna.archive.models import Delivery, Message
from podatelna.desk import custody, notes
from podatelna.desk.errors import NotHidable
from podatelna.desk.models import Conversation, Entry, Hidden
from tests.cast import NOON, Cast, a_mail, arrive, receive

LATER = NOON + timedelta(hours=1)


def copies(cast: Cast, raw: bytes) -> list[bytes]:
    """The message as each of two mailboxes of helpdesk and one of sales got it."""
    return [b"Delivered-To: box%d@acme.cz\r\n" % number + raw for number in range(3)]


@pytest.fixture
def message(cast: Cast) -> Message:
    """The same mail in helpdesk's mailbox twice and in that of sales."""
    one, two, three = copies(cast, a_mail("Offer", "The price is 55.", message_id="offer@example.cz"))
    receive(one, cast.helpdesk_gateway)
    receive(two, cast.helpdesk_gateway)
    receive(three, cast.sales_gateway)
    return Message.objects.get()


def sees(person: Person, message: Message) -> tuple[bool, bool, bool]:
    """As a message, as a hit of a search, in a conversation."""
    visible = Message.objects.visible_to(person)  # type: ignore[attr-defined]
    entries = Entry.objects.filter(message=message, conversation__in=Conversation.objects.visible_to(person))  # type: ignore[attr-defined]
    return visible.filter(pk=message.pk).exists(), bool(search.search("price", person=person)), entries.exists()


# --- deliveries ------------------------------------------------------------------------------------------


def test_the_same_mail_in_several_mailboxes_is_one_message_with_each_copy_as_it_came(
    cast: Cast, message: Message
) -> None:
    raw = copies(cast, a_mail("Offer", "The price is 55.", message_id="offer@example.cz"))
    deliveries = list(Delivery.objects.order_by("pk"))
    assert [store.original(one)[:30] for one in deliveries] == [one[:30] for one in raw]
    for one in deliveries:
        assert hashlib.sha256(store.original(one)).digest() == bytes(one.sha256)
    assert len({bytes(one.sha256) for one in deliveries}) == 3


def test_two_different_messages_with_one_id_are_both_kept(cast: Cast) -> None:
    for text in ("One.", "Two."):
        receive(a_mail("Same", text, message_id="same@example.cz"), cast.helpdesk_gateway)
    assert Message.objects.count() == 2
    [conversation] = Conversation.objects.all()
    assert conversation.entries.filter(kind=Entry.Kind.MESSAGE).count() == 2


def test_each_sees_the_deliveries_that_came_to_them(cast: Cast, message: Message) -> None:
    helpdesk, sales = (
        [one.origin.name for one in custody.deliveries_of(message, person)] for person in (cast.bob, cast.carol)
    )
    assert (helpdesk, sales) == (["helpdesk@acme.cz"] * 2, ["sales@acme.cz"])
    assert not custody.deliveries_of(message, cast.dan).exists()
    assert not custody.deliveries_of(message, cast.eve).exists()


def test_whom_a_conversation_was_given_sees_the_deliveries_that_came_to_it(cast: Cast, message: Message) -> None:
    conversation = Conversation.objects.get(process=cast.helpdesk)
    conversation.assign(cast.eve, cast.alice, NOON)
    assert custody.deliveries_of(message, cast.eve, conversation).count() == 2


# --- taking a view away ----------------------------------------------------------------------------------


def test_a_process_that_lost_its_view_sees_the_message_nowhere(cast: Cast, message: Message) -> None:
    custody.hide(message, cast.helpdesk, cast.alice, LATER, reason="Sent by mistake")
    assert sees(cast.bob, message) == (False, False, False)
    assert sees(cast.carol, message) == (True, True, True)
    conversation = Conversation.objects.get(process=cast.helpdesk)
    assert (conversation.subject, conversation.preview, conversation.partner_address) == ("", "", "")
    assert conversation.entries.get(verb="hid").person == cast.alice


def test_one_delivery_hidden_leaves_the_others(cast: Cast, message: Message) -> None:
    first = Delivery.objects.order_by("pk")[0]
    custody.hide(message, cast.helpdesk, cast.alice, LATER, delivery=first)
    assert sees(cast.bob, message) == (True, True, True)
    assert list(custody.deliveries_of(message, cast.bob)) == [Delivery.objects.order_by("pk")[1]]
    second = custody.deliveries_of(message, cast.bob).get()
    custody.hide(message, cast.helpdesk, cast.alice, LATER, delivery=second)
    assert sees(cast.bob, message) == (False, False, False)


def test_whoever_was_let_into_the_conversation_loses_it_too(cast: Cast, message: Message) -> None:
    Conversation.objects.get(process=cast.helpdesk).assign(cast.eve, cast.alice, NOON)
    assert sees(cast.eve, message) == (True, True, True)
    custody.hide(message, cast.helpdesk, cast.alice, LATER)
    assert sees(cast.eve, message) == (False, False, False)


def test_other_messages_of_the_conversation_stay(cast: Cast, message: Message) -> None:
    answer = a_mail("Re: Offer", "Less?", message_id="answer@example.cz", in_reply_to="offer@example.cz")
    conversation = receive(answer, cast.helpdesk_gateway, LATER)
    custody.hide(Message.objects.get(message_id="answer@example.cz"), cast.helpdesk, cast.alice, LATER)
    conversation.refresh_from_db()
    assert conversation.preview == message.preview
    assert [entry.message for entry in conversation.entries.filter(kind=Entry.Kind.MESSAGE)] == [message]


def test_a_replay_does_not_bring_a_view_back(cast: Cast, message: Message) -> None:
    custody.hide(message, cast.helpdesk, cast.alice, LATER)
    Delivery.objects.update(state=Delivery.State.SHUNTED)
    quarantine.replay(Delivery.objects.all(), LATER)
    pipeline.receive_due(LATER)
    assert not Delivery.objects.exclude(state=Delivery.State.DONE).exists()
    assert sees(cast.bob, message) == (False, False, False)
    assert sees(cast.carol, message) == (True, True, True)


def test_another_copy_does_not_bring_the_view_of_a_message_back(cast: Cast, message: Message) -> None:
    custody.hide(message, cast.helpdesk, cast.alice, LATER)
    raw = a_mail("Offer", "The price is 55.", message_id="offer@example.cz")
    delivery = arrive(b"Delivered-To: fourth@acme.cz\r\n" + raw, cast.helpdesk_gateway, LATER)
    pipeline.receive(delivery, now=LATER)
    assert Message.objects.count() == 1
    assert sees(cast.bob, message) == (False, False, False)


def test_shown_again_everything_is_where_it_was(cast: Cast, message: Message) -> None:
    conversation = Conversation.objects.get(process=cast.helpdesk)
    notes.add(conversation, cast.bob, "A note.", NOON)
    before = Conversation.objects.filter(pk=conversation.pk).values().get()
    place = conversation.entries.filter(message=message).values("at", "entered_at", "kind").get()
    custody.show(custody.hide(message, cast.helpdesk, cast.alice, LATER), cast.alice, LATER)
    assert sees(cast.bob, message) == (True, True, True)
    assert Conversation.objects.filter(pk=conversation.pk).values().get() == before
    assert conversation.entries.filter(message=message).values("at", "entered_at", "kind").get() == place
    assert custody.deliveries_of(message, cast.bob).count() == 2
    assert not Hidden.objects.exists()


def test_both_are_in_the_audit_trail(cast: Cast, message: Message) -> None:
    custody.show(custody.hide(message, cast.helpdesk, cast.alice, LATER, reason="By mistake"), cast.alice, LATER)
    rows = AuditEntry.objects.filter(subject=f"message {message.pk}").order_by("pk")
    assert [(row.act, row.person, row.details["reason"]) for row in rows] == [
        ("hide", cast.alice, "By mistake"),
        ("show-again", cast.alice, "By mistake"),
    ]


def test_what_a_process_does_not_see_cannot_be_taken_from_it(cast: Cast, message: Message) -> None:
    only_sales = receive(a_mail("Sales"), cast.sales_gateway).entries.get(kind=Entry.Kind.MESSAGE).message
    assert only_sales is not None
    with pytest.raises(NotHidable):
        custody.hide(only_sales, cast.helpdesk, cast.alice, LATER)
    custody.hide(message, cast.helpdesk, cast.alice, LATER)
    with pytest.raises(NotHidable):
        custody.hide(message, cast.helpdesk, cast.alice, LATER)


def test_leads_and_administrators_may(cast: Cast) -> None:
    may = [person for person in (cast.alice, cast.bob, cast.carol, cast.dan) if custody.may_hide(person, cast.helpdesk)]
    assert may == [cast.alice, cast.dan]
