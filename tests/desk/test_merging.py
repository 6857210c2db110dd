"""Threads that turn out to be one: nothing is lost, nobody is locked out, nobody is let in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from podatelna.archive.models import Message, Thread
from podatelna.desk import drafts, lists, notes, replies, sent
from podatelna.desk.models import AutomaticAnswer, Conversation, Draft, Entry, RuleCall, RuleWait
from podatelna.outbox.delivery import deliver_due
from podatelna.outbox.models import Outgoing
from tests.cast import NOON, Cast, Clock, RecordingTransport, a_mail, receive

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def older(cast: Cast) -> Conversation:
    return receive(a_mail("Older", message_id="one@example.cz"), cast.helpdesk_gateway, NOON)


@pytest.fixture
def newer(cast: Cast) -> Conversation:
    raw = a_mail("Newer", message_id="two@example.cz")
    return receive(raw, cast.helpdesk_gateway, NOON + timedelta(minutes=1))


def join(cast: Cast) -> Conversation:
    """The message that names both."""
    raw = a_mail("Re: both", message_id="three@example.cz", references=["one@example.cz"], in_reply_to="two@example.cz")
    return receive(raw, cast.helpdesk_gateway, LATER)


def test_the_older_conversation_has_everything(cast: Cast, older: Conversation, newer: Conversation) -> None:
    notes.add(newer, cast.bob, "A note.", NOON)
    assert join(cast) == older == Conversation.objects.get()
    assert older.entries.filter(kind=Entry.Kind.MESSAGE).count() == 3
    assert older.entries.filter(kind=Entry.Kind.NOTE).count() == 1
    assert older.entries.get(verb="merged").details == {"conversation": newer.pk}
    assert Thread.objects.count() == 1


def test_a_ghost_that_comes_joins_what_named_it(cast: Cast) -> None:
    first = receive(a_mail("First", message_id="one@example.cz"), cast.helpdesk_gateway)
    orphan = receive(a_mail("Orphan", in_reply_to="missing@example.cz"), cast.helpdesk_gateway)
    assert orphan != first
    raw = a_mail("Missing", message_id="missing@example.cz", in_reply_to="one@example.cz")
    assert receive(raw, cast.helpdesk_gateway) == first == Conversation.objects.get()


def test_one_that_is_open_keeps_both_open(cast: Cast, older: Conversation, newer: Conversation) -> None:
    older.close(cast.bob, NOON)
    raw = a_mail(
        headers=[("Auto-Submitted", "auto-replied")], references=["one@example.cz"], in_reply_to="two@example.cz"
    )
    assert receive(raw, cast.helpdesk_gateway, LATER).status == Conversation.Status.OPEN


def test_two_closed_ones_stay_closed(cast: Cast, older: Conversation, newer: Conversation) -> None:
    older.close(cast.bob, NOON)
    newer.close(cast.bob, NOON)
    raw = a_mail(
        headers=[("Auto-Submitted", "auto-replied")], references=["one@example.cz"], in_reply_to="two@example.cz"
    )
    assert receive(raw, cast.helpdesk_gateway, LATER).status == Conversation.Status.CLOSED


def test_somebody_from_outside_who_had_the_newer_one_sees_the_whole(
    cast: Cast, older: Conversation, newer: Conversation
) -> None:
    newer.assign(cast.carol, cast.alice, NOON)
    merged = join(cast)
    assert merged.assignee == cast.carol
    assert list(Conversation.objects.visible_to(cast.carol)) == [merged]
    assert Message.objects.visible_to(cast.carol).count() == 3


def test_of_two_who_had_one_each_the_one_of_the_older_stays(
    cast: Cast, older: Conversation, newer: Conversation
) -> None:
    older.assign(cast.bob, cast.alice, NOON)
    newer.assign(cast.carol, cast.alice, NOON)
    assert join(cast).assignee == cast.bob
    assert not Conversation.objects.visible_to(cast.carol).exists()
    assert not Message.objects.visible_to(cast.carol).exists()


def test_drafts_of_both_are_kept(cast: Cast, older: Conversation, newer: Conversation) -> None:
    for conversation, text in ((older, "To the older."), (newer, "To the newer.")):
        draft = drafts.open_draft(cast.bob, "reply", NOON, conversation=conversation)
        drafts.save(draft, NOON, revision=0, text=text)
        drafts.attach(draft, f"{text}txt", "text/plain", b"x")
    drafts.open_draft(cast.alice, "note", NOON, conversation=newer)
    merged = join(cast)
    bobs = Draft.objects.get(person=cast.bob)
    assert bobs.text == "To the older.\n\nTo the newer."
    assert bobs.files.count() == 2
    assert Draft.objects.get(person=cast.alice).conversation == merged


def test_who_has_not_read_both_has_not_read_it(cast: Cast, older: Conversation, newer: Conversation) -> None:
    lists.mark_read(older, cast.bob, LATER + timedelta(hours=1))
    merged = join(cast)
    assert lists.unread_ids([merged], cast.bob) == {merged.pk}


def test_each_process_merges_its_own(cast: Cast, older: Conversation, newer: Conversation) -> None:
    sales = receive(a_mail("Sales", message_id="four@example.cz"), cast.sales_gateway)
    raw = a_mail(references=["one@example.cz", "two@example.cz"], in_reply_to="four@example.cz", to="helpdesk@acme.cz")
    receive(raw, cast.helpdesk_gateway, LATER)
    assert set(Conversation.objects.all()) == {older, sales}
    assert list(Conversation.objects.visible_to(cast.carol)) == [sales]
    assert Message.objects.visible_to(cast.carol).count() == 1


def test_an_answer_on_its_way_goes_over_and_is_filed(
    cast: Cast, older: Conversation, newer: Conversation, clock: Clock
) -> None:
    draft = drafts.open_draft(cast.bob, "reply", NOON, conversation=newer)
    draft = drafts.save(draft, NOON, revision=0, text="On its way.")
    outgoing = replies.send(draft, NOON, seen_until=None, undo_within=timedelta(0))
    merged = join(cast)
    deliver_due(transport=RecordingTransport(), now=clock, archive=sent.file_sent)
    entry = Entry.objects.get(outgoing=outgoing)
    assert entry.conversation == merged
    assert entry.message == Outgoing.objects.get().archived
    assert Message.objects.visible_to(cast.bob).count() == 4


def test_what_is_still_to_be_done_with_mail_goes_over(cast: Cast, older: Conversation, newer: Conversation) -> None:
    delivery = newer.entries.get(message__isnull=False).message.deliveries.get()  # type: ignore[union-attr]
    RuleWait.objects.create(delivery=delivery, conversation=newer, opened=True, due_at=NOON)
    RuleCall.objects.create(conversation=newer, url="https://example.com/", due_at=NOON)
    AutomaticAnswer.objects.create(conversation=newer, delivery=delivery, address="jana@example.cz", due_at=NOON)
    join(cast)
    [waits] = RuleWait.objects.all()
    assert (waits.conversation, waits.opened) == (older, False)
    assert RuleCall.objects.get().conversation == AutomaticAnswer.objects.get().conversation == older
