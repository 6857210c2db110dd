"""winmail.dat taken apart: bodies, names in the right charset, messages in messages, and broken ones."""

from struct import pack

import pytest

from podatelna.mail import mapi
from podatelna.mail.contained import Contained
from podatelna.mail.parse import Parsed, parse
from podatelna.mail.rtf import decompress, html_of, text_of
from podatelna.mail.tnef import read_tnef

from .packing import (
    BINARY,
    LONG,
    OBJECT,
    STRING,
    UNICODE,
    attached,
    attribute,
    compressed,
    message,
    named_prop,
    prop,
    tnef,
)

PDF = b"%PDF-1.4 x"


def in_mail(winmail: bytes, text: str = "") -> Parsed:
    return parse(
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n"
        + text.encode()
        + b"\n--b\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: binary\n\n"
        + winmail
        + b"\n--b--\n"
    )


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (attached(PDF, "Příloha.pdf".encode("cp1250")), "Příloha.pdf"),
        (attached(PDF, b"FAKTUR~1.PDF", prop(UNICODE, mapi.LONG_NAME, "Faktura č. 5.pdf")), "Faktura č. 5.pdf"),
        (attached(PDF, b"F~1.PDF", prop(STRING, mapi.LONG_NAME, "Šéf.pdf".encode("cp1250") + b"\0")), "Šéf.pdf"),
        (attached(PDF, b"", prop(UNICODE, mapi.DISPLAY_NAME, "Zobrazený název")), "Zobrazený název"),
        (attached(b"", b"a.pdf", prop(BINARY, mapi.ATTACHED_DATA, PDF)), "a.pdf"),
        (attached(PDF, b"a.pdf", named_prop("něco", "x"), prop(LONG, 0x3705, 1)), "a.pdf"),
    ],
)
def test_an_attachment_has_its_own_name(part: bytes, name: str) -> None:
    found = read_tnef(tnef(part))

    assert [(file.name, file.content) for file in found.files] == [(name, PDF)]
    assert found.defects == []


def test_types_are_as_said_or_as_the_name_suggests() -> None:
    found = read_tnef(
        tnef(
            attached(PDF, b"a.pdf"),
            attached(PDF, b"b.bin", prop(STRING, mapi.MIME_TAG, b"application/x-vlastni\0")),
            attached(PDF, b"c"),
            attached(PDF, b"d.png", prop(UNICODE, mapi.CONTENT_ID, "<obr@acme>")),
        )
    )

    assert found.files == [
        Contained("a.pdf", PDF, "application/pdf"),
        Contained("b.bin", PDF, "application/x-vlastni"),
        Contained("c", PDF, "application/octet-stream"),
        Contained("d.png", PDF, "image/png", "obr@acme"),
    ]


@pytest.mark.parametrize(
    ("attributes", "text", "html"),
    [
        ((attribute(1, 0x0002800C, "Dobrý den".encode("cp1250") + b"\0"),), "Dobrý den", ""),
        ((message(prop(UNICODE, mapi.BODY, "Dobrý den")),), "Dobrý den", ""),
        (
            (message(prop(BINARY, mapi.BODY_HTML, "<p>žluť</p>".encode()), prop(LONG, mapi.INTERNET_CODEPAGE, 65001)),),
            "",
            "<p>žluť</p>",
        ),
        ((message(prop(BINARY, mapi.RTF_COMPRESSED, compressed(b"{\\rtf1\\ansi Ahoj\\par Jano}"))),), "Ahoj\nJano", ""),
        (
            (
                message(
                    prop(
                        BINARY,
                        mapi.RTF_COMPRESSED,
                        compressed(b"{\\rtf1\\ansi\\fromhtml1{\\*\\htmltag64 <p>}Ahoj{\\*\\htmltag72 </p>}}"),
                    )
                ),
            ),
            "",
            "<p>Ahoj</p>",
        ),
    ],
)
def test_the_body(attributes: tuple[bytes, ...], text: str, html: str) -> None:
    found = read_tnef(tnef(*attributes))

    assert (found.text, found.html, found.defects) == (text, html, [])


def test_a_message_inside_is_a_file_to_read_and_its_files_come_too() -> None:
    inner = tnef(message(prop(UNICODE, mapi.BODY, "Uvnitř")), attached(PDF, b"vnitrni.pdf"))
    carried = bytes.fromhex("0703020000000000c000000000000046") + inner
    found = read_tnef(
        tnef(attached(b"", b"", prop(UNICODE, mapi.DISPLAY_NAME, "Dotaz"), prop(OBJECT, mapi.ATTACHED_DATA, carried)))
    )

    assert found.files == [
        Contained("Dotaz.txt", "Uvnitř".encode(), "text/plain"),
        Contained("vnitrni.pdf", PDF, "application/pdf"),
    ]


def test_messages_in_messages_are_opened_only_so_deep() -> None:
    inner = tnef(attached(PDF, b"dno.pdf"))
    for _ in range(100):
        carried = bytes.fromhex("0703020000000000c000000000000046") + inner
        inner = tnef(attached(b"", b"", prop(OBJECT, mapi.ATTACHED_DATA, carried)))

    assert read_tnef(inner).files == []


def test_its_files_stand_in_for_the_winmail_dat_which_can_still_be_had() -> None:
    winmail = tnef(attached(PDF, "Příloha.pdf".encode("cp1250")))
    parsed = in_mail(winmail, "Dobrý den")

    assert parsed.text == "Dobrý den"
    assert [(part.position, part.filename, part.content_type, part.is_attachment) for part in parsed.parts] == [
        (0, "", "text/plain", False),
        (1, "winmail.dat", "application/ms-tnef", False),
        (2, "Příloha.pdf", "application/pdf", True),
    ]
    assert parsed.parts[1].content == winmail
    assert parsed.parts[2].content == PDF


def test_its_body_is_shown_where_the_message_says_nothing() -> None:
    winmail = tnef(
        message(prop(BINARY, mapi.BODY_HTML, b"<p>Ahoj <img src='cid:i@a'></p>")),
        attached(PDF, b"i.png", prop(UNICODE, mapi.CONTENT_ID, "i@a")),
    )
    parsed = in_mail(winmail)

    assert (parsed.text, parsed.html) == ("Ahoj", "<p>Ahoj <img src='cid:i@a'></p>")
    assert [part.is_attachment for part in parsed.parts] == [False, False, False]


@pytest.mark.parametrize("cut", range(0, 400, 7))
def test_a_cut_off_one_gives_what_is_there(cut: int) -> None:
    whole = tnef(message(prop(UNICODE, mapi.BODY, "Text")), attached(PDF, b"a.pdf"), attached(b"b" * 300, b"b.bin"))
    found = read_tnef(whole[:cut])

    assert found.text in ("", "Text")
    assert [file.name for file in found.files] in ([], [""], ["a.pdf"], ["a.pdf", ""], ["a.pdf", "b.bin"])


def test_what_is_no_tnef_stays_an_attachment() -> None:
    parsed = in_mail(b"not at all")

    assert [(part.filename, part.is_attachment) for part in parsed.parts] == [("", False), ("winmail.dat", True)]


@pytest.mark.parametrize(
    "properties",
    [
        b"",
        b"\xff\xff\xff\xff",
        pack("<I", 1) + prop(LONG, 1, 1)[:5],
        pack("<IHHI", 1, UNICODE, 1, 0xFFFFFFFF),
        pack("<IHH", 1, 0x99, 1),
    ],
)
def test_broken_properties(properties: bytes) -> None:
    assert read_tnef(tnef(attribute(1, 0x00069003, properties))).defects == ["broken winmail.dat"]


# The two examples of MS-OXRTFCP 3.1.
@pytest.mark.parametrize(
    ("data", "rtf"),
    [
        (
            "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0",
            b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n",
        ),
        ("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0", b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"),
    ],
)
def test_compressed_rtf_of_the_specification(data: str, rtf: bytes) -> None:
    assert decompress(bytes.fromhex(data)) == (rtf, "")


@pytest.mark.parametrize(
    ("data", "made"),
    [
        (b"", (b"", "broken compressed RTF")),
        (pack("<IIII", 16, 4, 0x414C454D, 0) + b"abcd", (b"abcd", "")),
        (pack("<IIII", 16, 4, 0x414C454D, 0) + b"ab", (b"ab", "broken compressed RTF")),
        (pack("<IIII", 16, 4, 0x12345678, 0) + b"abcd", (b"", "broken compressed RTF")),
        (pack("<IIII", 16, 0xFFFFFFFF, 0x75465A4C, 0) + b"\x00ab", (b"ab", "broken compressed RTF")),
        (pack("<IIII", 16, 9, 0x75465A4C, 0) + b"\x01\x00", (b"", "broken compressed RTF")),
    ],
)
def test_broken_compressed_rtf(data: bytes, made: tuple[bytes, str]) -> None:
    assert decompress(data) == made


def test_compressed_rtf_is_bounded() -> None:
    # Each reference copies 17 octets that were just written: two octets make 17.
    bomb = bytearray(pack("<IIII", 0, 0xFFFFFFFF, 0x75465A4C, 0) + b"\x00" + b"a" * 8)
    position = 207 + 8
    for _ in range(60_000):
        group = b"\xff"
        for _ in range(8):
            group += pack(">H", ((position - 1) % 4096) << 4 | 15)
            position += 17
        bomb += group

    assert len(decompress(bytes(bomb))[0]) == 8_000_000


@pytest.mark.parametrize(
    ("rtf", "text"),
    [
        (rb"{\rtf1\ansi\ansicpg1250 \'9elu\'9d\par ahoj}", "žluť\nahoj"),
        (rb"{\rtf1\ansi{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset238 Arial CE;}}\f0 a\f1 \'f8\f0 \'f8}", "ařø"),
        (rb"{\rtf1\ansi\uc1 \u345?\u283?\u-3977?x}", "řě\uf077x"),
        (rb"{\rtf1\ansi\u-10179?\u-8704?}", "😀"),
        (rb"{\rtf1\ansi\uc2\u345\'c5\'99y}", "řy"),
        (rb"{\rtf1{\info{\title x}}{\*\generator y;}a\~b\_c\{d\}\\e\tab f}", "a\u00a0b\u2011c{d}\\e\tf"),
        (rb"{\rtf1 \ldblquote a\rdblquote  \emdash  b\line c}", "“a” — b\nc"),
        (rb"{\rtf1 a", "a"),
        (rb"{\rtf1 a}}}}b", "ab"),
        (b"not rtf", ""),
        (b"", ""),
    ],
)
def test_rtf_as_text(rtf: bytes, text: str) -> None:
    assert text_of(rtf) == text


@pytest.mark.parametrize(
    ("inside", "html"),
    [
        (
            rb"{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Ahoj\htmlrtf\par}\htmlrtf0{\*\htmltag72 </p>}",
            "<p>Ahoj</p>",
        ),
        (rb"{\*\htmltag84 &nbsp;}\htmlrtf \'a0\htmlrtf0 a", "&nbsp;a"),
        (rb"{\*\htmltag96 <a href=\'22x\'22>}{\*\mhtmltag96 <a href=y>}b", '<a href="x">b'),
        (rb"a\par b\tab c", "a\r\nb\tc"),
        (rb"\'f8\'9e", "řž"),
        (rb"{\pntext x}{\*\htmltag64 <li>}a", "<li>a"),
    ],
)
def test_html_inside_rtf(inside: bytes, html: str) -> None:
    assert html_of(rb"{\rtf1\ansi\ansicpg1250\fromhtml1 \deff0{\fonttbl{\f0\fcharset238 x;}}" + inside + b"}") == html


def test_rtf_that_was_made_from_no_html() -> None:
    assert html_of(rb"{\rtf1\ansi a}") == ""
