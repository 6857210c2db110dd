"""What is new in a reply, by program and language: each exactly."""

from email.message import EmailMessage

import pytest

from podatelna.mail.parse import parse
from podatelna.mail.quotes import fold
from podatelna.mail.reply_text import reply_text

from .replies import PLAIN, TEXTS


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
