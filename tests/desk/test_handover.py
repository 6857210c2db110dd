"""A conversation of a personal desk is handed over, answered, taken back; nobody sees more than was given to them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from podatelna.accounts.models import Person, Scope
from podatelna.archive.models import Delivery
from podatelna.archive.search import search
from podatelna.desk import drafts, lists, personal, replies
from podatelna.desk.errors import NotAssignable, NotHandable, Unsendable
from podatelna.desk.handover import colleagues, hand_over, standing, take_back
from podatelna.desk.models import Conversation, Process
from podatelna.desk.senders import senders
from podatelna.gateways.models import Gateway
from podatelna.outbox.models import Outgoing
from tests.cast import NOON, Cast, a_gateway, a_mail, receive


def a_private_mailbox(owner: Person, by: Person | None = None) -> Gateway:
    """A private mailbox of `owner` that nobody dials, with the desk its mail comes onto."""
    gateway = a_gateway(owner.email, owner.name, owner=owner, folder="Hand over", processed_folder="Handed over")
    personal.take_in(gateway, by or owner)
    return gateway


@pytest.fixture
def gateway(cast: Cast) -> Gateway:
    return a_private_mailbox(cast.alice)


@pytest.fixture
def conversation(cast: Cast, gateway: Gateway) -> Conversation:
    return receive(a_mail("Private offer", to="alice@acme.cz", message_id="offer@example.cz"), gateway)


def sees(person: Person, conversation: Conversation) -> bool:
    """Whether they see it in lists, find its messages, and may read a copy of each."""
    listed = Conversation.objects.visible_to(person).filter(pk=conversation.pk).exists()
    messages = [entry.message_id for entry in conversation.entries.filter(message__isnull=False)]
    read = Delivery.objects.visible_to(person).filter(message__in=messages).exists()
    found = {hit.message_id for hit in search("offer", person=person)} & set(messages)
    assert listed == read == bool(found)
    return listed


def answer(person: Person, conversation: Conversation, sender: str) -> Outgoing:
    """`person` answers from the address `sender`."""
    draft = drafts.open_draft(person, "reply", NOON, conversation=conversation)
    draft = drafts.save(draft, NOON, revision=draft.revision, text="Thank you.", sender=sender)
    return replies.send(draft, NOON, seen_until=None, undo_within=timedelta())


def test_what_is_handed_in_stands_on_the_owners_desk_and_nowhere_else(cast: Cast, conversation: Conversation) -> None:
    assert conversation.process.scope.kind == Scope.Kind.DESK
    assert conversation.assignee == cast.alice
    assert sees(cast.alice, conversation)
    assert not any(sees(one, conversation) for one in (cast.bob, cast.carol, cast.dan, cast.eve))
    assert conversation.process not in Process.objects.of_company()
    desk = f"process-{conversation.process_id}"
    assert list(lists.conversations_in(desk, cast.alice)) == [conversation]
    assert lists.open_counts(cast.alice)[desk] == 1


def test_a_colleague_gets_this_conversation_and_nothing_else(
    cast: Cast, gateway: Gateway, conversation: Conversation
) -> None:
    other = receive(a_mail("Another offer", to="alice@acme.cz"), gateway)
    hand_over(conversation, cast.bob, cast.alice, NOON)
    assert sees(cast.bob, conversation)
    assert not sees(cast.bob, other)
    assert sees(cast.alice, conversation)
    assert not any(sees(one, conversation) for one in (cast.carol, cast.dan, cast.eve))
    assert not Process.objects.visible_to(cast.bob).filter(pk=conversation.process_id).exists()
    conversation.refresh_from_db()
    assert conversation.assignee == cast.bob
    assert list(lists.conversations_in("mine", cast.bob)) == [conversation]


def test_a_process_gets_it_into_its_lists(cast: Cast, conversation: Conversation) -> None:
    hand_over(conversation, cast.sales, cast.alice, NOON)
    assert sees(cast.carol, conversation)
    assert not any(sees(one, conversation) for one in (cast.bob, cast.dan, cast.eve))
    slug = f"process-{cast.sales.pk}"
    assert list(lists.conversations_in(f"{slug}-unassigned", cast.carol)) == [conversation]
    assert lists.open_counts(cast.carol)[slug] == 1
    assert list(lists.conversations_in(f"process-{conversation.process_id}", cast.alice)) == [conversation]


def test_later_mail_of_it_is_seen_by_whoever_has_it(cast: Cast, gateway: Gateway, conversation: Conversation) -> None:
    hand_over(conversation, cast.bob, cast.alice, NOON)
    again = receive(a_mail("Re: Private offer", to="alice@acme.cz", in_reply_to="offer@example.cz"), gateway)
    assert again == conversation
    message = conversation.entries.filter(kind="message").order_by("-at", "-pk")[0].message
    assert Delivery.objects.visible_to(cast.bob).filter(message=message).exists()
    assert not Delivery.objects.visible_to(cast.eve).filter(message=message).exists()


def test_taken_back_nothing_of_it_is_left_with_them(cast: Cast, conversation: Conversation) -> None:
    given = hand_over(conversation, cast.bob, cast.alice, NOON)
    to_sales = hand_over(conversation, cast.sales, cast.alice, NOON)
    take_back(given, cast.alice, NOON)
    assert not sees(cast.bob, conversation)
    assert sees(cast.carol, conversation)
    take_back(to_sales, cast.alice, NOON)
    assert not sees(cast.carol, conversation)
    conversation.refresh_from_db()
    assert (conversation.worked_by, list(standing(conversation))) == (conversation.process, [])
    assert sees(cast.alice, conversation)
    verbs = list(conversation.entries.filter(kind="event").order_by("pk").values_list("verb", flat=True))
    assert [verb for verb in verbs if verb != "assigned"] == ["handed", "handed", "taken-back", "taken-back"]


def test_taken_back_from_who_had_it_the_owner_has_it(cast: Cast, conversation: Conversation) -> None:
    given = hand_over(conversation, cast.bob, cast.alice, NOON)
    take_back(given, cast.alice, NOON)
    conversation.refresh_from_db()
    assert conversation.assignee == cast.alice


@pytest.mark.parametrize("who", ["bob", "dan", "eve"])
def test_nobody_but_the_owner_hands_it_over_or_takes_it_back(cast: Cast, conversation: Conversation, who: str) -> None:
    given = hand_over(conversation, cast.bob, cast.alice, NOON)
    with pytest.raises(NotHandable):
        hand_over(conversation, cast.carol, getattr(cast, who), NOON)
    with pytest.raises(NotHandable):
        take_back(given, getattr(cast, who), NOON)
    conversation.refresh_from_db()
    with pytest.raises(NotAssignable):
        conversation.assign(cast.carol, getattr(cast, who), NOON)
    assert not sees(cast.carol, conversation)


def test_it_can_be_given_on_among_those_who_have_it(cast: Cast, conversation: Conversation) -> None:
    hand_over(conversation, cast.sales, cast.alice, NOON)
    hand_over(conversation, cast.bob, cast.alice, NOON)
    conversation.refresh_from_db()
    assert set(colleagues(conversation)) == {cast.alice, cast.bob, cast.carol}
    assert conversation.assign(cast.carol, cast.bob, NOON)
    assert conversation.assign(cast.alice, cast.carol, NOON)
    assert sees(cast.bob, conversation)
    assert sees(cast.carol, conversation)


def test_who_has_left_or_has_it_anyway_cannot_be_given_it(cast: Cast, conversation: Conversation) -> None:
    cast.eve.is_active = False
    cast.eve.save()
    desk_of_carol = personal.open_desk(cast.carol, cast.carol)
    for to in (cast.eve, cast.alice, desk_of_carol):
        with pytest.raises(NotHandable):
            hand_over(conversation, to, cast.alice, NOON)


def test_a_conversation_of_a_process_is_not_handed_over(cast: Cast) -> None:
    with pytest.raises(NotHandable):
        hand_over(receive(a_mail(), cast.helpdesk_gateway), cast.eve, cast.alice, NOON)


# --- answers ---------------------------------------------------------------------------------------------


def addresses(person: Person, conversation: Conversation) -> list[str]:
    conversation.refresh_from_db()
    return [one.address.address for one in senders(person, conversation.process, conversation)]


def test_from_which_addresses_each_may_answer(cast: Cast, conversation: Conversation) -> None:
    a_private_mailbox(cast.bob)
    assert addresses(cast.alice, conversation) == ["alice@acme.cz"]
    hand_over(conversation, cast.bob, cast.alice, NOON)
    hand_over(conversation, cast.sales, cast.alice, NOON)
    assert addresses(cast.bob, conversation) == ["bob@acme.cz"]
    assert addresses(cast.carol, conversation) == ["sales@acme.cz"]
    assert addresses(cast.alice, conversation) == ["alice@acme.cz"]
    hand_over(conversation, cast.bob, cast.alice, NOON, as_owner=True)
    hand_over(conversation, cast.sales, cast.alice, NOON, as_owner=True)
    assert addresses(cast.bob, conversation) == ["bob@acme.cz", "alice@acme.cz"]
    assert addresses(cast.carol, conversation) == ["sales@acme.cz", "alice@acme.cz"]


def test_without_leave_no_letter_goes_out_in_the_owners_name(cast: Cast, conversation: Conversation) -> None:
    hand_over(conversation, cast.sales, cast.alice, NOON)
    with pytest.raises(Unsendable):
        answer(cast.carol, conversation, "alice@acme.cz")
    assert not Outgoing.objects.exists()


def test_with_it_the_letter_goes_through_the_owners_mailbox_and_says_who_wrote_it(
    cast: Cast, gateway: Gateway, conversation: Conversation
) -> None:
    gateway.signature = "Alice, ACME"
    gateway.save()
    hand_over(conversation, cast.bob, cast.alice, NOON, as_owner=True)
    outgoing = answer(cast.bob, conversation, "alice@acme.cz")
    assert outgoing.gateway == gateway
    entry = conversation.entries.get(outgoing=outgoing)
    assert entry.person == cast.bob
    assert "Alice, ACME" in entry.text
    assert Conversation.objects.visible_to(cast.alice).filter(entries=entry).exists()


def test_taken_back_they_write_in_nobodys_name(cast: Cast, conversation: Conversation) -> None:
    given = hand_over(conversation, cast.bob, cast.alice, NOON, as_owner=True)
    draft = drafts.open_draft(cast.bob, "reply", NOON, conversation=conversation)
    draft = drafts.save(draft, NOON, revision=draft.revision, text="Late", sender="alice@acme.cz")
    take_back(given, cast.alice, NOON)
    with pytest.raises(Unsendable):
        replies.send(draft, NOON, seen_until=None)


def test_an_owner_who_has_left_or_a_paused_mailbox_is_no_sender(
    cast: Cast, gateway: Gateway, conversation: Conversation
) -> None:
    hand_over(conversation, cast.bob, cast.alice, NOON, as_owner=True)
    Gateway.objects.filter(pk=gateway.pk).update(state=Gateway.State.PAUSED)
    assert addresses(cast.bob, conversation) == []
    Gateway.objects.filter(pk=gateway.pk).update(state=Gateway.State.WORKING)
    Person.objects.filter(pk=cast.alice.pk).update(is_active=False)
    assert addresses(cast.bob, conversation) == []
    assert sees(cast.bob, conversation)


def test_a_reply_to_the_process_lands_in_the_same_conversation(cast: Cast, conversation: Conversation) -> None:
    hand_over(conversation, cast.sales, cast.alice, NOON)
    sent = answer(cast.carol, conversation, "sales@acme.cz")
    reply = a_mail("Re: Private offer", to="sales@acme.cz", in_reply_to=sent.message_id)
    receive_into = receive_anywhere(reply, cast.sales_gateway)
    assert receive_into == [conversation]
    message = conversation.entries.filter(kind="message").order_by("-pk")[0].message
    for person in (cast.alice, cast.carol):
        assert Delivery.objects.visible_to(person).filter(message=message).exists()
    assert not Conversation.objects.filter(process=cast.sales).exists()
    # It came to the process's own address: that copy stays with the process.
    take_back(standing(conversation).get(), cast.alice, NOON)
    assert list(Delivery.objects.visible_to(cast.carol)) == list(Delivery.objects.filter(message=message))


def receive_anywhere(raw: bytes, gateway: Gateway) -> list[Conversation]:
    """As receive; the conversations that the mail stands in, whichever desk they are on."""
    from podatelna import pipeline
    from tests.cast import arrive

    delivery = arrive(raw, gateway)
    pipeline.receive(delivery, now=NOON)
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.DONE, delivery.error
    return list(Conversation.objects.filter(entries__message=delivery.message_id))


def test_a_reply_handed_in_by_the_colleague_lands_there_too(cast: Cast, conversation: Conversation) -> None:
    bobs = a_private_mailbox(cast.bob)
    hand_over(conversation, cast.bob, cast.alice, NOON)
    sent = answer(cast.bob, conversation, "bob@acme.cz")
    reply = a_mail("Re: Private offer", to="bob@acme.cz", in_reply_to=sent.message_id)
    assert receive_anywhere(reply, bobs) == [conversation]
    assert Delivery.objects.visible_to(cast.alice).filter(origin=bobs.origin).exists()


def test_mail_to_a_process_that_has_its_own_conversation_stays_there(cast: Cast, gateway: Gateway) -> None:
    both = a_mail("Order offer", to="sales@acme.cz, alice@acme.cz", message_id="both@example.cz")
    own = receive(both, cast.sales_gateway)
    private = receive(both, gateway)
    hand_over(private, cast.sales, cast.alice, NOON)
    more = a_mail("Re: Order offer", to="sales@acme.cz", message_id="more@example.cz", in_reply_to="nothing@example.cz",
                  references=("both@example.cz",))  # fmt: skip
    assert receive_anywhere(more, cast.sales_gateway) == [own]
    assert not Delivery.objects.visible_to(cast.alice).filter(message__message_id="more@example.cz").exists()


def test_an_owners_answer_from_another_program_joins_and_is_told(
    cast: Cast, gateway: Gateway, conversation: Conversation
) -> None:
    hand_over(conversation, cast.bob, cast.alice, NOON)
    written = a_mail(
        "Re: Private offer", sender="Alice <alice@acme.cz>", to="jana@example.cz", in_reply_to="offer@example.cz"
    )
    assert receive(written, gateway) == conversation
    event = conversation.entries.get(verb="answered-outside")
    assert event.person == cast.alice


# --- threads that grow together --------------------------------------------------------------------------


def test_threads_that_grow_together_show_nobody_what_was_not_handed_to_them(cast: Cast, gateway: Gateway) -> None:
    one = receive(a_mail("First offer", to="alice@acme.cz", message_id="first@example.cz"), gateway)
    other = receive(a_mail("Second offer", to="alice@acme.cz", message_id="second@example.cz"), gateway)
    hand_over(one, cast.bob, cast.alice, NOON)
    hand_over(other, cast.carol, cast.alice, NOON)
    hand_over(one, cast.sales, cast.alice, NOON)
    hand_over(other, cast.sales, cast.alice, NOON)
    joining = a_mail("Both", to="alice@acme.cz", in_reply_to="second@example.cz", references=("first@example.cz",))
    kept = receive(joining, gateway)
    assert Conversation.objects.filter(process=kept.process).count() == 1
    assert not sees(cast.bob, kept)
    assert sees(cast.carol, kept)  # through sales, which had both
    assert not kept.scope.holdings.filter(person=cast.carol).exists()
    assert sees(cast.alice, kept)
