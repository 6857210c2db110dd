"""Targets: by when a conversation is to be answered and done, in working time; who is told, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from podatelna.desk import absence, drafts, flood, replies, sent, targets
from podatelna.desk.models import Conversation, Entry, Flood, Notice, Process
from podatelna.desk.process_models import Target
from podatelna.desk.rule_models import Review, Rule
from podatelna.desk.rules import reviewing
from podatelna.desk.rules.ordering import put
from podatelna.outbox.delivery import deliver_due
from podatelna.protocols.smtp import Outcome, Reply
from tests.cast import NOON, Cast, Clock, RecordingTransport, a_mail, receive

WORKDAYS = [[[480, 1020]]] * 5 + [[], []]  # 8:00 to 17:00 in Prague
ANSWER, RESOLUTION = Target.Kind.ANSWER, Target.Kind.RESOLUTION


@pytest.fixture
def timed(cast: Cast) -> Cast:
    """Helpdesk answers within two hours, and is done within a working day; it warns an hour before."""
    Process.objects.filter(pk=cast.helpdesk.pk).update(answer_minutes=120, resolution_minutes=540, hours=WORKDAYS)
    return cast


def come(cast: Cast, now: datetime = NOON, **mail: object) -> Conversation:
    return receive(a_mail(**mail), cast.helpdesk_gateway, now)  # type: ignore[arg-type]


def due(kind: str) -> datetime:
    return Target.objects.get(kind=kind).due_at


def told() -> list[tuple[str, str, bool]]:
    rows = Notice.objects.filter(kind="target").order_by("pk").select_related("person")
    return [(row.person.name, row.details["which"], row.details["late"]) for row in rows]


def answer(cast: Cast, conversation: Conversation, now: datetime) -> None:
    draft = drafts.open_draft(cast.bob, "reply", now, conversation=conversation)
    draft.text, draft.to = "We are on it.", "jana@example.cz"
    draft.save()
    replies.send(draft, now, seen_until=None)


def test_targets_run_in_working_time(timed: Cast) -> None:
    come(timed)  # a Monday, noon in Prague
    assert due(ANSWER) == NOON + timedelta(hours=2)
    assert due(RESOLUTION) == datetime(2026, 5, 5, 10, 0, tzinfo=UTC)


def test_nothing_runs_where_no_target_is_set(cast: Cast) -> None:
    come(cast)
    assert not Target.objects.exists()


def test_nobody_waits_for_an_answer_to_what_a_program_wrote(timed: Cast) -> None:
    come(timed, headers=[("Auto-Submitted", "auto-generated")])
    assert not Target.objects.exists()


def test_the_team_is_warned_before_and_told_after(timed: Cast) -> None:
    conversation = come(timed)
    assert targets.tell_due(NOON + timedelta(minutes=59)) == 0
    targets.tell_due(NOON + timedelta(minutes=60))
    assert told() == [("Alice", "answer", False), ("Bob", "answer", False)]
    targets.tell_due(NOON + timedelta(minutes=120))
    assert told()[2:] == [("Alice", "answer", True), ("Bob", "answer", True)]
    assert targets.tell_due(NOON + timedelta(minutes=121)) == 0
    missed = conversation.entries.get(verb="target-missed")
    assert missed.details == {"which": "answer"}


def test_whoever_has_it_is_warned_alone_and_the_leads_hear_when_it_is_late(timed: Cast) -> None:
    conversation = come(timed)
    conversation.assign(timed.bob, timed.alice, NOON)
    targets.tell_due(NOON + timedelta(minutes=60))
    assert told() == [("Bob", "answer", False)]
    targets.tell_due(NOON + timedelta(minutes=120))
    assert told()[1:] == [("Bob", "answer", True), ("Alice", "answer", True)]


def test_who_stands_in_for_somebody_is_told_too(timed: Cast) -> None:
    conversation = come(timed)
    conversation.assign(timed.bob, timed.alice, NOON)
    absence.enter(timed.bob, "holiday", NOON.date(), None, timed.carol, timed.bob, NOON)
    targets.tell_due(NOON + timedelta(minutes=60))
    assert told() == [("Bob", "answer", False), ("Carol", "answer", False)]
    assert Notice.objects.visible_to(timed.carol).filter(kind="target").exists()


def test_a_letter_of_one_of_us_meets_the_answer(timed: Cast) -> None:
    conversation = come(timed)
    answer(timed, conversation, NOON + timedelta(minutes=30))
    assert Target.objects.get(kind=ANSWER).met_at == NOON + timedelta(minutes=30)
    targets.tell_due(NOON + timedelta(hours=3))
    assert told() == []


def test_a_letter_taken_back_meets_nothing(timed: Cast) -> None:
    conversation = come(timed)
    answer(timed, conversation, NOON + timedelta(minutes=30))
    outgoing = Entry.objects.get(kind=Entry.Kind.OUTGOING).outgoing
    assert outgoing is not None
    replies.undo(outgoing, timed.bob, NOON + timedelta(minutes=31))
    assert Target.objects.get(kind=ANSWER).met_at is None
    targets.tell_due(NOON + timedelta(hours=2))
    assert ("Bob", "answer", True) in told() or ("Alice", "answer", True) in told()


def test_a_letter_that_waits_for_a_second_person_counts_when_it_leaves(
    timed: Cast, clock: Clock, transport: RecordingTransport
) -> None:
    rule = Rule.objects.create(name="Two", direction="out", conditions=[], actions=[{"do": "review"}])
    put(timed.helpdesk_gateway, rule, 0, timed.dan)
    conversation = come(timed)
    answer(timed, conversation, NOON)
    assert Target.objects.get(kind=ANSWER).met_at is None
    later = clock.forward(minutes=40)
    assert reviewing.approve(Review.objects.get(), timed.alice, later)
    deliver(clock, transport)
    assert Target.objects.get(kind=ANSWER).met_at == later


def test_a_letter_that_a_server_refused_is_no_answer(timed: Cast, clock: Clock, transport: RecordingTransport) -> None:
    conversation = come(timed)
    answer(timed, conversation, NOON)
    assert Target.objects.get(kind=ANSWER).met_at == NOON
    transport.answers = [lambda rcpt: Outcome(dict.fromkeys(rcpt, Reply(550, "5.1.1 no")), None)]
    clock.forward(minutes=1)
    deliver(clock, transport)
    assert Target.objects.get(kind=ANSWER).met_at is None


def deliver(clock: Clock, transport: RecordingTransport) -> None:
    deliver_due(transport=transport, now=clock, archive=sent.file_sent, announce=sent.announce, in_turn=sent.in_turn)


def test_an_answer_from_another_program_meets_it_too(timed: Cast) -> None:
    conversation = come(timed, message_id="asked@example.cz")
    later = NOON + timedelta(minutes=20)
    raw = a_mail(sender="bob@acme.cz", to="jana@example.cz", cc="helpdesk@acme.cz", in_reply_to="asked@example.cz")
    assert receive(raw, timed.helpdesk_gateway, later) == conversation
    assert Target.objects.get(kind=ANSWER).met_at == later


def test_what_is_closed_is_not_late_and_reopened_has_its_time_anew(timed: Cast) -> None:
    conversation = come(timed, message_id="asked@example.cz")
    answer(timed, conversation, NOON)
    conversation.close(timed.bob, NOON + timedelta(minutes=5))
    next_week = NOON + timedelta(days=7)
    assert targets.tell_due(next_week) == 0
    assert targets.clocks([conversation.pk], next_week) == {}
    come(timed, next_week, in_reply_to="asked@example.cz")
    assert due(RESOLUTION) == next_week + timedelta(days=1)
    assert Target.objects.get(kind=ANSWER).met_at == NOON


def test_a_conversation_shows_what_is_due_first(timed: Cast) -> None:
    conversation = come(timed)
    assert targets.clocks([conversation.pk], NOON) == {}
    soon = targets.clocks([conversation.pk], NOON + timedelta(minutes=70))[conversation.pk]
    assert (soon.kind, soon.late) == (ANSWER, False)
    late = targets.clocks([conversation.pk], NOON + timedelta(minutes=130))[conversation.pk]
    assert (late.kind, late.late) == (ANSWER, True)


def test_what_a_flood_holds_waits_for_nobody(timed: Cast) -> None:
    Process.objects.filter(pk=timed.helpdesk.pk).update(flood_messages=2)
    come(timed)
    come(timed)
    assert targets.tell_due(NOON + timedelta(hours=3)) == 1
    assert told() == []
    flood.release(Flood.objects.get(), timed.alice, NOON + timedelta(hours=4))
    assert targets.tell_due(NOON + timedelta(hours=4)) == 2
    assert len(told()) == 4


def test_changed_hours_move_what_runs(timed: Cast) -> None:
    come(timed)
    timed.helpdesk.refresh_from_db()
    timed.helpdesk.answer_minutes, timed.helpdesk.resolution_minutes = 600, None
    timed.helpdesk.save()
    assert targets.set_anew(timed.helpdesk, NOON) == 1
    assert due(ANSWER) == datetime(2026, 5, 5, 11, 0, tzinfo=UTC)
    assert not Target.objects.filter(kind=RESOLUTION).exists()


def test_two_workers_tell_once(timed: Cast) -> None:
    come(timed)
    late = NOON + timedelta(hours=3)
    targets.tell_due(late)
    Target.objects.filter(missed_at=None, kind=ANSWER).update(look_at=late)
    targets.tell_due(late)
    assert told() == [("Alice", "answer", True), ("Bob", "answer", True)]
