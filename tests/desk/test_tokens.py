"""A mark in the subject brings an answer without References home, and no stranger into a conversation."""

from __future__ import annotations

from datetime import timedelta

import pytest

from podatelna.archive import store
from podatelna.archive.models import Message, ThreadDecision
from podatelna.desk import drafts, replies, sent
from podatelna.desk.models import Conversation
from podatelna.mail.parse import parse
from podatelna.outbox.delivery import deliver_due
from tests.cast import NOON, Cast, Clock, RecordingTransport, a_mail, receive

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    """With Jana, in a process that marks its subjects."""
    cast.helpdesk.mark_subjects = True
    cast.helpdesk.save()
    return receive(a_mail("Broken", message_id="one@example.cz"), cast.helpdesk_gateway)


def answer(conversation: Conversation, **fields: object) -> bytes:
    return a_mail(f"Re: Broken [#helpdesk-{conversation.pk}]", "My answer.", **fields)  # type: ignore[arg-type]


def write(cast: Cast, conversation: Conversation) -> str:
    """The subject of a reply as it leaves."""
    draft = drafts.open_draft(cast.bob, "reply", NOON, conversation=conversation)
    draft = drafts.save(draft, NOON, revision=draft.revision, text="We will come.")
    outgoing = replies.send(draft, NOON, seen_until=None)
    return parse(store.read_blob(outgoing.raw)).subject


def test_a_letter_names_its_conversation_once(cast: Cast, conversation: Conversation) -> None:
    mark = f"[#helpdesk-{conversation.pk}]"
    assert write(cast, conversation) == f"Re: Broken {mark}"
    receive(answer(conversation, in_reply_to="one@example.cz"), cast.helpdesk_gateway, LATER)
    assert write(cast, conversation).count(mark) == 1


def test_other_processes_do_not_mark(cast: Cast) -> None:
    conversation = receive(a_mail("Offer"), cast.sales_gateway)
    draft = drafts.open_draft(cast.carol, "reply", NOON, conversation=conversation)
    draft = drafts.save(draft, NOON, revision=draft.revision, text="Yes.")
    assert parse(store.read_blob(replies.send(draft, NOON, seen_until=None).raw)).subject == "Re: Offer"


def test_an_answer_without_references_comes_home(cast: Cast, conversation: Conversation) -> None:
    assert receive(answer(conversation), cast.helpdesk_gateway, LATER) == conversation
    assert Conversation.objects.count() == 1
    again = a_mail("Re: Re: Broken", message_id="three@example.cz", in_reply_to=Message.objects.latest("pk").message_id)
    assert receive(again, cast.helpdesk_gateway, LATER) == conversation


def test_a_stranger_does_not_come_in(cast: Cast, conversation: Conversation) -> None:
    raw = answer(conversation, sender="Mallory <mallory@example.org>")
    assert receive(raw, cast.helpdesk_gateway, LATER) != conversation
    assert not ThreadDecision.objects.exists()


def test_whom_we_have_written_to_comes_home(
    cast: Cast, conversation: Conversation, transport: RecordingTransport, clock: Clock
) -> None:
    draft = drafts.open_draft(cast.bob, "reply", NOON, conversation=conversation)
    draft = drafts.save(draft, NOON, revision=draft.revision, text="See Petr.", cc="petr@example.org")
    replies.send(draft, NOON, seen_until=None)
    raw = answer(conversation, sender="Petr <petr@example.org>")
    assert receive(raw, cast.helpdesk_gateway, LATER) == conversation
    clock.forward(minutes=1)
    deliver_due(transport=transport, now=clock, archive=sent.file_sent, announce=sent.announce)
    again = answer(conversation, sender="Petr <petr@example.org>", message_id="again@example.org")
    assert receive(again, cast.helpdesk_gateway, LATER) == conversation


def test_the_conversation_of_another_process_is_not_meant(cast: Cast, conversation: Conversation) -> None:
    raw = answer(conversation)
    assert receive(raw, cast.sales_gateway, LATER).process == cast.sales
    assert Conversation.objects.count() == 2
    assert not ThreadDecision.objects.exists()


def test_references_hold_before_a_mark(cast: Cast, conversation: Conversation) -> None:
    other = receive(a_mail("Other", message_id="other@example.cz"), cast.helpdesk_gateway)
    raw = answer(conversation, in_reply_to="other@example.cz")
    assert receive(raw, cast.helpdesk_gateway, LATER) == other


def test_marks_that_name_nothing_are_words(cast: Cast) -> None:
    for subject in ("[#helpdesk-999999]", "[#x-0]", "[#-1]", f"[#a-{'9' * 18}]", "[#a-1]" * 50):
        receive(a_mail(subject), cast.helpdesk_gateway)
    assert not ThreadDecision.objects.exists()
