"""The address book that fills itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from podatelna.contacts import book
from podatelna.contacts.models import Contact
from podatelna.desk import drafts, replies, sent
from podatelna.mail.addresses import Address
from podatelna.outbox.delivery import deliver_due
from tests.cast import NOON, Cast, RecordingTransport, a_mail, receive

pytestmark = pytest.mark.django_db


def test_everybody_is_in_it_once() -> None:
    for _ in range(2):
        book.remember([Address("Jana", "Jana@example.cz"), Address("", "petr@example.cz")], NOON)
    assert list(Contact.objects.order_by("address").values_list("address", "name")) == [
        ("jana@example.cz", "Jana"), ("petr@example.cz", ""),
    ]  # fmt: skip


def test_a_hostile_address_breaks_nothing() -> None:
    book.remember([Address("x" * 5000 + "\0", "a" * 400 + "@example.cz"), Address("\0", "ok@example.cz")], NOON)
    assert list(Contact.objects.values_list("address", flat=True)) == ["ok@example.cz"]


def test_whom_we_have_written_to_comes_before_whoever_claims_the_name(
    cast: Cast, transport: RecordingTransport
) -> None:
    receive(a_mail(sender="Jana Nováková <a.jana@exampie.cz>"), cast.helpdesk_gateway)
    conversation = receive(a_mail(sender="Jana Nováková <jana@example.cz>"), cast.helpdesk_gateway)
    draft = drafts.open_draft(cast.bob, "reply", NOON, conversation=conversation)
    draft = drafts.save(draft, NOON, revision=draft.revision, text="Answer")
    replies.send(draft, NOON, seen_until=None, undo_within=timedelta(0))
    deliver_due(transport=transport, now=lambda: NOON, archive=sent.file_sent)
    assert [one.address for one in book.suggest("jana", cast.bob)] == ["jana@example.cz", "a.jana@exampie.cz"]


@pytest.mark.parametrize("typed", ["novak", "NOVÁKOVÁ", "jana nov", "nováková", "Novakov"])
def test_diacritics_need_not_be_typed(cast: Cast, typed: str) -> None:
    receive(a_mail(sender="Jana Nováková <jana@example.cz>"), cast.helpdesk_gateway)
    assert [one.address for one in book.suggest(typed, cast.bob)] == ["jana@example.cz"]
    assert book.suggest(typed, cast.carol) == []


@pytest.mark.parametrize("typed", ["%", "_", "nov_k", "n%k"])
def test_what_databases_take_for_wildcards_is_what_it_is(cast: Cast, typed: str) -> None:
    receive(a_mail(sender="Jana Nováková <jana@example.cz>"), cast.helpdesk_gateway)
    assert book.suggest(typed, cast.bob) == []


def test_a_name_that_came_later_is_found_too(cast: Cast) -> None:
    receive(a_mail(sender="jana@example.cz"), cast.helpdesk_gateway)
    receive(a_mail(sender="Jiří Šťastný <jana@example.cz>"), cast.helpdesk_gateway)
    assert [one.name for one in book.suggest("stastny", cast.bob)] == ["Jiří Šťastný"]
