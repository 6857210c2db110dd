"""Letters written: correct, in seven bits, and nothing in them that nobody meant."""

import dataclasses
import email
import email.policy
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podatelna.mail.addresses import Address
from podatelna.mail.compose import File, Letter, compose, letter_html
from podatelna.mail.errors import Unwritable
from podatelna.mail.parse import parse

LETTER = Letter(
    sender=Address("Helpdesk – ACME s.r.o.", "helpdesk@acme.cz"),
    to=(Address("Novák, Petr", "petr@firma.cz"),),
    cc=(),
    bcc=(Address("", "tajny@firma.cz"),),
    subject="Re: Reklamace pračky",
    text="Dobrý den,\n\nvyřízeno.\n\n-- \nJana\n",
    html="",
    message_id="2@acme.cz",
    date=datetime(2026, 1, 5, 9, 14, tzinfo=timezone(timedelta(hours=1))),
    in_reply_to="1@firma.cz",
    references=("0@firma.cz", "1@firma.cz"),
)


def changed(**fields: object) -> Letter:
    return dataclasses.replace(LETTER, **fields)  # type: ignore[arg-type]  # each test names its own fields


def test_a_letter_to_the_byte() -> None:
    assert compose(LETTER).decode("ascii") == (
        "From: =?utf-8?q?Helpdesk_=E2=80=93_ACME_s=2Er=2Eo=2E?= <helpdesk@acme.cz>\r\n"
        "To: =?utf-8?q?Nov=C3=A1k=2C_Petr?= <petr@firma.cz>\r\n"
        "Subject: =?utf-8?q?Re=3A_Reklamace_pra=C4=8Dky?=\r\n"
        "Date: Mon, 05 Jan 2026 09:14:00 +0100\r\n"
        "Message-ID: <2@acme.cz>\r\n"
        "In-Reply-To: <1@firma.cz>\r\n"
        "References: <0@firma.cz> <1@firma.cz>\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n"
        "\r\n"
        "Dobr=C3=BD den,\r\n\r\nvy=C5=99=C3=ADzeno.\r\n\r\n--=20\r\nJana\r\n"
    )


def test_what_is_written_is_read_back() -> None:
    file = File(
        'Žluťoučký kůň – příloha č. 5; "uvozovky" a velmi dlouhé jméno souboru.pdf',
        "application/pdf",
        b"\x00\xff" * 999,
    )
    parsed = parse(compose(changed(html="<p>Dobrý den</p>", files=(file,), reply_to=Address("", "odpovedi@acme.cz"))))

    assert parsed.sender == LETTER.sender
    assert parsed.to == LETTER.to
    assert parsed.reply_to == (Address("", "odpovedi@acme.cz"),)
    assert (parsed.subject, parsed.text, parsed.html) == (LETTER.subject, LETTER.text, "<p>Dobrý den</p>\n")
    assert (parsed.message_id, parsed.references, parsed.sent_at) == ("2@acme.cz", LETTER.references, LETTER.date)
    attached = [part for part in parsed.parts if part.is_attachment]
    assert [(part.filename, part.content) for part in attached] == [(file.name.replace('"', "_"), file.data)]
    assert parsed.defects == ()


def test_the_standard_library_reads_it_without_a_defect() -> None:
    raw = compose(changed(html="<p>Dobrý den</p>", files=(File("příloha.pdf", "application/pdf", b"x"),)))
    message = email.message_from_bytes(raw, policy=email.policy.default)

    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/pdf",
    ]  # fmt: skip
    assert not any(part.defects for part in message.walk())
    assert message["to"].addresses[0].display_name == "Novák, Petr"
    assert [part.get_filename() for part in message.walk()][-1] == "příloha.pdf"


def test_bcc_is_nowhere_in_the_message() -> None:
    assert b"tajny" not in compose(LETTER)
    assert b"To: undisclosed-recipients:;\r\n" in compose(changed(to=()))


def test_the_same_letter_is_the_same_bytes() -> None:
    letter = changed(html="<p>a</p>", files=(File("a", "text/plain", b"a"),))

    assert compose(letter) == compose(letter)


@pytest.mark.parametrize(
    "bad", ["a\r\nBcc: x@y.cz", "a\nb", "a\rb", "a\x00b", "a\u2028b", "a\x85b", "a\x0bb", "a\ud800"]
)
@pytest.mark.parametrize(
    "field", ["subject", "name", "address", "message_id", "references", "filename", "content_type"]
)
def test_no_field_takes_a_control_character(field: str, bad: str) -> None:
    letters = {
        "subject": changed(subject=bad),
        "name": changed(to=(Address(bad, "a@b.cz"),)),
        "address": changed(cc=(Address("", f"{bad}@b.cz"),)),
        "message_id": changed(message_id=bad),
        "references": changed(references=("1@a.cz", bad)),
        "filename": changed(files=(File(bad, "text/plain", b""),)),
        "content_type": changed(files=(File("a", bad, b""),)),
    }

    with pytest.raises(Unwritable):
        compose(letters[field])


@pytest.mark.parametrize(
    "letter",
    [
        changed(to=(), cc=(), bcc=()),
        changed(to=(Address("", "nikdo"),)),
        changed(to=(Address("", "a@b.cz, c@d.cz"),)),
        changed(to=(Address("", "žluťoučký@b.cz"),)),
        changed(message_id="a b@c"),
        changed(message_id="<a@c>"),
        changed(in_reply_to="a@c>\n<b@d"),
        changed(date=datetime(2026, 1, 5)),  # noqa: DTZ001  # the very thing that is refused
    ],
)
def test_what_cannot_be_written_is_refused(letter: Letter) -> None:
    with pytest.raises(Unwritable):
        compose(letter)


def test_a_domain_with_diacritics_is_written_in_ascii() -> None:
    assert b"To: petr@xn--luouk-uva4it5a4g.cz\r\n" in compose(changed(to=(Address("", "petr@Žluťoučký.cz"),)))


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("Petr Novak", b"To: Petr Novak <a@b.cz>"),
        ("Novak, Petr", b'To: "Novak, Petr" <a@b.cz>'),
        ('Petr "Pet" N.', b'To: "Petr \\"Pet\\" N." <a@b.cz>'),
        ("a@b <c>", b'To: "a@b <c>" <a@b.cz>'),
        ("=?utf-8?q?x?=", b"To: =?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?= <a@b.cz>"),
        ("", b"To: a@b.cz"),
    ],
)
def test_names_are_quoted_as_they_need(name: str, header: bytes) -> None:
    assert header + b"\r\n" in compose(changed(to=(Address(name, "a@b.cz"),)))


def test_many_references_keep_the_first_and_the_latest() -> None:
    references = tuple(f"{number}@acme.cz" for number in range(500))

    kept = parse(compose(changed(references=references, in_reply_to=references[-1]))).references

    assert kept == (references[0], *references[-39:])


def test_a_message_is_attached_as_a_message_when_it_is_in_seven_bits() -> None:
    clean = compose(changed(subject="puvodni"))
    raw = compose(
        changed(files=(File("a.eml", "message/rfc822", clean), File("b.eml", "message/rfc822", "ž".encode())))
    )
    attached = [part for part in parse(raw).parts if part.is_attachment]

    assert [(part.content_type, part.content) for part in attached] == [
        ("message/rfc822", clean),
        ("application/octet-stream", "ž".encode()),
    ]


def test_a_line_that_servers_change_is_encoded() -> None:
    raw = compose(changed(text="From here\n.\nmezera na konci \n" + "x" * 2000))

    assert b"\r\n=46rom here\r\n=2E\r\n" in raw
    assert b" \r\n" not in raw
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78


texts = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=200)


@settings(max_examples=200, deadline=None)
@given(texts, texts, st.text(max_size=300), st.binary(max_size=200))
def test_any_letter_is_seven_bit_lines_and_comes_back(subject: str, name: str, text: str, data: bytes) -> None:
    file = File(name, "application/octet-stream", data)
    raw = compose(changed(subject=subject, to=(Address(name, "a@b.cz"),), text=text, files=(file,)))

    assert raw.isascii()
    lines = raw.split(b"\r\n")
    assert all(len(line) <= 998 and b"\r" not in line and b"\n" not in line for line in lines)
    parsed = parse(raw)
    assert " ".join(subject.split())[:150].strip() in parsed.subject or not subject.isprintable()
    assert [person.address for person in parsed.to] == ["a@b.cz"]
    assert [part.content for part in parsed.parts if part.is_attachment] == [data]
    assert b"\r\n\r\n" in raw


def test_the_page_of_a_letter() -> None:
    assert letter_html("Dobrý <den>\n\nJana", "<blockquote>x</blockquote>") == (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>'
        "<div><p>Dobrý &lt;den&gt;</p><p>Jana</p></div><blockquote>x</blockquote></body></html>\n"
    )


def test_dates_are_written_with_their_zone() -> None:
    assert b"Date: Mon, 05 Jan 2026 09:14:00 +0000\r\n" in compose(
        changed(date=datetime(2026, 1, 5, 9, 14, tzinfo=UTC))
    )
