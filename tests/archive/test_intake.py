"""Whatever comes is durable, once, and comes out again to the byte."""

from __future__ import annotations

import base64
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from podatelna import claims
from podatelna.archive.errors import Damaged
from podatelna.archive.intake import Accepted, Received, accept
from podatelna.archive.models import Blob, Body, Delivery, Message, Origin, Piece
from podatelna.archive.store import INLINE, blob_store, original, put_blob, read_blob
from podatelna.blobs import BucketStore

from .mails import NOON, a_message, an_origin, arrive

pytestmark = pytest.mark.django_db


def received(raw: bytes, origin: Origin, place: str = "") -> Received:
    return Received(raw, origin.pk, place, NOON)


def with_attachment(data: bytes, *, subject: str = "Invoice", boundary: str = "b1", width: int = 76) -> bytes:
    text = base64.b64encode(data)
    lines = b"\r\n".join(text[at : at + width] for at in range(0, len(text), width))
    return (
        (
            f"From: jana@example.cz\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
            f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'
            f"--{boundary}\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n"
            f"--{boundary}\r\nContent-Type: application/pdf; name=invoice.pdf\r\n"
            "Content-Disposition: attachment; filename=invoice.pdf\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n"
        ).encode()
        + lines
        + f"\r\n--{boundary}--\r\n".encode()
    )


# --- to the byte ---------------------------------------------------------------------------------------


LINES = st.sampled_from(
    [
        b"",
        b"--x",
        b"--x--",
        b"From: a@b.cz",
        b"From MAILER Mon May  4 10:00:00 2026",
        b"Subject: =?utf-8?q?p=C5=99?=",
        b"Content-Type: multipart/mixed; boundary=x",
        b"Content-Type: message/rfc822",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: quoted-printable",
        base64.b64encode(bytes(57)),
        b"=C5=99=",
        b"\x00\xff",
        b"x" * 5000,
    ]
)
MAILS = st.one_of(
    st.binary(max_size=3000),
    st.builds(
        lambda lines, end: end.join(lines), st.lists(LINES, max_size=30), st.sampled_from([b"\r\n", b"\n", b"\r"])
    ),
)


@examples(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=MAILS)
def test_any_bytes_come_out_as_they_came_in(raw: bytes) -> None:
    origin = Origin.objects.get_or_create(kind=Origin.Kind.IMAP, name="any bytes")[0]
    delivery = accept([received(raw, origin)])[0].delivery
    assert original(Delivery.objects.get(pk=delivery.pk)) == raw


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00",
        b"\n\n\n",
        b"no mail at all",
        b"Subject: only a header",
        a_message("Žlutý kůň", "Příliš"),
        with_attachment(os.urandom(100_000)),
        with_attachment(b"words, " * 50_000),
    ],
    ids=["empty", "NUL", "line breaks", "no mail", "header only", "plain", "random attachment", "text attachment"],
)
def test_originals_are_exact_and_hashed(raw: bytes) -> None:
    delivery = Delivery.objects.get(pk=arrive(raw, an_origin()).pk)
    assert original(delivery) == raw
    assert bytes(delivery.sha256) == hashlib.sha256(raw).digest()
    assert delivery.size == len(raw)


def test_fifty_megabytes_are_taken_and_stand_in_the_blob_store() -> None:
    raw = with_attachment(os.urandom(256) * 150_000)
    delivery = Delivery.objects.get(pk=arrive(raw, an_origin()).pk)
    assert len(raw) > 50_000_000
    assert hashlib.sha256(original(delivery)).digest() == hashlib.sha256(raw).digest()
    assert all(blob.inline is None and blob_store().has(bytes(blob.sha256).hex()) for blob in Blob.objects.all())
    assert len(delivery.message.body.skeleton) < 10_000


def test_a_text_of_megabytes_does_not_stand_in_the_database() -> None:
    raw = a_message(text=os.urandom(1_000_000).hex())
    delivery = Delivery.objects.get(pk=arrive(raw, an_origin()).pk)
    assert original(delivery) == raw
    assert len(delivery.message.body.skeleton) < 10_000


def test_a_changed_byte_is_noticed() -> None:
    delivery = arrive(a_message(text="It spins."), an_origin())
    other = arrive(a_message(text="It sings."), an_origin("other"))
    Body.objects.filter(pk=delivery.message_id).update(skeleton=other.message.body.skeleton)
    with pytest.raises(Damaged):
        original(Delivery.objects.get(pk=delivery.pk))


def test_a_missing_blob_is_noticed() -> None:
    delivery = arrive(with_attachment(os.urandom(INLINE + 1)), an_origin())
    for blob in Blob.objects.all():
        blob_store().delete(bytes(blob.sha256).hex())
    with pytest.raises(Damaged):
        original(Delivery.objects.get(pk=delivery.pk))


def test_large_content_stands_in_a_bucket_where_the_settings_say_so(settings: Settings) -> None:
    settings.BLOBS_URL = "memory://archive"
    raw = with_attachment(os.urandom(INLINE + 1))
    delivery = arrive(raw, an_origin())
    assert isinstance(blob_store(), BucketStore)
    assert blob_store().has(bytes(Blob.objects.get().sha256).hex())
    assert original(Delivery.objects.get(pk=delivery.pk)) == raw


# --- once ----------------------------------------------------------------------------------------------


def test_the_same_place_is_taken_once() -> None:
    origin, raw = an_origin(), a_message()
    first = accept([received(raw, origin, "INBOX 1 7")])[0]
    again = accept([received(raw, origin, "INBOX 1 7")])[0]
    assert (first.new, again.new) == (True, False)
    assert first.delivery.pk == again.delivery.pk
    assert Delivery.objects.count() == Message.objects.count() == 1


def test_the_same_place_of_another_origin_is_another_delivery() -> None:
    raw = a_message()
    accept([received(raw, an_origin("a"), "INBOX 1 7"), received(raw, an_origin("b"), "INBOX 1 7")])
    assert Delivery.objects.count() == 2
    assert Message.objects.count() == 1


def test_bytes_moved_to_another_place_are_known_again() -> None:
    origin, raw = an_origin(), a_message()
    accept([received(raw, origin, "INBOX 1 7")])
    moved = accept([received(raw, origin, "INBOX 1 9")])[0]
    assert moved.new
    assert moved.same_bytes_before


def test_the_same_bytes_through_another_origin_were_not_here_before() -> None:
    raw = a_message()
    accept([received(raw, an_origin("a"), "INBOX 1 7")])
    assert not accept([received(raw, an_origin("b"), "INBOX 1 7")])[0].same_bytes_before


def test_one_batch_may_hold_a_place_and_bytes_twice() -> None:
    origin, raw = an_origin(), a_message()
    accepted = accept([received(raw, origin, place) for place in ("1", "1", "2")])
    assert [(one.new, one.same_bytes_before) for one in accepted] == [(True, False), (False, False), (True, True)]


def test_without_a_place_the_bytes_are_the_place() -> None:
    origin, raw = an_origin(), a_message()
    assert [one.new for one in accept([received(raw, origin), received(raw, origin)])] == [True, False]


def test_answers_stand_in_the_order_of_the_batch() -> None:
    origin = an_origin()
    raws = [a_message(f"Number {number}") for number in range(20)]
    accept([received(raw, origin) for raw in raws[5:10]])
    accepted = accept([received(raw, origin) for raw in raws])
    assert [original(one.delivery) for one in accepted] == raws
    assert [one.new for one in accepted] == [True] * 5 + [False] * 5 + [True] * 10


def test_one_mail_in_five_mailboxes_is_one_message_with_five_headers() -> None:
    raw = with_attachment(os.urandom(100_000))
    copies = [f"Delivered-To: p{number}@acme.cz\r\nReceived: by mx{number}\r\n".encode() + raw for number in range(5)]
    origins = [an_origin(f"p{number}@acme.cz") for number in range(5)]
    accepted = accept([received(copy, origin, "INBOX 1 1") for copy, origin in zip(copies, origins, strict=True)])
    assert Message.objects.count() == 1
    assert Blob.objects.count() == Piece.objects.count() == 1
    assert [original(one.delivery) for one in accepted] == copies


def test_an_attachment_is_one_blob_in_whatever_encoding_and_message() -> None:
    data = os.urandom(100_000)
    origin = an_origin()
    arrive(with_attachment(data), origin)
    arrive(with_attachment(data, subject="The same file", boundary="b2", width=60), origin)
    assert Message.objects.count() == 2
    assert Blob.objects.count() == 1


def test_two_messages_that_share_a_message_id_are_both_kept() -> None:
    origin = an_origin()
    arrive(a_message(text="One.", message_id="same@example.cz"), origin)
    arrive(a_message(text="Two.", message_id="same@example.cz"), origin)
    assert Message.objects.count() == 2


def test_a_blob_stored_by_hand_is_the_one_that_came_by_mail() -> None:
    data = os.urandom(5000)
    arrive(with_attachment(data), an_origin())
    assert put_blob(data).pk == Blob.objects.get().pk


@pytest.mark.parametrize("size", [0, 1, 100, INLINE, INLINE + 1])
def test_blobs_of_any_size_are_read_back(size: int) -> None:
    data = (b"abc" * size)[:size]
    assert read_blob(Blob.objects.get(pk=put_blob(data).pk)) == data
    assert put_blob(data).pk == put_blob(data).pk


# --- what is written down ------------------------------------------------------------------------------


def test_a_received_delivery_is_due_and_another_state_is_not() -> None:
    origin = an_origin()
    due = accept([received(a_message(), origin)])[0].delivery
    done = accept([received(a_message(), origin)], state=Delivery.State.DONE)[0].delivery
    assert list(claims.waiting(Delivery.objects.all(), NOON)) == [due]
    assert (done.state, done.due_at) == ("done", None)


def test_envelope_and_times_are_kept_apart_from_the_message() -> None:
    yesterday = NOON - timedelta(days=1)
    one = Received(a_message(), an_origin().pk, "7", NOON, "", ("helpdesk@acme.cz",), received_at=yesterday)
    delivery = Delivery.objects.get(pk=accept([one])[0].delivery.pk)
    assert (delivery.mail_from, delivery.rcpt_to, delivery.seen_at) == ("", ["helpdesk@acme.cz"], NOON)
    assert delivery.message.received_at == yesterday


def test_hostile_envelopes_fit_their_columns() -> None:
    hostile = "a\x00\ud800" + "x" * 1000
    one = Received(a_message(), an_origin().pk, hostile, NOON, hostile, (hostile,))
    delivery = Delivery.objects.get(pk=accept([one])[0].delivery.pk)
    assert delivery.mail_from == delivery.rcpt_to[0] == "a\ufffd\ufffd" + "x" * 317


def test_what_belongs_to_the_batch_is_committed_with_it() -> None:
    def fails(accepted: list[Accepted]) -> None:
        assert accepted[0].delivery.pk
        raise RuntimeError("no ledger")

    with pytest.raises(RuntimeError, match="no ledger"):
        accept([received(a_message(), an_origin())], also=fails)
    assert not Delivery.objects.exists()
    assert not Message.objects.exists()


def test_a_batch_takes_few_statements(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    origin = an_origin()
    batch = [received(with_attachment(os.urandom(3000), subject=str(number)), origin) for number in range(20)]
    accept([received(with_attachment(os.urandom(3000)), origin)])  # the first one ever numbers the tables
    with django_assert_max_num_queries(16):
        accept(batch)


# --- two workers at once -------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_workers_that_accept_the_same_mail_at_once_store_it_once() -> None:
    origins = [an_origin("a"), an_origin("b")]
    data = [os.urandom(size) for size in (2000, 100_000)]
    raws = [with_attachment(data[number % 2], subject=str(number)) for number in range(12)]

    def work(seed: int) -> None:
        try:
            for start in range(0, 12, 4):
                chosen = raws[start : start + 4]
                ordered = chosen if seed % 2 else chosen[::-1]
                accept([received(raw, origins[seed % 2], f"INBOX 1 {raws.index(raw)}") for raw in ordered])
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    assert Message.objects.count() == 12
    assert Delivery.objects.count() == 24
    assert Blob.objects.count() == 2
    assert all(original(delivery) in raws for delivery in Delivery.objects.select_related("message"))


@pytest.mark.django_db(transaction=True)
def test_a_blob_put_by_many_at_once_is_one_row() -> None:
    data = os.urandom(3000)

    def work(_: int) -> int:
        try:
            return put_blob(data).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(work, range(12)))) == 1
    assert Blob.objects.count() == 1
