"""Whom an answer goes to, and how the original is quoted below it."""

import hashlib
from datetime import UTC, datetime

import pytest

from podatelna.mail.addresses import Address
from podatelna.mail.compose import (
    File,
    Image,
    Letter,
    answered_ids,
    compose,
    forward,
    forwarded_file,
    letter_html,
    quote,
    quote_with_images,
    whom_to_answer,
)
from podatelna.mail.parse import parse
from podatelna.mail.replying import MAX_PICTURES

OWN = frozenset({"helpdesk@firma.cz", "alice@firma.cz"})


def answered(header: str, *, everyone: bool) -> tuple[list[str], list[str]]:
    to, cc = whom_to_answer(parse(header.encode() + b"\n\nText\n"), OWN, everyone)
    return [person.address for person in to], [person.address for person in cc]


@pytest.mark.parametrize(
    ("header", "everyone", "to", "cc"),
    [
        ("From: jana@acme.cz\nTo: helpdesk@firma.cz", False, ["jana@acme.cz"], []),
        ("From: jana@acme.cz\nReply-To: servis@acme.cz\nTo: helpdesk@firma.cz", False, ["servis@acme.cz"], []),
        ("From: jana@acme.cz\nTo: Helpdesk@Firma.cz, petr@acme.cz\nCc: eva@x.cz", False, ["jana@acme.cz"], []),
        (
            "From: jana@acme.cz\nTo: Helpdesk@Firma.cz, petr@acme.cz\nCc: eva@x.cz, JANA@acme.cz",
            True,
            ["jana@acme.cz"],
            ["petr@acme.cz", "eva@x.cz"],
        ),
        ("From: helpdesk@firma.cz\nTo: jana@acme.cz\nCc: eva@x.cz", False, ["jana@acme.cz"], []),
        ("From: helpdesk@firma.cz\nTo: jana@acme.cz\nCc: eva@x.cz", True, ["jana@acme.cz"], ["eva@x.cz"]),
        ("From: jana@acme.cz\nReply-To: helpdesk@firma.cz\nTo: x@y.cz", False, ["jana@acme.cz"], []),
        ("To: helpdesk@firma.cz", False, [], []),
    ],
)
def test_whom_to_answer(header: str, everyone: bool, to: list[str], cc: list[str]) -> None:
    assert answered(header, everyone=everyone) == (to, cc)


def test_the_original_is_quoted_in_text_and_html() -> None:
    parsed = parse("Content-Type: text/plain; charset=utf-8\n\nDobrý den,\n\n> starší\nJana\n".encode())

    text, html = quote(parsed, "Dne 5. 1. 2026 Jana <jana@acme.cz> napsala:")

    assert text == "Dne 5. 1. 2026 Jana <jana@acme.cz> napsala:\n> Dobrý den,\n>\n>> starší\n> Jana\n"
    assert html == (
        '<div class="gmail_quote"><div>Dne 5. 1. 2026 Jana &lt;jana@acme.cz&gt; napsala:</div>'
        '<blockquote type="cite" style="margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex">'
        "<p>Dobrý den,</p><p>&gt; starší<br>\nJana</p></blockquote></div>"
    )


def test_nothing_that_runs_is_sent_on_in_a_quote() -> None:
    parsed = parse(b"Content-Type: text/html\n\n<p onclick=x>a</p><script>alert(1)</script></blockquote></div>b")

    _, html = quote(parsed, "x")

    assert "script" not in html
    assert "onclick" not in html
    assert html.endswith("</blockquote></div>")
    assert html.count("<div") == html.count("</div>")


PNG, GIF = b"\x89PNG\r\n\x1a\nlogo", b"GIF89a"


def letter_with_pictures() -> bytes:
    """From Outlook: a logo shown twice, a picture that nothing shows, a script that calls itself a picture, a file."""
    return compose(
        Letter(
            sender=Address("Jana", "jana@acme.cz"),
            to=(Address("", "helpdesk@firma.cz"),),
            cc=(),
            bcc=(),
            subject="Porucha – pračka",
            text="Dobrý den.\n",
            html='<p>Dobrý den.</p><img src="cid:image001.png@01D"><img src="cid:image001.png@01D">'
            '<img src="cid:zly@a"><img src="cid:neni@a"><img src="https://acme.cz/pixel.gif">',
            message_id="1@acme.cz",
            date=datetime(2026, 1, 5, 9, tzinfo=UTC),
            images=(
                Image("image001.png@01D", "image/png", PNG, "image001.png"),
                Image("jina@a", "image/gif", GIF),
                Image("zly@a", "image/svg+xml", b"<svg/>"),
            ),
            files=(File("faktura.pdf", "application/pdf", b"%PDF"),),
        )
    )


NAME = f"{hashlib.sha256(PNG).hexdigest()[:32]}@quoted.invalid"


def test_a_quote_takes_the_pictures_that_it_shows_along() -> None:
    quoted = quote_with_images(parse(letter_with_pictures()), "Jana napsala:")

    assert quoted.images == (Image(NAME, "image/png", PNG, "image001.png"),)
    assert quoted.html.count(f'src="cid:{NAME}"') == 2
    assert quoted.html.count("cid:") == 2
    assert 'src="https://acme.cz/pixel.gif"' in quoted.html
    assert quoted.text == "Jana napsala:\n> Dobrý den.\n"


def test_the_pictures_are_seen_in_the_answer_and_in_the_answer_to_it() -> None:
    answer = parse(letter_with_pictures())
    for number in (2, 3):
        quoted = quote_with_images(answer, "Napsali:")
        raw = compose(
            Letter(
                sender=Address("", "helpdesk@firma.cz"),
                to=(Address("", "jana@acme.cz"),),
                cc=(),
                bcc=(),
                subject="Re: Porucha",
                text=quoted.text,
                html=letter_html("Přijedeme.", quoted.html),
                message_id=f"{number}@firma.cz",
                date=datetime(2026, 1, 5, 10, tzinfo=UTC),
                images=quoted.images,
            )
        )
        answer = parse(raw)
        assert [(part.content_id, part.content) for part in answer.parts if part.content_id] == [(NAME, PNG)]
        assert [part for part in answer.parts if part.is_attachment] == []


def test_a_forward_is_the_whole_message_unmarked() -> None:
    passed_on = forward(
        parse(letter_with_pictures()), "---------- Přeposlaná zpráva ----------\nOd: Jana <jana@acme.cz>"
    )

    assert passed_on.text == "---------- Přeposlaná zpráva ----------\nOd: Jana <jana@acme.cz>\n\nDobrý den.\n"
    assert "blockquote" not in passed_on.html
    assert "Od: Jana &lt;" in passed_on.html
    assert [image.data for image in passed_on.images] == [PNG]


def test_a_message_passed_on_as_a_file_is_octet_by_octet_the_same() -> None:
    raw = b"Subject: =?utf-8?q?P=C5=99=C3=ADloha_5/2026?=\nX-Rozbite\n\n\xff\x00\n"
    file = forwarded_file(raw, parse(raw))

    assert (file.name, file.content_type, file.data) == ("Příloha 5_2026.eml", "message/rfc822", raw)
    assert forwarded_file(b"", parse(b"")).name == "message.eml"


def test_too_many_pictures_are_left_out() -> None:
    pictures = b"".join(
        b"--x\r\nContent-Type: image/png\r\nContent-ID: <%d@a>\r\n\r\n%d\r\n" % (number, number) for number in range(80)
    )
    shown = b"".join(b'<img src="cid:%d@a">' % number for number in range(80))
    raw = b"Content-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n%s\r\n%s--x--\r\n"

    quoted = quote_with_images(parse(raw % (shown, pictures)), "")

    assert len(quoted.images) == quoted.html.count("cid:") == MAX_PICTURES


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Message-ID: <2@a.cz>\nReferences: <0@a.cz> <1@a.cz>", ("2@a.cz", ("0@a.cz", "1@a.cz", "2@a.cz"))),
        ("Message-ID: <2@a.cz>\nIn-Reply-To: <1@a.cz>", ("2@a.cz", ("1@a.cz", "2@a.cz"))),
        ("Subject: x", ("", ())),
        ("Message-ID: <žluť@a.cz>\nReferences: <0@a.cz>", ("", ("0@a.cz",))),
        (f"Message-ID: <{'a' * 2000}@a.cz>", ("", ())),
        ("Message-ID: <2@a.cz>\nReferences: <ž@a.cz> <1@a.cz>", ("2@a.cz", ("1@a.cz", "2@a.cz"))),
    ],
)
def test_an_answer_refers_to_what_a_header_may_have(header: str, expected: tuple[str, tuple[str, ...]]) -> None:
    assert answered_ids(parse(header.encode() + b"\n\n")) == expected
