"""The inbound path: every delivery ends on the desk or in a list of what failed, once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError

from podatelna import pipeline
from podatelna.archive import quarantine, search, store
from podatelna.archive.intake import Received, accept
from podatelna.archive.models import Delivery, Message, Origin
from podatelna.contacts.models import Contact
from podatelna.desk import drafts, replies
from podatelna.desk.imports import origin_for
from podatelna.desk.models import Conversation, Entry
from podatelna.desk.processes import add_address
from podatelna.mail import reading
from podatelna.mail.body import Body
from podatelna.mail.parse import parse
from tests.cast import NOON, Cast, Clock, a_gateway, a_mail, arrive, receive


def test_mail_to_helpdesk_is_an_open_conversation_of_helpdesk(cast: Cast) -> None:
    conversation = receive(a_mail("Broken washing machine", "It does not spin."), cast.helpdesk_gateway)
    assert conversation.process == cast.helpdesk
    assert conversation.status == Conversation.Status.OPEN
    assert conversation.assignee is None
    assert conversation.subject == "Broken washing machine"
    assert conversation.partner_name == "Jana Nováková"
    assert conversation.partner_address == "jana@example.cz"
    assert conversation.preview == "It does not spin."
    assert conversation.last_message_at == conversation.last_inbound_at == NOON


def test_the_original_bytes_come_back(cast: Cast) -> None:
    raw = a_mail(files=[("faktura.pdf", "application/pdf", bytes(range(256)) * 400)])
    conversation = receive(raw, cast.helpdesk_gateway)
    assert store.original(Delivery.objects.get(message__entries__conversation=conversation)) == raw


def test_what_came_is_found(cast: Cast) -> None:
    receive(a_mail(text="Odstředivka nefunguje."), cast.helpdesk_gateway)
    assert len(search.search("odstredivky", person=cast.bob)) == 1


def test_a_partner_becomes_a_contact(cast: Cast) -> None:
    receive(a_mail(), cast.helpdesk_gateway)
    assert Contact.objects.get(address="jana@example.cz").name == "Jana Nováková"


def test_a_contact_keeps_its_name_when_somebody_claims_another(cast: Cast) -> None:
    receive(a_mail(sender="jana@example.cz"), cast.helpdesk_gateway)
    receive(a_mail(sender="Jana Nováková <jana@example.cz>"), cast.helpdesk_gateway)
    receive(a_mail(sender="Your Bank <jana@example.cz>"), cast.helpdesk_gateway)
    assert Contact.objects.get(address="jana@example.cz").name == "Jana Nováková"


def test_going_through_twice_changes_nothing(cast: Cast) -> None:
    delivery = arrive(a_mail(), cast.helpdesk_gateway)
    pipeline.receive(delivery, now=NOON)
    pipeline.receive(Delivery.objects.get(), now=NOON + timedelta(hours=1))
    assert Conversation.objects.count() == Entry.objects.count() == Message.objects.count() == 1


@pytest.mark.parametrize(
    "raw", [b"", b"\0", b"\xff\xfe\0\r\n", b"no colon here", b"\r\n\r\n", b"Subject: " + b"\x00\xed\xa0\x80" * 600]
)
def test_what_is_hardly_mail_is_on_the_desk_all_the_same(cast: Cast, raw: bytes) -> None:
    conversation = receive(raw, cast.helpdesk_gateway)
    assert conversation.status == Conversation.Status.OPEN
    assert store.original(Delivery.objects.get()) == raw


CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.eml"))


def test_every_letter_of_the_corpus_is_on_the_desk(cast: Cast) -> None:
    assert len(CORPUS) > 20
    for path in CORPUS:
        raw = path.read_bytes()
        conversation = receive(raw, cast.helpdesk_gateway)
        entry = conversation.entries.filter(kind=Entry.Kind.MESSAGE).latest("pk")
        assert entry.message is not None
        assert store.original(entry.message.deliveries.latest("pk")) == raw, path.name


def test_every_letter_of_the_corpus_can_be_answered_and_forwarded(cast: Cast) -> None:
    for path in CORPUS:
        conversation = receive(path.read_bytes(), cast.helpdesk_gateway)
        for kind in ("reply_all", "forward"):
            draft = drafts.open_draft(cast.bob, kind, NOON, conversation=conversation)
            typed = {"text": "Dobrý den", "to": draft.to or "jana@example.cz"}
            draft = drafts.save(draft, NOON, revision=draft.revision, **typed)
            outgoing = replies.send(draft, NOON, seen_until=None)
            assert parse(store.read_blob(outgoing.raw)).defects == (), path.name


# --- the queue -------------------------------------------------------------------------------------------


def test_due_deliveries_are_worked_off_once(cast: Cast) -> None:
    for _ in range(3):
        arrive(a_mail(), cast.helpdesk_gateway)
    assert pipeline.receive_due(NOON) == 3
    assert pipeline.receive_due(NOON) == 0
    assert Conversation.objects.count() == 3


def test_a_limit_leaves_the_rest(cast: Cast) -> None:
    for _ in range(3):
        arrive(a_mail(), cast.helpdesk_gateway)
    assert pipeline.receive_due(NOON, limit=2) == 2
    assert Delivery.objects.filter(state=Delivery.State.RECEIVED).count() == 1


def test_one_bad_delivery_does_not_hold_up_the_others(cast: Cast) -> None:
    damaged = arrive(a_mail(), cast.helpdesk_gateway)
    Delivery.objects.filter(pk=damaged.pk).update(sha256=bytes(32))
    arrive(a_mail(), cast.helpdesk_gateway)
    pipeline.receive_due(NOON)
    damaged.refresh_from_db()
    assert (damaged.state, damaged.stage) == (Delivery.State.SHUNTED, "read")
    assert "Damaged" in damaged.error
    assert Conversation.objects.count() == 1


def test_a_shunted_delivery_can_be_replayed(cast: Cast) -> None:
    delivery = arrive(a_mail(), cast.helpdesk_gateway)
    true = bytes(delivery.sha256)
    Delivery.objects.filter(pk=delivery.pk).update(sha256=bytes(32))
    pipeline.receive_due(NOON)
    Delivery.objects.filter(pk=delivery.pk).update(sha256=true)
    assert quarantine.replay(Delivery.objects.all(), NOON) == 1
    pipeline.receive_due(NOON)
    assert Conversation.objects.count() == 1
    assert Delivery.objects.get().error == ""


def test_only_what_is_shunted_is_replayed(cast: Cast) -> None:
    receive(a_mail(), cast.helpdesk_gateway)
    assert quarantine.replay(Delivery.objects.all(), NOON) == 0


def test_a_worker_that_dies_each_time_ends_with_a_shunt(cast: Cast, clock: Clock) -> None:
    delivery = arrive(a_mail(), cast.helpdesk_gateway)
    Delivery.objects.filter(pk=delivery.pk).update(attempts=pipeline.MOST_ATTEMPTS)
    pipeline.receive_due(NOON)
    assert Delivery.objects.get().state == Delivery.State.SHUNTED


def test_a_failure_that_passes_is_tried_again_later(cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    arrive(a_mail(), cast.helpdesk_gateway)
    with monkeypatch.context() as away:
        away.setattr(search, "index_many", _away)
        pipeline.receive_due(clock())
    waiting = Delivery.objects.get()
    assert (waiting.state, waiting.stage) == (Delivery.State.RECEIVED, "index")
    assert waiting.due_at is not None
    assert waiting.due_at > clock()
    assert pipeline.receive_due(clock()) == 0
    clock.forward(hours=1)
    pipeline.receive_due(clock())
    assert Delivery.objects.get().state == Delivery.State.DONE
    assert Entry.objects.count() == 1


def test_what_cannot_be_indexed_is_on_the_desk_all_the_same(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    arrive(a_mail(), cast.helpdesk_gateway)
    monkeypatch.setattr(search, "index_many", _broken)
    pipeline.receive_due(NOON)
    assert (Delivery.objects.get().state, Delivery.objects.get().stage) == (Delivery.State.SHUNTED, "index")
    assert Conversation.objects.visible_to(cast.bob).get().subject == "Broken washing machine"


def test_a_failure_that_stays_is_shunted_in_the_end(cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    arrive(a_mail(), cast.helpdesk_gateway)
    monkeypatch.setattr(search, "index_many", _away)
    for _ in range(20):
        pipeline.receive_due(clock())
        clock.forward(hours=6)
    shunted = Delivery.objects.get()
    assert (shunted.state, shunted.stage) == (Delivery.State.SHUNTED, "index")
    assert "the database is away" in shunted.error


def test_an_error_in_the_parser_is_recorded_and_the_mail_is_on_the_desk(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(a_mail(), cast.helpdesk_gateway)
    with monkeypatch.context() as broken:
        broken.setattr(pipeline, "parse", _broken)
        pipeline.receive_due(NOON)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.stage) == (Delivery.State.SHUNTED, "parse")
    assert Conversation.objects.visible_to(cast.bob).count() == 1
    assert "unreadable" in Message.objects.get().defects[0]
    quarantine.replay(Delivery.objects.all(), NOON)
    pipeline.receive_due(NOON)
    assert Conversation.objects.get().subject == "Broken washing machine"
    assert len(search.search("washing", person=cast.bob)) == 1


def test_a_value_that_could_not_be_read_is_listed_until_it_is_mended(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(a_mail(), cast.helpdesk_gateway)
    with monkeypatch.context() as broken:
        broken.setitem(reading.READERS, "body", (_broken, Body("", "", ())))
        pipeline.receive_due(NOON)
    delivery = quarantine.shunted().get()
    assert (delivery.stage, delivery.error[:24]) == ("parse", "could not be read: body,")
    assert Conversation.objects.visible_to(cast.bob).get().subject == "Broken washing machine"
    quarantine.replay(Delivery.objects.all(), NOON)
    pipeline.receive_due(NOON)
    assert Delivery.objects.get().state == Delivery.State.DONE
    assert len(search.search("spin", person=cast.bob)) == 1


def _away(*args: object) -> None:
    raise OperationalError("the database is away")


def _broken(*args: object, **also: object) -> None:
    raise RecursionError("too deep")


def test_mail_of_a_gateway_without_process_is_set_aside_until_it_has_one(cast: Cast) -> None:
    gateway = a_gateway("press@acme.cz")
    arrive(a_mail(to="press@acme.cz"), gateway)
    pipeline.receive_due(NOON)
    assert Delivery.objects.get().state == Delivery.State.SHUNTED
    add_address(cast.sales, gateway, "press@acme.cz", cast.dan)
    pipeline.receive_due(NOON)
    assert Conversation.objects.get().process == cast.sales


# --- imports ---------------------------------------------------------------------------------------------


def an_import(raw: bytes, *, received_at: object = None) -> Delivery:
    origin = Origin.objects.create(kind=Origin.Kind.IMPORT, name="old.mbox")
    return accept([Received(raw, origin.pk, "", NOON, received_at=received_at)])[0].delivery  # type: ignore[arg-type]


def test_imported_mail_is_closed_history_of_its_process(cast: Cast) -> None:
    long_ago = NOON - timedelta(days=900)
    pipeline.receive(an_import(a_mail(), received_at=long_ago), now=NOON, process=cast.helpdesk)
    conversation = Conversation.objects.visible_to(cast.bob).get()
    assert conversation.status == Conversation.Status.CLOSED
    assert conversation.last_message_at == long_ago


def test_an_import_that_was_cut_off_is_finished_by_the_worker(cast: Cast) -> None:
    accept([Received(a_mail(), origin_for(cast.helpdesk).pk, "", NOON)])
    pipeline.receive_due(NOON)
    assert Conversation.objects.visible_to(cast.bob).get().status == Conversation.Status.CLOSED


def test_imported_mail_without_process_is_in_the_archive_alone(cast: Cast) -> None:
    pipeline.receive(an_import(a_mail()), now=NOON)
    assert Delivery.objects.get().state == Delivery.State.DONE
    assert Conversation.objects.count() == 0
    assert len(search.search("washing", person=None)) == 1


def test_imported_mail_does_not_reopen_what_is_closed(cast: Cast) -> None:
    conversation = receive(a_mail(message_id="one@example.cz"), cast.helpdesk_gateway)
    conversation.close(cast.bob, NOON)
    pipeline.receive(an_import(a_mail(in_reply_to="one@example.cz")), now=NOON, process=cast.helpdesk)
    conversation.refresh_from_db()
    assert conversation.status == Conversation.Status.CLOSED
    assert conversation.entries.filter(kind=Entry.Kind.MESSAGE).count() == 2
