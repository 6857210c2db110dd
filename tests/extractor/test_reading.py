"""Each kind of file gives its words; what cannot be read says why."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest

from podatelna.extractor.findings import MOST_CHARACTERS, Budget, Found
from podatelna.extractor.kinds import DOCUMENT, HTML, MAIL, TEXT, kind_of
from podatelna.extractor.reading import read_file
from tests.extractor import files

WORDS = files.TEXT.split()


@pytest.mark.parametrize(
    "make",
    [files.docx, files.xlsx, files.pptx, files.odt, files.ods, files.rtf, files.pdf],
    ids=lambda make: make.__name__,
)
def test_a_document_gives_its_czech_words(make: Callable[[str], bytes]) -> None:
    found = read_file(DOCUMENT, make(f"{files.TEXT}\nNovák & syn, AT&T <obchod@acme.cz>"))
    assert found.reason == ""
    assert [word for word in [*WORDS, "Novák", "AT&T", "obchod@acme.cz"] if word not in found.text] == []
    assert "ódyNovák" not in found.text


@pytest.mark.parametrize("charset", ["utf-8", "cp1250", "iso8859-2", "utf-16"])
def test_plain_text_is_read_in_the_charset_that_it_is_in(charset: str) -> None:
    text = "Dobrý den, posílám výpověď z nájmu bytu a žádám o potvrzení. Děkuji, Šárka Nováková\n" * 3
    assert read_file(TEXT, text.encode(charset)).text.split() == text.split()


def test_a_page_gives_its_words_in_the_charset_that_it_names() -> None:
    page = '<meta charset="iso-8859-2"><script>var x</script><p>Výpověď</p><p>z nájmu</p>'.encode("iso-8859-2")
    assert read_file(HTML, page).text.split() == ["Výpověď", "z", "nájmu"]


def test_an_attached_message_gives_its_subject_people_text_and_attachments() -> None:
    raw = (
        b"From: =?utf-8?q?=C5=A0=C3=A1rka?= <sarka@acme.cz>\r\nTo: jana@acme.cz\r\nSubject: Smlouva\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee below\r\n"
        b"--b\r\nContent-Type: application/pdf; name=priloha.pdf\r\nContent-Disposition: attachment\r\n\r\n"
        + files.pdf()
        + b"\r\n--b--\r\n"
    )
    text = read_file(MAIL, raw).text
    wanted = ["Smlouva", "Šárka", "sarka@acme.cz", "See below", "priloha.pdf", files.TEXT]
    assert [piece for piece in wanted if piece not in text] == []


def test_an_archive_gives_the_names_and_words_of_its_files() -> None:
    inner = files.packed({"hluboko.txt": "nejhlouběji"})
    found = read_file(
        DOCUMENT, files.packed({"a/Smlouva.docx": files.docx(), "v.zip": inner, "foto.jpg": b"\xff\xd8 nothing"})
    )
    assert found.reason == ""
    wanted = ["a/Smlouva.docx", files.TEXT, "hluboko.txt", "nejhlouběji", "foto.jpg"]
    assert [piece for piece in wanted if piece not in found.text] == []


def test_what_a_word_document_says_around_its_text_is_found_and_what_was_struck_out_is_not() -> None:
    space = 'xmlns:w="w"'
    document = files.packed(
        {
            "word/document.xml": f"<w:d {space}><w:p><w:r><w:delText>old</w:delText><w:t>new</w:t></w:r></w:p></w:d>",
            "word/header1.xml": f"<w:h {space}><w:p><w:r><w:t>ACME</w:t></w:r></w:p></w:h>",
            "word/comments.xml": f"<w:c {space}><w:p><w:r><w:t>remark</w:t></w:r></w:p></w:c>",
        }
    )
    assert read_file(DOCUMENT, document).text.split() == ["new", "ACME", "remark"]


def test_bytes_decide_what_a_file_is() -> None:
    assert files.TEXT in read_file(TEXT, files.docx()).text


# --- what cannot be read ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (files.locked_pdf(), "password"),
        (files.locked_zip(), "password"),
        (files.locked_office(), "password"),
        (files.locked_odt(), "password"),
        (b"%PDF-1.7\nnothing of the kind", "broken"),
        (files.pdf()[:4000], "broken"),
        (files.docx()[:-100], "broken"),
        (files.xlsx()[:500], "broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000), "broken"),
        (b"GIF89a", "broken"),
        (gzip.compress(b"x", mtime=0), "broken"),
        (b"", "broken"),
        (files.bomb(64), "bomb"),
        (files.packed({"word/document.xml": b"<a>" + b" " * (64 << 20)}), "bomb"),
        (files.packed({f"{number}.txt": b"" for number in range(1_500)}), "bomb"),
        (files.packed({"word/document.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "broken"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    assert read_file(DOCUMENT, data).reason == reason


def test_a_scan_has_no_text_and_that_is_said() -> None:
    blank = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    blank += b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
    assert read_file(DOCUMENT, blank) == Found("", "empty")


def test_what_is_wrong_with_one_file_of_an_archive_costs_that_one() -> None:
    found = read_file(DOCUMENT, files.packed({"a.pdf": b"%PDF-1.7 broken", "b.txt": "in order"}))
    assert "in order" in found.text
    assert found.reason == "broken"


def test_archives_in_archives_have_an_end_and_the_rest_is_read() -> None:
    nested = files.packed({"end.txt": "end"})
    for _ in range(10):
        nested = files.packed({"inner.zip": nested, "beside.txt": "beside"})
    found = read_file(DOCUMENT, nested)
    assert found.reason == "deep"
    assert found.text.split().count("beside") == Budget().depth


def test_archives_that_share_one_content_are_counted_each_time() -> None:
    """Each of them is small enough, and all together are a bomb without nesting."""
    many = files.packed({f"{number}.txt": b"ab" * (2 << 20) for number in range(60)})
    assert read_file(DOCUMENT, many).reason == "bomb"


def test_a_long_text_is_read_as_far_as_a_book_goes() -> None:
    found = read_file(TEXT, b"word " * 200_000)
    assert found.reason == "cut"
    assert len(found.text) == MOST_CHARACTERS


# --- which are read at all -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content_type", "name", "kind"),
    [
        ("application/pdf", "", DOCUMENT),
        ("application/octet-stream", "Smlouva.PDF", DOCUMENT),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "", DOCUMENT),
        ("application/x-zip-compressed", "a.zip", DOCUMENT),
        ("text/plain", "list.csv", TEXT),
        ("text/plain", "mislabelled.pdf", DOCUMENT),
        ("text/html", "page.html", HTML),
        ("message/rfc822", "Subject.eml", MAIL),
        ("image/png", "picture.png", ""),
        ("application/octet-stream", "program.exe", ""),
        ("application/pgp-signature", "signature.asc", ""),
        ("application/octet-stream", "", ""),
    ],
)
def test_a_message_says_which_of_its_files_are_read(content_type: str, name: str, kind: str) -> None:
    assert kind_of(content_type, name) == kind
