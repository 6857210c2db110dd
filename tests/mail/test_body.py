"""Which part is the text, which the HTML, and what is an attachment."""

import pickle
from copy import copy
from dataclasses import replace

import pytest

from podatelna.mail.alternatives import is_notice
from podatelna.mail.parse import Parsed, parse


def part(content_type: str, body: str, more: str = "") -> str:
    return f"Content-Type: {content_type}\n{more}\n{body}"


def multipart(kind: str, *parts: str) -> str:
    boundary = f"b{abs(hash((kind, parts)))}"
    inner = "".join(f"--{boundary}\n{entity}\n" for entity in parts)
    return f"Content-Type: multipart/{kind}; boundary={boundary}\n\n{inner}--{boundary}--\n"


def read(message: str) -> Parsed:
    return parse(message.encode())


PLAIN = part("text/plain; charset=utf-8", "prostý")
HTML = part("text/html; charset=utf-8", "<p>bohatý</p>")
PDF = part("application/pdf", "x", "Content-Disposition: attachment; filename=a.pdf\n")
IMAGE = part("image/png", "x", "Content-ID: <i@a>\nContent-Disposition: inline; filename=i.png\n")


@pytest.mark.parametrize(
    ("message", "text", "html", "attached"),
    [
        (PLAIN, "prostý", "", []),
        (HTML, "bohatý", "<p>bohatý</p>", []),
        (multipart("alternative", PLAIN, HTML), "prostý", "<p>bohatý</p>", []),
        (multipart("alternative", HTML, PLAIN), "prostý", "<p>bohatý</p>", []),
        (multipart("mixed", multipart("alternative", PLAIN, HTML), PDF), "prostý", "<p>bohatý</p>", ["a.pdf"]),
        (multipart("mixed", PDF), "", "", ["a.pdf"]),
        (multipart("mixed", PLAIN, PLAIN), "prostý\nprostý", "", []),
        (multipart("mixed", PLAIN, HTML), "prostý\nbohatý", "<p>prostý</p>\n<p>bohatý</p>", []),
        (
            multipart("alternative", PLAIN, multipart("mixed", HTML, PDF, HTML)),
            "prostý",
            "<p>bohatý</p>\n<p>bohatý</p>",
            ["a.pdf"],
        ),
        (multipart("alternative", PLAIN, HTML, part("text/html", "<p>druhý</p>")), "prostý", "<p>druhý</p>", []),
        (multipart("related", part("text/html", "<img src='cid:i@a'>"), IMAGE), "", "<img src='cid:i@a'>", []),
        (multipart("related", part("text/html", "<img src='cid:i%40a'>"), IMAGE), "", "<img src='cid:i%40a'>", []),
        (multipart("related", HTML, IMAGE), "bohatý", "<p>bohatý</p>", ["i.png"]),
        (multipart("mixed", PLAIN, part("text/plain; name=log.txt", "log")), "prostý", "", ["log.txt"]),
        (multipart("mixed", part("text/plain; name=telo.txt", "tělo"), PDF), "tělo", "", ["a.pdf"]),
        (multipart("mixed", PLAIN, part("text/plain", "a", "Content-Disposition: attachment\n")), "prostý", "", [""]),
        (multipart("alternative", PLAIN, part("text/calendar", "BEGIN:VCALENDAR")), "prostý", "", [""]),
        (
            multipart("alternative", PLAIN, part("text/x-amp-html", "<html amp4email>"), HTML),
            "prostý",
            "<p>bohatý</p>",
            [],
        ),
        (multipart("mixed", PLAIN, part("text/csv", "a;b")), "prostý", "", [""]),
        (multipart("mixed", PLAIN, part("message/rfc822", "Subject: Dotaz 5/6\n\nx")), "prostý", "", ["Dotaz 5_6.eml"]),
        (multipart("mixed", PLAIN, part("message/rfc822", "\nx")), "prostý", "", ["message.eml"]),
        (part("image/png", "x"), "", "", [""]),
    ],
)
def test_body_and_attachments(message: str, text: str, html: str, attached: list[str]) -> None:
    parsed = read(message)

    assert (parsed.text, parsed.html) == (text, html)
    assert [found.filename for found in parsed.parts if found.is_attachment] == attached


EMPTY_TEXT = part("text/plain", " \n\n")
NOTICE = part("text/plain", "Your e-mail client does not support HTML messages.")
INVITATION = part("text/calendar; method=REQUEST", "BEGIN:VCALENDAR")
SIGNATURE = part("application/pgp-signature; name=signature.asc", "x")
APPLE_HTML = multipart("mixed", HTML, PDF, part("text/html", "<p>konec</p>"))


@pytest.mark.parametrize(
    ("message", "text", "html", "attached"),
    [
        # What says nothing is no alternative.
        (multipart("alternative", EMPTY_TEXT, HTML), "bohatý", "<p>bohatý</p>", []),
        (multipart("alternative", PLAIN, part("text/html", "<html><body>&nbsp;<br></body></html>")), "prostý", "", []),
        (multipart("alternative", EMPTY_TEXT, part("text/html", "")), "", "", []),
        (multipart("alternative", NOTICE, HTML), "bohatý", "<p>bohatý</p>", []),
        (
            multipart("alternative", NOTICE, part("text/html", " ")),
            "Your e-mail client does not support HTML messages.",
            "",
            [],
        ),
        (multipart("alternative", NOTICE), "Your e-mail client does not support HTML messages.", "", []),
        (multipart("mixed", EMPTY_TEXT, HTML), " \n\n\nbohatý", "\n<p>bohatý</p>", []),
        (multipart("alternative", EMPTY_TEXT, part("text/html", "<img src='cid:i@a'>")), "", "<img src='cid:i@a'>", []),
        # Alternatives in alternatives, and everything else around them.
        (multipart("alternative", PLAIN, multipart("alternative", HTML)), "prostý", "<p>bohatý</p>", []),
        (multipart("alternative", multipart("mixed", PLAIN, PDF), HTML), "prostý", "<p>bohatý</p>", ["a.pdf"]),
        (multipart("alternative", PLAIN, multipart("related", HTML, IMAGE)), "prostý", "<p>bohatý</p>", ["i.png"]),
        (
            multipart("related", multipart("alternative", PLAIN, part("text/html", "<img src=cid:i@a>")), IMAGE),
            "prostý",
            "<img src=cid:i@a>",
            [],
        ),
        (multipart("alternative", PLAIN, APPLE_HTML), "prostý", "<p>bohatý</p>\n<p>konec</p>", ["a.pdf"]),
        (multipart("alternative", PLAIN, HTML, INVITATION), "prostý", "<p>bohatý</p>", [""]),
        (multipart("alternative", PLAIN, multipart("mixed", HTML, INVITATION)), "prostý", "<p>bohatý</p>", [""]),
        (
            multipart("mixed", multipart("alternative", PLAIN, HTML), part("text/plain", "patička")),
            "prostý\npatička",
            "<p>bohatý</p>\n<p>patička</p>",
            [],
        ),
        (multipart("mixed", multipart("mixed", multipart("mixed", PLAIN)), PDF), "prostý", "", ["a.pdf"]),
        (multipart("mixed", IMAGE, PLAIN), "prostý", "", ["i.png"]),
        (multipart("mixed", PLAIN, IMAGE, part("text/plain", "dál")), "prostý\ndál", "", ["i.png"]),
        # Signed, encrypted, reported, in pieces.
        (
            multipart("signed", multipart("alternative", PLAIN, HTML), SIGNATURE),
            "prostý",
            "<p>bohatý</p>",
            ["signature.asc"],
        ),
        (multipart("signed", PLAIN, SIGNATURE), "prostý", "", ["signature.asc"]),
        (
            multipart(
                "encrypted", part("application/pgp-encrypted", "Version: 1"), part("application/octet-stream", "x")
            ),
            "",
            "",
            ["", ""],
        ),
        (
            multipart("report", PLAIN, part("message/delivery-status", "x"), part("text/rfc822-headers", "Subject: x")),
            "prostý",
            "",
            ["", ""],
        ),
        (multipart("digest", "\nSubject: první\n\na", "\nSubject: druhý\n\nb"), "", "", ["první.eml", "druhý.eml"]),
        (part("message/partial; id=a; number=1; total=2", "x"), "x", "", [""]),
        # Text of other types.
        (part("text/enriched", "<bold>tučně</bold> a\n\ndál <<x>"), "tučně a\ndál <x>", "", []),
        (part("text/richtext", "<bold>tučně</bold><nl>a <lt>x"), "tučně\na <x", "", []),
        (part("text/markdown", "# Nadpis"), "# Nadpis", "", []),
        (multipart("alternative", PLAIN, part("text/enriched", "<bold>x</bold>")), "prostý", "", []),
        (multipart("alternative", part("text/enriched", "<bold>x</bold>"), HTML), "bohatý", "<p>bohatý</p>", []),
        (
            multipart("alternative", PLAIN, part("text/watch-html", "<b>hodinky</b>"), HTML),
            "prostý",
            "<p>bohatý</p>",
            [],
        ),
        (part("text/x-amp-html", "<p>AMP</p>"), "AMP", "<p>AMP</p>", []),
        (part("application/xhtml+xml", "<p>x</p>"), "x", "<p>x</p>", []),
        # Bodies with a name, and files without one.
        (
            multipart(
                "alternative", part("text/plain; name=mail.txt", "a"), part("text/html; name=mail.html", "<p>b</p>")
            ),
            "a",
            "<p>b</p>",
            [],
        ),
        (multipart("related", IMAGE, part("text/html; name=a.html", "<p>b</p>")), "", "", ["i.png", "a.html"]),
        (multipart("mixed", PLAIN, part("text/html; name=stranka.html", "<p>b</p>")), "prostý", "", ["stranka.html"]),
        (
            multipart("mixed", PLAIN, part("text/html", "<p>b</p>", "Content-Disposition: attachment\n")),
            "prostý",
            "",
            [""],
        ),
    ],
)
def test_bodies_in_the_wild(message: str, text: str, html: str, attached: list[str]) -> None:
    parsed = read(message)

    assert (parsed.text, parsed.html) == (text, html)
    assert [found.filename for found in parsed.parts if found.is_attachment] == attached


@pytest.mark.parametrize(
    "notice",
    [
        "This message is in HTML format and your e-mail reader cannot display it.",
        "This is an HTML message. Please use an HTML capable mail program.",
        "To view this message, please use an HTML-compatible e-mail viewer!",
        "If you cannot read this e-mail, open it in your browser: https://acme.cz/1",
        "Váš e-mailový klient nepodporuje HTML.",
        "Tato zpráva je ve formátu HTML.",
        "Správa je vo formáte HTML a váš klient ju nevie zobraziť v html",
        "Ihr E-Mail-Programm unterstützt kein HTML.",
        "Votre messagerie ne supporte pas le format HTML.",
    ],
)
def test_what_only_says_that_there_is_more(notice: str) -> None:
    assert is_notice(notice)


@pytest.mark.parametrize(
    "text",
    [
        "Dobrý den, posílám ceník.",
        "I cannot open the file you sent.",
        "The HTML is fine.",
        "",
        "a" * 5_000 + " does not support HTML",
    ],
)
def test_what_people_write_is_no_notice(text: str) -> None:
    assert not is_notice(text)


@pytest.mark.parametrize(
    ("html", "headers", "attached"),
    [
        ("<img src='logo.png'>", "Content-Location: logo.png\n", []),
        ("<img src=https://acme.cz/logo.png>", "Content-Location: https://acme.cz/logo.png\n", []),
        ("<td background='logo.png'>", "Content-Location: logo.png\n", []),
        ("<img src='jine.png'>", "Content-Location: logo.png\n", ["l.png"]),
        ("<img src='cid:a&#64;b'>", "Content-ID: <a@b>\n", []),
        ("<img src='CID:a%40b'>", "Content-ID: < a@b >\n", []),
        ("<p style='background:url(cid:a@b)'>", "Content-ID: <a@b>\n", []),
        ("<img src='cid:a@b'>", "Content-ID: <A@B>\n", ["l.png"]),
        ("<img src='cid:a@b'>", "Content-ID: <a@b>\nContent-Disposition: attachment; filename=l.png\n", []),
    ],
)
def test_pictures_of_the_page_are_no_attachments(html: str, headers: str, attached: list[str]) -> None:
    parsed = read(multipart("related", part("text/html", html), part("image/png; name=l.png", "x", headers)))

    assert [found.filename for found in parsed.parts if found.is_attachment] == attached


def test_many_alternatives_in_each_other_take_linear_time() -> None:
    deep = "".join(f"Content-Type: multipart/alternative; boundary=b{n}\n\n--b{n}\n" for n in range(3_000)) + PLAIN

    assert read(deep).text.strip() == "prostý"


@pytest.mark.parametrize(
    ("page", "declared", "text"),
    [
        ("<meta charset=utf-16><p>žluť</p>".encode(), "", "žluť"),
        (
            '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-2"><p>žluť</p>'.encode("iso8859-2"),
            "",
            "žluť",
        ),
        ("<meta charset=koi8-r><p>привет всем</p>".encode("koi8-r"), "; charset=iso-8859-1", "привет всем"),
        ("<meta charset=windows-1251><p>žluť</p>".encode(), "; charset=utf-8", "žluť"),
        ("<p>charset=koi8-r žluť</p>".encode("cp1250"), "", "charset=koi8-r žluť"),
    ],
)
def test_what_the_page_says_of_its_charset(page: bytes, declared: str, text: str) -> None:
    assert parse(f"Content-Type: text/html{declared}\n\n".encode() + page).text == text


def test_an_attached_message_is_one_part_with_its_bytes() -> None:
    inner = multipart("mixed", PLAIN, PDF)
    parsed = read(multipart("mixed", PLAIN, part("message/rfc822", inner)))

    assert [found.content_type for found in parsed.parts] == ["text/plain", "message/rfc822"]
    assert parsed.parts[1].content.strip() == inner.encode().strip()


def test_flowed_paragraphs_are_put_together() -> None:
    flowed = part("text/plain; format=flowed; delsp=yes", "rozdě \nleno\n> cit \n> ace\n-- \nJana\n")

    assert read(flowed).text == "rozděleno\n> citace\n-- \nJana\n"


def test_the_charset_named_in_the_page_counts_when_the_header_names_none() -> None:
    page = '<meta charset="windows-1250"><p>žluťoučký</p>'.encode("cp1250")

    parsed = parse(b"Content-Type: text/html\n\n" + page)

    assert (parsed.text, parsed.defects) == ("žluťoučký", ("no sender", "no date"))


def test_a_text_that_is_no_letter_any_more_is_cut_and_said_to_be() -> None:
    parsed = parse(b"Subject: x\n\n" + b"0123456789" * 300_000)

    assert parsed.text == "0123456789" * 200_000
    assert len(parsed.parts[0].content) == 3_000_000
    assert "text cut: it is longer than can be shown" in parsed.defects


def test_a_part_that_is_not_encoded_is_a_value_like_any_other() -> None:
    raw = b"From: a@b.cz\nContent-Type: text/plain; charset=utf-8\n\nahoj"

    part = parse(raw).parts[0]

    assert part == parse(raw).parts[0]
    assert part == replace(part)
    assert (part.content, hash(part)) == (b"ahoj", hash(replace(part)))
    assert copy(part) == part == pickle.loads(pickle.dumps(part))
