"""Several workers at once: every delivery is worked, every message is on the desk once, nothing is left half done."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from podatelna import pipeline
from podatelna.archive.models import Delivery, Message, Thread
from podatelna.desk import cases, drafts, replies, sent
from podatelna.desk.case_models import Case
from podatelna.desk.models import Conversation, Entry, Process
from podatelna.outbox import queue
from podatelna.outbox.delivery import deliver_due
from podatelna.outbox.models import Outgoing
from tests.cast import NOON, Cast, Clock, RecordingTransport, a_mail, arrive, gather

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return gather()


def at_once(*steps: Callable[[], object]) -> None:
    """Run the steps in threads, each with a database connection of its own."""

    def step_and_close(step: Callable[[], object]) -> None:
        try:
            step()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(steps)) as pool:
        for result in [pool.submit(step_and_close, step) for step in steps]:
            result.result()


def test_each_turn_is_given_away_once(cast: Cast) -> None:
    Process.objects.filter(pk=cast.helpdesk.pk).update(assignment="turns")
    for number in range(8):
        arrive(a_mail(sender=f"{number}@example.cz"), cast.helpdesk_gateway)
    work_until_done(4)
    assert [cast.alice.assigned.count(), cast.bob.assigned.count()] == [4, 4]


@pytest.mark.parametrize("seed", range(3))
def test_one_thread_of_mail_in_any_order_is_one_conversation_per_process(cast: Cast, seed: int) -> None:
    mails = [
        a_mail(f"{number}", message_id=f"{number}@example.cz", in_reply_to=f"{number - 1}@example.cz" if number else "")
        for number in range(10)
    ]
    arrivals = [(raw, gateway) for raw in mails for gateway in (cast.helpdesk_gateway, cast.sales_gateway)]
    random.Random(seed).shuffle(arrivals)
    for raw, gateway in arrivals:
        arrive(raw, gateway)

    work_until_done(4)
    assert not Delivery.objects.exclude(state=Delivery.State.DONE).exists()
    assert Message.objects.count() == 10
    assert Thread.objects.count() == 1
    assert Conversation.objects.count() == 2
    assert Entry.objects.filter(kind=Entry.Kind.MESSAGE).count() == 20
    for person in (cast.bob, cast.carol):
        assert Message.objects.visible_to(person).count() == 10  # type: ignore[attr-defined]


def work_until_done(workers: int) -> None:
    """What workers do; a delivery that was in another one's way waits a little and comes again."""
    clock = Clock()
    for _ in range(pipeline.MOST_ATTEMPTS):
        at_once(*[lambda: pipeline.receive_due(clock())] * workers)
        clock.forward(hours=1)


def test_answers_and_incoming_mail_do_not_wait_for_each_other_for_ever(cast: Cast) -> None:
    pipeline.receive(arrive(a_mail(message_id="0@example.cz"), cast.helpdesk_gateway), now=NOON)
    conversation = Conversation.objects.get()
    for number in range(8):
        arrive(a_mail(f"{number}", in_reply_to="0@example.cz"), cast.helpdesk_gateway)

    def answer_often() -> None:
        for _ in range(6):
            draft = drafts.open_draft(cast.bob, "reply", NOON, conversation=conversation)
            draft = drafts.save(draft, NOON, revision=draft.revision, text="On our way.")
            replies.send(draft, NOON, seen_until=None)

    at_once(answer_often, lambda: pipeline.receive_due(NOON), lambda: pipeline.receive_due(NOON))
    assert Outgoing.objects.count() == 6
    assert Entry.objects.filter(kind=Entry.Kind.MESSAGE, conversation=conversation).count() == 9
    assert not Delivery.objects.exclude(state=Delivery.State.DONE).exists()


def test_each_message_is_sent_by_one_worker(cast: Cast) -> None:
    for number in range(12):
        raw = a_mail(sender="helpdesk@acme.cz", message_id=f"{number}@acme.cz")
        queue.enqueue(
            gateway=cast.helpdesk_gateway, person=cast.bob, mail_from="helpdesk@acme.cz", rcpt_to=["jana@example.cz"],
            raw=raw, message_id=f"{number}@acme.cz", not_before=NOON,
        )  # fmt: skip
    transport = RecordingTransport()
    clock = Clock()
    at_once(*[lambda: deliver_due(transport=transport, now=clock, archive=sent.file_sent)] * 4)
    assert len({posted.raw for posted in transport.posted}) == len(transport.posted) == 12
    assert not Outgoing.objects.exclude(state=Outgoing.State.SENT).exists()


def test_undo_and_sending_at_once_have_one_winner(cast: Cast) -> None:
    for number in range(8):
        raw = a_mail(sender="helpdesk@acme.cz", message_id=f"{number}@acme.cz")
        queue.enqueue(
            gateway=cast.helpdesk_gateway, person=cast.bob, mail_from="helpdesk@acme.cz", rcpt_to=["jana@example.cz"],
            raw=raw, message_id=f"{number}@acme.cz", not_before=NOON,
        )  # fmt: skip
    transport, clock, undone = RecordingTransport(), Clock(), []

    def undo_all() -> None:
        undone.extend(one.message_id for one in Outgoing.objects.order_by("pk") if queue.withdraw(one))

    at_once(undo_all, lambda: deliver_due(transport=transport, now=clock, archive=sent.file_sent))
    assert len(undone) + len(transport.posted) == 8
    assert Outgoing.objects.filter(state=Outgoing.State.WITHDRAWN).count() == len(undone)


def test_cases_that_are_opened_at_once_have_numbers_without_gap_and_without_doubles(cast: Cast) -> None:
    def open_some() -> None:
        for _ in range(5):
            cases.open_case(cast.sales, cases.Facts("Order"), cast.carol, NOON)

    at_once(*[open_some] * 4)
    assert sorted(Case.objects.values_list("serial", flat=True)) == list(range(1, 21))
