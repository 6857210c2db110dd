"""Letters of one conversation go out in the order planned, and what is stuck holds up nothing for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from podatelna.desk import drafts, replies, sent
from podatelna.desk.models import Conversation
from podatelna.outbox import queue
from podatelna.outbox.delivery import deliver_due
from podatelna.outbox.models import Outgoing
from podatelna.protocols.errors import ConnectionLost, Uncertain
from podatelna.protocols.smtp import Outcome, Reply
from tests.cast import NOON, Cast, Clock, RecordingTransport, a_mail, receive

State = Outgoing.State
NOW = timedelta(0)


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    return receive(a_mail(message_id="one@example.cz"), cast.helpdesk_gateway)


def write(cast: Cast, conversation: Conversation, text: str, at: datetime = NOON, **fields: str) -> Outgoing:
    draft = drafts.open_draft(cast.bob, "reply", at, conversation=conversation)
    draft = drafts.save(draft, at, revision=draft.revision, text=text, **fields)
    return replies.send(draft, at, seen_until=None, undo_within=NOW)


def run(transport: RecordingTransport, clock: Clock) -> None:
    deliver_due(
        transport=transport, now=clock, archive=sent.file_sent, announce=sent.announce, in_turn=sent.in_turn,
        chance=lambda: 0.0,
    )  # fmt: skip


def texts(transport: RecordingTransport) -> list[str]:
    return [word for posted in transport.posted for word in ("first", "second") if word.encode() in posted.raw]


def test_a_later_letter_waits_for_one_that_is_tried_again(cast: Cast, conversation: Conversation, clock: Clock) -> None:
    first, second = write(cast, conversation, "first"), write(cast, conversation, "second")
    transport = RecordingTransport([ConnectionLost("reset"), None], hands_over=False)
    run(transport, clock)
    assert (texts(transport), sent.waits_for(second), sent.waits_for(first)) == ([], first.pk, None)
    clock.forward(minutes=1)
    run(transport, clock)
    run(transport, clock)
    assert texts(transport) == ["first", "second"]


@pytest.mark.parametrize("answer", [Uncertain("timed out"), Outcome({"jana@example.cz": Reply(550, "no")}, None)])
def test_what_failed_or_is_uncertain_holds_up_nothing(
    cast: Cast, conversation: Conversation, clock: Clock, answer: Outcome | BaseException
) -> None:
    write(cast, conversation, "first")
    write(cast, conversation, "second")
    transport = RecordingTransport([answer, None])
    run(transport, clock)
    assert transport.dialled == 2
    assert [*Outgoing.objects.order_by("pk").values_list("state", flat=True)][1] == State.SENT


def test_one_that_is_given_up_after_days_lets_the_next_one_go(
    cast: Cast, conversation: Conversation, clock: Clock
) -> None:
    first, second = write(cast, conversation, "first"), write(cast, conversation, "second")
    broken = RecordingTransport([ConnectionLost("reset")], hands_over=False)
    for _ in range(100):
        clock.now = max(clock.now, Outgoing.objects.get(pk=first.pk).due_at or clock.now)
        run(broken, clock)
        first.refresh_from_db()
        if first.state == State.FAILED:
            break
    second.refresh_from_db()
    assert first.state == State.FAILED
    assert second.attempts <= 1
    transport = RecordingTransport()
    clock.forward(hours=4)
    run(transport, clock)
    assert texts(transport) == ["second"]


def test_a_letter_to_somebody_else_does_not_wait(cast: Cast, conversation: Conversation, clock: Clock) -> None:
    write(cast, conversation, "first")
    write(cast, conversation, "second", to="petr@example.cz")
    transport = RecordingTransport([ConnectionLost("reset"), None], hands_over=False)
    run(transport, clock)
    assert texts(transport) == ["second"]


def test_another_conversation_does_not_wait(cast: Cast, conversation: Conversation, clock: Clock) -> None:
    other = receive(a_mail("Dryer", message_id="two@example.cz"), cast.helpdesk_gateway)
    write(cast, conversation, "first")
    write(cast, other, "second")
    transport = RecordingTransport([ConnectionLost("reset"), None], hands_over=False)
    run(transport, clock)
    assert texts(transport) == ["second"]


def test_one_put_off_until_monday_does_not_hold_up_todays(cast: Cast, conversation: Conversation, clock: Clock) -> None:
    first = write(cast, conversation, "first")
    assert queue.reschedule(first, NOON + timedelta(days=3))
    write(cast, conversation, "second")
    transport = RecordingTransport()
    run(transport, clock)
    assert texts(transport) == ["second"]
