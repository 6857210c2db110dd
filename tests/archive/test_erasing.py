"""What is erased is gone, what others hold stays readable to the byte, and nothing is removed from under a newcomer."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import ProtectedError

from podatelna.archive import contents, search, store, sweeping
from podatelna.archive.intake import Received, accept
from podatelna.archive.models import Blob, Body, Delivery, DoomedBlob, Message, Part, Piece
from podatelna.archive.reading import fill
from podatelna.archive.store import INLINE, blob_store, erase_delivery, original, put_blob

from .mails import NOON, a_message, an_origin, arrive, filed
from .test_intake import with_attachment

pytestmark = pytest.mark.django_db

LARGE = INLINE + 1000


def copies(raw: bytes, count: int = 3) -> list[bytes]:
    return [
        f"Return-Path: <bounce-{number}@example.cz>\r\nDelivered-To: p{number}@acme.cz\r\n".encode() + raw
        for number in range(count)
    ]


def in_mailboxes(raws: list[bytes]) -> list[Delivery]:
    origins = [an_origin(f"p{number}@acme.cz") for number in range(len(raws))]
    accept([Received(raw, origin.pk, "INBOX 1 1", NOON) for raw, origin in zip(raws, origins, strict=True)])
    return list(Delivery.objects.order_by("pk"))


def objects() -> list[str]:
    return sorted(blob_store().keys())


@pytest.mark.parametrize("which", [0, 1, 2])
def test_whichever_copy_is_erased_the_others_are_exact(which: int) -> None:
    raws = copies(with_attachment(os.urandom(3000)))
    deliveries = in_mailboxes(raws)
    kept = {one.pk: original(one) for one in deliveries if one != deliveries[which]}
    erase_delivery(deliveries[which])
    assert {one.pk: original(one) for one in Delivery.objects.all()} == kept
    assert Message.objects.count() == 1


def test_nothing_of_an_erased_header_block_stays() -> None:
    deliveries = in_mailboxes(copies(a_message()))
    secret = original(deliveries[0]).splitlines()[0]
    erase_delivery(deliveries[0])
    from podatelna.archive.originals import unpacked

    assert secret not in unpacked(Message.objects.get())


def test_copies_are_erased_one_after_the_other_until_nothing_is_left() -> None:
    raws = copies(with_attachment(os.urandom(3000)), 4)
    left = dict(zip([one.pk for one in in_mailboxes(raws)], sorted(raws), strict=True))
    left = {pk: original(Delivery.objects.get(pk=pk)) for pk in left}
    for pk in list(left):
        erase_delivery(Delivery.objects.get(pk=pk))
        del left[pk]
        assert {one.pk: original(one) for one in Delivery.objects.all()} == left
    for model in (Delivery, Message, Body, Piece, Part, Blob):
        assert not model.objects.exists(), model


def test_with_the_last_delivery_its_words_leave_the_index() -> None:
    message = filed(a_message("A pračka"), an_origin())
    assert search.search("pračka", person=None)
    erase_delivery(message.deliveries.get())
    assert not search.search("pračka", person=None)


def test_a_content_stays_as_long_as_another_message_or_a_file_holds_it() -> None:
    data, held = os.urandom(LARGE), os.urandom(5000)
    one, two = (arrive(with_attachment(data, subject=subject), an_origin(subject)) for subject in "AB")
    three = arrive(with_attachment(held), an_origin("C"))
    fill(three.message, store.read(three.message))
    erase_delivery(one)
    assert original(Delivery.objects.get(pk=two.pk))
    erase_delivery(two)
    erase_delivery(three)
    assert not Blob.objects.exists()


def test_what_a_draft_holds_is_not_erased() -> None:
    from podatelna.desk import drafts
    from podatelna.desk.models import Draft
    from tests.cast import gather

    data = os.urandom(5000)
    delivery = arrive(with_attachment(data), an_origin("sent"))
    cast = gather()
    draft = Draft.objects.create(person=cast.bob, process=cast.helpdesk, kind=Draft.Kind.NEW)
    drafts.attach(draft, "invoice.pdf", "application/pdf", data)
    erase_delivery(delivery)
    assert store.read_blob(Blob.objects.get()) == data


def test_a_ledger_protects_its_delivery() -> None:
    from podatelna.gateways.models import Folder, LedgerEntry
    from tests.cast import gather

    delivery = arrive(a_message(), an_origin("other"))
    folder = Folder.objects.create(gateway=gather().helpdesk_gateway, name="INBOX", uidvalidity=1)
    LedgerEntry.objects.create(folder=folder, uid=1, end="archived", delivery=delivery)
    with pytest.raises(ProtectedError):
        erase_delivery(delivery)
    assert original(Delivery.objects.get(pk=delivery.pk))


# --- the blob store --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_an_object_is_removed_after_the_commit_and_never_before() -> None:
    delivery = arrive(with_attachment(os.urandom(LARGE)), an_origin())
    name = bytes(Blob.objects.get().sha256).hex()
    with transaction.atomic():
        erase_delivery(delivery)
        transaction.set_rollback(True)
    sweeping.sweep(NOON)
    assert blob_store().has(name)
    assert original(Delivery.objects.get())
    erase_delivery(Delivery.objects.get())
    assert blob_store().has(name)
    sweeping.sweep(NOON)
    assert not blob_store().has(name)


def test_content_that_comes_again_before_the_sweep_is_kept() -> None:
    raw = with_attachment(os.urandom(LARGE))
    erase_delivery(arrive(raw, an_origin("a")))
    again = arrive(raw, an_origin("b"))
    sweeping.sweep(NOON)
    assert original(Delivery.objects.get(pk=again.pk)) == raw


def test_an_object_that_was_swept_between_put_and_commit_is_put_again(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = with_attachment(os.urandom(LARGE))
    erase_delivery(arrive(raw, an_origin("a")))
    put = contents.new_blob

    def slow(*arguments: object) -> Blob:
        row = put(*arguments)  # type: ignore[arg-type]  # handed on as they came
        sweeping.sweep(NOON)
        return row

    monkeypatch.setattr("podatelna.archive.intake.new_blob", slow)
    again = arrive(raw, an_origin("b"))
    assert original(Delivery.objects.get(pk=again.pk)) == raw


def test_orphans_are_swept_and_what_is_held_is_not() -> None:
    delivery = arrive(with_attachment(os.urandom(LARGE)), an_origin())
    held = bytes(Blob.objects.get().sha256).hex()
    blob_store().put("ab" * 32, b"nobody's")
    assert "ab" * 32 in set(sweeping.orphans())
    assert held not in set(sweeping.orphans())
    sweeping.doom_orphans(NOON)
    sweeping.sweep(NOON)
    assert not blob_store().has("ab" * 32)
    assert original(Delivery.objects.get(pk=delivery.pk))


def test_what_is_doomed_is_remembered_for_a_day() -> None:
    erase_delivery(arrive(with_attachment(os.urandom(LARGE)), an_origin()))
    sweeping.sweep(NOON)
    assert DoomedBlob.objects.exists()
    sweeping.sweep(NOON + timedelta(days=2))
    assert not DoomedBlob.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_intake_erasure_and_sweeping_at_once_lose_nothing() -> None:
    origins = [an_origin(f"p{number}@acme.cz") for number in range(4)]
    raws = [with_attachment(os.urandom(size)) for size in (2000, LARGE)]
    put_blob(os.urandom(100))

    def receives(number: int) -> None:
        try:
            for turn in range(12):
                raw = f"Delivered-To: p{number}\r\n".encode() + raws[turn % 2]
                accept([Received(raw, origins[number].pk, f"{number} {turn}", NOON)])
        finally:
            connection.close()

    def erases(_: int) -> None:
        try:
            for _turn in range(25):
                for delivery in Delivery.objects.order_by("?")[:2]:
                    try:
                        erase_delivery(delivery)
                    except (Delivery.DoesNotExist, Message.DoesNotExist):
                        continue  # another one was faster
                sweeping.sweep(NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        for done in [
            pool.submit(receives, 0),
            pool.submit(receives, 1),
            pool.submit(receives, 2),
            pool.submit(erases, 0),
        ]:
            done.result()
    for delivery in Delivery.objects.select_related("message"):
        assert original(delivery).endswith(tuple(raws))
    sweeping.sweep(NOON)
    held = {bytes(blob.sha256).hex() for blob in Blob.objects.filter(inline=None)}
    assert held == set(objects()) - set(sweeping.orphans())
