"""How fast messages go out: later after each failure, no more in an hour than a mailbox may, and the count is exact."""

from __future__ import annotations

from datetime import timedelta

from podatelna.desk.sent import file_sent
from podatelna.outbox import queue
from podatelna.outbox.delivery import deliver_due
from podatelna.outbox.models import Attempt, Outgoing
from podatelna.protocols.errors import ConnectionLost, Uncertain
from podatelna.protocols.smtp import Outcome, Reply
from tests.cast import NOON, Cast, Clock, RecordingTransport, a_mail

State = Outgoing.State


def enqueue(cast: Cast, count: int, *, sales: bool = False) -> None:
    gateway = cast.sales_gateway if sales else cast.helpdesk_gateway
    for _ in range(count):
        name = f"out-{Outgoing.objects.count()}@acme.cz"
        raw = a_mail(sender=gateway.address, to="jana@example.cz", message_id=name)
        queue.enqueue(
            gateway=gateway, person=cast.bob, mail_from=gateway.address, rcpt_to=["jana@example.cz"], raw=raw,
            message_id=name, not_before=NOON,
        )  # fmt: skip


def limit(cast: Cast, hourly: int) -> None:
    cast.helpdesk_gateway.hourly_limit = hourly
    cast.helpdesk_gateway.save()


def run(transport: RecordingTransport, clock: Clock) -> int:
    return deliver_due(transport=transport, now=clock, archive=file_sent, chance=lambda: 0.0)


def test_chance_spreads_the_next_tries_by_a_quarter(cast: Cast, clock: Clock) -> None:
    enqueue(cast, 2)
    chances = iter([0.0, 1.0])
    transport = RecordingTransport([ConnectionLost("reset")], hands_over=False)
    deliver_due(transport=transport, now=clock, archive=file_sent, chance=lambda: next(chances))
    waits = [due - NOON for due in Outgoing.objects.order_by("pk").values_list("due_at", flat=True) if due]
    assert waits == [timedelta(seconds=60), timedelta(seconds=45)]


def test_no_more_go_out_within_an_hour_than_may(cast: Cast, transport: RecordingTransport, clock: Clock) -> None:
    limit(cast, 2)
    enqueue(cast, 5)
    run(transport, clock)
    assert len(transport.posted) == 2
    waiting = Outgoing.objects.filter(state=State.WAITING)
    assert set(waiting.values_list("last_code", "attempts", "due_at")) == {("limit", 0, NOON + timedelta(hours=1))}
    clock.forward(minutes=59)
    assert run(transport, clock) == 0
    clock.forward(minutes=1)
    run(transport, clock)
    clock.forward(hours=1)
    run(transport, clock)
    assert [posted.raw.partition(b"Message-ID: <out-")[2][:1] for posted in transport.posted] == [
        b"0",
        b"1",
        b"2",
        b"3",
        b"4",
    ]
    assert set(Outgoing.objects.values_list("state", "last_code")) == {(State.SENT, "")}


def test_room_comes_when_the_oldest_of_the_hour_falls_out(
    cast: Cast, transport: RecordingTransport, clock: Clock
) -> None:
    limit(cast, 2)
    enqueue(cast, 1)
    run(transport, clock)
    clock.forward(minutes=20)
    enqueue(cast, 2)
    run(transport, clock)
    assert Outgoing.objects.get(state=State.WAITING).due_at == NOON + timedelta(hours=1)


def test_another_mailbox_is_not_held_up(cast: Cast, transport: RecordingTransport, clock: Clock) -> None:
    limit(cast, 1)
    enqueue(cast, 2)
    enqueue(cast, 3, sales=True)
    run(transport, clock)
    assert sorted(posted.mail_from for posted in transport.posted) == ["helpdesk@acme.cz"] + ["sales@acme.cz"] * 3


def test_what_never_reached_the_server_costs_no_place(cast: Cast, clock: Clock) -> None:
    limit(cast, 1)
    enqueue(cast, 2)
    transport = RecordingTransport([ConnectionLost("reset"), None], hands_over=False)
    run(transport, clock)
    assert len(transport.posted) == 1


def test_what_may_have_been_sent_costs_one(cast: Cast, clock: Clock) -> None:
    limit(cast, 1)
    enqueue(cast, 2)
    run(RecordingTransport([Uncertain("timed out"), None]), clock)
    assert set(Outgoing.objects.values_list("state", flat=True)) == {State.UNCERTAIN, State.WAITING}


def test_waiting_for_room_costs_none_of_the_patience(cast: Cast, clock: Clock) -> None:
    limit(cast, 1)
    enqueue(cast, 1)
    clock.forward(days=10)
    busy = Reply(451, "4.7.1 greylisted")
    run(RecordingTransport([Outcome({"jana@example.cz": busy}, None)]), clock)
    row = Outgoing.objects.get()
    assert (row.state, row.give_up_at) == (State.WAITING, clock() + queue.PATIENCE)


def test_what_waits_for_room_can_still_be_taken_back(cast: Cast, transport: RecordingTransport, clock: Clock) -> None:
    limit(cast, 1)
    enqueue(cast, 2)
    run(transport, clock)
    waiting = Outgoing.objects.get(state=State.WAITING)
    assert queue.withdraw(waiting)
    clock.forward(days=1)
    run(transport, clock)
    assert len(transport.posted) == 1
    assert Attempt.objects.count() == 1


def test_waiting_for_room_is_no_trouble(cast: Cast, transport: RecordingTransport, clock: Clock) -> None:
    limit(cast, 1)
    enqueue(cast, 2)
    run(transport, clock)
    assert not Outgoing.objects.filter(queue.troubled()).exists()
