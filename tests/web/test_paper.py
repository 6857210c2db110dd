"""A conversation as PDF: all that its reader sees; what people wrote is no markup, bad pictures cost themselves."""

from __future__ import annotations

import hashlib
import re
import struct
import zlib

import pytest
from django.utils import timezone
from kreuzberg import extract_bytes_sync

from podatelna.accounts.models import Person
from podatelna.desk import notes
from podatelna.desk.models import Conversation
from podatelna.web.paper import conversation_pdf
from podatelna.web.paper.pictures import suffix_of, width_of
from tests.cast import Cast, a_mail, receive


def png(width: int, height: int, *, whole: bool = True) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    rows = zlib.compress((b"\x00" + b"\x20\x80\xc0" * width) * height) if whole else b"\xff\xff\xff\xff"
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def text_of(conversation: Conversation, person: Person, *, notes: bool = False, language: str = "en") -> str:
    made = conversation_pdf(conversation, person, notes, language)
    assert made.data.startswith(b"%PDF-")
    return re.sub(r"\s+", " ", extract_bytes_sync(made.data, "application/pdf").content)


def test_everything_is_on_it(cast: Cast) -> None:
    data = b"the contract"
    raw = a_mail("Reklamace pračky", "Dobrý den,\npračka teče.\n", files=[("smlouva.txt", "text/plain", data)])
    conversation = receive(raw, cast.helpdesk_gateway)
    text = text_of(conversation, cast.bob, language="cs")
    for words in ("Reklamace pračky", "Jana Nováková", "jana@example.cz", "pračka teče", "smlouva.txt", "Helpdesk"):
        assert words in text
    assert hashlib.sha256(data).hexdigest() in text.replace(" ", "")


def test_notes_are_on_it_for_those_who_ask(cast: Cast) -> None:
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    notes.add(conversation, cast.alice, "Just between us", timezone.now())
    assert "Just between us" not in text_of(conversation, cast.bob)
    assert "Just between us" in text_of(conversation, cast.bob, notes=True)


def test_nobody_finds_a_message_on_it_that_they_do_not_see(cast: Cast) -> None:
    conversation = receive(a_mail("Offer", "The price is 55."), cast.helpdesk_gateway)
    made = conversation_pdf(conversation, cast.carol, True, "en")
    assert made.deliveries == []
    assert "The price" not in extract_bytes_sync(made.data, "application/pdf").content


@pytest.mark.parametrize(
    "written",
    [
        '#panic("owned")',
        '#read("/etc/passwd")',
        '#image("data.json")',
        "]#[*_$x$_*` \\u{41} <label> @ref // /* = heading",
        '"); #sys.exit(1); ("',
    ],
)
def test_what_people_wrote_is_no_markup(cast: Cast, written: str) -> None:
    raw = a_mail(
        written, f"{written}\n> {written}\n", sender=f'"{written.replace(chr(34), "")[:20]}" <jana@example.cz>'
    )
    text = text_of(receive(raw, cast.helpdesk_gateway), cast.bob)
    plain = re.sub(r"[^\w#/]", "", written)
    assert plain in re.sub(r"[^\w#/]", "", text)
    assert "root:x:0" not in text


@pytest.mark.parametrize(
    "written",
    ["a" * 30_000, "\u202egnp.exe", "\x00\x01\x1b[31m", "📎 שלום مرحبا 漢字", "\n" * 5000, ""],
)
def test_strange_text_is_printed(cast: Cast, written: str) -> None:
    conversation = receive(a_mail("Strange", written + "\nend\n"), cast.helpdesk_gateway)
    assert "end" in text_of(conversation, cast.bob)


def test_picture_that_is_broken_costs_the_pictures_alone(cast: Cast) -> None:
    files = [("good.png", "image/png", png(40, 40)), ("bad.png", "image/png", png(40, 40, whole=False))]
    conversation = receive(a_mail("Pictures", "Look:\n", files=files), cast.helpdesk_gateway)
    text = text_of(conversation, cast.bob)
    assert "Look:" in text
    assert "bad.png" in text


def test_picture_is_printed(cast: Cast) -> None:
    conversation = receive(
        a_mail("Picture", "Look:\n", files=[("good.png", "image/png", png(60, 40))]), cast.helpdesk_gateway
    )
    assert b"/Subtype/Image" in conversation_pdf(conversation, cast.bob, False, "en").data.replace(b" ", b"")


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (png(40, 40), ".png"),
        (png(1, 1), ""),  # counts its readers
        (png(60_000, 60_000, whole=False), ""),  # a bomb
        (png(4000, 30), ""),  # a line
        (b"GIF89a" + struct.pack("<HH", 50, 50) + b"\x00" * 10, ".gif"),
        (b"\xff\xd8\xff\xc0\x00\x11\x08" + struct.pack(">HH", 50, 60) + b"\x00" * 20, ".jpg"),
        (b"\xff\xd8\xff\xe0\x00\x00" * 10, ""),
        (b"\xff\xd8", ""),
        (b"\x89PNG\r\n\x1a\n", ""),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", ""),
        (b"", ""),
    ],
)
def test_pictures_are_known_by_their_bytes(data: bytes, suffix: str) -> None:
    assert suffix_of(data) == suffix
    if suffix:
        assert 0 < width_of(data) <= 460
