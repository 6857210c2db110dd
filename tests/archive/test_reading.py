"""What was read is written down, whatever a stranger wrote; what does not fit is named."""

from __future__ import annotations

import base64
import os

import pytest

from podatelna.archive import store
from podatelna.archive.models import Correspondent, DeliveryScope, Message, Origin, Part
from podatelna.archive.reading import MOST_CORRESPONDENTS, fill

from .mails import a_message, a_person, a_scope, an_origin, arrive

pytestmark = pytest.mark.django_db


@pytest.fixture
def origin(db: None) -> Origin:
    return an_origin()


def filled(raw: bytes, origin: Origin) -> Message:
    message = arrive(raw, origin).message
    fill(message, store.read(message))
    return Message.objects.get(pk=message.pk)


def with_files(*files: tuple[str, bytes]) -> bytes:
    parts = [
        f'--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="{name}"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(data).decode().replace("\n", "\r\n")
        for name, data in files
    ]
    head = "From: jana@example.cz\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    text = "--b\r\nContent-Type: text/plain\r\n\r\nSee the files.\r\n"
    return (head + text + "".join(parts) + "--b--\r\n").encode()


def test_columns_say_what_the_message_says(origin: Origin) -> None:
    message = filled(a_message("Žlutý kůň", "Dobrý den,\r\nposílám\r\n\r\n> citace", message_id="a@b.cz"), origin)
    assert (message.subject, message.message_id) == ("Žlutý kůň", "a@b.cz")
    assert (message.from_name, message.from_address) == ("Jana Nováková", "jana@example.cz")
    assert message.sent_at is not None
    assert message.sent_at.isoformat() == "2026-05-04T10:00:00+00:00"
    assert message.preview == "Dobrý den, posílám"
    assert message.parsed_at is not None


def test_everybody_named_is_a_correspondent(origin: Origin) -> None:
    raw = a_message(to="Bob <BOB@acme.cz>, carol@acme.cz", extra="Cc: Dan <dan@acme.cz>\r\nReply-To: x@example.cz")
    message = filled(raw, origin)
    assert list(message.correspondents.values_list("role", "address")) == [
        ("from", "jana@example.cz"),
        ("to", "bob@acme.cz"),
        ("to", "carol@acme.cz"),
        ("cc", "dan@acme.cz"),
        ("reply-to", "x@example.cz"),
    ]


def test_filling_again_gives_the_same(origin: Origin) -> None:
    message = filled(with_files(("a.bin", os.urandom(3000))), origin)
    fill(message, store.read(message))
    assert Part.objects.count() == 2
    assert Correspondent.objects.count() == 1
    assert message.attachment_count == 1


def test_an_attachment_stands_in_its_blob_and_is_downloaded_from_there(origin: Origin) -> None:
    data = os.urandom(100_000)
    message = filled(with_files(("large.bin", data), ("small.bin", b"tiny")), origin)
    _, large, small = message.parts.all()
    assert large.blob is not None
    assert small.blob is None
    assert (store.content(large), store.content(small)) == (data, b"tiny")
    assert [part.size for part in (large, small)] == [100_000, 4]


def test_a_part_that_cannot_be_stored_decoded_is_still_read(origin: Origin) -> None:
    data = os.urandom(3000)
    uneven = b"\r\n".join(base64.b64encode(data[at : at + 30]) for at in range(0, 3000, 30)).replace(b"\r\n", b"\n", 1)
    raw = with_files(("a.bin", b"MARK")).replace(base64.b64encode(b"MARK"), uneven)
    delivery = arrive(raw, origin)
    fill(delivery.message, store.read(delivery.message))
    assert store.original(delivery) == raw
    assert store.content(Part.objects.get(filename="a.bin")) == data


def test_a_message_id_of_a_megabyte_fits(origin: Origin) -> None:
    message = filled(a_message(message_id="x" * 1_000_000), origin)
    assert len(message.message_id) <= 1000


def test_nul_and_broken_charsets_fit(origin: Origin) -> None:
    raw = a_message("NUL \x00 here", "text \x00 more", sender='"Ja\x00na" <ja\x00na@example.cz>')
    message = filled(raw.replace(b"utf-8", b"x-unknown\x00") + b"\xff\xfe\x00", origin)
    assert "\x00" not in message.subject + message.preview + message.from_name + message.from_address


def test_a_hundred_thousand_recipients_are_bounded_and_it_is_said(origin: Origin) -> None:
    everybody = ",\r\n ".join(f"p{number}@example.cz" for number in range(100_000))
    message = filled(a_message(to=everybody), origin)
    assert message.correspondents.count() == MOST_CORRESPONDENTS
    assert any("correspondents are not listed" in defect for defect in message.defects)


@pytest.mark.parametrize("date", ["Mon, 01 Jan 0001 00:00:00 +1400", "Fri, 31 Dec 9999 23:59:59 -1200", "yesterday"])
def test_impossible_dates_are_left_out_and_named(origin: Origin, date: str) -> None:
    message = filled(a_message(date=date), origin)
    assert message.sent_at is None
    assert message.defects


@pytest.mark.parametrize("raw", [b"", b"\x00" * 10, os.urandom(5000), b"\r\n\r\n", b"Subject: x"])
def test_what_is_no_mail_is_filled_too(origin: Origin, raw: bytes) -> None:
    assert filled(raw, origin).parsed_at is not None


def test_long_names_and_types_fit(origin: Origin) -> None:
    raw = with_files(("ž" * 5000 + ".pdf", b"x")).replace(b"application/octet-stream", b"application/" + b"y" * 2000)
    part = filled(raw, origin).parts.get(position=1)
    assert 0 < len(part.filename) <= 255
    assert len(part.content_type) <= 255


# --- scopes -------------------------------------------------------------------------------------------------


def test_a_scope_is_given_and_taken_by_delivery(origin: Origin) -> None:
    raw, alice, carol = a_message(), a_person("Alice"), a_person("Carol")
    helpdesk, sales = a_scope(alice), a_scope(carol)
    first, second = arrive(raw, origin), arrive(raw, origin)
    assert first.message == second.message
    store.give_scope(first, helpdesk)
    store.give_scope(first, helpdesk)
    store.give_scope(second, sales)
    assert list(Message.objects.visible_to(alice)) == list(Message.objects.visible_to(carol)) == [first.message]
    store.take_scope(first, helpdesk)
    assert not Message.objects.visible_to(alice).exists()
    assert Message.objects.visible_to(carol).exists()


def test_a_scope_is_given_to_a_message_through_all_or_chosen_deliveries(origin: Origin) -> None:
    raw, scope, other = a_message(), a_scope(), a_scope()
    first, second = arrive(raw, origin), arrive(raw, origin)
    store.give_scope_to_message(first.message, scope)
    store.give_scope_to_message(first.message, other, via=[second])
    links = DeliveryScope.objects.values_list("delivery", "scope")
    assert set(links) == {(first.pk, scope.pk), (second.pk, scope.pk), (second.pk, other.pk)}


def test_signatures_count_as_no_files_and_armour_is_no_preview(origin: Origin) -> None:
    text = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello there\n-----BEGIN PGP SIGNATURE-----\n\niQEz\n"
    signed = "Content-Type: text/plain\n\n" + text + "-----END PGP SIGNATURE-----\n"
    raw = f"From: jana@example.cz\nContent-Type: multipart/signed; boundary=b\n\n--b\n{signed}--b\n"
    raw += "Content-Type: application/pkcs7-signature; name=smime.p7s\nContent-Disposition: attachment\n\nMIIB\n--b--\n"
    message = filled(raw.encode(), origin)
    assert (message.preview, message.attachment_count) == ("Hello there", 0)
    assert message.parts.get(position=1).is_attachment
