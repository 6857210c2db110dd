"""A personal desk: made for its owner alone, fed by answers from Sent, left as it is when its owner leaves."""

from __future__ import annotations

import pytest

from podatelna.accounts.models import AuditEntry, Person
from podatelna.desk import lists, personal
from podatelna.desk.errors import AddressTaken
from podatelna.desk.handover import hand_over
from podatelna.desk.leaving import deactivate, reactivate
from podatelna.desk.models import Conversation, Member, Process
from podatelna.gateways.models import Gateway
from podatelna.gateways.personal import is_watched
from tests.cast import NOON, Cast, a_gateway, a_mail, receive


@pytest.fixture
def gateway(cast: Cast) -> Gateway:
    gateway = a_gateway("alice.private@acme.cz", "Alice", owner=cast.alice)
    personal.take_in(gateway, cast.alice)
    return gateway


def test_a_desk_is_made_once_and_holds_its_owner_alone(cast: Cast, gateway: Gateway) -> None:
    desk = personal.take_in(gateway, cast.alice)
    assert desk == personal.open_desk(cast.alice, cast.dan) == Process.objects.get(owner=cast.alice)
    assert [member.person for member in Member.objects.filter(process=desk)] == [cast.alice]
    assert [row.address for row in desk.addresses.all()] == ["alice.private@acme.cz"]
    assert AuditEntry.objects.filter(act="open-desk").count() == 1


def test_two_people_of_one_name_each_have_a_desk(cast: Cast, gateway: Gateway) -> None:
    namesake = Person.objects.create_person("alice2@acme.cz", "Alice")
    assert personal.open_desk(namesake, namesake).name == personal.open_desk(cast.alice, cast.alice).name


def test_an_address_that_is_a_process_already_is_refused(cast: Cast) -> None:
    with pytest.raises(AddressTaken):
        personal.take_in(a_gateway("helpdesk@acme.cz", owner=cast.eve), cast.eve)


def test_another_address_takes_the_place_of_the_old_one(cast: Cast, gateway: Gateway) -> None:
    gateway.address = "alice.new@acme.cz"
    gateway.save()
    desk = personal.take_in(gateway, cast.alice)
    assert [row.address for row in desk.addresses.all()] == ["alice.new@acme.cz"]


# --- which letters in Sent are wanted --------------------------------------------------------------------


def lines(message_id: str, in_reply_to: str = "", references: str = "") -> bytes:
    text = f"Message-ID: <{message_id}>\r\n"
    text += f"In-Reply-To: <{in_reply_to}>\r\n" if in_reply_to else ""
    text += f"References: {references}\r\n" if references else ""
    return f"{text}\r\n".encode()


def test_answers_to_what_was_handed_over_are_wanted_and_no_others(cast: Cast, gateway: Gateway) -> None:
    receive(a_mail(to="alice.private@acme.cz", message_id="handed@example.cz"), gateway)
    receive(a_mail(message_id="ticket@example.cz"), cast.helpdesk_gateway)
    headers = {
        1: lines("a@acme.cz", "handed@example.cz"),
        2: lines("b@acme.cz", "", "<root@example.cz> <handed@example.cz>"),
        3: lines("c@acme.cz", "ticket@example.cz"),  # of the helpdesk, not of this mailbox
        4: lines("d@acme.cz", "love@example.cz"),
        5: lines("e@acme.cz"),
        6: b"",
        7: b"In-Reply-To: <handed@example.cz>\xff\r\n\r\n",
        8: lines("handed@example.cz", "handed@example.cz"),  # is here already
    }
    assert personal.answering(gateway, headers) == {1, 2, 7}


def test_many_names_are_looked_up(cast: Cast, gateway: Gateway) -> None:
    receive(a_mail(to="alice.private@acme.cz", message_id="handed@example.cz"), gateway)
    headers = {uid: lines(f"{uid}@acme.cz", f"other{uid}@example.cz") for uid in range(1, 1200)}
    assert personal.answering(gateway, {**headers, 1200: lines("z@acme.cz", "handed@example.cz")}) == {1200}


def test_an_answer_found_there_joins_as_the_owners(cast: Cast, gateway: Gateway) -> None:
    conversation = receive(a_mail(to="alice.private@acme.cz", message_id="handed@example.cz"), gateway)
    hand_over(conversation, cast.bob, cast.alice, NOON)
    raw = a_mail("Re: it", sender="alice.private@acme.cz", to="jana@example.cz", in_reply_to="handed@example.cz")
    assert receive(raw, gateway) == conversation
    event = conversation.entries.get(verb="answered-outside")
    entry = conversation.entries.filter(kind="message").latest("pk")
    assert (event.person, entry.person) == (cast.alice, cast.alice)


# --- when the owner leaves -------------------------------------------------------------------------------


def test_when_the_owner_leaves_the_mailbox_stops_and_conversations_stay(cast: Cast, gateway: Gateway) -> None:
    conversation = receive(a_mail(to="alice.private@acme.cz"), gateway)
    kept = receive(a_mail(to="alice.private@acme.cz"), gateway)
    hand_over(conversation, cast.bob, cast.alice, NOON)
    deactivate(cast.alice, cast.dan, NOON)
    assert not Gateway.objects.filter(is_watched(), pk=gateway.pk).exists()
    assert Conversation.objects.visible_to(cast.bob).filter(pk=conversation.pk).exists()
    assert Conversation.objects.filter(pk=kept.pk).exists()
    assert not Conversation.objects.visible_to(cast.dan).filter(pk=kept.pk).exists()
    assert AuditEntry.objects.filter(act="stop-private-mailbox", subject=f"gateway {gateway.pk}").exists()
    reactivate(cast.alice, cast.dan)
    assert Gateway.objects.filter(is_watched(), pk=gateway.pk).exists()
    slug = f"process-{Process.objects.get(owner=cast.alice).pk}"
    assert set(lists.conversations_in(slug, cast.alice)) == {conversation, kept}
