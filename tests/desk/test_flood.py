"""A flood of one sender's mail is held beside the desk: archived, found, listed, quiet, and a person decides."""

from __future__ import annotations

import pytest

from podatelna.accounts.models import AuditEntry, Person
from podatelna.archive.models import Delivery, Message
from podatelna.desk import changes, flood, lists
from podatelna.desk.automatic_models import AutomaticAnswer, Flood
from podatelna.desk.models import Conversation
from podatelna.gateways.alarms import standing
from tests.cast import Cast, Clock, a_mail, receive

LIMIT = 5


@pytest.fixture
def few(cast: Cast) -> Cast:
    """Helpdesk holds from five messages in ten minutes on, and answers by itself."""
    cast.helpdesk.flood_messages, cast.helpdesk.flood_minutes = LIMIT, 10
    cast.helpdesk.answers, cast.helpdesk.answer_en = True, "We have it."
    cast.helpdesk.save()
    return cast


def come(cast: Cast, clock: Clock, count: int, sender: str = "robot@example.cz", **mail: str) -> list[Conversation]:
    return [receive(a_mail(f"Alarm {n}", sender=sender, **mail), cast.helpdesk_gateway, clock()) for n in range(count)]


def on_the_desk(person: Person) -> int:
    return lists.conversations_in("all", person).count()


def held(person: Person) -> int:
    return lists.conversations_in("held", person).count()


def test_from_the_limit_on_all_of_it_is_held(few: Cast, clock: Clock) -> None:
    come(few, clock, LIMIT - 1)
    assert (on_the_desk(few.bob), held(few.bob), Flood.objects.count()) == (LIMIT - 1, 0, 0)
    come(few, clock, 3)
    assert (on_the_desk(few.bob), held(few.bob)) == (0, LIMIT + 2)
    row = Flood.objects.get()
    assert (row.process, row.address, row.messages) == (few.helpdesk, "robot@example.cz", LIMIT + 2)


def test_it_is_archived_and_found(few: Cast, clock: Clock) -> None:
    come(few, clock, LIMIT + 1)
    assert Delivery.objects.filter(state=Delivery.State.DONE).count() == Message.objects.count() == LIMIT + 1
    assert Message.objects.visible_to(few.bob).exclude(search_id=None).count() == LIMIT + 1


def test_it_counts_nowhere_as_open_work(few: Cast, clock: Clock) -> None:
    come(few, clock, LIMIT + 1)
    assert set(lists.open_counts(few.bob).values()) == {0}
    assert lists.conversations_in(f"process-{few.helpdesk.pk}-held", few.bob).count() == LIMIT + 1


def test_others_see_nothing_of_it(few: Cast, clock: Clock) -> None:
    come(few, clock, LIMIT + 1)
    assert [held(person) for person in (few.carol, few.dan, few.eve)] == [0, 0, 0]


def test_it_is_quiet_and_gets_no_answer(few: Cast, clock: Clock) -> None:
    come(few, clock, LIMIT)
    answers = AutomaticAnswer.objects.count()
    cursor, _ = changes.since(few.bob, "")
    come(few, clock, 3)
    assert changes.since(few.bob, cursor)[1] == set()
    assert AutomaticAnswer.objects.count() == answers < LIMIT


def test_it_reopens_nothing(few: Cast, clock: Clock) -> None:
    first = receive(a_mail(sender="robot@example.cz", message_id="first@example.cz"), few.helpdesk_gateway, clock())
    first.close(few.bob, clock())
    come(few, clock, LIMIT)
    come(few, clock, 1, in_reply_to="first@example.cz")
    first.refresh_from_db()
    assert (first.status, first.entries.filter(kind="message").count()) == (Conversation.Status.CLOSED, 2)


def test_what_somebody_works_on_stays_on_the_desk(few: Cast, clock: Clock) -> None:
    taken = come(few, clock, 1)[0]
    taken.assign(few.bob, few.bob, clock())
    come(few, clock, LIMIT)
    assert on_the_desk(few.bob) == 1
    lists.conversations_in("held", few.bob).first().assign(few.bob, few.bob, clock())  # type: ignore[union-attr]
    assert on_the_desk(few.bob) == 2


def test_other_senders_and_other_processes_go_on(few: Cast, clock: Clock) -> None:
    come(few, clock, LIMIT + 1)
    receive(a_mail(), few.helpdesk_gateway, clock())
    receive(a_mail(sender="robot@example.cz", to="sales@acme.cz"), few.sales_gateway, clock())
    assert (on_the_desk(few.bob), on_the_desk(few.carol)) == (1, 1)


def test_the_same_number_over_a_longer_time_is_no_flood(few: Cast, clock: Clock) -> None:
    for _ in range(3 * LIMIT):
        come(few, clock, 1)
        clock.forward(minutes=3)
    assert (on_the_desk(few.bob), Flood.objects.count()) == (3 * LIMIT, 0)


def test_zero_holds_nothing(few: Cast, clock: Clock) -> None:
    few.helpdesk.flood_messages = 0
    few.helpdesk.save()
    come(few, clock, 2 * LIMIT)
    assert on_the_desk(few.bob) == 2 * LIMIT


def test_one_alarm_stands_for_it_until_somebody_decides(few: Cast, clock: Clock) -> None:
    come(few, clock, LIMIT + 3)
    [alarm] = standing()
    assert (alarm.kind, alarm.details) == ("flood", {"process": "Helpdesk"})
    assert flood.release(Flood.objects.get(), few.alice, clock())
    assert not standing().exists()


def test_released_it_is_on_the_desk_and_is_not_held_again_at_once(few: Cast, clock: Clock) -> None:
    come(few, clock, LIMIT + 1)
    clock.forward(minutes=1)
    assert flood.release(Flood.objects.get(), few.alice, clock())
    assert (on_the_desk(few.bob), held(few.bob)) == (LIMIT + 1, 0)
    clock.forward(seconds=1)
    come(few, clock, LIMIT - 1)
    assert held(few.bob) == 0
    come(few, clock, 1)
    assert held(few.bob) == LIMIT


def test_put_away_it_is_closed_and_what_goes_on_is_held_at_once(few: Cast, clock: Clock) -> None:
    come(few, clock, LIMIT + 1)
    assert flood.put_away(Flood.objects.get(), few.alice, clock())
    assert lists.conversations_in("closed", few.bob).count() == LIMIT + 1
    clock.forward(minutes=1)
    come(few, clock, 2)
    assert (on_the_desk(few.bob), held(few.bob)) == (0, 2)


def test_a_day_later_the_same_sender_is_let_in(few: Cast, clock: Clock) -> None:
    come(few, clock, LIMIT + 1)
    flood.put_away(Flood.objects.get(), few.alice, clock())
    clock.forward(days=1)
    come(few, clock, 1)
    assert on_the_desk(few.bob) == 1


def test_it_is_decided_once_and_written_down(few: Cast, clock: Clock) -> None:
    come(few, clock, LIMIT)
    row = Flood.objects.get()
    assert flood.release(row, few.alice, clock())
    assert not flood.put_away(row, few.bob, clock())
    entry = AuditEntry.objects.get(act="release-flood")
    assert (entry.person, entry.details["conversations"]) == (few.alice, LIMIT)
