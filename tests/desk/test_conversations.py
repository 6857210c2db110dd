"""Assigning, closing and reopening."""

from __future__ import annotations

from datetime import timedelta

import pytest

from podatelna.accounts.models import Holding
from podatelna.archive.models import Message
from podatelna.desk import notes
from podatelna.desk.errors import NotAssignable
from podatelna.desk.models import Change, Conversation, Entry
from podatelna.desk.processes import add_member, remove_member
from tests.cast import NOON, Cast, a_mail, receive

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    return receive(a_mail(message_id="one@example.cz"), cast.helpdesk_gateway)


def events(conversation: Conversation) -> list[Entry]:
    return list(conversation.entries.filter(kind=Entry.Kind.EVENT))


def test_assigning_is_written_down_once(cast: Cast, conversation: Conversation) -> None:
    assert conversation.assign(cast.bob, cast.alice, LATER)
    assert not conversation.assign(cast.bob, cast.alice, LATER)
    conversation.refresh_from_db()
    assert conversation.assignee == cast.bob
    [event] = events(conversation)
    assert (event.verb, event.person, event.at, event.details["to"]) == ("assigned", cast.alice, LATER, cast.bob.pk)


def test_somebody_who_has_left_gets_nothing(cast: Cast, conversation: Conversation) -> None:
    cast.bob.is_active = False
    with pytest.raises(NotAssignable):
        conversation.assign(cast.bob, cast.alice, LATER)


def test_closing_and_reopening_are_written_down_once(cast: Cast, conversation: Conversation) -> None:
    assert conversation.close(cast.bob, LATER)
    assert not conversation.close(cast.alice, LATER)
    assert Conversation.objects.get().closed_at == LATER
    assert conversation.reopen(cast.bob, LATER)
    assert not conversation.reopen(cast.bob, LATER)
    assert Conversation.objects.get().closed_at is None
    assert [event.verb for event in events(conversation)] == ["closed", "reopened"]


def test_a_stale_page_closes_nothing_twice(cast: Cast, conversation: Conversation) -> None:
    stale = Conversation.objects.get()
    conversation.close(cast.bob, LATER)
    assert not stale.close(cast.alice, LATER)


@pytest.mark.parametrize("verb", ["assign", "close"])
def test_open_pages_are_told(cast: Cast, conversation: Conversation, verb: str) -> None:
    before = Change.objects.count()
    conversation.assign(cast.bob, cast.bob, LATER) if verb == "assign" else conversation.close(cast.bob, LATER)
    assert Change.objects.count() == before + 1


# --- people from outside the team ------------------------------------------------------------------------


def sees(person: object) -> bool:
    return (
        Conversation.objects.visible_to(person).exists()  # type: ignore[arg-type]
        and Message.objects.visible_to(person).exists()  # type: ignore[attr-defined]
    )


def test_who_is_assigned_from_outside_sees_the_conversation_and_its_messages(
    cast: Cast, conversation: Conversation
) -> None:
    other = receive(a_mail(), cast.helpdesk_gateway)
    conversation.assign(cast.carol, cast.alice, LATER)
    assert list(Conversation.objects.visible_to(cast.carol)) == [conversation]
    assert Message.objects.visible_to(cast.carol).get().entries.get().conversation == conversation
    assert other not in Conversation.objects.visible_to(cast.carol)


def test_also_messages_that_come_later(cast: Cast, conversation: Conversation) -> None:
    conversation.assign(cast.carol, cast.alice, LATER)
    receive(a_mail(in_reply_to="one@example.cz"), cast.helpdesk_gateway, LATER)
    assert Message.objects.visible_to(cast.carol).count() == 2


def test_who_is_no_longer_assigned_sees_nothing(cast: Cast, conversation: Conversation) -> None:
    conversation.assign(cast.carol, cast.alice, LATER)
    conversation.assign(cast.bob, cast.alice, LATER)
    assert not sees(cast.carol)
    assert not Holding.objects.filter(person=cast.carol, reason="assigned").exists()


def test_a_member_who_is_assigned_holds_no_more_than_the_team(cast: Cast, conversation: Conversation) -> None:
    conversation.assign(cast.bob, cast.alice, LATER)
    assert Holding.objects.filter(person=cast.bob).count() == 1


def test_who_leaves_the_team_sees_nothing_at_once(cast: Cast, conversation: Conversation) -> None:
    conversation.assign(cast.bob, cast.alice, LATER)
    remove_member(cast.helpdesk, cast.bob, cast.dan)
    assert not sees(cast.bob)
    conversation.refresh_from_db()
    assert conversation.assignee is None


def test_what_is_closed_keeps_the_name_of_who_left(cast: Cast, conversation: Conversation) -> None:
    conversation.assign(cast.bob, cast.alice, LATER)
    conversation.close(cast.bob, LATER)
    remove_member(cast.helpdesk, cast.bob, cast.dan)
    conversation.refresh_from_db()
    assert conversation.assignee == cast.bob
    assert not sees(cast.bob)


def test_reopened_it_does_not_lie_with_somebody_who_cannot_see_it(cast: Cast, conversation: Conversation) -> None:
    conversation.assign(cast.bob, cast.alice, LATER)
    conversation.close(cast.bob, LATER)
    remove_member(cast.helpdesk, cast.bob, cast.dan)
    receive(a_mail(in_reply_to="one@example.cz"), cast.helpdesk_gateway, LATER)
    conversation.refresh_from_db()
    assert (conversation.status, conversation.assignee) == (Conversation.Status.OPEN, None)


def test_an_assignee_who_joins_and_leaves_the_team_keeps_nothing(cast: Cast, conversation: Conversation) -> None:
    conversation.assign(cast.carol, cast.alice, LATER)
    add_member(cast.helpdesk, cast.carol, "member", cast.dan)
    remove_member(cast.helpdesk, cast.carol, cast.dan)
    assert not sees(cast.carol)


# --- notes -----------------------------------------------------------------------------------------------


def test_a_note_is_in_the_timeline_and_changes_no_order(cast: Cast, conversation: Conversation) -> None:
    entry = notes.add(conversation, cast.bob, "Called her,\x00 she waits.\n", LATER)
    assert (entry.kind, entry.text, entry.person) == (Entry.Kind.NOTE, "Called her, she waits.", cast.bob)
    conversation.refresh_from_db()
    assert conversation.last_message_at == NOON
