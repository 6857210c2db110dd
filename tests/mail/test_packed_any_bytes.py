"""Readers of what is packed inside of parts take any bytes, and take linear time for megabytes of malice."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podatelna.mail import mapi, uuencode, yenc
from podatelna.mail.calendars import read_calendar
from podatelna.mail.charsets import decode_bytes
from podatelna.mail.enriched import enriched_text
from podatelna.mail.flowed import unflow
from podatelna.mail.parse import parse
from podatelna.mail.rtf import decompress, html_of, text_of
from podatelna.mail.sealed import open_signed
from podatelna.mail.tnef import SIGNATURE, read_tnef

from .packing import BINARY, OBJECT, UNICODE, attached, compressed, message, prop, tnef
from .packing import yenc as written

PIECES = [
    SIGNATURE, b"\x01\x00", b"\0" * 4, b"\xff" * 4, b"\x01", b"\x02", b"\x02\x90\x06\x00", b"\x03\x90\x06\x00",
    b"\x1f\x00", b"begin 644 a\n", b"#0V%T\n", b"end\n", b"`\n", b"begin-base64 644 a\n", b"====\n",
    b"=ybegin line=1 size=3 name=a\r\n", b"=ypart begin=1 end=3\r\n", b"=yend size=3 crc32=0\r\n", b"=",
    b"{\\rtf1\\fromhtml1 ", b"{", b"}", b"\\'", b"\\u-1?", b"\\*", b"\\htmltag ", b"\\htmlrtf", b"\\bin9",
    b"BEGIN:VEVENT\r\n", b"DTSTART;TZID=:", b"20260101T000000", b"END:VEVENT\n", b":", b";", b'"', b"\r\n ",
    b"\x30\x80", b"\x06\x09*\x86H\x86\xf7\r\x01\x07\x02", b"\xa0\x80", b"\x24\x80", b"\x04\x03", b"<param>",
    b"<nofill>", b"<<", b">", b"> ", b"-- ", b" \n", b"\n", b"\xc3\x85\xe2\x84\xa2", b"\x1b$B", b"\x1b(B", b"\x0e",
    b"\x84\xff",
]  # fmt: skip
anything = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=9)), max_size=40).map(b"".join)


@settings(max_examples=400, deadline=None)
@given(anything)
def test_nothing_raises(data: bytes) -> None:
    for found in (read_tnef(data), read_tnef(SIGNATURE + data)):
        assert all(isinstance(file.content, bytes) for file in found.files)
    mapi.read_properties(data)
    for rtf in (data, decompress(data)[0], b"{\\rtf1\\fromhtml1 " + data):
        html_of(rtf)
        text_of(rtf)
    assert all(0 <= block.start < block.end <= len(data) for block in uuencode.find_blocks(data))
    blocks = yenc.find_blocks(data)
    assert all(0 <= block.start < block.end <= len(data) for block in blocks)
    yenc.join(blocks)
    read_calendar(data)
    open_signed(data)
    text = data.decode("latin-1")
    unflow(text, delete_space=True)
    enriched_text(text)


@settings(max_examples=300, deadline=None)
@given(
    anything, st.sampled_from(["", "utf-7", "utf-16", "keybcs2", "iso-2022-jp", "iso-2022-cn", "hz", "big5", "koi8-r"])
)
def test_any_bytes_in_any_charset_are_storable_text(data: bytes, charset: str) -> None:
    text, _ = decode_bytes(data, charset, "koi8-r")

    assert "\x00" not in text
    text.encode()


def head(kind: str) -> bytes:
    return f"Content-Type: {kind}\n\n".encode()


SHAPES: dict[str, Callable[[], bytes]] = {
    "beginnings of uuencoded files": lambda: head("text/plain") + b"begin 644 x\n" * 100_000,
    "small uuencoded files": lambda: head("text/plain") + b"begin 644 x\n#0V%T\nend\n" * 50_000,
    "uuencoded lines without an end": lambda: head("text/plain") + b"begin 644 x\n" + b"#0V%T\n" * 200_000,
    "beginnings of yEnc": lambda: head("text/plain") + b"=ybegin line=1 size=1 name=a\n" * 50_000,
    "escapes of yEnc": lambda: head("text/plain") + b"=ybegin line=1 size=1 name=a\n" + b"=" * 1_000_000,
    "winmail.dat of small attributes": lambda: (
        head("application/ms-tnef") + tnef() + b"\x02\x02\x90\x06\x00\0\0\0\0\0\0" * 100_000
    ),
    "winmail.dat of properties": lambda: head("application/ms-tnef") + tnef(message(*[prop(UNICODE, 1, "")] * 50_000)),
    "RTF of braces": lambda: (
        head("application/ms-tnef")
        + tnef(message(prop(BINARY, mapi.RTF_COMPRESSED, compressed(b"{\\rtf1" + b"{" * 3_000_000))))
    ),
    "messages in a winmail.dat": lambda: (
        head("application/ms-tnef")
        + tnef(
            *[
                attached(
                    b"",
                    b"x",
                    prop(
                        OBJECT,
                        mapi.ATTACHED_DATA,
                        bytes.fromhex("0703020000000000c000000000000046") + tnef(attached(b"x", b"y")),
                    ),
                )
            ]
            * 3_000
        )
    ),
    "signed in signed": lambda: head("application/pkcs7-mime") + b"\x30\x80" * 1_000_000,
    "enriched commands": lambda: head("text/enriched") + b"<param>" * 200_000,
    "encoded twice": lambda: head("text/plain; charset=utf-8") + "Å™".encode() * 300_000 + b"\xc3",
    "escapes of Japanese": lambda: head("text/plain; charset=iso-2022-jp") + b"\x1b$B-!\x1b(B" * 100_000,
    "shifts of Chinese": lambda: head("text/plain; charset=iso-2022-cn") + b"\x0e" * 1_000_000,
    "blanks in base64": lambda: (
        b"Content-Transfer-Encoding: base64\n\n" + b"QUJD" + b" " * 1_000_000 + b"\n" + b"a " * 300_000
    ),
    "two alternatives each": lambda: b"".join(
        b"Content-Type: multipart/alternative; boundary=b%d\n\n--b%d\nContent-Type: text/html\n\n<b>\n--b%d\n"
        % (n, n, n)
        for n in range(4_000)
    ),
    "pictures and their places": lambda: (
        b"Content-Type: multipart/related; boundary=a\n\n--a\nContent-Type: text/html\n\n"
        + b"<img src=x>" * 50_000
        + b"\n--a\nContent-Type: image/png\nContent-Location: y\n\nx" * 10_000
    ),
}


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_malice_is_read(shape: str) -> None:
    parsed = parse(SHAPES[shape]())

    assert isinstance(parsed.text, str)
    assert isinstance(parsed.parts, tuple)


def test_a_calendar_of_malice_is_read() -> None:
    for lines in (b'BEGIN:VEVENT\n"' + b'"' * 900_000 + b":x", b"BEGIN:VEVENT\n" + b"ATTENDEE:a@b.cz\n" * 60_000):
        assert read_calendar(lines) is not None


def test_yenc_that_was_written_is_read() -> None:
    assert yenc.join(yenc.find_blocks(written(b"a" * 100_000, "a")))[0].content == b"a" * 100_000
