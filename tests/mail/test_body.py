"""Which part is the text, which the HTML, and what is an attachment."""

import pytest

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
