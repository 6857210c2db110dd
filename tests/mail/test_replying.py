"""Whom an answer goes to, and how the original is quoted below it."""

import pytest

from podatelna.mail.compose import quote, whom_to_answer
from podatelna.mail.parse import parse

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
