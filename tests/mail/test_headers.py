"""Header values as text, whatever bytes are in them, and names of files as they are really written."""

import pytest

from podatelna.mail.fields import read_header
from podatelna.mail.headers import declared_filename, decoded, disposition, raw_charset, unfolded
from podatelna.mail.parse import parse
from podatelna.mail.structure import read_structure


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b" Jedna", "Jedna"),
        (b" Jedna\r\n druha\r\n\ttreti", "Jedna druha\ttreti"),
        (b" Jedna\r\n \r\n druha", "Jedna  druha"),
        (b"\r\n Jedna", "Jedna"),
        (b" Jedna\n druha", "Jedna druha"),
        (b" Jedna\r druha", "Jedna druha"),
        (b" Jed\x00na\x00", "Jedna"),
        (" Žluťoučký kůň".encode(), "Žluťoučký kůň"),
        (" Žluťoučký kůň".encode("cp1250"), "Žluťoučký kůň"),
        (" Žluťoučký kůň".encode("iso-8859-2"), "Žluťoučký kůň"),
        (b" =?utf-8?q?P=C5=99?=\r\n =?utf-8?q?=C3=AD?=", "Pří"),
        (b" =?utf-8?q?P=C5=99?=\r\n\t=?utf-8?q?=C3=AD?=", "Pří"),
        (" =?utf-8?q?Př=C3=AD?= žluť".encode(), "Pří žluť"),
        (b" =?iso-8859-2?q?\xbelu\xbbou=E8k=FD?=", "žluťoučký"),
        (" =?iso-8859-2?q?=BE?= – ".encode() + b"=?iso-8859-2?q?\xbe?=", "ž – ž"),
        (b" \x1b$B$3$s$K$A$O\x1b(B", "こんにちは"),
        (b"", ""),
        (b" \r\n \t", ""),
    ],
)
def test_reads(value: bytes, expected: str) -> None:
    assert decoded(value) == expected


def test_a_very_long_value_is_cut() -> None:
    assert len(unfolded(b"a" * 1_000_000)) == 262_144


@pytest.mark.parametrize(
    ("charset", "subject", "sender"),
    [
        ("cp1250", "Žádost o šetření", "Jiří Šťastný"),
        ("iso-8859-2", "Žádost o šetření", "Jiří Šťastný"),
        ("cp1250", "Dotaz", "Ľubica Žiaková"),
        ("iso-8859-2", "Ďakujem za ponuku", "Ľubica Žiaková"),
        ("cp1250", "Faktúra č. 5", "Andrej Kováč"),
        ("cp1250", "Faktura č. 5", "Ondřej Švec"),
        ("iso-8859-2", "Faktura č. 5", "Zdeněk"),
        ("cp1252", "Demande", "François Lefèvre"),
        ("cp1252", "Caffè", "Nicolò Però"),
        ("cp1251", "Заявка на участие", "Иван Петров"),
        ("koi8-r", "Заявка на участие", "Иван Петров"),
        ("utf-8", "Žádost", "Jiří Šťastný"),
    ],
)
def test_raw_headers_are_weighed_together(charset: str, subject: str, sender: str) -> None:
    parsed = parse(f"From: {sender} <jiri@acme.cz>\nSubject: {subject}\n\nText.\n".encode(charset))

    assert parsed.subject == subject
    assert parsed.sender is not None
    assert parsed.sender.name == sender


def test_what_the_body_declares_speaks_for_the_header() -> None:
    raw = "From: Müller <m@acme.de>\nSubject: Größe\nContent-Type: text/plain; charset=iso-8859-1\n\nGröße\n"

    parsed = parse(raw.encode("latin-1"))

    assert parsed.subject == "Größe"
    assert parsed.sender is not None
    assert parsed.sender.name == "Müller"


def test_no_raw_bytes_ask_for_no_other_charset_than_the_body_has() -> None:
    fields, _ = read_header(b"Subject: =?utf-8?q?=C5=99?=\nX-Raw: \xe8\n\n")

    assert raw_charset(fields, "iso-8859-2") == "iso-8859-2"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"Subject: prvni\nSubject: druhy\n", "prvni"),
        (b"Subject:\nSubject: druhy\n", "druhy"),
        (b"Subject : s mezerou\n", "s mezerou"),
        (b"SUBJECT\t:bez mezery\n", "bez mezery"),
        (b"Subject: a\x00b\n", "ab"),
        (b"Subject:\n =?utf-8?q?P=C5=99?=\n", "Př"),
        (b"Subject: a\n \n b\n", "a b"),
        (b"X: y\n", ""),
    ],
)
def test_of_several_subjects_the_first_that_says_anything_counts(header: bytes, expected: str) -> None:
    assert parse(header + b"From: a@b.cz\n\nText\n").subject == expected


def test_all_authors_are_told_and_of_several_from_fields_the_first_counts() -> None:
    parsed = parse(b"From: a@b.cz, Petr <p@b.cz>\nFrom: c@d.cz\n\n")

    assert [person.address for person in parsed.authors] == ["a@b.cz", "p@b.cz"]
    assert "several From fields" in parsed.defects


def filename(*lines: str) -> str:
    return declared_filename(read_structure("\n".join([*lines, "", ""]).encode()).entities[0])


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("Content-Disposition: attachment; filename=a.pdf", "Content-Type: a/b; name=b.pdf"), "a.pdf"),
        (("Content-Disposition: attachment", "Content-Type: a/b; name=b.pdf"), "b.pdf"),
        (("Content-Disposition: attachment; filename=", "Content-Type: a/b; name=b.pdf"), "b.pdf"),
        (("Content-Disposition: attachment; name=a.pdf",), "a.pdf"),
        (("Content-Disposition: attachment filename=a.pdf",), "a.pdf"),
        (("Content-Type: a/b; filename=a.pdf",), "a.pdf"),
        (
            ('Content-Disposition: attachment; filename="P????loha.pdf"', "Content-Type: a/b; name=Příloha.pdf"),
            "Příloha.pdf",
        ),
        (('Content-Disposition: attachment; filename="=?utf-8?Q?P=C5=99=C3=ADloha_1.pdf?="',), "Příloha 1.pdf"),
        (("Content-Disposition: attachment; filename==?utf-8?Q?P=C5=99=C3=ADloha.pdf?=",), "Příloha.pdf"),
        (
            (
                'Content-Disposition: attachment; filename="=?utf-8?B?UMWZw61s?=',
                ' =?utf-8?B?b2hhLnBkZg==?="',
            ),
            "Příloha.pdf",
        ),
        (
            (
                "Content-Disposition: attachment;",
                " filename*1*=%C3%ADloha.pdf;",
                " filename*0*=utf-8''P%C5%99",
                "Content-Type: a/b; name=b.pdf",
            ),
            "Příloha.pdf",
        ),
        (("Content-Disposition: attachment; filename*=utf-8''=?utf-8?q?P=C5=99.pdf?=",), "Př.pdf"),
        (("Content-Disposition: attachment; filename=utf-8''P%C5%99.pdf",), "Př.pdf"),
        (("Content-Disposition: attachment; filename='a b.pdf'",), "a b.pdf"),
        (('Content-Disposition: attachment; filename="dlouhý', ' název.pdf"'), "dlouhý název.pdf"),
        (("Content-Type: a/b",), ""),
    ],
)
def test_names_of_files(lines: tuple[str, ...], expected: str) -> None:
    assert filename(*lines) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("attachment; filename=a.pdf", "attachment"),
        ("ATTACHMENT", "attachment"),
        ('"inline"; x=y', "inline"),
        ("attachment filename=a.pdf", "attachment"),
        ("filename=a.pdf", ""),
        (";", ""),
    ],
)
def test_disposition(value: str, expected: str) -> None:
    assert disposition(read_structure(f"Content-Disposition: {value}\n\n".encode()).entities[0]) == expected
