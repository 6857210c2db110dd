"""What is erased is gone from everywhere, what others hold stays, and the log and the verification still hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.utils import timezone
from pytest_django.fixtures import Settings

from podatelna.accounts.audit import record
from podatelna.accounts.models import AuditEntry, Scope
from podatelna.archive import search, store, sweeping, verification
from podatelna.archive.models import Blob, Delivery, Message, ThreadKey, Tombstone
from podatelna.blobs import open_store
from podatelna.contacts.models import Contact
from podatelna.desk import drafts, erasures, notes, notices, replies, retention, sent, tasks
from podatelna.desk.erasing import erase_conversation, erase_message
from podatelna.desk.keeping import months_after
from podatelna.desk.models import Conversation, Draft, Entry, Erasure
from podatelna.gateways.models import Folder, LedgerEntry
from podatelna.outbox.delivery import deliver_due
from podatelna.outbox.models import Outgoing
from tests.cast import NOON, Cast, Clock, RecordingTransport, a_mail, receive

JANA = "jana@example.cz"
FILE = ("list.bin", "application/octet-stream", bytes(range(256)) * 400)


@pytest.fixture(autouse=True)
def _own_blob_store(settings: Settings, tmp_path: Path) -> None:
    settings.BLOBS_URL = f"file://{tmp_path / 'blobs'}"


def damage() -> list[tuple[str, str]]:
    run = verification.verify(timezone.now, afresh=True)
    return sorted(run.findings.values_list("kind", "subject"))


def message_of(conversation: Conversation) -> int:
    return conversation.entries.filter(kind="message").order_by("pk")[0].message_id or 0


def run_all(now: object = NOON) -> None:
    for _ in range(100):
        if not erasures.step(NOON):
            return
    raise AssertionError("it never ends")


# --- a message -------------------------------------------------------------------------------------------


def test_an_erased_message_is_gone_and_a_tombstone_stays(cast: Cast) -> None:
    conversation = receive(a_mail("Sezam tajemství", files=[FILE]), cast.helpdesk_gateway)
    delivery = Delivery.objects.get()
    folder = Folder.objects.create(gateway=cast.helpdesk_gateway, name="INBOX", uidvalidity=1)
    LedgerEntry.objects.create(folder=folder, uid=1, end="archived", delivery=delivery)
    sha256 = bytes(delivery.sha256).hex()
    assert search.search("sezam", person=cast.bob)
    assert erase_message(message_of(conversation), cast.dan, "erasure 1", NOON) == 1
    assert not Message.objects.exists()
    assert not Delivery.objects.exists()
    assert not Blob.objects.exists()
    assert not search.search("sezam", person=cast.bob)
    tomb = Tombstone.objects.get()
    assert (tomb.delivery_id, tomb.erased_by, tomb.reason, tomb.with_message) == (
        delivery.pk,
        cast.dan,
        "erasure 1",
        True,
    )
    assert sha256 in tomb.arrival
    assert "jana" not in tomb.arrival.lower()
    assert LedgerEntry.objects.get().end == "archived", "it is not fetched again"
    assert not Conversation.objects.exists()
    sweeping.sweep(timezone.now() + timedelta(hours=2))
    assert list(open_store(django_settings.BLOBS_URL).keys()) == []
    assert damage() == []


def test_a_file_goes_with_its_last_holder(cast: Cast) -> None:
    first = receive(a_mail("One", files=[FILE]), cast.helpdesk_gateway)
    second = receive(a_mail("Two", files=[FILE]), cast.helpdesk_gateway)
    erase_message(message_of(first), None, "test", NOON)
    part = Message.objects.get(pk=message_of(second)).parts.get(is_attachment=True)
    assert store.content(part) == FILE[2]
    assert Blob.objects.count() == 1
    erase_message(message_of(second), None, "test", NOON)
    assert not Blob.objects.exists()
    assert damage() == []


def test_every_copy_goes_with_its_message(cast: Cast) -> None:
    raw = a_mail(to="helpdesk@acme.cz, sales@acme.cz")
    helpdesk = receive(b"Delivered-To: helpdesk\r\n" + raw, cast.helpdesk_gateway)
    receive(b"Delivered-To: sales\r\n" + raw, cast.sales_gateway)
    assert erase_message(message_of(helpdesk), None, "test", NOON) == 2
    assert Tombstone.objects.filter(with_message=True).count() == 1
    assert damage() == []


def test_what_the_desk_has_of_it_goes_too(cast: Cast, transport: RecordingTransport, clock: Clock) -> None:
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    draft = drafts.open_draft(cast.bob, "reply", NOON, conversation=conversation)
    drafts.attach(draft, "secret.txt", "text/plain", b"secret" * 20_000)
    receive(a_mail("Another"), cast.helpdesk_gateway)
    erase_message(message_of(conversation), None, "test", NOON)
    assert not Draft.objects.exists()
    assert not Conversation.objects.filter(pk=conversation.pk).exists()
    assert Conversation.objects.count() == 1
    assert Scope.objects.filter(kind="conversation").count() == 1
    assert damage() == []


def test_a_conversation_keeps_what_is_left_of_it(cast: Cast) -> None:
    conversation = receive(a_mail("Reklamace", message_id="1@example.cz"), cast.helpdesk_gateway)
    receive(a_mail("Re: Reklamace", "The answer\n", in_reply_to="1@example.cz"), cast.helpdesk_gateway)
    erase_message(message_of(conversation), None, "test", NOON)
    conversation.refresh_from_db()
    assert conversation.subject == "Re: Reklamace"
    assert conversation.entries.filter(kind="message").count() == 1
    assert not ThreadKey.objects.filter(message_id="1@example.cz").exists()
    late = receive(a_mail("Re: Reklamace", in_reply_to="1@example.cz"), cast.helpdesk_gateway)
    assert late == conversation, "its name is kept as a hash: answers find their thread"


def test_a_sent_answer_is_erased_with_its_sending(cast: Cast, transport: RecordingTransport) -> None:
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    draft = drafts.open_draft(cast.bob, "reply", NOON, conversation=conversation)
    draft = drafts.save(draft, NOON, revision=draft.revision, text="An answer")
    replies.send(draft, NOON, seen_until=conversation.entries.latest("pk").pk)
    clock = Clock(NOON + timedelta(minutes=1))
    deliver_due(transport=transport, now=clock, archive=sent.file_sent, announce=sent.announce)
    out = Outgoing.objects.get()
    assert out.archived_id is not None
    erase_message(out.archived_id, None, "test", NOON)
    assert not Outgoing.objects.exists()
    assert conversation.entries.filter(kind="outgoing").count() == 0
    assert Conversation.objects.filter(pk=conversation.pk).exists()
    assert damage() == []


# --- a conversation by rule ------------------------------------------------------------------------------


def closed(cast: Cast, raw: bytes = b"", years_ago: float = 3) -> Conversation:
    conversation = receive(raw or a_mail(), cast.helpdesk_gateway)
    conversation.close(cast.bob, NOON - timedelta(days=365.25 * years_ago))
    return conversation


def test_a_rule_erases_what_was_closed_long_enough_ago_and_nothing_else(cast: Cast) -> None:
    old, recent, still_open = closed(cast), closed(cast, years_ago=1), receive(a_mail(), cast.helpdesk_gateway)
    in_sales = receive(a_mail(), cast.sales_gateway)
    in_sales.close(cast.carol, NOON - timedelta(days=4000))
    retention.set_rule(cast.helpdesk, 24, True, cast.dan)
    assert [one.conversation for one in retention.due(NOON)] == [old]
    assert retention.erase_due(NOON) == 1
    assert set(Conversation.objects.all()) == {recent, still_open, in_sales}
    assert Tombstone.objects.get().reason == f"rule of process {cast.helpdesk.pk}"
    assert retention.erase_due(NOON) == 0
    assert damage() == []


def test_a_rule_that_only_keeps_erases_nothing(cast: Cast) -> None:
    closed(cast)
    retention.set_rule(cast.helpdesk, 24, False, cast.dan)
    assert retention.erase_due(NOON) == 0


def test_what_another_process_sees_stays_for_it(cast: Cast) -> None:
    raw = a_mail(to="helpdesk@acme.cz, sales@acme.cz", message_id="both@example.cz")
    old = closed(cast, b"Delivered-To: helpdesk\r\n" + raw)
    sales = receive(b"Delivered-To: sales\r\n" + raw, cast.sales_gateway)
    notes.add(old, cast.bob, "a note", NOON)
    retention.set_rule(cast.helpdesk, 24, True, cast.dan)
    assert retention.erase_due(NOON) == 1
    assert Message.objects.visible_to(cast.carol).count() == 1
    assert not Message.objects.visible_to(cast.bob).exists()
    left = Delivery.objects.get()
    assert store.original(left).startswith(b"Delivered-To: sales")
    assert sales.entries.filter(kind="message").exists()
    assert Tombstone.objects.get().with_message is False
    assert damage() == []


@pytest.mark.parametrize("of_the_person", [True, False])
def test_a_hold_keeps_it_until_it_is_released(cast: Cast, of_the_person: bool) -> None:
    conversation = closed(cast)
    retention.set_rule(cast.helpdesk, 24, True, cast.dan)
    if of_the_person:
        hold = retention.hold_person("Jana@example.cz", "a lawsuit", cast.dan, NOON)
    else:
        hold = retention.hold_conversation(conversation, "a lawsuit", cast.dan, NOON)
    assert [one.held for one in retention.due(NOON)] == [True]
    assert retention.erase_due(NOON) == 0
    assert retention.release(hold, cast.dan, NOON)
    assert not retention.release(hold, cast.dan, NOON)
    assert retention.erase_due(NOON) == 1
    assert not Conversation.objects.exists()


def test_a_conversation_that_was_taken_up_again_is_not_erased(cast: Cast) -> None:
    conversation = closed(cast)
    retention.set_rule(cast.helpdesk, 24, True, cast.dan)
    conversation.reopen(cast.bob, NOON)
    assert retention.erase_due(NOON) == 0
    conversation.close(cast.bob, NOON)
    assert retention.erase_due(NOON + timedelta(days=729)) == 0
    assert retention.erase_due(NOON + timedelta(days=732)) == 1


def test_notes_and_scope_go_with_the_conversation(cast: Cast) -> None:
    conversation = closed(cast)
    Entry.objects.create(conversation=conversation, kind="note", text="She shouted at me", person=cast.bob)
    scope = conversation.scope_id
    erase_conversation(conversation, None, "test", NOON)
    assert not Entry.objects.exists()
    assert not Scope.objects.filter(pk=scope).exists()
    assert AuditEntry.objects.filter(act="erase-conversation", subject__startswith="conversation").exists()


# --- a person --------------------------------------------------------------------------------------------


def start(cast: Cast, shared: str = "keep") -> Erasure:
    erasure = erasures.ask(JANA, cast.dan, NOON, shared=shared, reason="She asked for it")
    erasures.confirm(erasure, cast.dan, NOON)
    return erasure


def test_everything_of_a_person_goes(cast: Cast) -> None:
    conversation = receive(a_mail("From her"), cast.helpdesk_gateway)
    other = receive(a_mail("From him", sender="Petr <petr@example.cz>"), cast.helpdesk_gateway)
    note = Entry.objects.create(conversation=other, kind="note", text=f"As {JANA.upper()} said, not xjana@example.cz")
    task = tasks.add_task(other, f"Call {JANA}", None, NOON)
    notices.notify(cast.bob, "rule", NOON, conversation=other, details={"name": "VIP", "text": f"{JANA} has written"})
    notices.notify(cast.bob, "rule", NOON, conversation=other, details={"name": "VIP", "text": f"x{JANA} has written"})
    draft = drafts.open_draft(cast.bob, "reply", NOON, conversation=other)
    drafts.save(draft, NOON, revision=draft.revision, to=f"Jana <{JANA}>")
    entry = record(cast.dan, "export", "search", query=f"from:{JANA}")
    innocent = record(cast.dan, "export", "search", query="from:xjana@example.cz")
    assert Contact.objects.filter(address=JANA).exists()
    foreseen = erasures.extent(JANA, "keep", NOON)
    assert (foreseen.erased, foreseen.kept, foreseen.drafts, foreseen.notes, foreseen.contacts) == (1, {}, 1, 2, 1)
    assert foreseen.log_entries == 1
    erasure = start(cast)
    run_all()
    erasure.refresh_from_db()
    assert (erasure.state, erasure.address, erasure.reason) == ("done", "", "")
    assert erasure.counts == {"erased": 1, "drafts": 1, "notes": 2, "contacts": 1, "log": 2}
    assert not Conversation.objects.filter(pk=conversation.pk).exists()
    assert not Contact.objects.filter(address=JANA).exists()
    assert notices.count_new(cast.bob) == 1
    task.refresh_from_db()
    assert task.text == "Call [erased]"
    note.refresh_from_db()
    assert note.text == "As [erased] said, not xjana@example.cz"
    entry.refresh_from_db()
    innocent.refresh_from_db()
    assert (entry.details, entry.salt) == ({}, None)
    assert innocent.details
    assert everywhere(JANA) == []
    assert damage() == []


def everywhere(address: str) -> list[str]:
    """Tables in which the address still stands, by itself, in any column."""
    found = []
    for model in apps.get_models():
        for row in model._default_manager.all().values():
            text = str(row).lower().replace("x" + address, "")
            if address in text:
                found.append(model.__name__)
    return found


def test_mail_in_which_others_take_part_is_kept_or_erased_as_it_was_chosen(cast: Cast) -> None:
    receive(a_mail("For both", cc="Petr <petr@example.cz>"), cast.helpdesk_gateway)
    decisions = list(erasures.preview(JANA, "keep", NOON))
    assert [decision.kept and decision.kept.reason for decision in decisions] == ["shared"]
    assert decisions[0].processes == ("Helpdesk",)
    start(cast)
    run_all()
    assert Message.objects.count() == 1
    start(cast, shared="erase")
    run_all()
    assert not Message.objects.exists()


def test_colleagues_are_no_others(cast: Cast) -> None:
    receive(a_mail("Ours", cc="alice@acme.cz, helpdesk@acme.cz"), cast.helpdesk_gateway)
    assert [decision.kept for decision in erasures.preview(JANA, "keep", NOON)] == [None]


def test_what_a_rule_keeps_stays_until_its_time(cast: Cast) -> None:
    retention.set_rule(cast.helpdesk, 24, False, cast.dan)
    open_one = receive(a_mail("Open"), cast.helpdesk_gateway)
    closed(cast, a_mail("Recent"), years_ago=1)
    closed(cast, a_mail("Old"), years_ago=3)
    by_subject = {Message.objects.get(pk=one.message).subject: one.kept for one in erasures.preview(JANA, "keep", NOON)}
    assert by_subject["Old"] is None
    assert by_subject["Open"] is not None
    assert by_subject["Open"].reason == "open"
    assert by_subject["Recent"] is not None
    assert by_subject["Recent"].reason == "retained"
    assert by_subject["Recent"].until is not None
    assert NOON < by_subject["Recent"].until < NOON + timedelta(days=400)
    start(cast)
    run_all()
    assert sorted(Message.objects.values_list("subject", flat=True)) == ["Open", "Recent"]
    assert Conversation.objects.filter(pk=open_one.pk).exists()


def test_a_hold_comes_before_everything(cast: Cast) -> None:
    receive(a_mail(), cast.helpdesk_gateway)
    hold = retention.hold_person(JANA, "a lawsuit", cast.dan, NOON)
    assert erasures.extent(JANA, "erase", NOON).held
    erasure = start(cast, shared="erase")
    run_all()
    erasure.refresh_from_db()
    assert erasure.counts == {"held": 1}
    assert Message.objects.count() == 1
    assert Contact.objects.filter(address=JANA).exists()
    retention.release(hold, cast.dan, NOON)
    start(cast, shared="erase")
    run_all()
    assert not Message.objects.exists()


def test_four_eyes_are_two_people(cast: Cast) -> None:
    retention.set_four_eyes(True, cast.dan)
    erasure = erasures.ask(JANA, cast.dan, NOON)
    for nobody_else in (cast.dan, None):
        with pytest.raises(erasures.NotConfirmable):
            erasures.confirm(erasure, nobody_else, NOON)
    assert not erasures.step(NOON)
    erasures.confirm(erasure, cast.alice, NOON)
    with pytest.raises(erasures.NotConfirmable):
        erasures.confirm(erasure, cast.alice, NOON)
    assert erasures.step(NOON)


def test_a_withdrawn_erasure_does_nothing(cast: Cast) -> None:
    receive(a_mail(), cast.helpdesk_gateway)
    erasure = erasures.ask(JANA, cast.dan, NOON)
    erasures.cancel(erasure, cast.dan, NOON)
    with pytest.raises(erasures.NotConfirmable):
        erasures.confirm(erasure, cast.alice, NOON)
    assert not erasures.step(NOON)
    assert Message.objects.count() == 1


def test_an_erasure_that_was_cut_off_goes_on(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        receive(a_mail(), cast.helpdesk_gateway)
    erasure = start(cast)
    first = Message.objects.order_by("pk")[0]
    erase_message(first.pk, cast.dan, f"erasure {erasure.pk}", NOON)  # killed before it was counted
    run_all()
    assert not Message.objects.exists()
    assert damage() == []


def test_erasing_is_in_the_log_with_who_and_why_and_without_whom(cast: Cast) -> None:
    receive(a_mail(), cast.helpdesk_gateway)
    erasure = start(cast)
    run_all()
    acts = list(AuditEntry.objects.filter(subject=f"erasure {erasure.pk}").order_by("pk"))
    assert [(row.act, row.person) for row in acts] == [
        ("request-erasure", cast.dan), ("confirm-erasure", cast.dan), ("finish-erasure", cast.dan),
    ]  # fmt: skip
    erased = AuditEntry.objects.get(act="erase-delivery")
    assert erased.details["reason"] == f"erasure {erasure.pk}"
    assert JANA not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize(
    ("at", "months", "then"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2026-11-15", 120, "2036-11-15"),
        ("2026-12-31", 2, "2027-02-28"),
    ],
)
def test_months_are_months_of_the_calendar(at: str, months: int, then: str) -> None:
    begin = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert months_after(begin, months).date().isoformat() == then
