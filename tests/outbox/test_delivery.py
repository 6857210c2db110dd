"""Sending: each message leaves once, each failure is shown, nobody guesses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from podatelna.archive.errors import Damaged
from podatelna.archive.models import Message
from podatelna.desk.sent import file_sent
from podatelna.outbox import queue
from podatelna.outbox.delivery import DIALLING, HANDING_OVER, deliver_due
from podatelna.outbox.models import Attempt, Outgoing, Recipient
from podatelna.protocols.errors import ConnectionLost, LoginRefused, Uncertain
from podatelna.protocols.smtp import Outcome, Reply, SmtpServer
from tests.cast import NOON, Cast, Clock, RecordingTransport, a_mail

State = Outgoing.State


@pytest.fixture
def outgoing(cast: Cast) -> Outgoing:
    return enqueue(cast)


def enqueue(cast: Cast, *rcpt_to: str, message_id: str = "out-1@acme.cz", **fields: object) -> Outgoing:
    raw = a_mail(sender="helpdesk@acme.cz", to="jana@example.cz", message_id=message_id)
    return queue.enqueue(
        gateway=cast.helpdesk_gateway, person=cast.bob, mail_from="helpdesk@acme.cz",
        rcpt_to=rcpt_to or ("jana@example.cz",), raw=raw, message_id=message_id, not_before=NOON, **fields,  # type: ignore[arg-type]
    )  # fmt: skip


def run(transport: RecordingTransport, clock: Clock) -> int:
    return deliver_due(transport=transport, now=clock, archive=file_sent, chance=lambda: 0.0)


def one() -> Outgoing:
    return Outgoing.objects.get()


def replies(**by_address: int) -> Outcome:
    """jana=250 stands for jana@example.cz."""
    words = {f"{name}@example.cz": Reply(code, "said the server") for name, code in by_address.items()}
    taken = any(code < 300 for code in by_address.values())
    return Outcome(words, Reply(250, "queued") if taken else None)


def states() -> dict[str, str]:
    return dict(Recipient.objects.values_list("address", "state"))


# --- the good case ---------------------------------------------------------------------------------------


def test_what_is_due_is_sent_once(outgoing: Outgoing, transport: RecordingTransport, clock: Clock) -> None:
    run(transport, clock)
    clock.forward(days=1)
    assert run(transport, clock) == 0
    assert len(transport.posted) == 1
    posted = transport.posted[0]
    assert (posted.mail_from, posted.rcpt_to) == ("helpdesk@acme.cz", ("jana@example.cz",))
    assert posted.raw.startswith(b"From: helpdesk@acme.cz\r\n")
    assert (one().state, one().sent_at, one().last_code) == (State.SENT, NOON, "")
    assert states() == {"jana@example.cz": "accepted"}


def test_the_gateways_server_is_dialled(cast: Cast, transport: RecordingTransport, clock: Clock) -> None:
    cast.helpdesk_gateway.smtp_login = "helpdesk"
    cast.helpdesk_gateway.set_smtp_password("hunter2")
    cast.helpdesk_gateway.save()
    enqueue(cast)
    run(transport, clock)
    server = transport.posted[0].server
    assert (server.host, server.port, server.security) == ("smtp.acme.cz", 465, "tls")
    assert (server.login, server.password) == ("helpdesk", "hunter2")


def test_what_is_sent_is_in_the_archive(outgoing: Outgoing, transport: RecordingTransport, clock: Clock) -> None:
    run(transport, clock)
    assert one().archived == Message.objects.get()


def test_nothing_leaves_before_its_time(outgoing: Outgoing, transport: RecordingTransport, clock: Clock) -> None:
    clock.forward(seconds=-1)
    assert run(transport, clock) == 0
    assert not transport.posted


def test_what_is_withdrawn_never_leaves(outgoing: Outgoing, transport: RecordingTransport, clock: Clock) -> None:
    assert queue.withdraw(outgoing)
    assert run(transport, clock) == 0
    assert one().state == State.WITHDRAWN


def test_what_has_left_is_not_withdrawn(outgoing: Outgoing, transport: RecordingTransport, clock: Clock) -> None:
    run(transport, clock)
    assert not queue.withdraw(outgoing)
    assert one().state == State.SENT


def test_an_attempt_is_on_record_before_anybody_is_dialled(outgoing: Outgoing, clock: Clock) -> None:
    seen: list[tuple[str, int]] = []

    def look(*args: object, **kwargs: object) -> Outcome:
        seen.append((one().state, Attempt.objects.filter(ended_at=None).count()))
        raise ConnectionLost

    deliver_due(transport=look, now=clock, archive=file_sent)
    assert seen == [(State.SENDING, 1)]


# --- failures that pass ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer", [ConnectionLost("reset"), LoginRefused("535"), replies(jana=451), RuntimeError("bug")]
)
def test_what_was_not_handed_over_is_tried_again(
    outgoing: Outgoing, clock: Clock, answer: Outcome | BaseException
) -> None:
    transport = RecordingTransport([answer, None], hands_over=False)
    run(transport, clock)
    assert one().state == State.WAITING
    assert one().last_code
    assert run(transport, clock) == 0
    clock.forward(minutes=1)
    run(transport, clock)
    assert one().state == State.SENT
    assert one().last_code == ""


def test_delays_grow_and_patience_ends(outgoing: Outgoing, clock: Clock) -> None:
    transport = RecordingTransport([ConnectionLost("reset")], hands_over=False)
    tried = []
    while one().state == State.WAITING:
        due_at = one().due_at
        assert due_at is not None
        clock.now = due_at
        run(transport, clock)
        tried.append(due_at - NOON)
    assert tried[:5] == [timedelta(minutes=m) for m in (0, 1, 3, 7, 15)]
    assert tried[-1] == timedelta(days=3)
    assert len(tried) < 40
    assert (one().state, one().last_code) == (State.FAILED, "connection-lost")
    assert states() == {"jana@example.cz": "refused"}


def test_one_that_fails_does_not_hold_up_the_others(cast: Cast, clock: Clock) -> None:
    enqueue(cast, message_id="out-1@acme.cz")
    enqueue(cast, message_id="out-2@acme.cz")
    transport = RecordingTransport([RuntimeError("bug"), None], hands_over=False)
    run(transport, clock)
    assert len(transport.posted) == 1


def test_a_password_that_does_not_open_is_said(cast: Cast, transport: RecordingTransport, clock: Clock) -> None:
    cast.helpdesk_gateway.smtp_login = "helpdesk@acme.cz"
    cast.helpdesk_gateway.smtp_sealed = b"\x01rubbish that no key opens"
    cast.helpdesk_gateway.save()
    enqueue(cast)
    run(transport, clock)
    assert (one().state, one().last_code) == (State.WAITING, "secret")


# --- refusals --------------------------------------------------------------------------------------------


def test_5xx_is_final_and_shown(outgoing: Outgoing, clock: Clock) -> None:
    transport = RecordingTransport([replies(jana=550)])
    run(transport, clock)
    clock.forward(days=1)
    assert run(transport, clock) == 0
    assert (one().state, one().last_code, one().last_reply) == (State.FAILED, "rejected", "550 said the server")
    assert Recipient.objects.get().reply == "550 said the server"
    assert one().archived is None


def test_5xx_for_the_message_itself_is_final(outgoing: Outgoing, clock: Clock) -> None:
    spam = Reply(554, "looks like spam")
    run(RecordingTransport([Outcome({"jana@example.cz": Reply(250, "ok")}, spam)]), clock)
    assert (one().state, one().last_reply) == (State.FAILED, "554 looks like spam")


def test_a_refused_recipient_is_shown_and_the_others_have_it(cast: Cast, clock: Clock) -> None:
    enqueue(cast, "jana@example.cz", "petr@example.cz")
    run(RecordingTransport([replies(jana=250, petr=550)]), clock)
    assert (one().state, one().last_code) == (State.SENT, "some-rejected")
    assert states() == {"jana@example.cz": "accepted", "petr@example.cz": "refused"}
    assert one().archived is not None


def test_a_recipient_that_cannot_take_it_now_is_tried_alone(cast: Cast, clock: Clock) -> None:
    enqueue(cast, "jana@example.cz", "petr@example.cz")
    transport = RecordingTransport([replies(jana=250, petr=451), None])
    run(transport, clock)
    assert one().state == State.WAITING
    assert one().archived is not None
    clock.forward(minutes=1)
    run(transport, clock)
    assert [posted.rcpt_to for posted in transport.posted] == [
        ("jana@example.cz", "petr@example.cz"), ("petr@example.cz",)
    ]  # fmt: skip
    assert (one().state, one().last_code) == (State.SENT, "")
    assert Message.objects.count() == 1


def test_patience_with_one_recipient_ends_and_the_others_have_it(cast: Cast, clock: Clock) -> None:
    enqueue(cast, "jana@example.cz", "petr@example.cz")
    transport = RecordingTransport([replies(jana=250, petr=451), replies(petr=451)])
    run(transport, clock)
    clock.forward(days=4)
    run(transport, clock)
    assert (one().state, one().last_code) == (State.SENT, "some-rejected")


def test_refused_recipients_can_be_tried_again(cast: Cast, clock: Clock) -> None:
    outgoing = enqueue(cast, "jana@example.cz", "petr@example.cz")
    transport = RecordingTransport([replies(jana=250, petr=550), None])
    run(transport, clock)
    assert queue.retry(outgoing, cast.bob, clock())
    run(transport, clock)
    assert transport.posted[1].rcpt_to == ("petr@example.cz",)
    assert states() == {"jana@example.cz": "accepted", "petr@example.cz": "accepted"}


def test_what_failed_can_be_tried_again_with_new_patience(cast: Cast, outgoing: Outgoing, clock: Clock) -> None:
    transport = RecordingTransport([replies(jana=550), replies(jana=451), None])
    run(transport, clock)
    clock.forward(days=10)
    assert queue.retry(outgoing, cast.bob, clock())
    run(transport, clock)
    assert one().state == State.WAITING
    clock.forward(hours=5)
    run(transport, clock)
    assert one().state == State.SENT


def test_what_everybody_has_is_not_tried_again(
    cast: Cast, outgoing: Outgoing, transport: RecordingTransport, clock: Clock
) -> None:
    run(transport, clock)
    assert not queue.retry(outgoing, cast.bob, clock())
    assert one().state == State.SENT


# --- uncertainty -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer", [Uncertain("timed out"), ConnectionLost("reset"), RuntimeError("bug"), Damaged("disk")]
)
def test_what_broke_after_handing_over_is_never_sent_again_by_itself(
    outgoing: Outgoing, clock: Clock, answer: BaseException
) -> None:
    transport = RecordingTransport([answer, None])
    run(transport, clock)
    clock.forward(days=30)
    assert run(transport, clock) == 0
    assert one().state == State.UNCERTAIN
    assert transport.dialled == 1


def test_somebody_decides_to_send_it_again(cast: Cast, outgoing: Outgoing, clock: Clock) -> None:
    transport = RecordingTransport([Uncertain("timed out"), None])
    run(transport, clock)
    assert queue.retry(outgoing, cast.bob, clock())
    run(transport, clock)
    assert one().state == State.SENT


def test_somebody_finds_that_it_did_arrive(cast: Cast, outgoing: Outgoing, clock: Clock) -> None:
    transport = RecordingTransport([Uncertain("timed out")])
    run(transport, clock)
    assert queue.mark_sent(outgoing, cast.bob, clock())
    run(transport, clock)
    assert transport.dialled == 1
    assert (one().state, states()) == (State.SENT, {"jana@example.cz": "accepted"})
    assert one().archived is not None


def test_somebody_gives_it_up(cast: Cast, outgoing: Outgoing, clock: Clock) -> None:
    run(RecordingTransport([Uncertain("timed out")]), clock)
    assert queue.give_up(outgoing, cast.bob, clock())
    assert (one().state, one().last_code) == (State.FAILED, "gave-up")


def test_what_is_given_up_in_part_was_sent_in_part(cast: Cast, clock: Clock) -> None:
    outgoing = enqueue(cast, "jana@example.cz", "petr@example.cz", sent_copy=True)
    transport = RecordingTransport([replies(jana=250, petr=451)])
    run(transport, clock)
    assert queue.give_up(outgoing, cast.bob, clock())
    clock.forward(days=1)
    run(transport, clock)
    assert transport.dialled == 1
    assert (one().state, one().last_code, one().sent_copy) == (State.SENT, "some-rejected", "due")
    assert one().due_at is not None


def test_only_what_is_uncertain_is_marked_as_sent(cast: Cast, outgoing: Outgoing, clock: Clock) -> None:
    assert not queue.mark_sent(outgoing, cast.bob, clock())
    assert one().state == State.WAITING


# --- workers that die ------------------------------------------------------------------------------------


class Killed(BaseException):
    """kill -9, as near as a test comes: no handler runs."""


def test_a_worker_killed_while_dialling_is_replaced(outgoing: Outgoing, clock: Clock) -> None:
    transport = RecordingTransport([Killed(), None], hands_over=False)
    with pytest.raises(Killed):
        run(transport, clock)
    assert run(transport, clock) == 0
    clock.now += DIALLING
    run(transport, clock)
    assert one().state == State.SENT
    assert Attempt.objects.first().outcome == "crashed"  # type: ignore[union-attr]


def test_a_worker_killed_after_handing_over_leaves_a_question(outgoing: Outgoing, clock: Clock) -> None:
    transport = RecordingTransport([Killed(), None])
    with pytest.raises(Killed):
        run(transport, clock)
    clock.now += HANDING_OVER
    run(transport, clock)
    assert (one().state, one().last_code) == (State.UNCERTAIN, "uncertain")
    assert not transport.posted


def test_a_worker_that_was_too_slow_hands_nothing_over(outgoing: Outgoing, clock: Clock) -> None:
    other = RecordingTransport()
    handed: list[str] = []

    def slow(
        server: SmtpServer, raw: bytes, mail_from: str, rcpt_to: Sequence[str], *, handing_over: object
    ) -> Outcome:
        clock.now += DIALLING
        run(other, clock)
        handing_over()  # type: ignore[operator]
        handed.append("twice")
        return replies(jana=250)

    deliver_due(transport=slow, now=clock, archive=file_sent)
    assert not handed
    assert len(other.posted) == 1
    assert (one().state, one().attempts) == (State.SENT, 2)


def test_a_worker_killed_before_filing_is_replaced(
    outgoing: Outgoing, transport: RecordingTransport, clock: Clock
) -> None:
    def killed(outgoing: Outgoing, raw: bytes) -> Message:
        raise Killed

    with pytest.raises(Killed):
        deliver_due(transport=transport, now=clock, archive=killed)
    assert one().state == State.SENT
    clock.now += HANDING_OVER
    run(transport, clock)
    assert len(transport.posted) == 1
    assert one().archived is not None


def test_an_archive_that_refuses_is_asked_again_and_nothing_is_sent_twice(
    outgoing: Outgoing, transport: RecordingTransport, clock: Clock
) -> None:
    def refusing(outgoing: Outgoing, raw: bytes) -> Message:
        raise OSError("disk full")

    deliver_due(transport=transport, now=clock, archive=refusing)
    assert (one().state, one().last_code) == (State.SENT, "unfiled")
    assert "disk full" in one().last_reply
    clock.forward(minutes=1)
    run(transport, clock)
    assert (one().last_code, one().archived) == ("", Message.objects.get())
    assert transport.dialled == 1


def test_every_change_is_announced(outgoing: Outgoing, transport: RecordingTransport, clock: Clock) -> None:
    told: list[str] = []
    deliver_due(
        transport=transport, now=clock, archive=file_sent, announce=lambda outgoing, at: told.append(outgoing.state)
    )
    assert told == [State.SENT]
