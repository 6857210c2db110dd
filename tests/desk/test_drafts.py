"""Drafts: filled in with what is known, and nothing typed is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from podatelna.archive import store
from podatelna.archive.models import Blob
from podatelna.desk import drafts
from podatelna.desk.errors import StaleDraft
from podatelna.desk.models import Conversation, Draft, DraftFile, Entry
from podatelna.desk.senders import senders
from tests.cast import NOON, Cast, a_mail, receive

LATER = NOON + timedelta(minutes=1)


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    raw = a_mail("Reklamace", cc="Petr <petr@example.cz>, helpdesk@acme.cz", message_id="one@example.cz")
    return receive(raw, cast.helpdesk_gateway)


def open_draft(cast: Cast, conversation: Conversation, kind: str = "reply") -> Draft:
    return drafts.open_draft(cast.bob, kind, NOON, conversation=conversation)


def test_a_reply_goes_to_who_wrote_from_the_process(cast: Cast, conversation: Conversation) -> None:
    draft = open_draft(cast, conversation)
    assert (draft.to, draft.cc) == ("Jana Nováková <jana@example.cz>", "")
    assert (draft.subject, draft.sender) == ("Re: Reklamace", "helpdesk@acme.cz")
    assert draft.answered is not None
    assert draft.answered.message_id == "one@example.cz"


def test_a_reply_to_all_leaves_ourselves_out(cast: Cast, conversation: Conversation) -> None:
    draft = open_draft(cast, conversation, "reply_all")
    assert (draft.to, draft.cc) == ("Jana Nováková <jana@example.cz>", "Petr <petr@example.cz>")


def test_a_forward_takes_the_files_along(cast: Cast) -> None:
    raw = a_mail("Faktura", files=[("faktura č. 5.pdf", "application/pdf", b"%PDF-1.7")])
    draft = open_draft(cast, receive(raw, cast.helpdesk_gateway), "forward")
    assert (draft.to, draft.subject) == ("", "Fwd: Faktura")
    file = draft.files.get()
    assert (file.name, file.content_type) == ("faktura č. 5.pdf", "application/pdf")
    assert store.read_blob(file.blob) == b"%PDF-1.7"


def test_a_new_letter_is_from_the_process(cast: Cast) -> None:
    draft = drafts.open_draft(cast.bob, "new", NOON, process=cast.helpdesk)
    assert (draft.conversation, draft.sender, draft.to) == (None, "helpdesk@acme.cz", "")
    assert drafts.open_draft(cast.bob, "new", NOON, process=cast.helpdesk) != draft


def test_without_an_own_message_from_outside_the_last_one_is_answered(cast: Cast) -> None:
    raw = a_mail("Nabídka", sender="bob@acme.cz", to="jana@example.cz", cc="helpdesk@acme.cz")
    draft = open_draft(cast, receive(raw, cast.helpdesk_gateway))
    assert draft.to == "jana@example.cz"


def test_a_message_of_another_conversation_is_not_answered_here(cast: Cast, conversation: Conversation) -> None:
    other = drafts.last_message(receive(a_mail("Something else"), cast.helpdesk_gateway))
    with pytest.raises(ValueError):
        drafts.open_draft(cast.bob, "reply", NOON, conversation=conversation, answered=other)


def test_opening_again_gives_the_same_draft(cast: Cast, conversation: Conversation) -> None:
    draft = open_draft(cast, conversation)
    drafts.save(draft, LATER, revision=0, text="Dobrý den")
    again = open_draft(cast, conversation)
    assert (again.pk, again.text) == (draft.pk, "Dobrý den")


def test_each_person_has_a_draft_of_their_own(cast: Cast, conversation: Conversation) -> None:
    assert open_draft(cast, conversation) != drafts.open_draft(cast.alice, "reply", NOON, conversation=conversation)


def test_turning_to_all_adds_the_others_and_keeps_the_text(cast: Cast, conversation: Conversation) -> None:
    draft = open_draft(cast, conversation)
    drafts.save(draft, LATER, revision=0, text="Dobrý den")
    turned = open_draft(cast, conversation, "reply_all")
    assert (turned.cc, turned.text, turned.kind) == ("Petr <petr@example.cz>", "Dobrý den", "reply_all")
    assert turned.revision > 1


def test_turning_keeps_recipients_that_were_typed(cast: Cast, conversation: Conversation) -> None:
    draft = open_draft(cast, conversation)
    drafts.save(draft, LATER, revision=0, to="jana@example.cz, boss@example.cz")
    assert open_draft(cast, conversation, "reply_all").to == "jana@example.cz, boss@example.cz"


def test_turning_to_a_note_and_back_changes_nothing(cast: Cast, conversation: Conversation) -> None:
    before = open_draft(cast, conversation)
    assert open_draft(cast, conversation, "note").to == ""
    after = open_draft(cast, conversation)
    assert (after.to, after.subject, after.sender) == (before.to, before.subject, before.sender)


def test_turning_to_a_forward_twice_takes_each_file_once(cast: Cast) -> None:
    conversation = receive(a_mail(files=[("a.pdf", "application/pdf", b"%PDF")]), cast.helpdesk_gateway)
    for kind in ("forward", "reply", "forward"):
        draft = open_draft(cast, conversation, kind)
    assert draft.files.count() == 1


def test_a_message_is_forwarded_as_a_file_just_as_it_came(cast: Cast) -> None:
    raw = a_mail("Fáze: 1/2", "Dobrý den", files=[("a.pdf", "application/pdf", b"%PDF")])
    draft = open_draft(cast, receive(raw, cast.helpdesk_gateway), "fwd_file")
    assert (draft.to, draft.subject) == ("", "Fwd: Fáze: 1/2")
    file = draft.files.get()
    assert (file.name, file.content_type) == ("Fáze_ 1_2.eml", "message/rfc822")
    assert store.read_blob(file.blob) == raw


def test_the_file_is_the_copy_that_came_to_those_who_see_the_conversation(cast: Cast) -> None:
    raw = a_mail("Both", to="helpdesk@acme.cz, sales@acme.cz", message_id="both@example.cz")
    copies = {name: f"Delivered-To: {name}@acme.cz\r\n".encode() + raw for name in ("sales", "helpdesk")}
    receive(copies["sales"], cast.sales_gateway)
    draft = open_draft(cast, receive(copies["helpdesk"], cast.helpdesk_gateway), "fwd_file")
    assert store.read_blob(draft.files.get().blob) == copies["helpdesk"]


def test_what_goes_along_follows_the_way_of_forwarding_and_what_one_attached_stays(cast: Cast) -> None:
    conversation = receive(
        a_mail("Offer", files=[("a.pdf", "application/pdf", b"%PDF"), ("a.pdf", "application/pdf", b"%PDF")]),
        cast.helpdesk_gateway,
    )
    names = []
    for number, kind in enumerate(("forward", "fwd_file", "forward", "reply", "fwd_file")):
        draft = open_draft(cast, conversation, kind)
        names.append([file.name for file in draft.files.all()])
        if not number:
            drafts.attach(draft, "own.txt", "text/plain", b"own")
    assert names == [
        ["a.pdf", "a.pdf"],
        ["own.txt", "Offer.eml"],
        ["own.txt", "a.pdf", "a.pdf"],
        ["own.txt"],
        ["own.txt", "Offer.eml"],
    ]


def test_what_is_typed_is_saved(cast: Cast, conversation: Conversation) -> None:
    draft = drafts.save(open_draft(cast, conversation), LATER, revision=0, text="Dobrý\x00 den", cc="x@example.cz")
    assert (draft.text, draft.cc, draft.revision, draft.updated_at) == ("Dobrý den", "x@example.cz", 1, LATER)


def test_a_later_text_of_another_tab_is_not_overwritten(cast: Cast, conversation: Conversation) -> None:
    draft = open_draft(cast, conversation)
    drafts.save(draft, LATER, revision=0, text="the other tab")
    with pytest.raises(StaleDraft) as stale:
        drafts.save(draft, LATER, revision=0, text="this tab")
    assert stale.value.saved.text == "the other tab"
    assert Draft.objects.get().text == "the other tab"


def test_only_fields_of_a_draft_are_saved(cast: Cast, conversation: Conversation) -> None:
    with pytest.raises(ValueError):
        drafts.save(open_draft(cast, conversation), LATER, revision=0, person_id="1")


def test_discarding_takes_the_files_too(cast: Cast, conversation: Conversation) -> None:
    draft = open_draft(cast, conversation)
    drafts.attach(draft, "a.txt", "text/plain", b"hello")
    drafts.discard(draft)
    assert not DraftFile.objects.exists()
    assert conversation.entries.filter(kind=Entry.Kind.MESSAGE).exists()


@pytest.mark.parametrize("detached", [False, True])
def test_content_goes_with_the_last_draft_that_holds_it(cast: Cast, conversation: Conversation, detached: bool) -> None:
    mine = open_draft(cast, conversation)
    file = drafts.attach(mine, "a.txt", "text/plain", b"hello")
    other = drafts.open_draft(cast.alice, "reply", LATER, conversation=conversation)
    same = drafts.attach(other, "b.txt", "text/plain", b"hello")
    blobs = Blob.objects.filter(pk=file.blob_id)
    drafts.discard(mine)
    assert blobs.exists()
    if detached:
        drafts.detach(same)
    else:
        drafts.discard(other)
    assert not blobs.exists()


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("faktura.pdf", "faktura.pdf"),
        ("a\x00b\r\n.txt", "ab.txt"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
    ],
)
def test_names_of_files_are_made_fit(cast: Cast, conversation: Conversation, name: str, kept: str) -> None:
    assert drafts.attach(open_draft(cast, conversation), name, "text/plain", b"").name == kept


def test_a_file_can_be_taken_away(cast: Cast, conversation: Conversation) -> None:
    draft = open_draft(cast, conversation)
    drafts.detach(drafts.attach(draft, "a.txt", "text/plain", b"hello"))
    assert not draft.files.exists()


# --- from which address ----------------------------------------------------------------------------------


def test_ones_own_address_is_offered_where_the_gateway_allows_it(cast: Cast) -> None:
    assert [sender.address.address for sender in senders(cast.bob, cast.helpdesk)] == ["helpdesk@acme.cz"]
    cast.helpdesk_gateway.own_addresses = True
    cast.helpdesk_gateway.save()
    assert [(s.address.address, s.address.name, s.kind) for s in senders(cast.bob, cast.helpdesk)] == [
        ("helpdesk@acme.cz", "Helpdesk ACME", "process"), ("bob@acme.cz", "Bob", "own"),
    ]  # fmt: skip


def test_without_a_display_name_the_process_gives_its_own(cast: Cast) -> None:
    assert senders(cast.carol, cast.sales)[0].address.name == "Sales"
