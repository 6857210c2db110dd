"""Which conversation mail joins, and what it does to it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from podatelna import pipeline
from podatelna.archive.intake import Received, accept
from podatelna.archive.models import Delivery, Message
from podatelna.desk.lists import mark_read, unread_ids
from podatelna.desk.models import Conversation, Entry
from podatelna.desk.processes import add_address, create_process
from tests.cast import NOON, Cast, a_mail, arrive, receive

LATER = NOON + timedelta(hours=2)


def verbs(conversation: Conversation) -> list[str]:
    return list(conversation.entries.filter(kind=Entry.Kind.EVENT).values_list("verb", flat=True))


def test_a_reply_joins_its_conversation(cast: Cast) -> None:
    first = receive(a_mail(message_id="one@example.cz"), cast.helpdesk_gateway)
    second = receive(a_mail("Re: Broken", "And it leaks.", in_reply_to="one@example.cz"), cast.helpdesk_gateway, LATER)
    assert second == first
    assert second.subject == "Broken washing machine"
    assert second.preview == "And it leaks."
    assert second.last_inbound_at == LATER


def test_a_reply_that_comes_before_its_parent_joins_it(cast: Cast) -> None:
    reply = receive(a_mail(in_reply_to="one@example.cz"), cast.helpdesk_gateway)
    assert receive(a_mail(message_id="one@example.cz"), cast.helpdesk_gateway) == reply


def test_a_parent_that_comes_late_gives_its_subject(cast: Cast) -> None:
    receive(a_mail("Re: Pump", message_id="two@example.cz", in_reply_to="one@example.cz"), cast.helpdesk_gateway)
    conversation = receive(a_mail("Pump", message_id="one@example.cz"), cast.helpdesk_gateway, LATER)
    assert conversation.subject == "Pump"
    assert receive(a_mail("Re: Pump", in_reply_to="two@example.cz"), cast.helpdesk_gateway, LATER).subject == "Pump"


def test_an_earlier_beginning_gives_its_subject(cast: Cast) -> None:
    receive(a_mail("Re: Re: Pump", references=["one@e.cz", "two@e.cz"]), cast.helpdesk_gateway, LATER)
    conversation = receive(a_mail("Pump", message_id="one@e.cz"), cast.helpdesk_gateway, NOON)
    assert conversation.subject == "Pump"
    middle = a_mail("Re: Pump", message_id="two@e.cz", in_reply_to="one@e.cz")
    assert receive(middle, cast.helpdesk_gateway, LATER).subject == "Pump"


def test_an_answer_with_an_early_clock_does_not_give_its_subject(cast: Cast) -> None:
    receive(a_mail("Pump", message_id="one@e.cz"), cast.helpdesk_gateway, LATER)
    assert receive(a_mail("Re: Pump", in_reply_to="one@e.cz"), cast.helpdesk_gateway, NOON).subject == "Pump"


def test_a_beginning_without_subject_takes_nothing_away(cast: Cast) -> None:
    receive(a_mail("Re: Pump", in_reply_to="one@e.cz"), cast.helpdesk_gateway, LATER)
    assert receive(a_mail("", message_id="one@e.cz"), cast.helpdesk_gateway, NOON).subject == "Re: Pump"


def test_the_same_subject_alone_joins_nothing(cast: Cast) -> None:
    assert receive(a_mail("Invoice"), cast.helpdesk_gateway) != receive(a_mail("Invoice"), cast.helpdesk_gateway)


def test_an_older_message_that_comes_late_does_not_change_the_list(cast: Cast) -> None:
    receive(a_mail(text="The newest.", message_id="one@example.cz"), cast.helpdesk_gateway, LATER)
    raw = a_mail(text="An older one.", in_reply_to="one@example.cz")
    conversation = receive(raw, cast.helpdesk_gateway, NOON)
    assert (conversation.preview, conversation.last_message_at) == ("The newest.", LATER)


def test_a_reply_reopens_a_closed_conversation(cast: Cast) -> None:
    conversation = receive(a_mail(message_id="one@example.cz"), cast.helpdesk_gateway)
    conversation.assign(cast.bob, cast.bob, NOON)
    conversation.close(cast.bob, NOON)
    reopened = receive(a_mail(in_reply_to="one@example.cz"), cast.helpdesk_gateway, LATER)
    assert reopened.status == Conversation.Status.OPEN
    assert reopened.assignee == cast.bob
    assert verbs(reopened) == ["assigned", "closed", "reopened"]


@pytest.mark.parametrize("header", [("Auto-Submitted", "auto-replied"), ("X-Autoreply", "yes")])
def test_an_automatic_answer_joins_and_reopens_nothing(cast: Cast, header: tuple[str, str]) -> None:
    conversation = receive(a_mail(message_id="one@example.cz"), cast.helpdesk_gateway)
    conversation.close(cast.bob, NOON)
    raw = a_mail("Out of office", in_reply_to="one@example.cz", headers=[header])
    joined = receive(raw, cast.helpdesk_gateway, LATER)
    assert joined == conversation
    assert joined.status == Conversation.Status.CLOSED


def test_automatic_mail_is_on_the_desk(cast: Cast) -> None:
    conversation = receive(a_mail(headers=[("Precedence", "bulk")]), cast.helpdesk_gateway)
    assert conversation.status == Conversation.Status.OPEN
    assert Message.objects.get().automatic == "bulk"


# --- answers from other programs -------------------------------------------------------------------------


def test_a_colleagues_answer_from_another_program_joins_and_is_no_news(cast: Cast) -> None:
    receive(a_mail(message_id="one@example.cz"), cast.helpdesk_gateway)
    raw = a_mail(
        "Re: Broken",
        sender="Bob <bob@acme.cz>",
        to="jana@example.cz",
        cc="helpdesk@acme.cz",
        in_reply_to="one@example.cz",
    )
    conversation = receive(raw, cast.helpdesk_gateway, LATER)
    assert conversation.last_inbound_at == NOON
    assert conversation.last_message_at == LATER
    assert conversation.entries.filter(kind=Entry.Kind.MESSAGE).last().person == cast.bob  # type: ignore[union-attr]


def test_who_answered_from_another_program_has_it(cast: Cast) -> None:
    receive(a_mail(message_id="one@example.cz"), cast.helpdesk_gateway)
    raw = a_mail(sender="bob@acme.cz", to="jana@example.cz", cc="helpdesk@acme.cz", in_reply_to="one@example.cz")
    assert receive(raw, cast.helpdesk_gateway, LATER).assignee == cast.bob


def test_somebody_of_another_team_who_answered_does_not_get_it(cast: Cast) -> None:
    receive(a_mail(message_id="one@example.cz"), cast.helpdesk_gateway)
    raw = a_mail(sender="carol@acme.cz", to="jana@example.cz", cc="helpdesk@acme.cz", in_reply_to="one@example.cz")
    assert receive(raw, cast.helpdesk_gateway, LATER).assignee is None


def test_a_colleagues_answer_leaves_a_closed_conversation_closed(cast: Cast) -> None:
    receive(a_mail(message_id="one@example.cz"), cast.helpdesk_gateway).close(cast.bob, NOON)
    raw = a_mail(sender="bob@acme.cz", to="jana@example.cz", cc="helpdesk@acme.cz", in_reply_to="one@example.cz")
    assert receive(raw, cast.helpdesk_gateway, LATER).status == Conversation.Status.CLOSED


def test_a_colleague_who_writes_to_helpdesk_is_a_partner(cast: Cast) -> None:
    conversation = receive(a_mail(sender="Carol <carol@acme.cz>"), cast.helpdesk_gateway)
    assert conversation.partner_address == "carol@acme.cz"
    assert conversation.last_inbound_at == NOON


def test_of_a_letter_that_a_colleague_begins_the_partner_is_who_it_went_to(cast: Cast) -> None:
    conversation = receive(
        a_mail(sender="bob@acme.cz", to="Jana <jana@example.cz>", cc="helpdesk@acme.cz"), cast.helpdesk_gateway
    )
    assert conversation.partner_address == "jana@example.cz"
    assert conversation.assignee == cast.bob


# --- several processes -----------------------------------------------------------------------------------


def test_one_message_to_two_processes_is_two_conversations_of_one_message(cast: Cast) -> None:
    raw = a_mail(to="helpdesk@acme.cz, sales@acme.cz")
    helpdesk = receive(raw, cast.helpdesk_gateway)
    sales = receive(raw, cast.sales_gateway)
    assert (helpdesk.process, sales.process) == (cast.helpdesk, cast.sales)
    assert helpdesk.thread == sales.thread
    assert Message.objects.count() == 1
    assert not Conversation.objects.visible_to(cast.carol).filter(pk=helpdesk.pk).exists()


def test_what_came_to_helpdesk_alone_does_not_appear_in_the_conversation_of_sales(cast: Cast) -> None:
    raw = a_mail(to="helpdesk@acme.cz, sales@acme.cz", message_id="one@example.cz")
    receive(raw, cast.helpdesk_gateway)
    sales = receive(raw, cast.sales_gateway)
    receive(a_mail("Re: secret", in_reply_to="one@example.cz"), cast.helpdesk_gateway)
    assert sales.entries.filter(kind=Entry.Kind.MESSAGE).count() == 1
    assert not Message.objects.visible_to(cast.carol).filter(subject="Re: secret").exists()


def test_the_same_mail_delivered_twice_is_one_line(cast: Cast) -> None:
    raw = a_mail()
    receive(raw, cast.helpdesk_gateway)
    conversation = receive(raw, cast.helpdesk_gateway)
    assert conversation.entries.filter(kind=Entry.Kind.MESSAGE).count() == 1
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize(
    ("to", "rcpt_to", "headers"),
    [
        ("press@acme.cz", (), ()),
        ("undisclosed@example.cz", ("press@acme.cz",), ()),
        ("undisclosed@example.cz", (), (("Delivered-To", "press@acme.cz"),)),
        ("Press <PRESS+spring@ACME.cz>", (), ()),
    ],
)
def test_where_a_mailbox_serves_two_processes_the_recipient_decides(
    cast: Cast, to: str, rcpt_to: tuple[str, ...], headers: tuple[tuple[str, str], ...]
) -> None:
    press = create_process("Press", "", cast.dan)
    add_address(press, cast.helpdesk_gateway, "press@acme.cz", cast.dan)
    delivery = arrive(a_mail(to=to, headers=headers), cast.helpdesk_gateway, rcpt_to=rcpt_to)
    pipeline.receive(delivery, now=NOON)
    assert Conversation.objects.get().process == press


def test_where_the_recipients_decide_nothing_the_first_process_has_it(cast: Cast) -> None:
    add_address(create_process("Press", "", cast.dan), cast.helpdesk_gateway, "press@acme.cz", cast.dan)
    pipeline.receive(arrive(a_mail(to="list@example.cz"), cast.helpdesk_gateway), now=NOON)
    assert Conversation.objects.get().process == cast.helpdesk


def test_a_quick_answer_stands_below_what_it_answers(cast: Cast) -> None:
    conversation = receive(a_mail(message_id="question@example.cz"), cast.helpdesk_gateway, NOON)
    quick = a_mail(in_reply_to="question@example.cz", message_id="quick@example.cz")
    late = NOON + timedelta(hours=1)
    # IMAP's INTERNALDATE has whole seconds, the question's own time has more.
    question = conversation.entries.get()
    Entry.objects.filter(pk=question.pk).update(at=NOON + timedelta(milliseconds=700))
    received = Received(quick, cast.helpdesk_gateway.origin_id, "INBOX 1 quick", seen_at=late, received_at=NOON)
    pipeline.receive(accept([received])[0].delivery, now=late)
    shown = [entry.message.message_id for entry in conversation.entries.all()]
    assert shown == ["question@example.cz", "quick@example.cz"]


def test_mail_that_was_long_on_its_way_is_news_for_who_has_read_since(cast: Cast) -> None:
    conversation = receive(a_mail(message_id="question@example.cz"), cast.helpdesk_gateway, NOON)
    late = NOON + timedelta(hours=1)
    mark_read(conversation, cast.bob, NOON + timedelta(minutes=30))
    # It stood in the mailbox for an hour: the server was out of reach.
    received = Received(
        a_mail(in_reply_to="question@example.cz"),
        cast.helpdesk_gateway.origin_id,
        "INBOX 1 delayed",
        seen_at=late,
        received_at=NOON + timedelta(minutes=1),
    )
    pipeline.receive(accept([received])[0].delivery, now=late)
    conversation.refresh_from_db()
    assert unread_ids([conversation], cast.bob) == {conversation.pk}
