"""The demo's letters and what colleagues do with them fit together, and are read as their senders meant them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from podatelna.mail.parse import parse
from podatelna.run.demo import letters_helpdesk, letters_later, letters_press, letters_sales
from podatelna.run.demo.colleagues import DEEDS
from podatelna.run.demo.company import COLLEAGUES, DESKS
from podatelna.run.demo.partners import PARTNERS
from podatelna.run.demo.post import DOMAIN, Mail, followed, write

HISTORY = (*letters_helpdesk.LETTERS, *letters_sales.LETTERS, *letters_press.LETTERS)
EVERY = (*HISTORY, *letters_later.LETTERS)
BY_KEY = {mail.key: mail for mail in EVERY}
NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)


def test_keys_are_used_once_and_every_letter_answers_one_that_is_there() -> None:
    assert len(BY_KEY) == len(EVERY)
    assert all(mail.answers in BY_KEY for mail in EVERY if mail.answers)
    assert all(BY_KEY[mail.answers].ago > mail.ago for mail in EVERY if mail.answers)


def test_the_company_is_as_large_as_the_demo_promises() -> None:
    assert len(DESKS) == 3
    assert len(COLLEAGUES) == 6
    assert [one.administrator for one in COLLEAGUES].count(True) == 1
    assert {one.language for one in COLLEAGUES} == {"cs", "en"}
    assert {key for desk in DESKS for key in desk.team} == {one.key for one in COLLEAGUES}
    assert 15 <= len(PARTNERS) <= 20
    assert 30 <= len(HISTORY) <= 45


def test_colleagues_act_on_letters_of_their_own_desk() -> None:
    teams = {desk.key: desk.team for desk in DESKS}
    for deed in DEEDS:
        assert deed.desk in BY_KEY[deed.about].to.split()
        assert deed.who in teams[deed.desk]
        assert deed.verb != "assign" or deed.text in teams[deed.desk]


@pytest.mark.parametrize("mail", EVERY, ids=lambda mail: mail.key)
def test_a_letter_is_read_as_it_was_written(mail: Mail) -> None:
    partner = PARTNERS[mail.sender]
    first = BY_KEY.get(mail.answers)
    old = write(first, PARTNERS[first.sender], NOW, "old@there.example") if first else None
    message = write(
        mail, partner, NOW - timedelta(minutes=mail.ago), "new@there.example", followed(old) if old else None
    )
    parsed = parse(message.as_bytes())
    assert parsed.subject == (mail.subject or f"Re: {first.subject if first else ''}")
    assert parsed.sender is not None
    assert (parsed.sender.name, parsed.sender.address) == (partner.name, partner.address)
    assert [one.address for one in parsed.to] == [f"{local}@{DOMAIN}" for local in mail.to.split()]
    assert parsed.text.replace("\r\n", "\n").startswith(mail.text.strip())
    assert [part.filename for part in parsed.parts if part.is_attachment] == [
        file.name for file in mail.files if not file.inline
    ]
    assert ("old@there.example" in parsed.references) == bool(old)
