"""One mail to two processes: two conversations on one message, each of which learns that the other answers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from podatelna.accounts.models import Person
from podatelna.archive.models import Message
from podatelna.desk import changes, drafts, linked, notes, presence, replies
from podatelna.desk.confidential import make_confidential
from podatelna.desk.errors import AnsweredElsewhere
from podatelna.desk.models import Conversation, Draft
from podatelna.desk.processes import add_member
from podatelna.outbox.models import Outgoing
from tests.cast import NOON, Cast, a_mail, receive

LATER = NOON + timedelta(minutes=30)


@pytest.fixture
def pair(cast: Cast) -> tuple[Conversation, Conversation]:
    """The same mail at helpdesk and at sales."""
    raw = a_mail(to="helpdesk@acme.cz, sales@acme.cz", message_id="to-both")
    return receive(raw, cast.helpdesk_gateway), receive(raw, cast.sales_gateway)


def answer(conversation: Conversation, person: Person, told_until: int | None = None, **changed: str) -> Outgoing:
    draft = drafts.open_draft(person, Draft.Kind.REPLY, NOON, conversation=conversation)
    draft = drafts.save(draft, NOON, revision=draft.revision, **{"text": "We shall mend it.", **changed})
    return replies.send(draft, LATER, seen_until=None, told_until=told_until)


def test_one_stored_message_stands_in_both(pair: tuple[Conversation, Conversation]) -> None:
    assert Message.objects.count() == 1
    assert [linked.linked_to(one).get() for one in pair] == [*reversed(pair)]


def test_each_side_learns_who_answered_there_and_nothing_else(
    cast: Cast, pair: tuple[Conversation, Conversation]
) -> None:
    helpdesk, sales = pair
    assert linked.sides(helpdesk, cast.bob, NOON)[0].answer is None
    outgoing = answer(sales, cast.carol)
    (side,) = linked.sides(helpdesk, cast.bob, LATER)
    assert (side.process, side.seen, side.writers) == ("Sales", False, ())
    assert side.answer == linked.Answer(outgoing.entry.pk, "Sales", cast.carol, LATER)


def test_who_may_see_the_other_side_is_told_so(cast: Cast, pair: tuple[Conversation, Conversation]) -> None:
    add_member(cast.sales, cast.bob, "reader", cast.dan)
    assert linked.sides(pair[0], cast.bob, NOON)[0].seen


def test_who_writes_an_answer_is_named_and_who_writes_a_note_is_not(
    cast: Cast, pair: tuple[Conversation, Conversation]
) -> None:
    helpdesk, sales = pair
    draft = drafts.open_draft(cast.carol, Draft.Kind.NOTE, NOON, conversation=sales)
    presence.seen(sales, cast.carol, NOON, writing=True)
    assert linked.writers_elsewhere(helpdesk, cast.bob, NOON) == []
    drafts.save(draft, NOON, revision=draft.revision, kind=Draft.Kind.REPLY)
    assert linked.writers_elsewhere(helpdesk, cast.bob, NOON) == [(cast.carol, "Sales")]
    assert linked.sides(helpdesk, cast.bob, NOON)[0].writers == (cast.carol,)
    assert linked.writers_elsewhere(helpdesk, cast.bob, NOON + timedelta(minutes=1)) == []


def test_a_note_or_a_forward_is_no_answer(cast: Cast, pair: tuple[Conversation, Conversation]) -> None:
    helpdesk, sales = pair
    notes.add(sales, cast.carol, "Not ours.", NOON)
    draft = drafts.open_draft(cast.carol, Draft.Kind.FORWARD, NOON, conversation=sales)
    draft = drafts.save(draft, NOON, revision=draft.revision, to="elsewhere@example.cz")
    replies.send(draft, LATER, seen_until=None)
    assert linked.sides(helpdesk, cast.bob, LATER)[0].answer is None


def test_a_second_answer_to_the_same_mail_warns_first(cast: Cast, pair: tuple[Conversation, Conversation]) -> None:
    helpdesk, sales = pair
    first = answer(sales, cast.carol, told_until=0)
    with pytest.raises(AnsweredElsewhere):
        answer(helpdesk, cast.bob, told_until=0)
    assert Outgoing.objects.count() == 1
    answer(helpdesk, cast.bob, told_until=first.entry.pk)
    assert Outgoing.objects.count() == 2


def test_an_answer_to_earlier_mail_does_not_warn(cast: Cast, pair: tuple[Conversation, Conversation]) -> None:
    helpdesk, sales = pair
    answer(sales, cast.carol)
    raw = a_mail(to="helpdesk@acme.cz, sales@acme.cz", in_reply_to="to-both", date=LATER)
    again = LATER + timedelta(hours=1)
    receive(raw, cast.helpdesk_gateway, again), receive(raw, cast.sales_gateway, again)
    assert linked.sides(helpdesk, cast.bob, again)[0].answer is None
    assert answer(helpdesk, cast.bob, told_until=0)


def test_mail_that_one_side_alone_has_warns_nobody(cast: Cast, pair: tuple[Conversation, Conversation]) -> None:
    helpdesk, sales = pair
    again = LATER - timedelta(minutes=10)
    receive(a_mail(in_reply_to="to-both", date=again), cast.helpdesk_gateway, again)
    answer(sales, cast.carol)
    assert answer(helpdesk, cast.bob, told_until=0)


def test_what_was_taken_back_is_no_answer(cast: Cast, pair: tuple[Conversation, Conversation]) -> None:
    helpdesk, sales = pair
    replies.undo(answer(sales, cast.carol), cast.carol, LATER)
    assert linked.sides(helpdesk, cast.bob, LATER)[0].answer is None
    assert answer(helpdesk, cast.bob, told_until=0)


def test_a_colleague_who_answered_in_another_program_has_answered(
    cast: Cast, pair: tuple[Conversation, Conversation]
) -> None:
    raw = a_mail(sender="Carol <carol@acme.cz>", to="jana@example.cz", cc="sales@acme.cz", in_reply_to="to-both")
    receive(raw, cast.sales_gateway, LATER)
    (side,) = linked.sides(pair[0], cast.bob, LATER)
    assert side.answer is not None
    assert side.answer.person == cast.carol


def test_what_is_confidential_over_there_says_nothing(cast: Cast, pair: tuple[Conversation, Conversation]) -> None:
    helpdesk, sales = pair
    add_member(cast.sales, cast.eve, "lead", cast.dan)
    make_confidential(sales, cast.eve, NOON)
    answer(sales, cast.eve)
    assert linked.sides(helpdesk, cast.bob, LATER) == []
    assert answer(helpdesk, cast.bob, told_until=0)


def test_open_pages_of_the_other_side_are_told(cast: Cast, pair: tuple[Conversation, Conversation]) -> None:
    helpdesk, sales = pair
    cursor, _ = changes.since(cast.bob, "")
    answer(sales, cast.carol)
    assert changes.since(cast.bob, cursor)[1] == {helpdesk.pk}
