"""The whole circle with real servers: a partner writes, is answered from the desk, answers again, and is understood."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.utils import timezone

from podatelna.archive.intake import accept
from podatelna.archive.models import Delivery, Message
from podatelna.archive.store import original
from podatelna.desk import drafts, replies, sent
from podatelna.desk.lists import conversations_in
from podatelna.desk.models import Conversation
from podatelna.gateways.fetch import fetch
from podatelna.gateways.models import Gateway, Security
from podatelna.gateways.sent import append_sent
from podatelna.outbox.copies import copy_due
from podatelna.outbox.delivery import deliver_due
from podatelna.outbox.models import Outgoing
from podatelna.pipeline import receive_due
from podatelna.protocols import smtp
from tests.cast import Cast, a_mail
from tests.servers import HOST, SECRET, Box, Dovecot, Receiver

pytestmark = [pytest.mark.dovecot, pytest.mark.django_db(transaction=True)]

AT_ONCE = timedelta(0)
ANSWER = "Dobrý den,\n\npračku opravíme ve středu.\n.\n. tečka na začátku řádku\n" + "Dlouhý řádek. " * 200
FILE = bytes(range(256)) * 300


@pytest.fixture
def gateway(cast: Cast, dovecot: Dovecot, receiver: Receiver) -> Gateway:
    """Helpdesk's mailbox on a Dovecot, and its way out to the partner's server."""
    gateway = cast.helpdesk_gateway
    gateway.imap_host, gateway.imap_port, gateway.imap_security = HOST, dovecot.imap_port, Security.NONE
    gateway.smtp_host, gateway.smtp_port, gateway.smtp_security = HOST, receiver.port, Security.NONE
    gateway.imap_login = f"circle{gateway.pk}"
    gateway.set_imap_password(SECRET)
    gateway.display_name, gateway.signature = "Podpora Kolovrat", "S pozdravem\nPodpora"
    gateway.processed_folder, gateway.sent_folder = "Zpracováno", "Odeslaná pošta"
    gateway.save()
    return gateway


@pytest.fixture
def box(gateway: Gateway, dovecot: Dovecot) -> Box:
    return dovecot.mailbox(gateway.imap_login)


def fetch_and_receive(gateway: Gateway) -> None:
    fetch(gateway, accept=accept, now=timezone.now, arrived=lambda: None)
    while receive_due(timezone.now()):
        pass


def answer_from_the_desk(conversation: Conversation, cast: Cast) -> Outgoing:
    now = timezone.now()
    draft = drafts.open_draft(cast.bob, "reply_all", now, conversation=conversation)
    draft = drafts.save(draft, now, revision=draft.revision, text=ANSWER)
    drafts.attach(draft, "Záruční list č. 7.bin", "application/octet-stream", FILE)
    outgoing = replies.send(draft, now, seen_until=None, undo_within=AT_ONCE)
    deliver_due(transport=smtp.deliver, now=timezone.now, archive=sent.file_sent, announce=sent.announce)
    outgoing.refresh_from_db()
    return outgoing


def a_partners_answer(to: bytes) -> bytes:
    """As a mail program makes it from what it got."""
    read = message_from_bytes(to, policy=policy.default)
    answer = EmailMessage()
    answer["From"], answer["To"] = "Jana Nováková <jana@example.cz>", read["Reply-To"] or read["From"]
    answer["Subject"], answer["Message-ID"] = f"RE: {read['Subject']}", "<zpet@example.cz>"
    answer["In-Reply-To"], answer["References"] = read["Message-ID"], f"{read['References']} {read['Message-ID']}"
    answer.set_content("Středa se hodí, děkuji.")
    return answer.as_bytes()


def test_the_whole_circle(cast: Cast, gateway: Gateway, box: Box, receiver: Receiver) -> None:
    question = a_mail(
        "Reklamace: pračka č. 4711 — nejde", cc="Petr Dvořák <petr@example.cz>", message_id="q@example.cz"
    )
    box.put(question)

    fetch_and_receive(gateway)
    conversation = conversations_in(f"process-{cast.helpdesk.pk}", cast.bob).get()
    assert (box.raws(), box.raws("Zpracováno")) == ([], [question])
    assert conversation.subject == "Reklamace: pračka č. 4711 — nejde"
    assert original(Delivery.objects.get()) == question

    outgoing = answer_from_the_desk(conversation, cast)
    assert outgoing.state == Outgoing.State.SENT, outgoing.last_reply
    (taken,) = receiver.taken
    assert sorted(taken.rcpt_to) == ["jana@example.cz", "petr@example.cz"]

    conversation.close(cast.bob, timezone.now())
    box.put(a_partners_answer(taken.raw))
    fetch_and_receive(gateway)
    conversation = Conversation.objects.get()
    assert conversation.status == Conversation.Status.OPEN
    mails = [entry.message for entry in conversation.entries.exclude(message=None).select_related("message")]
    assert [mail.message_id for mail in mails] == ["q@example.cz", outgoing.message_id, "zpet@example.cz"]
    assert {mail.thread_id for mail in mails} == {conversation.thread_id}


def test_the_partner_gets_the_archived_bytes(cast: Cast, gateway: Gateway, box: Box, receiver: Receiver) -> None:
    box.put(a_mail("Pračka", message_id="q@example.cz"))
    fetch_and_receive(gateway)

    outgoing = answer_from_the_desk(Conversation.objects.get(), cast)

    (taken,) = receiver.taken
    archived = Message.objects.get(message_id=outgoing.message_id)
    assert taken.raw == original(archived.deliveries.get())


def test_the_answer_reads_as_it_was_written(cast: Cast, gateway: Gateway, box: Box, receiver: Receiver) -> None:
    box.put(a_mail("Pračka — dotaz", message_id="q@example.cz"))
    fetch_and_receive(gateway)

    answer_from_the_desk(Conversation.objects.get(), cast)

    raw = receiver.taken[0].raw
    read = message_from_bytes(raw, policy=policy.default)
    assert str(read["From"]) == "Podpora Kolovrat <helpdesk@acme.cz>"
    assert (read["Subject"], read["In-Reply-To"], read["References"]) == ("Re: Pračka — dotaz", *["<q@example.cz>"] * 2)
    text, html = (read.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert text.startswith(ANSWER.rstrip()) or text.replace("\r\n", "\n").startswith(ANSWER.rstrip())
    assert "S pozdravem\nPodpora" in text.replace("\r\n", "\n")
    assert "pračku opravíme ve středu" in html
    (file,) = read.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("Záruční list č. 7.bin", FILE)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert all(byte < 128 for byte in raw)


def test_a_copy_stands_in_the_mailboxes_sent_folder_once(
    cast: Cast, gateway: Gateway, box: Box, receiver: Receiver
) -> None:
    box.put(a_mail("Pračka", message_id="q@example.cz"))
    fetch_and_receive(gateway)
    answer_from_the_desk(Conversation.objects.get(), cast)

    for _ in range(2):
        copy_due(append=append_sent, now=timezone.now, announce=sent.announce)

    (copy,) = box.messages("Odeslaná pošta")
    assert copy.raw == receiver.taken[0].raw
    assert copy.flags == {"\\Seen"}
