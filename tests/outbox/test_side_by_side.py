"""A server that keeps us waiting keeps its own messages only."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

import pytest

from podatelna.desk.sent import file_sent
from podatelna.gateways.models import Gateway
from podatelna.outbox import queue
from podatelna.outbox.delivery import deliver_due, due_gateways
from podatelna.outbox.models import Outgoing
from podatelna.outbox.side_by_side import SideBySide
from podatelna.protocols import smtp
from tests.cast import Clock, a_gateway, a_mail
from tests.hostile.bends import HANG_UP, Command, Piece
from tests.hostile.smtp import hostile_smtp
from tests.servers import HOST, until

pytestmark = pytest.mark.django_db(transaction=True)


def through(port: int, name: str, clock: Clock) -> Gateway:
    """A gateway with a message that is due."""
    gateway = a_gateway(f"{name}@acme.cz", smtp_host=HOST, smtp_port=port, smtp_security="none")
    queue.enqueue(
        gateway=gateway, person=None, mail_from=gateway.address, rcpt_to=["jana@example.cz"],
        raw=a_mail(sender=gateway.address, message_id=f"{name}@acme.cz"), message_id=f"{name}@acme.cz",
        not_before=clock(),
    )  # fmt: skip
    return gateway


def test_others_are_served_while_a_server_keeps_us_waiting(clock: Clock) -> None:
    goes_on = threading.Event()

    def kept(command: Command, answer: bytes) -> Iterator[Piece]:
        goes_on.wait(60)
        yield HANG_UP

    def send(gateway: int) -> int:
        return deliver_due(
            transport=partial(smtp.deliver), now=clock, archive=file_sent, limit=1,
            in_turn=lambda rows: rows.filter(gateway=gateway),
        )  # fmt: skip

    with hostile_smtp() as slow, hostile_smtp() as fine:
        slow.bend("MAIL", kept)
        first = through(slow.port, "slow", clock)
        side_by_side = SideBySide(send)
        side_by_side.begin(due_gateways(clock()))
        until(lambda: any(command.name == "MAIL" for command in slow.said), "it was not dialled")
        second = through(fine.port, "fine", clock)
        assert due_gateways(clock()) == [second.pk]
        side_by_side.begin([first.pk, second.pk])
        until(lambda: Outgoing.objects.get(gateway=second).archived_id, "the other one was kept")
        assert Outgoing.objects.get(gateway=first).state == Outgoing.State.SENDING
        assert slow.connections == 1
        goes_on.set()
        side_by_side.end(60)
    assert Outgoing.objects.get(gateway=first).last_code == "connection-lost"


def test_what_goes_wrong_with_one_gateway_ends_its_turn_alone() -> None:
    done: list[int] = []

    def send(gateway: int) -> int:
        if gateway == 1:
            raise RuntimeError("a bug")
        done.append(gateway)
        return 0

    side_by_side = SideBySide(send, most=1)
    for _ in range(2):
        side_by_side.begin([1])
        side_by_side.end(60)
    side_by_side = SideBySide(send)
    side_by_side.begin([1, 2, 3])
    until(lambda: sorted(done) == [2, 3])
    side_by_side.end(60)
