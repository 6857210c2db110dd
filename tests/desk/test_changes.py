"""The feed of changes: each is told once, to those who may know, whatever the order of commits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from podatelna.desk import changes
from podatelna.desk.models import Change, Conversation
from tests.cast import NOON, Cast, a_mail, receive


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    return receive(a_mail(), cast.helpdesk_gateway)


def test_it_begins_now(cast: Cast, conversation: Conversation) -> None:
    cursor, ids = changes.since(cast.bob, "")
    assert ids == set()
    assert changes.since(cast.bob, cursor) == (cursor, set())


def test_a_change_is_told_once(cast: Cast, conversation: Conversation) -> None:
    cursor, _ = changes.since(cast.bob, "")
    conversation.close(cast.alice, NOON)
    cursor, ids = changes.since(cast.bob, cursor)
    assert ids == {conversation.pk}
    assert changes.since(cast.bob, cursor)[1] == set()


def test_it_is_not_told_to_who_may_not_see_it(cast: Cast, conversation: Conversation) -> None:
    cursor, _ = changes.since(cast.eve, "")
    conversation.close(cast.alice, NOON)
    assert changes.since(cast.eve, cursor)[1] == set()


def test_the_first_change_of_all_is_told(cast: Cast) -> None:
    cursor, _ = changes.since(cast.bob, "")
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    assert changes.since(cast.bob, cursor)[1] == {conversation.pk}


def test_a_change_that_is_committed_late_is_told_all_the_same(cast: Cast, conversation: Conversation) -> None:
    other = receive(a_mail(), cast.helpdesk_gateway)
    cursor, _ = changes.since(cast.bob, "")
    start = Change.objects.order_by("-pk")[0].pk
    Change.objects.create(pk=start + 3, conversation=other, at=NOON)
    cursor, ids = changes.since(cast.bob, cursor)
    assert ids == {other.pk}
    Change.objects.create(pk=start + 2, conversation=conversation, at=NOON)
    cursor, ids = changes.since(cast.bob, cursor)
    assert ids == {conversation.pk}
    Change.objects.create(pk=start + 1, conversation=conversation, at=NOON)
    cursor, ids = changes.since(cast.bob, cursor)
    assert ids == {conversation.pk}
    assert changes.since(cast.bob, cursor)[1] == set()


def test_numbers_that_never_come_are_forgotten(cast: Cast, conversation: Conversation) -> None:
    cursor, _ = changes.since(cast.bob, "")
    start = Change.objects.order_by("-pk")[0].pk
    Change.objects.create(pk=start + 5, conversation=conversation, at=NOON)
    cursor, _ = changes.since(cast.bob, cursor)
    assert "_" in cursor
    Change.objects.create(pk=start + 6, conversation=conversation, at=NOON + timedelta(minutes=5))
    cursor, _ = changes.since(cast.bob, cursor)
    assert cursor == str(start + 6)


def test_a_cursor_stays_short(cast: Cast, conversation: Conversation) -> None:
    cursor, _ = changes.since(cast.bob, "")
    start = Change.objects.order_by("-pk")[0].pk
    for number in range(1, 200):
        Change.objects.create(pk=start + 100 * number, conversation=conversation, at=NOON)
    cursor, _ = changes.since(cast.bob, cursor)
    assert len(cursor) < 1500


@pytest.mark.parametrize(
    "rubbish", ["x", "1_2", "1_2.x", "-1", "1.5", "9" * 30, "²", "_", "1_" + "2.3_" * 1000, "1;drop table"]
)
def test_rubbish_begins_now(cast: Cast, conversation: Conversation, rubbish: str) -> None:
    assert changes.since(cast.bob, rubbish) == changes.since(cast.bob, "")


def test_old_rows_are_swept_and_numbers_go_on(cast: Cast, conversation: Conversation) -> None:
    cursor, _ = changes.since(cast.bob, "")
    changes.sweep(NOON + timedelta(days=30))
    assert Change.objects.count() == 1
    conversation.close(cast.alice, NOON)
    assert changes.since(cast.bob, cursor)[1] == {conversation.pk}
