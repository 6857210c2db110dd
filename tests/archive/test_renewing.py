"""What an older version or an older key wrote stays readable, and is written anew on demand, the same to the byte."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from podatelna import vault
from podatelna.archive import dictionaries, renewing, sealing, sweeping
from podatelna.archive.compression import frame
from podatelna.archive.intake import Received, accept
from podatelna.archive.models import Blob, Body, Delivery, Dictionary, Message
from podatelna.archive.originals import header_of, originals, unpacked
from podatelna.archive.skeleton import part_header
from podatelna.archive.store import INLINE, blob_store, original, put_blob, read_blob

from .mails import NOON, a_message, an_origin
from .test_intake import with_attachment
from .test_packing import KEYS

pytestmark = pytest.mark.django_db


def an_archive() -> dict[int, bytes]:
    """Small and large contents, copies, short mail; the originals by their deliveries' keys."""
    raws = [
        *(b"Delivered-To: p%d@acme.cz\r\n" % number + with_attachment(b"small " * 500) for number in range(3)),
        with_attachment(os.urandom(INLINE + 10)),
        with_attachment(sealing.SEALED + os.urandom(3000), subject="noise"),
        b"no mail at all",
        b"",
        *(a_message(f"Order {number}", "Dobrý den, posílám objednávku. " * (number % 7)) for number in range(40)),
    ]
    origin = an_origin()
    accepted = accept([Received(raw, origin.pk, str(number), NOON) for number, raw in enumerate(raws)])
    put_blob(b"a file of a draft " * 20)
    return {one.delivery.pk: raw for one, raw in zip(accepted, raws, strict=True)}


def as_version_0_3_wrote_it() -> None:
    """Whole frames; every copy's header block by itself; what does not shrink as it is."""
    for message in Message.objects.all():
        base, skeleton = part_header(unpacked(message))
        for delivery in message.deliveries.all():
            Delivery.objects.filter(pk=delivery.pk).update(header=frame(header_of(delivery, base)))
        Body.objects.filter(pk=message.pk).update(skeleton=frame(skeleton))
    for blob in Blob.objects.exclude(inline=None):
        data = read_blob(blob)
        packed = frame(data)
        codec, inline = ("zstd", packed) if len(packed) < len(data) else ("", data)
        Blob.objects.filter(pk=blob.pk).update(codec=codec, inline=inline)
    Blob.objects.filter(inline=None).update(stored=None)


def held() -> dict[int, bytes]:
    for blob in Blob.objects.all():
        read_blob(blob)
    return {delivery.pk: raw for delivery, raw in originals(Delivery.objects.order_by("pk"))}


def size() -> int:
    return sum(len(bytes(row)) for row in Delivery.objects.values_list("header", flat=True)) + sum(
        len(bytes(row)) for row in Body.objects.values_list("skeleton", flat=True)
    )


def nothing(_: renewing.Renewed) -> None:
    """For those who do not watch."""


def test_what_an_older_version_wrote_is_readable_and_copies_of_it_still_join() -> None:
    raws = an_archive()
    as_version_0_3_wrote_it()
    assert held() == raws
    messages = Message.objects.count()
    late = b"Delivered-To: late@acme.cz\r\n" + with_attachment(b"small " * 500)
    delivery = accept([Received(late, an_origin("late").pk, "1", NOON)])[0].delivery
    assert Message.objects.count() == messages
    assert original(Delivery.objects.get(pk=delivery.pk)) == late
    renewing.repack(nothing)
    assert held() == raws | {delivery.pk: late}


def test_repacking_makes_it_smaller_and_a_second_time_has_nothing_to_do() -> None:
    raws = an_archive()
    as_version_0_3_wrote_it()
    before = size()
    assert dictionaries.train()
    done = renewing.repack(nothing)
    assert held() == raws
    assert size() < before * 0.8
    assert done.after < done.before
    again = renewing.repack(nothing)
    assert again.looked_at == done.looked_at
    assert again.written <= 2  # what no dictionary makes smaller is tried and left


def test_what_is_damaged_is_told_and_left() -> None:
    raws = an_archive()
    as_version_0_3_wrote_it()
    broken = Body.objects.order_by("pk")[0]
    Body.objects.filter(pk=broken.pk).update(skeleton=b"\x28\xb5\x2f\xfdbroken")
    done = renewing.repack(nothing)
    assert [words for words in done.unreadable if words.startswith(f"body {broken.pk}:")]
    readable = {one.pk: raw for one, raw in originals(Delivery.objects.exclude(message=broken.pk))}
    assert readable.items() <= raws.items()


def test_a_dictionary_is_trained_when_there_is_enough_to_learn_from() -> None:
    assert not dictionaries.due(199, 0)
    assert dictionaries.due(200, 0)
    assert not dictionaries.due(1_599, 1)
    assert dictionaries.due(1_600, 1)
    assert not dictionaries.due(10**9, dictionaries.MOST)


def test_an_archive_without_mail_trains_nothing() -> None:
    assert dictionaries.train() is None
    assert not Dictionary.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_intake_trains_by_itself_and_later_mail_takes_less_room(monkeypatch: pytest.MonkeyPatch) -> None:
    # What this process learnt about another test's archive.
    monkeypatch.setattr(dictionaries, "_not_before", [0])
    origin = an_origin()
    raws = [a_message(f"Order {number}", f"Dobrý den, objednávka {number} je na cestě.") for number in range(260)]
    for start in range(0, 260, 20):
        chosen = raws[start : start + 20]
        accept([Received(raw, origin.pk, f"{start} {number}", NOON) for number, raw in enumerate(chosen)])
    assert Dictionary.objects.count() == 1
    first, last = Body.objects.order_by("pk").first(), Body.objects.order_by("pk").last()
    assert first is not None
    assert last is not None
    assert len(last.skeleton) < len(first.skeleton) / 2
    assert sorted(raw for _, raw in originals(Delivery.objects.all())) == sorted(raws)


# --- keys ------------------------------------------------------------------------------------------------


def stored_bytes() -> bytes:
    """All content as somebody sees it who has the database and the blob store, and no key."""
    rows = [
        *Delivery.objects.values_list("header", flat=True),
        *Body.objects.values_list("skeleton", flat=True),
        *Blob.objects.exclude(inline=None).values_list("inline", flat=True),
        *Dictionary.objects.values_list("data", flat=True),
    ]
    return b"".join(map(bytes, rows)) + b"".join(blob_store().get(key) for key in blob_store().keys())  # noqa: SIM118


def keys_used() -> set[int]:
    rows = [
        *Delivery.objects.exclude(header=b"").values_list("header", flat=True),
        *Body.objects.values_list("skeleton", flat=True),
        # What an old version kept as it came may begin like something sealed.
        *Blob.objects.exclude(inline=None).exclude(codec="").values_list("inline", flat=True),
        *Dictionary.objects.values_list("data", flat=True),
    ]
    large = Blob.objects.filter(inline=None).values_list("codec", flat=True)
    plain = {0} if Blob.objects.filter(codec="").exclude(inline=None).exists() else set()
    return {sealing.key_of(bytes(row)) for row in rows} | {sealing.key_in(codec) for codec in large} | plain


@pytest.fixture
def own_store(settings: Settings, tmp_path: Path) -> Settings:
    settings.BLOBS_URL = f"file://{tmp_path}"
    return settings


def test_with_a_key_everything_is_sealed_and_reads_the_same(own_store: Settings) -> None:
    own_store.CONTENT_KEYS = KEYS[0]
    raws = an_archive()
    dictionaries.train()
    assert held() == raws
    assert keys_used() == {1}
    assert frame(b"")[:4] not in stored_bytes()  # no zstd frame stands anywhere in the clear
    assert not {bytes(blob.sha256).hex() for blob in Blob.objects.all()} & set(blob_store().keys())


def test_what_was_open_is_sealed_and_what_was_sealed_gets_the_newest_key(own_store: Settings) -> None:
    raws = an_archive()
    as_version_0_3_wrote_it()
    dictionaries.train()
    assert keys_used() == {0}
    for number, keys in ((1, KEYS[0]), (2, " ".join(KEYS))):
        own_store.CONTENT_KEYS = keys
        assert renewing.rotate(nothing).written
        assert keys_used() == {number}
        assert held() == raws
        assert renewing.rotate(nothing).written == 0
    own_store.CONTENT_KEYS = KEYS[1]
    assert held() == raws
    sweeping.sweep(NOON)
    assert set(blob_store().keys()) == {
        sealing.name_of(bytes(blob.sha256), 2) for blob in Blob.objects.filter(inline=None)
    }
    assert held() == raws


def test_new_mail_while_keys_change_is_readable(own_store: Settings) -> None:
    own_store.CONTENT_KEYS = KEYS[0]
    raws = an_archive()
    own_store.CONTENT_KEYS = " ".join(KEYS)
    copy = b"Delivered-To: late@acme.cz\r\n" + with_attachment(b"small " * 500)
    delivery = accept([Received(copy, an_origin("late").pk, "1", NOON)])[0].delivery
    assert held() == raws | {delivery.pk: copy}
    renewing.rotate(nothing)
    assert keys_used() == {2}
    assert held() == raws | {delivery.pk: copy}


def test_a_fresh_key_is_added_to_its_file_and_used_at_once(own_store: Settings, tmp_path: Path) -> None:
    file = tmp_path / "content.keys"
    file.write_text("# of the archive\n" + KEYS[0] + "\n")
    own_store.CONTENT_KEY_FILE = file
    assert sealing.current_key() == 1
    assert vault.add_content_key(file) == 2
    assert sealing.current_key() == 2
    assert file.read_text().startswith("# of the archive\n" + KEYS[0] + "\n2:")
    assert file.stat().st_mode & 0o077 == 0


def test_originals_of_many_take_few_statements(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    raws = an_archive()
    with django_assert_max_num_queries(4):
        assert {one.pk: raw for one, raw in originals(Delivery.objects.order_by("pk"))} == raws
