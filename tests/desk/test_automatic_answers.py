"""Automatic answers: to people, once, marked, and to nobody from whom another answer could come."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast as typed

import pytest
from django.db import connection, connections

from podatelna import pipeline
from podatelna.archive import verdicts
from podatelna.archive.models import Delivery, Origin, Verdict
from podatelna.desk import automatic_answers, drafts, flood, replies, sent
from podatelna.desk.automatic_answers import answer_due
from podatelna.desk.automatic_models import Answered, AutomaticAnswer, Flood
from podatelna.desk.models import Conversation, Entry
from podatelna.outbox.delivery import deliver_due
from podatelna.outbox.models import Outgoing
from podatelna.protocols.smtp import Outcome, Reply
from tests.cast import NOON, Cast, Clock, RecordingTransport, a_mail, gather, receive

State = AutomaticAnswer.State


@pytest.fixture
def talking(cast: Cast) -> Cast:
    return talk(cast)


def talk(cast: Cast) -> Cast:
    """Helpdesk acknowledges what comes, in two languages."""
    cast.helpdesk.answers = True
    cast.helpdesk.answer_cs = "Dobrý den,\nmáme to pod číslem {number}: {subject}\n"
    cast.helpdesk.answer_en = "Hello,\nwe have it as {number}: {subject}\n"
    cast.helpdesk.save()
    return cast


def come(cast: Cast, now: datetime = NOON, verdict: str = "unverified", **mail: object) -> Conversation:
    """A mail that arrives, is judged, and is thought about."""
    conversation = receive(a_mail(**mail), cast.helpdesk_gateway, now)  # type: ignore[arg-type]
    judged(verdict, now)
    answer_due(now)
    return conversation


def judged(summary: str, now: datetime) -> None:
    verdicts.expect(Delivery.objects.select_related("message"), now)
    Verdict.objects.filter(judged_at=None).update(summary=summary, judged_at=now, due_at=None)


def why() -> list[tuple[str, str]]:
    return list(AutomaticAnswer.objects.order_by("pk").values_list("state", "reason"))


def deliver(clock: Clock, transport: RecordingTransport) -> None:
    deliver_due(
        transport=transport, now=clock, archive=sent.file_sent, announce=sent.announce, in_turn=sent.in_turn,
    )  # fmt: skip


def the_answer(clock: Clock) -> tuple[str, tuple[str, ...], EmailMessage]:
    transport = RecordingTransport()
    deliver(clock, transport)
    [posted] = transport.posted
    return posted.mail_from, posted.rcpt_to, typed(EmailMessage, message_from_bytes(posted.raw, policy=default))


# --- what it is ------------------------------------------------------------------------------------------


def test_it_is_marked_and_nothing_can_come_back_to_it(talking: Cast, clock: Clock) -> None:
    conversation = come(talking, message_id="one@example.cz", in_reply_to="zero@example.cz")
    mail_from, rcpt_to, mail = the_answer(clock)
    assert (mail_from, rcpt_to) == ("", ("jana@example.cz",))
    assert (mail["Auto-Submitted"], mail["To"]) == ("auto-replied", "jana@example.cz")
    assert mail["From"] == "Helpdesk ACME <helpdesk@acme.cz>"
    assert (mail["In-Reply-To"], mail["References"]) == ("<one@example.cz>", "<zero@example.cz> <one@example.cz>")
    assert mail["Subject"] == "Re: Broken washing machine"
    assert mail.get_content().split() == ["Hello,", "we", "have", "it", "as", f"{conversation.pk}:",
                                          "Broken", "washing", "machine"]  # fmt: skip
    assert "Precedence" not in mail


def test_it_stands_in_the_conversation_and_is_news_to_nobody(talking: Cast, clock: Clock) -> None:
    conversation = come(talking)
    the_answer(clock)
    entry = conversation.entries.get(kind=Entry.Kind.OUTGOING)
    assert (entry.person, entry.details, entry.entered_at) == (None, {"automatic": True}, None)
    assert entry.message is not None
    conversation.refresh_from_db()
    assert (conversation.assignee, conversation.preview[:5]) == (None, "Hello")


def test_its_language_is_that_of_the_mail(talking: Cast, clock: Clock) -> None:
    come(talking, subject="Reklamace", text="Dobrý den, pračka nefunguje. Děkuji.\n", sender="jan@example.com")
    assert "pod číslem" in the_answer(clock)[2].get_content()


def test_where_there_is_one_text_it_is_that_one(talking: Cast, clock: Clock) -> None:
    talking.helpdesk.answer_en = " "
    talking.helpdesk.save()
    come(talking)
    assert "pod číslem" in the_answer(clock)[2].get_content()


def test_a_subject_fills_in_nothing_and_makes_no_header(talking: Cast, clock: Clock) -> None:
    come(talking, subject="{number} {subject} =?utf-8?q?x=0D=0ABcc:_a=40b.cz?=")
    _, _, mail = the_answer(clock)
    assert "Bcc" not in mail
    assert "{number} {subject}" in mail.get_content()


# --- to whom not -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mail", "headers"),
    [
        ({}, [("Auto-Submitted", "auto-replied")]),
        ({}, [("Auto-Submitted", "auto-generated")]),
        ({}, [("Precedence", "bulk")]),
        ({}, [("List-Id", "<talk.example.cz>"), ("List-Post", "<mailto:talk@example.cz>")]),
        ({}, [("Return-Path", "<>")]),
        ({"sender": "MAILER-DAEMON@example.cz"}, []),
        ({"sender": "noreply@example.cz"}, []),
        ({"subject": "Out of office: back on Monday"}, []),
    ],
    ids=["auto-replied", "auto-generated", "bulk", "list", "null-sender", "daemon", "noreply", "out-of-office"],
)
def test_not_to_programs_lists_and_reports(
    talking: Cast, mail: dict[str, object], headers: list[tuple[str, str]]
) -> None:
    come(talking, **mail, headers=headers)
    assert not Outgoing.objects.exists()


@pytest.mark.parametrize("sender", ["helpdesk@acme.cz", "helpdesk+case-7@acme.cz", "SALES@acme.cz", "bob@acme.cz"])
def test_not_to_ourselves(talking: Cast, sender: str) -> None:
    come(talking, sender=sender)
    assert not Outgoing.objects.exists()


def test_not_to_a_forged_sender(talking: Cast) -> None:
    come(talking, verdict="failed")
    assert why() == [(State.WITHHELD, "forged")]


def test_it_waits_for_the_verdict_but_not_for_ever(talking: Cast) -> None:
    receive(a_mail(), talking.helpdesk_gateway, NOON)
    verdicts.expect(Delivery.objects.select_related("message"), NOON)
    answer_due(NOON)
    assert why() == [(State.WAITING, "")]
    answer_due(NOON + timedelta(minutes=11))
    assert why() == [(State.GIVEN, "")]


def test_not_to_an_address_that_was_typed_into_a_web_form(talking: Cast) -> None:
    Origin.objects.filter(gateway=talking.helpdesk_gateway).update(kind=Origin.Kind.FORM)
    receive(a_mail(), talking.helpdesk_gateway, rcpt_to=("helpdesk@acme.cz",))
    assert not AutomaticAnswer.objects.exists()


def test_not_days_later(talking: Cast) -> None:
    receive(a_mail(), talking.helpdesk_gateway, NOON)
    answer_due(NOON + timedelta(days=2))
    assert why() == [(State.WITHHELD, "late")]


def test_not_where_the_process_does_not_do_that(cast: Cast) -> None:
    come(cast)
    assert not AutomaticAnswer.objects.exists()


def test_not_where_it_was_switched_off_meanwhile(talking: Cast) -> None:
    receive(a_mail(), talking.helpdesk_gateway, NOON)
    judged("verified", NOON)
    talking.helpdesk.answers = False
    talking.helpdesk.save()
    answer_due(NOON)
    assert why() == [(State.WITHHELD, "off")]


def test_not_what_became_a_flood_meanwhile(talking: Cast) -> None:
    talking.helpdesk.flood_messages = 2
    talking.helpdesk.save()
    for _ in range(2):
        receive(a_mail(), talking.helpdesk_gateway, NOON)
    judged("verified", NOON)
    answer_due(NOON)
    assert why() == [(State.WITHHELD, "held")]
    assert flood.held([talking.helpdesk]).get() == Flood.objects.get()


def test_not_what_goes_on_in_a_conversation(talking: Cast) -> None:
    come(talking, message_id="one@example.cz")
    come(talking, NOON + timedelta(days=5), in_reply_to="one@example.cz")
    assert len(why()) == 1


# --- once ------------------------------------------------------------------------------------------------


def test_once_within_the_period_and_again_after_it(talking: Cast) -> None:
    come(talking, subject="one")
    come(talking, NOON + timedelta(hours=23), subject="two", sender="JANA@example.cz")
    come(talking, NOON + timedelta(hours=24), subject="three")
    come(talking, NOON + timedelta(hours=24), subject="four", sender="petr@example.cz")
    assert why() == [(State.GIVEN, ""), (State.WITHHELD, "again"), (State.GIVEN, ""), (State.GIVEN, "")]


def test_each_process_has_its_own_period(talking: Cast) -> None:
    talking.sales.answers, talking.sales.answer_en = True, "Thank you."
    talking.sales.save()
    come(talking)
    receive(a_mail(to="sales@acme.cz"), talking.sales_gateway, NOON)
    judged("verified", NOON)
    answer_due(NOON)
    assert [state for state, _ in why()] == [State.GIVEN, State.GIVEN]


@pytest.mark.django_db(transaction=True)
def test_two_workers_give_one_answer() -> None:
    cast = talk(gather())
    for number in range(6):
        receive(a_mail(f"Mail {number}"), cast.helpdesk_gateway, NOON)
    judged("verified", NOON)
    start = threading.Barrier(3)
    problems: list[BaseException] = []

    def work() -> None:
        try:
            start.wait()
            answer_due(NOON)
        except BaseException as error:  # shown below
            problems.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == [] or connection.vendor == "sqlite"
    answer_due(NOON + automatic_answers.HOLD)  # what a worker had to leave, where the database let only one write
    assert sorted(why()) == sorted([(State.GIVEN, "")] + [(State.WITHHELD, "again")] * 5)
    assert (Outgoing.objects.count(), Answered.objects.count()) == (1, 1)


# --- and then --------------------------------------------------------------------------------------------


def test_it_stops_nobody_who_is_answering(talking: Cast) -> None:
    conversation = receive(a_mail(), talking.helpdesk_gateway, NOON)
    draft = drafts.open_draft(talking.bob, "reply", NOON, conversation=conversation)
    draft = drafts.save(draft, NOON, revision=draft.revision, text="We come.")
    seen = conversation.entries.latest("pk").pk
    judged("verified", NOON)
    answer_due(NOON)
    assert replies.send(draft, NOON, seen_until=seen).person == talking.bob


def test_one_that_is_refused_reopens_nothing(talking: Cast, clock: Clock) -> None:
    conversation = come(talking)
    conversation.close(talking.bob, NOON)
    deliver(clock, RecordingTransport([Outcome({"jana@example.cz": Reply(550, "5.7.1 no")}, None)]))
    conversation.refresh_from_db()
    assert (Outgoing.objects.get().state, conversation.status) == (Outgoing.State.FAILED, Conversation.Status.CLOSED)
    assert replies.write_again(Outgoing.objects.get(), talking.bob, NOON) is None


def test_a_replay_answers_nobody_twice(talking: Cast) -> None:
    come(talking)
    pipeline.receive(Delivery.objects.order_by("pk")[0], now=NOON)
    answer_due(NOON)
    assert why() == [(State.GIVEN, "")]
