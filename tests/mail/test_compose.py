"""Letters written: correct, in seven bits, and nothing in them that nobody meant."""

import dataclasses
import email
import email.policy
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podatelna.mail.addresses import Address
from podatelna.mail.compose import File, Image, Letter, compose, letter_html, needs_smtputf8
from podatelna.mail.errors import Unwritable
from podatelna.mail.parse import parse
from podatelna.mail.text import one_line, storable, unix_lines

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
        changed(to=(Address("", "ž" * 300 + "@b.cz"),)),
        changed(html="<img src=cid:a@b>", images=(Image("a@b", "text/html", b""),)),
        changed(html="<img src=cid:a>b>", images=(Image("a>b", "image/png", b""),)),
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
        ("a@b <c>", b"To: =?utf-8?q?a=40b_=3Cc=3E?= <a@b.cz>"),
        ("=?utf-8?q?x?=", b"To: =?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?= <a@b.cz>"),
        ("", b"To: a@b.cz"),
    ],
)
def test_names_are_quoted_as_they_need(name: str, header: bytes) -> None:
    assert header + b"\r\n" in compose(changed(to=(Address(name, "a@b.cz"),)))


def test_many_references_keep_the_first_and_the_latest() -> None:
    references = tuple(f"{number}@acme.cz" for number in range(500))

    kept = parse(compose(changed(references=references, in_reply_to=references[-1]))).references

    assert kept == (references[0], *references[-19:])


def test_a_message_is_attached_as_a_message_octet_by_octet() -> None:
    clean = compose(changed(subject="puvodni"))
    raw = compose(
        changed(files=(File("a.eml", "message/rfc822", clean), File("b.eml", "message/rfc822", "ž".encode())))
    )
    attached = [part for part in parse(raw).parts if part.is_attachment]

    assert [(part.content_type, part.content) for part in attached] == [
        ("message/rfc822", clean),
        ("message/global", "ž".encode()),
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


PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def test_pictures_travel_with_the_html_that_shows_them() -> None:
    shown, unseen = Image("logo@acme.cz", "image/png", PNG, "logo.png"), Image("jine@acme.cz", "image/png", b"x")
    raw = compose(
        changed(
            html='<img src="cid:logo@acme.cz">',
            images=(shown, unseen, shown),
            files=(File("a.pdf", "application/pdf", b"x"),),
        )
    )
    message = email.message_from_bytes(raw, policy=email.policy.default)

    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
        "application/pdf",
    ]  # fmt: skip
    related, _, picture = list(message.walk())[3:6]
    assert related.get_param("type") == "text/html"
    assert (picture["Content-ID"], picture["Content-Disposition"]) == (
        "<logo@acme.cz>",
        'inline; filename="logo.png"',
    )
    inside = parse(raw).parts[2]
    assert (inside.content_id, inside.content, inside.is_attachment) == ("logo@acme.cz", PNG, False)
    assert [part.filename for part in parse(raw).parts if part.is_attachment] == ["a.pdf"]


def test_an_address_with_letters_of_its_own_makes_the_header_utf8_and_says_so() -> None:
    raw = compose(changed(to=(Address("Žofie", "z\u030cofie@Žluťoučký.cz"),)))

    assert "To: =?utf-8?q?=C5=BDofie?= <žofie@xn--luouk-uva4it5a4g.cz>\r\n".encode() in raw
    assert needs_smtputf8(raw)
    assert not needs_smtputf8(compose(LETTER))
    assert not needs_smtputf8(b"Subject: x\r\n\r\n\xc5\xbe")
    assert [person.address for person in parse(raw).to] == ["žofie@xn--luouk-uva4it5a4g.cz"]


@pytest.mark.parametrize(
    ("name", "plain", "written"),
    [
        ("faktura.pdf", None, b' filename="faktura.pdf"\r\n'),
        ("příloha.pdf", "priloha.pdf", b" filename*=UTF-8''p%C5%99%C3%ADloha.pdf\r\n"),
        ("文書.docx", "__.docx", b" filename*=UTF-8''%E6%96%87%E6%9B%B8.docx\r\n"),
        ("Łódź ß.txt", "_odz _.txt", b" filename*=UTF-8''%C5%81%C3%B3d%C5%BA%20%C3%9F.txt\r\n"),
        ('a"b\\c.txt', None, b' filename="a\\"b\\\\c.txt"\r\n'),
        ("x" * 100 + ".pdf", "x" * 49 + ".pdf", b" filename*0*=UTF-8''xxxx"),
        ("", None, b' filename=""\r\n'),
    ],
)
def test_names_of_files_have_a_plain_one_beside_them(name: str, plain: str | None, written: bytes) -> None:
    raw = compose(changed(files=(File(name, "application/pdf", b"x"),)))
    message = email.message_from_bytes(raw, policy=email.policy.default)

    assert written in raw
    assert list(message.walk())[2]["Content-Type"].params.get("name") == plain
    assert list(message.walk())[2].get_filename() == name


def test_text_files_say_their_charset_and_keep_long_lines() -> None:
    data = ("dlouhý řádek " * 500 + "\n").encode()
    raw = compose(changed(files=(File("a.csv", "text/csv; charset=x", data), File("b.txt", "text/plain", b"\xe1"))))

    assert b"Content-Type: text/csv; charset=utf-8\r\n" in raw
    assert b"Content-Type: text/plain\r\n" in raw
    assert max(len(line) for line in raw.split(b"\r\n")) <= 78
    assert [part.content for part in parse(raw).parts if part.is_attachment] == [data, b"\xe1"]


@pytest.mark.parametrize(
    "data",
    [b"Subject: x\n\nLF\n", b"Subject: x\r\n\r\n" + b"a" * 999, b"a: \x00\r\n", b"A: \xc5\xbe\r\n\r\n", b""],
)
def test_messages_of_any_octets_are_attached_as_they_are(data: bytes) -> None:
    raw = compose(changed(files=(File("a.eml", "message/rfc822", data),)))
    (attached,) = [part for part in parse(raw).parts if part.is_attachment]

    assert attached.content_type in ("message/rfc822", "message/global")
    assert attached.content == data
    assert raw.isascii()


def test_references_are_no_longer_than_servers_take() -> None:
    references = tuple(f"{number}.{'x' * 200}@acme.cz" for number in range(10))
    kept = parse(compose(changed(references=references, in_reply_to=references[-1]))).references

    assert kept == (references[0], *references[-3:])
    alone = ("a" * 880 + "@a.cz", "b" * 880 + "@a.cz", "c" * 880 + "@a.cz")
    assert parse(compose(changed(references=alone, in_reply_to=alone[-1]))).references == (alone[0], alone[2])


printable = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Cf", "Co", "Cn", "Zl", "Zp"]), max_size=150)
ODD = ' a=?_<>@,;:"\\()[].ž-'


@settings(max_examples=300, deadline=None)
@given(printable, printable, st.text(max_size=300), st.text(alphabet=ODD, max_size=200))
def test_what_is_composed_is_what_is_read(subject: str, name: str, text: str, odd: str) -> None:
    raw = compose(
        changed(
            subject=subject + odd,
            to=(Address(f"Jana {name}", "a@b.cz"), Address(odd, "c@d.cz")),
            text="Text: " + text,  # an empty one is read from the HTML
            html=f"<p>{odd}</p>Text",
        )
    )
    parsed = parse(raw)
    lines = unix_lines(storable("Text: " + text))

    assert parsed.subject == one_line(subject + odd, 2_000)
    assert parsed.text == lines + ("" if lines.endswith("\n") else "\n")
    assert parsed.html == f"<p>{odd}</p>Text\n"
    assert [person.address for person in parsed.to] == ["a@b.cz", "c@d.cz"]
    assert parsed.to[0].name == one_line(f"Jana {name}", 300)
    assert (parsed.message_id, parsed.sender, parsed.defects) == ("2@acme.cz", LETTER.sender, ())


def test_dates_are_written_with_their_zone() -> None:
    assert b"Date: Mon, 05 Jan 2026 09:14:00 +0000\r\n" in compose(
        changed(date=datetime(2026, 1, 5, 9, 14, tzinfo=UTC))
    )
