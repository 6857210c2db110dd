"""A conversation split and two joined by a person: everybody sees the same as before, no more, and it can be undone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from podatelna.archive.models import DeliveryScope, Message, Thread, ThreadDecision
from podatelna.desk import drafts, notes, replies, sent, threading
from podatelna.desk.errors import NotJoinable, NotSplittable
from podatelna.desk.models import Conversation, Entry, Reading
from podatelna.outbox.delivery import deliver_due
from tests.cast import NOON, Cast, Clock, RecordingTransport, a_mail, receive

LATER = NOON + timedelta(hours=1)


def mail(cast: Cast, name: str, *references: str, subject: str = "", minutes: int = 0) -> Conversation:
    """The message `name`, which names `references`, in the helpdesk."""
    *before, answered = ["", *(f"{one}@example.cz" for one in references)]
    raw = a_mail(
        subject or f"About {name}",
        f"I am {name}.",
        message_id=f"{name}@example.cz",
        references=before[1:],
        in_reply_to=answered,
    )
    return receive(raw, cast.helpdesk_gateway, NOON + timedelta(minutes=minutes))


def message(name: str) -> Message:
    return Message.objects.get(message_id=f"{name}@example.cz")


def subjects(conversation: Conversation) -> list[str]:
    entries = conversation.entries.filter(message__isnull=False).order_by("at", "pk")
    return [entry.message.subject.removeprefix("About ") for entry in entries if entry.message]


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    """a, its answers b and c, and d that answers b."""
    mail(cast, "a")
    mail(cast, "b", "a", minutes=1)
    mail(cast, "c", "a", minutes=2)
    return mail(cast, "d", "a", "b", minutes=3)


# --- splitting -------------------------------------------------------------------------------------------


def test_a_split_makes_a_conversation_of_a_message_and_its_answers(cast: Cast, conversation: Conversation) -> None:
    notes.add(conversation, cast.bob, "A note.", NOON)
    conversation.assign(cast.bob, cast.alice, NOON)
    going = [entry.message for entry in threading.going_along(conversation, message("b"))]
    new, _ = threading.split(conversation, message("b"), cast.bob, LATER)
    conversation.refresh_from_db()
    assert (subjects(conversation), subjects(new)) == (["a", "c"], ["b", "d"])
    assert going == [message("b"), message("d")]
    assert (conversation.subject, new.subject) == ("About a", "About b")
    assert new.assignee == cast.bob
    assert new.status == Conversation.Status.OPEN
    assert conversation.entries.filter(kind=Entry.Kind.NOTE).count() == 1
    assert new.partner_address == conversation.partner_address
    assert conversation.preview == message("c").preview


def test_both_say_who_split_them(cast: Cast, conversation: Conversation) -> None:
    new, _ = threading.split(conversation, message("b"), cast.bob, LATER)
    assert conversation.entries.get(verb="split-off").person == cast.bob
    assert new.entries.get(verb="split").details == {"conversation": conversation.pk, "name": "About a"}


def test_later_answers_come_where_they_belong(cast: Cast, conversation: Conversation) -> None:
    new, _ = threading.split(conversation, message("b"), cast.bob, LATER)
    assert mail(cast, "e", "a", "b", "d", minutes=90) == new
    assert mail(cast, "f", "a", "c", minutes=91) == conversation


def test_undoing_a_split_brings_everything_back(cast: Cast, conversation: Conversation) -> None:
    new, decision = threading.split(conversation, message("b"), cast.bob, LATER)
    notes.add(new, cast.bob, "Written there.", LATER)
    threading.undo(decision, cast.bob, LATER)
    assert Conversation.objects.get() == conversation
    conversation.refresh_from_db()
    assert subjects(conversation) == ["a", "b", "c", "d"]
    assert conversation.entries.filter(kind=Entry.Kind.NOTE).count() == 1
    assert Thread.objects.count() == 1


def test_what_was_read_stays_read(cast: Cast, conversation: Conversation) -> None:
    Reading.objects.create(person=cast.bob, conversation=conversation, read_at=LATER)
    new, _ = threading.split(conversation, message("b"), cast.bob, LATER)
    assert Reading.objects.get(conversation=new, person=cast.bob).read_at == LATER


def test_the_first_message_cannot_be_split_off(cast: Cast, conversation: Conversation) -> None:
    with pytest.raises(NotSplittable):
        threading.split(conversation, message("a"), cast.bob, LATER)
    assert not ThreadDecision.objects.exists()
    assert subjects(conversation) == ["a", "b", "c", "d"]


def test_who_was_let_into_the_conversation_sees_what_stays_and_not_what_left(
    cast: Cast, conversation: Conversation
) -> None:
    conversation.assign(cast.eve, cast.alice, NOON)
    new, _ = threading.split(conversation, message("b"), cast.bob, LATER)
    new.assign(None, cast.alice, LATER)
    seen = Message.objects.visible_to(cast.eve)  # type: ignore[attr-defined]
    assert {one.message_id[0] for one in seen} == {"a", "c"}
    assert not Conversation.objects.visible_to(cast.eve).filter(pk=new.pk).exists()  # type: ignore[attr-defined]
    assert not DeliveryScope.objects.filter(message=message("b"), scope=conversation.scope).exists()


def test_an_answer_that_is_being_written_goes_with_what_it_answers(cast: Cast, conversation: Conversation) -> None:
    draft = drafts.open_draft(cast.bob, "reply", NOON, conversation=conversation, answered=message("d"))
    new, _ = threading.split(conversation, message("b"), cast.bob, LATER)
    draft.refresh_from_db()
    assert draft.conversation == new


def test_a_letter_on_its_way_goes_with_what_it_answers(
    cast: Cast, conversation: Conversation, transport: RecordingTransport, clock: Clock
) -> None:
    draft = drafts.open_draft(cast.bob, "reply", NOON, conversation=conversation, answered=message("d"))
    drafts.save(draft, NOON, revision=draft.revision, text="Our answer.")
    replies.send(draft, NOON, seen_until=None)
    new, _ = threading.split(conversation, message("b"), cast.bob, clock())
    assert new.entries.filter(kind=Entry.Kind.OUTGOING).count() == 1
    clock.forward(minutes=1)
    deliver_due(transport=transport, now=clock, archive=sent.file_sent, announce=sent.announce)
    letter = new.entries.get(kind=Entry.Kind.OUTGOING).message
    assert letter is not None
    assert letter.thread == new.thread
    answer = a_mail("Re: Re", message_id="z@example.cz", in_reply_to=letter.message_id)
    assert receive(answer, cast.helpdesk_gateway, LATER) == new


def test_the_other_process_of_the_thread_has_it_split_too(cast: Cast) -> None:
    for name, references in (("a", ""), ("b", "a@example.cz")):
        raw = a_mail(f"About {name}", message_id=f"{name}@example.cz", in_reply_to=references)
        receive(raw, cast.helpdesk_gateway)
        receive(raw, cast.sales_gateway)
    ours = Conversation.objects.get(process=cast.helpdesk)
    threading.split(ours, message("b"), cast.bob, LATER)
    assert [subjects(one) for one in Conversation.objects.filter(process=cast.sales).order_by("pk")] == [["a"], ["b"]]


# --- joining ---------------------------------------------------------------------------------------------


def test_joining_makes_one_with_everything_of_both(cast: Cast) -> None:
    one, other = mail(cast, "a"), mail(cast, "x", minutes=1)
    notes.add(other, cast.bob, "A note.", NOON)
    kept, _ = threading.join(other, one, cast.bob, LATER)
    assert kept == one == Conversation.objects.get()
    assert subjects(kept) == ["a", "x"]
    assert kept.entries.filter(kind=Entry.Kind.NOTE).count() == 1
    event = kept.entries.get(verb="joined")
    assert (event.person, event.details) == (cast.bob, {"conversation": other.pk, "name": "About x"})
    assert mail(cast, "y", "x", minutes=5) == kept


def test_undoing_a_join_makes_both_again_under_their_own_numbers(cast: Cast) -> None:
    one, other = mail(cast, "a"), mail(cast, "x", minutes=1)
    notes.add(other, cast.bob, "A note.", NOON)
    other.assign(cast.alice, cast.bob, NOON)
    other.close(cast.alice, NOON)
    kept, decision = threading.join(one, other, cast.bob, LATER)
    mail(cast, "y", "x", minutes=100)
    threading.undo(decision, cast.bob, LATER)
    again = Conversation.objects.get(pk=other.pk)
    assert (subjects(kept), subjects(again)) == (["a"], ["x", "y"])
    assert again.assignee == cast.alice
    assert again.entries.filter(kind=Entry.Kind.NOTE).count() == 1
    assert (again.subject, again.thread.messages.count()) == ("About x", 2)
    assert Conversation.objects.visible_to(cast.bob).count() == 2  # type: ignore[attr-defined]


def test_conversations_of_two_processes_are_not_joined(cast: Cast) -> None:
    ours = mail(cast, "a")
    theirs = receive(a_mail("Theirs"), cast.sales_gateway)
    with pytest.raises(NotJoinable):
        threading.join(ours, theirs, cast.bob, LATER)
    with pytest.raises(NotJoinable):
        threading.join(ours, ours, cast.bob, LATER)
    assert not ThreadDecision.objects.exists()
