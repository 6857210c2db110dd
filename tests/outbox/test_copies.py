"""The copy in the mailbox's Sent folder."""

from __future__ import annotations

import pytest

from podatelna.desk.sent import file_sent
from podatelna.gateways.models import Gateway
from podatelna.outbox import queue
from podatelna.outbox.copies import copy_again, copy_due
from podatelna.outbox.delivery import deliver_due
from podatelna.outbox.models import Outgoing
from podatelna.protocols.errors import FolderMissing
from tests.cast import NOON, Cast, Clock, RecordingTransport, a_mail

RAW = a_mail(sender="helpdesk@acme.cz", to="jana@example.cz", message_id="out-1@acme.cz")


class RecordingAppend:
    def __init__(self, *problems: Exception | None) -> None:
        self.problems = list(problems)
        self.appended: list[tuple[str, bytes, str]] = []

    def __call__(self, gateway: Gateway, raw: bytes, message_id: str) -> None:
        problem = self.problems.pop(0) if self.problems else None
        if problem:
            raise problem
        self.appended.append((gateway.address, raw, message_id))


@pytest.fixture
def sent(cast: Cast, clock: Clock) -> Outgoing:
    outgoing = queue.enqueue(
        gateway=cast.helpdesk_gateway, person=cast.bob, mail_from="helpdesk@acme.cz", rcpt_to=["jana@example.cz"],
        raw=RAW, message_id="out-1@acme.cz", not_before=NOON, sent_copy=True,
    )  # fmt: skip
    deliver_due(transport=RecordingTransport(), now=clock, archive=file_sent)
    return outgoing


def one() -> Outgoing:
    return Outgoing.objects.get()


def test_what_is_sent_is_copied_once(sent: Outgoing, clock: Clock) -> None:
    append = RecordingAppend()
    assert copy_due(append=append, now=clock) == 1
    clock.forward(days=1)
    assert copy_due(append=append, now=clock) == 0
    assert append.appended == [("helpdesk@acme.cz", RAW, "out-1@acme.cz")]
    assert (one().sent_copy, one().due_at) == ("done", None)


def test_what_is_not_sent_is_not_copied(cast: Cast, clock: Clock) -> None:
    queue.enqueue(
        gateway=cast.helpdesk_gateway, person=cast.bob, mail_from="helpdesk@acme.cz", rcpt_to=["jana@example.cz"],
        raw=RAW, message_id="out-1@acme.cz", not_before=NOON, sent_copy=True,
    )  # fmt: skip
    assert copy_due(append=RecordingAppend(), now=clock) == 0


def test_without_a_sent_folder_there_is_no_copy(cast: Cast, clock: Clock) -> None:
    queue.enqueue(
        gateway=cast.helpdesk_gateway, person=cast.bob, mail_from="helpdesk@acme.cz", rcpt_to=["jana@example.cz"],
        raw=RAW, message_id="out-1@acme.cz", not_before=NOON,
    )  # fmt: skip
    deliver_due(transport=RecordingTransport(), now=clock, archive=file_sent)
    assert copy_due(append=RecordingAppend(), now=clock) == 0
    assert one().due_at is None


@pytest.mark.parametrize("problem", [FolderMissing("Odeslané"), RuntimeError("bug")])
def test_a_copy_that_fails_is_shown_and_tried_again(sent: Outgoing, clock: Clock, problem: Exception) -> None:
    append = RecordingAppend(problem)
    copy_due(append=append, now=clock)
    assert one().state == Outgoing.State.SENT
    assert one().sent_copy == "due"
    assert str(problem.args[0]).split(":")[-1].strip() in one().sent_copy_error
    assert copy_due(append=append, now=clock) == 0
    clock.forward(minutes=1)
    copy_due(append=append, now=clock)
    assert (one().sent_copy, one().sent_copy_error) == ("done", "")


def test_patience_with_a_copy_ends(sent: Outgoing, clock: Clock) -> None:
    clock.forward(days=4)
    copy_due(append=RecordingAppend(FolderMissing("Odeslané")), now=clock)
    assert (one().sent_copy, one().due_at) == ("failed", None)


def test_a_failed_copy_can_be_tried_again(sent: Outgoing, clock: Clock) -> None:
    clock.forward(days=4)
    copy_due(append=RecordingAppend(FolderMissing("Odeslané")), now=clock)
    assert copy_again(one(), clock())
    copy_due(append=RecordingAppend(), now=clock)
    assert one().sent_copy == "done"


def test_what_is_copied_is_not_copied_again(sent: Outgoing, clock: Clock) -> None:
    copy_due(append=RecordingAppend(), now=clock)
    assert not copy_again(one(), clock())
