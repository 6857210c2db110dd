"""Sending: what leaves is right, and the answer to it comes back to the same conversation."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast as typed

import pytest

from podatelna.archive import search, store
from podatelna.archive.models import Message
from podatelna.desk import drafts, replies, sent
from podatelna.desk.errors import Overtaken, Unsendable
from podatelna.desk.models import Conversation, Draft, Entry
from podatelna.desk.processes import remove_member
from podatelna.mail.addresses import Address
from podatelna.mail.compose import Image, Letter, compose
from podatelna.outbox.delivery import deliver_due
from podatelna.outbox.models import Outgoing, Recipient
from podatelna.protocols.smtp import Outcome, Reply
from tests.cast import NOON, Cast, Clock, RecordingTransport, a_mail, receive

LATER = NOON + timedelta(minutes=5)
NOW = timedelta(0)


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    cast.helpdesk_gateway.signature = "Helpdesk ACME\ntel. 123"
    cast.helpdesk_gateway.own_addresses = True
    cast.helpdesk_gateway.save()
    raw = a_mail("Reklamace pračky", "Nejde to.\n", message_id="one@example.cz", in_reply_to="zero@example.cz")
    return receive(raw, cast.helpdesk_gateway)


def write(
    cast: Cast, conversation: Conversation, text: str = "Dobrý den, přijedeme.", kind: str = "reply", **fields: str
) -> Draft:
    draft = drafts.open_draft(cast.bob, kind, NOON, conversation=conversation)
    return drafts.save(draft, NOON, revision=draft.revision, text=text, **fields)


def send(draft: Draft) -> Outgoing:
    return replies.send(draft, LATER, seen_until=None, undo_within=NOW)


def posted(outgoing: Outgoing) -> EmailMessage:
    return typed(EmailMessage, message_from_bytes(store.read_blob(outgoing.raw), policy=default))


def deliver(clock: Clock, transport: RecordingTransport | None = None) -> None:
    clock.now = LATER
    deliver_due(transport=transport or RecordingTransport(), now=clock, archive=sent.file_sent, announce=sent.announce)


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return body.get_content().replace("\r\n", "\n")


# --- what leaves -----------------------------------------------------------------------------------------


def test_the_headers_of_a_reply(cast: Cast, conversation: Conversation) -> None:
    outgoing = send(write(cast, conversation))
    mail = posted(outgoing)
    assert str(mail["From"]) == "Helpdesk ACME <helpdesk@acme.cz>"
    assert str(mail["To"]) == "Jana Nováková <jana@example.cz>"
    assert str(mail["Subject"]) == "Re: Reklamace pračky"
    assert str(mail["In-Reply-To"]) == "<one@example.cz>"
    assert str(mail["References"]) == "<zero@example.cz> <one@example.cz>"
    assert str(mail["Message-ID"]) == f"<{outgoing.message_id}>"
    assert outgoing.message_id.endswith("@acme.cz")
    assert mail["Date"].datetime == LATER
    assert mail["Reply-To"] is None


def test_the_body_is_what_was_typed_then_signature_then_quote(cast: Cast, conversation: Conversation) -> None:
    text = text_of(posted(send(write(cast, conversation))))
    assert text.startswith("Dobrý den, přijedeme.\n\n-- \nHelpdesk ACME\ntel. 123\n\n")
    assert "> Nejde to." in text.partition("tel. 123")[2]


def test_there_is_an_html_alternative(cast: Cast, conversation: Conversation) -> None:
    mail = posted(send(write(cast, conversation)))
    assert mail.get_content_type() == "multipart/alternative"
    body = mail.get_body(("html",))
    assert body is not None
    html = body.get_content()
    assert "přijedeme" in html
    assert "tel. 123" in html
    assert "Nejde to." in html


def test_a_signature_that_stands_there_already_is_not_put_again(cast: Cast, conversation: Conversation) -> None:
    draft = write(cast, conversation, "Přijedeme.\n\n-- \nHelpdesk ACME\ntel. 123")
    assert text_of(posted(send(draft))).count("tel. 123") == 1


def test_the_quote_is_introduced_in_the_writers_language(cast: Cast, conversation: Conversation) -> None:
    assert "Jana Nováková <jana@example.cz> wrote:" in text_of(posted(send(write(cast, conversation))))


def test_files_go_along(cast: Cast, conversation: Conversation) -> None:
    draft = write(cast, conversation)
    drafts.attach(draft, "žluťoučký.pdf", "application/pdf", bytes(range(256)))
    [file] = posted(send(draft)).iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("žluťoučký.pdf", bytes(range(256)))


def test_a_blind_copy_is_in_the_envelope_alone(cast: Cast, conversation: Conversation) -> None:
    outgoing = send(write(cast, conversation, bcc="secret@example.cz"))
    assert b"secret@example.cz" not in store.read_blob(outgoing.raw)
    assert set(outgoing.recipients.values_list("address", flat=True)) == {"jana@example.cz", "secret@example.cz"}


def test_from_ones_own_address_answers_still_come_to_the_process(cast: Cast, conversation: Conversation) -> None:
    cast.bob.signature = "Bob"
    cast.bob.save()
    outgoing = send(write(cast, conversation, sender="bob@acme.cz"))
    mail = posted(outgoing)
    assert str(mail["From"]) == "Bob <bob@acme.cz>"
    assert str(mail["Reply-To"]) == "Helpdesk ACME <helpdesk@acme.cz>"
    assert outgoing.mail_from == "helpdesk@acme.cz"
    assert "-- \nBob\n" in text_of(mail)


def test_a_forward_has_the_message_unquoted_and_its_files(cast: Cast) -> None:
    raw = a_mail("Faktura", "V příloze.\n", files=[("faktura.pdf", "application/pdf", b"%PDF")])
    conversation = receive(raw, cast.helpdesk_gateway)
    mail = posted(send(write(cast, conversation, "", "forward", to="ucetni@example.cz")))
    text = text_of(mail)
    assert "\nV příloze." in text
    assert "jana@example.cz" in text
    assert [file.get_filename() for file in mail.iter_attachments()] == ["faktura.pdf"]
    assert str(mail["Subject"]) == "Fwd: Faktura"
    body = mail.get_body(("html",))
    assert body is not None
    assert "Subject: Faktura<" in body.get_content()


def test_pictures_inside_the_original_go_along_with_a_reply_and_a_forward(cast: Cast) -> None:
    html = '<p>Takhle to svítí:</p><img src="cid:foto@example.cz">'
    picture = Image("foto@example.cz", "image/png", b"\x89PNG", "foto.png")
    jana = Address("Jana", "jana@example.cz")
    to = (Address("", "helpdesk@acme.cz"),)
    raw = compose(Letter(jana, to, (), (), "Porucha", "Svítí.", html, "foto@m.cz", NOON, images=(picture,)))
    conversation = receive(raw, cast.helpdesk_gateway)
    for kind in ("reply", "forward"):
        mail = posted(send(write(cast, conversation, kind=kind, to="jana@example.cz")))
        page = mail.get_body(("html",))
        (shown,) = [part for part in mail.walk() if part.get_content_type() == "image/png"]
        assert page is not None
        assert f'src="cid:{shown["Content-ID"].strip("<>")}"' in page.get_content()
        assert shown.get_content() == b"\x89PNG"
        assert list(mail.iter_attachments()) == []


def test_mail_with_a_damaged_message_id_is_answered_all_the_same(cast: Cast) -> None:
    raw = a_mail(
        "Porucha", references=["zero@example.cz"], in_reply_to="one@example.cz", message_id="vlastni@example.cz"
    )
    raw = raw.replace(b"vlastni@", "vlastní@".encode())
    mail = posted(send(write(cast, receive(raw, cast.helpdesk_gateway))))
    assert mail["In-Reply-To"] is None
    assert str(mail["References"]) == "<zero@example.cz> <one@example.cz>"


def test_a_subject_with_line_breaks_makes_no_header(cast: Cast, conversation: Conversation) -> None:
    mail = posted(send(write(cast, conversation, subject="Hello\r\nBcc: eve@example.cz")))
    assert mail["Bcc"] is None
    assert str(mail["Subject"]) == "Hello Bcc: eve@example.cz"


# --- what happens on the desk ----------------------------------------------------------------------------


def test_sending_takes_the_draft_and_the_conversation(cast: Cast, conversation: Conversation) -> None:
    outgoing = send(write(cast, conversation))
    assert not Draft.objects.exists()
    conversation.refresh_from_db()
    assert (conversation.assignee, conversation.status) == (cast.bob, Conversation.Status.OPEN)
    assert (conversation.preview, conversation.last_message_at) == ("Dobrý den, přijedeme.", LATER)
    assert conversation.last_inbound_at == NOON
    entry = Entry.objects.get(outgoing=outgoing)
    assert (entry.person, entry.message, entry.kind) == (cast.bob, None, Entry.Kind.OUTGOING)
    assert entry.text.startswith("Dobrý den")


def test_what_somebody_has_stays_theirs(cast: Cast, conversation: Conversation) -> None:
    conversation.assign(cast.alice, cast.alice, NOON)
    send(write(cast, conversation))
    conversation.refresh_from_db()
    assert conversation.assignee == cast.alice


def test_it_waits_for_second_thoughts(cast: Cast, conversation: Conversation, settings: object) -> None:
    settings.UNDO_SECONDS = 30  # type: ignore[attr-defined]
    outgoing = replies.send(write(cast, conversation), LATER, seen_until=None)
    assert outgoing.due_at == LATER + timedelta(seconds=30)


def test_two_tabs_send_it_once(cast: Cast, conversation: Conversation) -> None:
    draft = write(cast, conversation)
    send(Draft.objects.get())
    with pytest.raises(Unsendable, match="gone"):
        send(draft)
    assert Outgoing.objects.count() == 1


def test_who_has_left_the_team_sends_nothing_any_more(cast: Cast, conversation: Conversation) -> None:
    answer, letter = write(cast, conversation), a_new_letter(cast)
    remove_member(cast.helpdesk, cast.bob, cast.dan)
    for draft in (answer, letter):
        with pytest.raises(Unsendable, match="gone"):
            send(draft)
    assert not Outgoing.objects.exists()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"to": ""}, "no-recipient"), ({"to": "nobody"}, "bad-address"), ({"cc": "jana@"}, "bad-address"),
        ({"sender": "eve@acme.cz"}, "no-sender"), ({"sender": ""}, "no-sender"), ({"text": "  \n"}, "empty"),
        ({"kind": "note"}, "note"),
    ],
)  # fmt: skip
def test_what_is_not_fit_to_be_sent_stays_a_draft(
    cast: Cast, conversation: Conversation, fields: dict[str, str], code: str
) -> None:
    draft = write(cast, conversation)
    draft = drafts.save(draft, NOON, revision=draft.revision, **fields)
    with pytest.raises(Unsendable) as refused:
        send(draft)
    assert refused.value.code == code
    assert code in Unsendable.CODES
    assert Draft.objects.get().pk == draft.pk
    assert not Outgoing.objects.exists()


def test_a_message_that_came_meanwhile_stops_it(cast: Cast, conversation: Conversation) -> None:
    seen = conversation.entries.latest("pk").pk
    draft = write(cast, conversation)
    receive(a_mail("Re: Reklamace", "Už to jde!", in_reply_to="one@example.cz"), cast.helpdesk_gateway, LATER)
    with pytest.raises(Overtaken) as overtaken:
        replies.send(draft, LATER, seen_until=seen)
    [entry] = overtaken.value.entries
    assert entry.message is not None
    assert entry.message.preview == "Už to jde!"
    assert Draft.objects.exists()


def test_a_colleagues_answer_stops_it(cast: Cast, conversation: Conversation) -> None:
    seen = conversation.entries.latest("pk").pk
    draft = write(cast, conversation)
    hers = drafts.open_draft(cast.alice, "reply", NOON, conversation=conversation)
    send(drafts.save(hers, NOON, revision=0, text="Přijedeme v úterý."))
    with pytest.raises(Overtaken) as overtaken:
        replies.send(draft, LATER, seen_until=seen)
    assert [entry.person for entry in overtaken.value.entries] == [cast.alice]
    assert replies.send(draft, LATER, seen_until=conversation.entries.latest("pk").pk)


def test_a_note_or_an_own_answer_does_not_stop_it(cast: Cast, conversation: Conversation) -> None:
    seen = conversation.entries.latest("pk").pk
    send(write(cast, conversation, "První."))
    assert replies.send(write(cast, conversation, "Druhá."), LATER, seen_until=seen)


# --- undo ------------------------------------------------------------------------------------------------


def test_undo_gives_the_draft_back_as_it_was(cast: Cast, conversation: Conversation) -> None:
    draft = write(cast, conversation, bcc="boss@example.cz")
    drafts.attach(draft, "a.pdf", "application/pdf", b"%PDF")
    outgoing = send(draft)
    again = replies.undo(outgoing, cast.bob, LATER)
    assert again is not None
    assert (again.text, again.to, again.bcc, again.kind) == (draft.text, draft.to, draft.bcc, draft.kind)
    assert again.answered == draft.answered
    assert [file.name for file in again.files.all()] == ["a.pdf"]
    conversation.refresh_from_db()
    assert (conversation.assignee, conversation.preview, conversation.last_message_at) == (None, "Nejde to.", NOON)
    assert list(conversation.entries.values_list("kind", flat=True)) == [Entry.Kind.MESSAGE]


def test_what_is_undone_is_not_sent(
    cast: Cast, conversation: Conversation, transport: RecordingTransport, clock: Clock
) -> None:
    replies.undo(send(write(cast, conversation)), cast.bob, LATER)
    deliver(clock, transport)
    assert not transport.posted


def test_undo_can_be_too_late(cast: Cast, conversation: Conversation, clock: Clock) -> None:
    outgoing = send(write(cast, conversation))
    deliver(clock)
    assert replies.undo(outgoing, cast.bob, LATER) is None
    assert Outgoing.objects.get().state == Outgoing.State.SENT


def test_nobody_undoes_somebody_elses_answer(cast: Cast, conversation: Conversation) -> None:
    assert replies.undo(send(write(cast, conversation)), cast.alice, LATER) is None
    assert Outgoing.objects.get().state == Outgoing.State.WAITING


def test_undo_keeps_what_was_begun_meanwhile(cast: Cast, conversation: Conversation) -> None:
    outgoing = send(write(cast, conversation, "První."))
    write(cast, conversation, "Druhá.")
    again = replies.undo(outgoing, cast.bob, LATER)
    assert again is not None
    assert "První." in again.text
    assert "Druhá." in again.text


def test_undo_takes_no_later_mail_back(cast: Cast, conversation: Conversation) -> None:
    outgoing = send(write(cast, conversation))
    receive(a_mail(text="Spěchá to.", in_reply_to="one@example.cz"), cast.helpdesk_gateway, LATER)
    replies.undo(outgoing, cast.bob, LATER)
    conversation.refresh_from_db()
    assert conversation.preview == "Spěchá to."


# --- new letters -----------------------------------------------------------------------------------------


def a_new_letter(cast: Cast) -> Draft:
    draft = drafts.open_draft(cast.bob, "new", NOON, process=cast.helpdesk)
    return drafts.save(
        draft, NOON, revision=0, to="Jana Nováková <jana@example.cz>", subject="Nabídka", text="Dobrý den"
    )  # fmt: skip


def test_a_new_letter_opens_a_conversation_of_its_writer(cast: Cast) -> None:
    send(a_new_letter(cast))
    conversation = Conversation.objects.visible_to(cast.alice).get()
    assert (conversation.subject, conversation.partner_address) == ("Nabídka", "jana@example.cz")
    assert conversation.assignee == cast.bob


def test_an_undone_new_letter_leaves_no_conversation(cast: Cast) -> None:
    draft = replies.undo(send(a_new_letter(cast)), cast.bob, LATER)
    assert draft is not None
    assert (draft.conversation, draft.subject) == (None, "Nabídka")
    assert not Conversation.objects.exists()


def test_the_answer_to_a_new_letter_comes_to_its_conversation(cast: Cast, clock: Clock) -> None:
    outgoing = send(a_new_letter(cast))
    deliver(clock)
    answer = receive(a_mail("Re: Nabídka", in_reply_to=outgoing.message_id), cast.helpdesk_gateway, LATER)
    assert answer == Conversation.objects.get()
    assert answer.entries.filter(message__isnull=False).count() == 2


# --- after it has left -----------------------------------------------------------------------------------


def test_what_was_sent_is_seen_and_found_by_the_team_alone(
    cast: Cast, conversation: Conversation, clock: Clock
) -> None:
    outgoing = send(write(cast, conversation, "Přijedeme zítra odpoledne."))
    deliver(clock)
    entry = Entry.objects.get(outgoing=outgoing)
    assert entry.message is not None
    assert store.original(entry.message.deliveries.get()) == store.read_blob(outgoing.raw)
    assert entry.details == {}
    assert len(search.search("odpoledne", person=cast.alice)) == 1
    assert search.search("odpoledne", person=cast.eve) == []
    assert Message.objects.visible_to(cast.carol).count() == 0


def test_the_partners_answer_comes_to_the_same_conversation(
    cast: Cast, conversation: Conversation, clock: Clock
) -> None:
    outgoing = send(write(cast, conversation))
    deliver(clock)
    answer = receive(a_mail("Re: Reklamace", "Děkuji.", in_reply_to=outgoing.message_id), cast.helpdesk_gateway, LATER)
    assert answer == conversation
    assert [entry.kind for entry in answer.entries.exclude(kind=Entry.Kind.EVENT)] == ["message", "outgoing", "message"]


def test_also_when_it_is_quicker_than_our_filing(cast: Cast, conversation: Conversation, clock: Clock) -> None:
    outgoing = send(write(cast, conversation))
    answer = receive(a_mail("Out of office", in_reply_to=outgoing.message_id), cast.helpdesk_gateway, LATER)
    deliver(clock)
    assert answer == conversation
    assert Conversation.objects.count() == 1


@pytest.mark.parametrize("copy_first", [True, False])
def test_a_copy_that_comes_back_by_mail_is_one_line(
    cast: Cast, conversation: Conversation, clock: Clock, copy_first: bool
) -> None:
    outgoing = send(write(cast, conversation, cc="helpdesk@acme.cz"))
    copy = b"Received: from mx.acme.cz\r\nDelivered-To: helpdesk@acme.cz\r\n" + store.read_blob(outgoing.raw)
    if not copy_first:
        deliver(clock)
    receive(copy, cast.helpdesk_gateway, LATER)
    if copy_first:
        deliver(clock)
    lines = conversation.entries.exclude(kind=Entry.Kind.EVENT)
    assert [line.kind for line in lines] == ["message", "outgoing"]
    assert Outgoing.objects.get().archived == lines[1].message
    assert Conversation.objects.count() == 1


def test_what_was_refused_can_be_written_again(cast: Cast, conversation: Conversation, clock: Clock) -> None:
    outgoing = send(write(cast, conversation))
    deliver(clock, RecordingTransport([Outcome({"jana@example.cz": Reply(550, "no such user")}, None)]))
    draft = replies.write_again(outgoing, cast.alice, LATER)
    assert draft is not None
    assert (draft.person, draft.text) == (cast.alice, "Dobrý den, přijedeme.")
    assert Recipient.objects.get().reply == "550 no such user"


def test_what_was_sent_is_not_written_again(cast: Cast, conversation: Conversation, clock: Clock) -> None:
    outgoing = send(write(cast, conversation))
    deliver(clock)
    assert replies.write_again(outgoing, cast.alice, LATER) is None


def test_decisions_about_an_uncertain_letter_are_written_down(
    cast: Cast, conversation: Conversation, clock: Clock
) -> None:
    from podatelna.protocols.errors import Uncertain

    outgoing = send(write(cast, conversation))
    deliver(clock, RecordingTransport([Uncertain("timed out")]))
    outgoing.refresh_from_db()
    assert sent.mark_sent(outgoing, cast.alice, LATER)
    assert not sent.mark_sent(outgoing, cast.alice, LATER)
    event = conversation.entries.filter(kind=Entry.Kind.EVENT).latest("pk")
    assert (event.verb, event.person) == ("marked-sent", cast.alice)
