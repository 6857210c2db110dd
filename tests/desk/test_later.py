"""Letters that go out at a time somebody chose: changed, sent now, or a draft again with all that was in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

import pytest

from podatelna.archive.erasing import erase_unheld
from podatelna.archive.models import Blob
from podatelna.desk import drafts, later, replies, sent
from podatelna.desk.models import Conversation, Draft, Entry
from podatelna.outbox.delivery import deliver_due
from podatelna.outbox.models import Outgoing
from tests.cast import NOON, Cast, Clock, RecordingTransport, a_mail, receive

PRAGUE = ZoneInfo("Europe/Prague")
MONDAY = NOON + timedelta(days=7)


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    return receive(a_mail(message_id="one@example.cz"), cast.helpdesk_gateway)


def write(cast: Cast, conversation: Conversation, at: datetime = MONDAY) -> Outgoing:
    draft = drafts.open_draft(cast.bob, "reply", NOON, conversation=conversation)
    draft = drafts.save(draft, NOON, revision=draft.revision, text="We come on Monday.")
    drafts.attach(draft, "plan.txt", "text/plain", b"The whole plan.\n" * 200)
    return replies.send(draft, NOON, seen_until=None, at=at)


def run(clock: Clock) -> RecordingTransport:
    transport = RecordingTransport()
    deliver_due(
        transport=transport, now=clock, archive=sent.file_sent, announce=sent.announce, in_turn=sent.in_turn
    )  # fmt: skip
    return transport


@pytest.mark.parametrize(
    ("now", "tomorrow", "monday"),
    [
        (datetime(2026, 5, 4, 10, tzinfo=UTC), "2026-05-05 08:00 CEST", "2026-05-11 08:00 CEST"),  # a Monday
        (datetime(2026, 5, 10, 22, 30, tzinfo=UTC), "2026-05-12 08:00 CEST", "2026-05-18 08:00 CEST"),  # Monday there
        (datetime(2026, 3, 28, 10, tzinfo=UTC), "2026-03-29 08:00 CEST", "2026-03-30 08:00 CEST"),  # the clocks change
        (datetime(2026, 10, 24, 10, tzinfo=UTC), "2026-10-25 08:00 CET", "2026-10-26 08:00 CET"),
    ],
    ids=["monday", "after-midnight", "spring", "autumn"],
)
def test_the_times_that_are_offered(now: datetime, tomorrow: str, monday: str) -> None:
    form = "%Y-%m-%d %H:%M %Z"
    assert later.tomorrow(now, PRAGUE).strftime(form) == tomorrow
    assert later.next_monday(now, PRAGUE).strftime(form) == monday


def test_not_into_the_past_and_not_for_ever() -> None:
    assert [later.is_possible(NOON + timedelta(days=days), NOON) for days in (-1, 0, 1, 366, 367)] == [
        False, False, True, True, False
    ]  # fmt: skip


def test_it_waits_until_then_and_has_the_date_of_its_leaving(
    cast: Cast, conversation: Conversation, clock: Clock
) -> None:
    write(cast, conversation)
    clock.now = MONDAY - timedelta(seconds=1)
    assert run(clock).posted == []
    clock.now = MONDAY + timedelta(minutes=5)
    [posted] = run(clock).posted
    assert parsedate_to_datetime(message_from_bytes(posted.raw)["Date"]) == clock.now


def test_it_stands_where_it_left(cast: Cast, conversation: Conversation, clock: Clock) -> None:
    write(cast, conversation)
    friday = MONDAY - timedelta(days=3)
    receive(a_mail(in_reply_to="one@example.cz", date=friday), cast.helpdesk_gateway, friday)
    clock.now = MONDAY
    run(clock)
    mail = conversation.entries.exclude(kind=Entry.Kind.EVENT)
    assert [entry.kind for entry in mail] == ["message", "message", "outgoing"]
    conversation.refresh_from_db()
    assert conversation.last_message_at == MONDAY


def test_another_time(cast: Cast, conversation: Conversation, clock: Clock) -> None:
    outgoing = write(cast, conversation)
    assert later.put_off(outgoing, MONDAY + timedelta(days=1), cast.alice, NOON)
    clock.now = MONDAY
    assert run(clock).posted == []
    clock.forward(days=1)
    assert len(run(clock).posted) == 1
    assert not later.put_off(outgoing, MONDAY + timedelta(days=2), cast.alice, clock())
    assert conversation.entries.get(verb="put-off").person == cast.alice


def test_now(cast: Cast, conversation: Conversation, clock: Clock) -> None:
    assert later.send_now(write(cast, conversation), cast.alice, NOON)
    assert len(run(clock).posted) == 1


@pytest.mark.parametrize("who", ["bob", "alice"])
def test_back_into_a_draft_with_all_that_was_in_it(
    cast: Cast, conversation: Conversation, clock: Clock, who: str
) -> None:
    outgoing = write(cast, conversation)
    # What only the letter holds may have been erased meanwhile, with another draft that had the same file.
    erase_unheld(Blob.objects.values_list("pk", flat=True))
    person = getattr(cast, who)
    draft = replies.undo(outgoing, person, NOON)
    assert draft is not None
    assert (draft.person, draft.text, draft.to) == (person, "We come on Monday.", "Jana Nováková <jana@example.cz>")
    assert [file.name for file in draft.files.all()] == ["plan.txt"]
    clock.now = MONDAY
    assert run(clock).posted == []
    assert conversation.entries.get(verb="withdrawn").person == person


def test_one_that_is_under_way_does_not_come_back(cast: Cast, conversation: Conversation, clock: Clock) -> None:
    outgoing = write(cast, conversation)
    clock.now = MONDAY
    run(clock)
    assert replies.undo(outgoing, cast.bob, clock()) is None
    assert not Draft.objects.exists()


def test_a_worker_that_has_just_taken_it_up_does_not_send_it(
    cast: Cast, conversation: Conversation, clock: Clock
) -> None:
    outgoing = write(cast, conversation)
    clock.now = MONDAY
    seen: list[int] = []

    def decide(pk: int) -> None:
        seen.append(pk)
        assert later.put_off(Outgoing.objects.get(pk=pk), MONDAY + timedelta(days=1), cast.bob, MONDAY)

    class Meddling(Clock):
        """Somebody decides between the worker's claim and its attempt."""

        calls = 0

        def __call__(self) -> datetime:
            self.calls += 1
            if self.calls == 2:
                decide(outgoing.pk)
            return self.now

    transport = RecordingTransport()
    deliver_due(transport=transport, now=Meddling(MONDAY), archive=sent.file_sent, in_turn=sent.in_turn)
    assert (seen, transport.posted) == ([outgoing.pk], [])
