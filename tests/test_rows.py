"""Rows written many at a time are the rows that Django's models would have written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import IntegrityError, transaction

from podatelna import rows
from podatelna.archive.models import Correspondent, Message, Thread, ThreadKey
from podatelna.contacts.models import Contact
from tests.archive.mails import a_message, an_origin, arrive
from tests.cast import NOON

pytestmark = pytest.mark.django_db


def test_what_is_allotted_is_given_to_nobody_else() -> None:
    before = Thread.objects.create().pk
    allotted = rows.allot(Thread, 3)
    after = Thread.objects.create().pk
    assert before < min(allotted) <= max(allotted) < after
    assert len(set(allotted)) == 3
    assert rows.allot(Thread, 0) == []


def test_what_is_allotted_in_a_table_never_written_to_is_not_given_again() -> None:
    allotted = rows.allot(ThreadKey, 2)
    thread = Thread.objects.create()
    later = ThreadKey.objects.create(key=b"k", message_id="k", thread=thread)
    assert later.pk > max(allotted)


def test_values_come_back_as_they_were() -> None:
    message = arrive(a_message(), an_origin()).message
    prague = timezone(timedelta(hours=2))
    sent = datetime(2026, 5, 4, 12, 30, 15, 123_456, tzinfo=prague)
    rows.update(
        Message,
        ("sent_at", "defects", "subject", "attachment_count", "search_digest"),
        [(sent, ["á", {"b": 1}], "Žluťoučký", 3, b"\0\xff", message.pk)],
    )
    message.refresh_from_db()
    assert (message.sent_at, message.defects, message.subject) == (sent, ["á", {"b": 1}], "Žluťoučký")
    assert (message.attachment_count, bytes(message.search_digest or b"")) == (3, b"\0\xff")
    assert Message.objects.filter(sent_at=sent.astimezone(UTC)).exists()  # written as Django compares it


def test_a_time_without_microseconds_sorts_among_those_with() -> None:
    first, second = Thread.objects.create(created_at=NOON + timedelta(microseconds=5)), rows.allot(Thread, 1)[0]
    rows.insert(Thread, ("id", "created_at", "absorbed_by"), [(second, NOON, None)])
    assert list(Thread.objects.order_by("created_at").values_list("pk", flat=True)) == [second, first.pk]


def test_columns_that_are_not_named_get_their_defaults() -> None:
    rows.insert(Contact, ("address",), [("jana@example.cz",), ("petr@example.cz",)])
    contact = Contact.objects.get(address="jana@example.cz")
    assert (contact.name, contact.folded) == ("", "")
    assert contact.first_seen_at is not None


def test_a_foreign_key_is_named_without_its_id() -> None:
    message = arrive(a_message(), an_origin()).message
    rows.insert(Correspondent, ("message", "role", "address"), [(message.pk, "to", "a@b.cz")])
    assert message.correspondents.get().address == "a@b.cz"


def test_rows_that_are_there_are_passed_over_when_once_is_said() -> None:
    rows.insert(Contact, ("address", "name"), [("a@b.cz", "A")])
    rows.insert(Contact, ("address", "name"), [("a@b.cz", "B"), ("c@d.cz", "C")], once=True)
    assert sorted(Contact.objects.values_list("address", "name")) == [("a@b.cz", "A"), ("c@d.cz", "C")]
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.insert(Contact, ("address", "name"), [("a@b.cz", "B")])


def test_nothing_is_no_statement(django_assert_num_queries: pytest.FixtureRequest) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]  # pytest-django's fixture
        rows.insert(Contact, ("address",), [])
        rows.update(Message, ("subject",), [])


def test_groups_have_everything_once() -> None:
    assert list(rows.groups(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(rows.groups([])) == []
