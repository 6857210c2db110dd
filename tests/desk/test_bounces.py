"""Delivery reports: told where the letter was sent from, about whom they are, and only for letters that are ours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from podatelna.accounts.models import Person
from podatelna.archive import store
from podatelna.contacts.bad import works_again
from podatelna.contacts.models import BadAddress
from podatelna.desk import bounces, drafts, lists, replies, sent
from podatelna.desk.models import Conversation, Draft
from podatelna.gateways.models import Gateway
from podatelna.outbox.delivery import deliver_due
from podatelna.outbox.models import Outgoing, Recipient
from podatelna.protocols.errors import Uncertain
from podatelna.protocols.smtp import Outcome, Reply
from tests.cast import NOON, Cast, Clock, RecordingTransport, a_mail, receive

UNKNOWN = "550 5.1.1 <jana@example.cz>: Recipient address rejected: User unknown"
CLOSED, OPEN = Conversation.Status.CLOSED, Conversation.Status.OPEN


@pytest.fixture
def letter(cast: Cast, clock: Clock) -> Outgoing:
    """Bob's answer to Jana and Petr, sent; the conversation is closed and Bob has read it."""
    return a_letter(cast, clock)


def a_letter(cast: Cast, clock: Clock, transport: RecordingTransport | None = None) -> Outgoing:
    conversation = receive(a_mail(message_id="one@example.cz"), cast.helpdesk_gateway)
    draft = drafts.open_draft(cast.bob, "reply", clock(), conversation=conversation)
    draft = drafts.save(draft, clock(), revision=draft.revision, text="We come.", cc="petr@example.cz")
    outgoing = replies.send(draft, clock(), seen_until=None, undo_within=timedelta(0))
    conversation.refresh_from_db()
    conversation.close(cast.bob, clock())
    lists.mark_read(conversation, cast.bob, clock())
    clock.forward(minutes=1)
    deliver(clock, transport or RecordingTransport())
    clock.forward(minutes=1)
    outgoing.refresh_from_db()
    return outgoing


def deliver(clock: Clock, transport: RecordingTransport) -> None:
    deliver_due(
        transport=transport, now=clock, archive=sent.file_sent, announce=sent.announce, in_turn=sent.in_turn,
        chance=lambda: 0.0,
    )  # fmt: skip


def report(
    message_id: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    words: str = UNKNOWN,
    about: str = "jana@example.cz",
    returned: str = "",
    more: str = "",
    number: int = 1,
) -> bytes:
    """A report as Postfix sends it. `returned`: the header of the letter, by default with its Message-ID alone."""
    returned = returned or f"From: helpdesk@acme.cz\nTo: jana@example.cz\nMessage-ID: <{message_id}>\n"
    text = f"""From: MAILER-DAEMON@mx.example.cz (Mail Delivery System)
To: helpdesk@acme.cz
Subject: Undelivered Mail Returned to Sender
Date: Mon, 4 May 2026 12:05:00 +0200
Message-ID: <report-{number}-{action}@mx.example.cz>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

<{about}>: host mx.example.cz said: {words}

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.cz
{more}
Final-Recipient: rfc822; {about}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

--b1
Content-Type: text/rfc822-headers

{returned}
--b1--
"""
    return text.replace("\n", "\r\n").encode()


def come(raw: bytes, gateway: Gateway, clock: Clock) -> Conversation:
    return receive(raw, gateway, clock())


def told(address: str = "jana@example.cz") -> tuple[str, str, str, bool | None]:
    row = Recipient.objects.get(address=address)
    return row.state, row.reported, row.reported_status, row.reported_permanent


# --- where it belongs ------------------------------------------------------------------------------------


def test_a_report_stands_in_the_conversation_of_the_letter(cast: Cast, letter: Outgoing, clock: Clock) -> None:
    where = come(report(letter.message_id), cast.helpdesk_gateway, clock)
    assert where == letter.entry.conversation
    assert Conversation.objects.count() == 1
    assert told() == ("accepted", "failed", "5.1.1", True)
    assert told("petr@example.cz") == ("accepted", "", "", None)
    assert "User unknown" in Recipient.objects.get(address="jana@example.cz").reported_reason


def test_by_the_envelope_id_alone(cast: Cast, letter: Outgoing, clock: Clock) -> None:
    raw = report("x", returned="From: helpdesk@acme.cz\n", more=f"Original-Envelope-Id: {letter.message_id}\n")
    come(raw, cast.helpdesk_gateway, clock)
    assert told()[1] == "failed"


def test_by_references_alone(cast: Cast, letter: Outgoing, clock: Clock) -> None:
    raw = report("x", returned="From: helpdesk@acme.cz\n")
    raw = raw.replace(b"Auto-Submitted", f"References: <{letter.message_id}>\r\nAuto-Submitted".encode())
    where = come(raw, cast.helpdesk_gateway, clock)
    assert (where, told()[1]) == (letter.entry.conversation, "failed")


def test_before_the_letter_is_filed(cast: Cast, clock: Clock) -> None:
    conversation = receive(a_mail(message_id="one@example.cz"), cast.helpdesk_gateway)
    draft = drafts.open_draft(cast.bob, "reply", NOON, conversation=conversation)
    letter = replies.send(drafts.save(draft, NOON, revision=0, text="x"), NOON, seen_until=None)
    assert come(report(letter.message_id), cast.helpdesk_gateway, clock) == conversation


def test_a_forwarded_address_is_the_one_that_was_written_to(cast: Cast, clock: Clock) -> None:
    conversation = receive(a_mail(message_id="one@example.cz"), cast.helpdesk_gateway)
    draft = drafts.open_draft(cast.bob, "reply", NOON, conversation=conversation)
    letter = replies.send(drafts.save(draft, NOON, revision=0, text="x"), NOON, seen_until=None)
    come(report(letter.message_id, about="jana@new.example"), cast.helpdesk_gateway, clock)
    assert told()[1] == "failed"


# --- what follows ----------------------------------------------------------------------------------------


def test_a_failure_reopens_the_conversation_and_is_news_to_its_writer(
    cast: Cast, letter: Outgoing, clock: Clock
) -> None:
    conversation = come(report(letter.message_id), cast.helpdesk_gateway, clock)
    assert (conversation.status, conversation.assignee) == (OPEN, cast.bob)
    assert conversation.pk in lists.unread_ids([conversation], cast.bob)
    assert conversation in lists.conversations_in("mine", cast.bob)


def test_what_was_nobodys_is_its_writers_then(cast: Cast, letter: Outgoing, clock: Clock) -> None:
    letter.entry.conversation.assign(None, cast.alice, clock())
    assert come(report(letter.message_id), cast.helpdesk_gateway, clock).assignee == cast.bob


def test_who_has_left_gets_nothing(cast: Cast, letter: Outgoing, clock: Clock) -> None:
    letter.entry.conversation.assign(None, cast.alice, clock())
    Person.objects.filter(pk=cast.bob.pk).update(is_active=False)
    conversation = come(report(letter.message_id), cast.helpdesk_gateway, clock)
    assert (conversation.status, conversation.assignee) == (OPEN, None)


def test_a_late_letter_leaves_the_conversation_closed(cast: Cast, letter: Outgoing, clock: Clock) -> None:
    raw = report(letter.message_id, action="delayed", status="4.4.1", words="connect to mx.example.cz: timed out")
    assert come(raw, cast.helpdesk_gateway, clock).status == CLOSED
    assert told() == ("accepted", "delayed", "4.4.1", False)
    assert not BadAddress.objects.exists()


def test_a_letter_that_arrived_leaves_it_closed(cast: Cast, letter: Outgoing, clock: Clock) -> None:
    raw = report(letter.message_id, action="delivered", status="2.0.0", words="250 2.0.0 Ok")
    assert come(raw, cast.helpdesk_gateway, clock).status == CLOSED
    assert told()[1] == "delivered"


def test_late_after_failed_is_no_news(cast: Cast, letter: Outgoing, clock: Clock) -> None:
    come(report(letter.message_id), cast.helpdesk_gateway, clock)
    come(report(letter.message_id, action="delayed", status="4.4.1", number=2), cast.helpdesk_gateway, clock)
    assert told()[1] == "failed"


# --- forged ones -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("message_id", ["made-up@acme.cz", "one@example.cz"])
def test_a_report_about_nothing_that_we_sent_changes_nothing(
    cast: Cast, letter: Outgoing, clock: Clock, message_id: str
) -> None:
    come(report(message_id), cast.helpdesk_gateway, clock)
    letter.entry.conversation.refresh_from_db()
    assert letter.entry.conversation.status == CLOSED
    assert told() == ("accepted", "", "", None)
    assert not BadAddress.objects.exists()


def test_a_report_through_another_gateway_changes_nothing(cast: Cast, letter: Outgoing, clock: Clock) -> None:
    where = come(report(letter.message_id), cast.sales_gateway, clock)
    assert where.process == cast.sales
    assert told()[1] == ""


def test_a_person_who_forwards_a_report_changes_nothing(cast: Cast, letter: Outgoing, clock: Clock) -> None:
    raw = a_mail("Fwd: Undelivered", f"See below.\n\nMessage-ID: <{letter.message_id}>\n{UNKNOWN}\n", sender="eva@x.cz")
    come(raw, cast.helpdesk_gateway, clock)
    assert told()[1] == ""


# --- bad addresses ---------------------------------------------------------------------------------------


def bad(person: Person) -> list[tuple[str, str]]:
    return [(row.address, row.status) for row in bounces.known_bad(["Jana@example.cz", "petr@example.cz"], person)]


def test_a_bad_address_is_known_to_who_may_see_the_letter(cast: Cast, letter: Outgoing, clock: Clock) -> None:
    come(report(letter.message_id), cast.helpdesk_gateway, clock)
    assert bad(cast.alice) == [("jana@example.cz", "5.1.1")]
    assert bad(cast.carol) == bad(cast.eve) == bad(cast.dan) == []


@pytest.mark.parametrize(("status", "words"), [("5.2.2", "552 5.2.2 Mailbox full"), ("5.7.1", "554 5.7.1 Spam")])
def test_a_full_mailbox_or_a_refused_text_is_no_bad_address(
    cast: Cast, letter: Outgoing, clock: Clock, status: str, words: str
) -> None:
    come(report(letter.message_id, status=status, words=words), cast.helpdesk_gateway, clock)
    assert told() == ("accepted", "failed", status, True)
    assert bad(cast.bob) == []


def test_mail_from_there_clears_it(cast: Cast, letter: Outgoing, clock: Clock) -> None:
    come(report(letter.message_id), cast.helpdesk_gateway, clock)
    clock.forward(hours=1)
    come(a_mail("I am back", sender="JANA@example.cz", date=clock()), cast.sales_gateway, clock)
    assert bad(cast.bob) == []


def test_a_person_clears_it(cast: Cast, letter: Outgoing, clock: Clock) -> None:
    come(report(letter.message_id), cast.helpdesk_gateway, clock)
    assert works_again(["jana@example.cz"], clock(), by=cast.bob) == 1
    assert bad(cast.bob) == []
    assert BadAddress.objects.get().cleared_by == cast.bob


# --- refused at once -------------------------------------------------------------------------------------

REFUSED = Outcome(
    {"jana@example.cz": Reply(550, "5.1.1 no such user"), "petr@example.cz": Reply(250, "ok")}, Reply(250, "ok")
)
ALL_REFUSED = Outcome(
    {"jana@example.cz": Reply(550, "5.7.1 go away"), "petr@example.cz": Reply(550, "5.7.1 go away")}, None
)


@pytest.mark.parametrize("answer", [REFUSED, ALL_REFUSED, Uncertain("timed out")], ids=["some", "all", "uncertain"])
def test_what_the_server_refuses_reopens_the_conversation_once(
    cast: Cast, clock: Clock, answer: Outcome | BaseException
) -> None:
    letter = a_letter(cast, clock, RecordingTransport([answer]))
    conversation = letter.entry.conversation
    conversation.refresh_from_db()
    assert conversation.status == OPEN
    assert conversation.pk in lists.unread_ids([conversation], cast.bob)
    conversation.close(cast.bob, clock())
    sent.announce(letter, clock())  # as the copy in Sent does
    conversation.refresh_from_db()
    assert conversation.status == CLOSED


def test_an_address_that_the_server_refuses_is_remembered(cast: Cast, clock: Clock) -> None:
    a_letter(cast, clock, RecordingTransport([REFUSED]))
    assert bad(cast.bob) == [("jana@example.cz", "5.1.1")]


def test_a_server_that_refuses_everything_marks_no_address(cast: Cast, clock: Clock) -> None:
    a_letter(cast, clock, RecordingTransport([ALL_REFUSED]))
    assert bad(cast.bob) == []


def test_the_report_is_kept_as_it_came(cast: Cast, letter: Outgoing, clock: Clock) -> None:
    raw = report(letter.message_id)
    conversation = come(raw, cast.helpdesk_gateway, clock)
    message = conversation.entries.filter(message__automatic="report").get().message
    assert message is not None
    assert store.original(message.deliveries.get()) == raw
    assert not Draft.objects.exists()
