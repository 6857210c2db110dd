"""What is new in a reply, by program and language: each exactly."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podatelna.mail.html import safe_html
from podatelna.mail.html_text import parse_html
from podatelna.mail.parse import parse
from podatelna.mail.quotes import fold
from podatelna.mail.reply_text import reply_text

from .replies import EXACT, FOLDED, HTML, PEOPLE, PLAIN, TEXTS

REPLIES = Path(__file__).parent.parent / "corpus" / "replies"


def marked(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def message(*, text: str = "", html: str = "", subject: str = "Re: Reklamace") -> bytes:
    letter = EmailMessage()
    letter["From"] = "Petr Dvořák <petr@firma.example>"
    letter["To"] = "jana@acme.example"
    letter["Subject"] = subject
    if text or not html:
        letter.set_content(text, cte="8bit")
        if html:
            letter.add_alternative(html, subtype="html", cte="8bit")
    else:
        letter.set_content(html, subtype="html", cte="8bit")
    return letter.as_bytes()


def written(**body: str) -> str:
    return reply_text(parse(message(**body)))


@pytest.mark.parametrize(
    ("language", "template"), [case[1:] for case in PLAIN], ids=[f"{case[1]} {case[0]}" for case in PLAIN]
)
def test_plain_text_of_a_program(language: str, template: str) -> None:
    own, old = TEXTS[language]
    text = template.format(own=own, old=old, marked=marked(old))

    assert written(text=text) == own
    assert "".join(block.text for block in fold(text)) == text


def paragraphs(text: str) -> str:
    return "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in text.split("\n\n"))


@pytest.mark.parametrize(
    ("language", "template"), [case[1:] for case in HTML], ids=[f"{case[1]} {case[0]}" for case in HTML]
)
def test_html_of_a_program(language: str, template: str) -> None:
    own, old = TEXTS[language]
    html = template.format(own=paragraphs(own), old=paragraphs(old))

    assert written(html=html) == own


@pytest.mark.parametrize(
    ("language", "template"), [case[1:] for case in HTML], ids=[f"{case[1]} {case[0]}" for case in HTML]
)
def test_html_of_a_program_is_folded_when_shown(language: str, template: str) -> None:
    own, old = TEXTS[language]
    html = template.format(own=paragraphs(own), old=paragraphs(old))
    shown = parse_html(safe_html(html, remote=False, cid_url=lambda _: None).html)

    folds = shown.css("details.quote")
    folded = " ".join(" ".join(fold.text() for fold in folds).split())
    for fold_ in folds:
        fold_.decompose()
    assert old.split("\n")[-1] in folded or "{old}" not in template
    assert shown.body is not None
    left = " ".join(shown.body.text().split())
    assert old.split("\n")[-1] not in left
    assert own.split("\n")[0] in left
    assert own.split("\n")[-1] in left


@pytest.mark.parametrize(("text", "new"), [case[1:] for case in EXACT], ids=[case[0] for case in EXACT])
def test_shape_of_a_reply(text: str, new: str) -> None:
    assert written(text=text) == new
    assert "".join(block.text for block in fold(text)) == text


@pytest.mark.parametrize("text", PEOPLE)
def test_what_people_write_stays(text: str) -> None:
    assert written(text=text) == text.strip()
    assert [block.kind for block in fold(text)] == ["new"]


@pytest.mark.parametrize(("html", "new"), [case[1:] for case in FOLDED], ids=[case[0] for case in FOLDED])
def test_shape_of_an_html_reply(html: str, new: str) -> None:
    assert written(html=html) == new


@pytest.mark.parametrize("path", sorted(REPLIES.glob("*.eml")), ids=lambda path: path.stem)
def test_reply_of_the_corpus(path: Path) -> None:
    parsed = parse(path.read_bytes())

    assert reply_text(parsed) == path.with_suffix(".txt").read_text(encoding="utf-8").strip("\n")
    assert "".join(block.text for block in fold(parsed.text)) == parsed.text
    assert not parsed.defects


def test_html_tells_where_plain_text_goes_on_with_words_above_a_quote() -> None:
    text = "Ano, *platí* <https://acme.example/x>.\n\nPetr\n\nJana hat geschriwwe am Mändeg\n\n> Platí?\n"
    html = (
        '<p>Ano, <b>platí</b> <a href="https://acme.example/x"></a>.</p><p>Petr</p><div class="gmail_quote"><div '
        'class="gmail_attr">Jana hat geschriwwe am Mändeg</div><blockquote>Platí?</blockquote></div>'
    )

    assert written(text=text, html=html) == "Ano, *platí* <https://acme.example/x>.\n\nPetr"


def test_html_tells_of_a_quote_that_plain_text_does_not_mark() -> None:
    text = "Ano.\n\nJana hat geschriwwe am Mändeg\n\nPlatí?\n"
    html = '<p>Ano.</p><div class="gmail_quote">Jana hat geschriwwe am Mändeg<blockquote>Platí?</blockquote></div>'

    assert written(text=text, html=html) == "Ano."


def test_what_only_looks_quoted_in_a_first_letter_is_its_text() -> None:
    form = "Od: Jana Nováková\nKomu: obchod\nPředmět: dotaz na cenu\n\nKolik stojí pračka?"

    assert written(text=form, subject="Dotaz z webu") == form
    assert written(text="> Kolik stojí pračka?", subject="Dotaz") == "> Kolik stojí pračka?"
    assert written(text=form, subject="Fwd: dotaz na cenu") == ""


def test_a_page_that_is_only_quoted_is_shown_open() -> None:
    quote = '<blockquote type="cite"><p>Platí?</p></blockquote>'

    alone = safe_html(quote, remote=False, cid_url=lambda _: None).html
    answered = safe_html(f"<p>Ano.</p>{quote}", remote=False, cid_url=lambda _: None).html
    assert '<details class="quote" open' in alone
    assert '<details class="quote"><summary>' in answered


SHAPES = {
    "quotes in quotes": "<blockquote type=cite>x" * 40_000,
    "quotes": "<blockquote type=cite>x</blockquote>" * 30_000,
    "quotes that may be none": "<blockquote>x</blockquote>" * 40_000,
    "answers in a container": "<div class=gmail_quote>" + "<blockquote>x</blockquote>y" * 40_000,
    "containers": "<div class=gmail_quote><blockquote>x</blockquote>y" * 20_000,
    "header lines": "<p>Od: x</p>" * 80_000,
    "ruled headers": '<div style="border-top:solid 1px">From: x</div>' * 20_000,
    "dates": "<i></i>1" * 100_000,
    "attributions": "<div>On 5 Jan 2026 9:14 a@b wrote:</div><blockquote>" * 20_000,
    "rules": "<hr>" * 50_000 + "<div id=divRplyFwdMsg>",
    "nothing": "<span></span>" * 80_000 + "<blockquote type=cite>",
    "signatures": "<div class=gmail_signature>" * 40_000,
    "one text": "<p>" + "x" * 2_000_000 + "</p><blockquote type=cite>q",
}


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_a_megabyte_of_malice_is_read(shape: str) -> None:
    # A reader that is not linear does not come back from these.
    assert isinstance(written(html=SHAPES[shape]), str)


PIECES = st.sampled_from(
    [
        *("> ", ">", "\n", "-- \n", "--\n", "___\n", "Ano.\n", "\n\n", "Od: x\n", "Předmět: x\n", "Odesláno: x\n"),
        *("On 5 Jan 2026 at 9:14, Jane <j@acme.example> wrote:\n", "-----Original Message-----\n", "napsal:\n", "| "),
        *("Sent from my iPhone\n", "JN> ", "Dne 5. 1. 2026 ", ">>> x 5.1.2026 >>>\n", "_" * 20 + "\n", "\u2028", "\r"),
        *("x" * 70, "begin ", ": "),
    ]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=40).map("".join))
def test_any_text_is_folded_and_nothing_is_lost(text: str) -> None:
    assert "".join(block.text for block in fold(text)) == text
    assert isinstance(written(text=text.encode("utf-8", "replace").decode()), str)
