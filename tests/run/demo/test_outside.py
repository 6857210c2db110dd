"""The world outside writes on real SMTP, answers what it is sent, and never answers a machine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from random import Random

import pytest

from podatelna.run.demo.mailserver import Taken
from podatelna.run.demo.outside import World
from podatelna.run.demo.post import Mail, Partner
from tests.run.processes import until

from .boxes import Boxes

PARTNERS = {
    "jana": Partner("Jana Nováková", "jana@posta.example", answers=("Děkuji.",)),
    "radek": Partner("Radek", "radek@radio.example", away="Jsem v terénu.", answers=()),
}


class Soon(Random):
    """Chance that always says now."""

    def uniform(self, a: float, b: float) -> float:
        return 0.0


@pytest.fixture
def boxes() -> Iterator[Boxes]:
    with Boxes() as boxes:
        yield boxes


@pytest.fixture
def world(boxes: Boxes) -> Iterator[World]:
    world = World(PARTNERS, Soon())
    world.smtp_port = boxes.port
    yield world
    world.stop()


def a_reply(to: str, **headers: str) -> Taken:
    message = EmailMessage()
    message["From"], message["To"] = "Helpdesk <helpdesk@bublina.example>", to
    message["Subject"], message["Message-ID"] = "Re: Pračka", "<reply@bublina.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content("Přijedeme zítra.\n")
    return Taken("helpdesk@bublina.example", (to,), message.as_bytes())


def test_history_is_dated_back_and_threads_hold_together(world: World, boxes: Boxes) -> None:
    now = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
    second = Mail("b", "jana", "helpdesk", "", "Ještě něco.", ago=60, answers="a")
    world.send_history([second, Mail("a", "jana", "helpdesk", "Pračka", "Teče.", ago=120)], now)
    first, answer = boxes.messages
    assert first["Date"] == "Mon, 04 May 2026 08:00:00 +0000"
    assert answer["Subject"] == "Re: Pračka"
    assert answer["In-Reply-To"] == first["Message-ID"]


def test_a_partner_answers_to_the_address_they_were_written_from(world: World, boxes: Boxes) -> None:
    world.start()
    world.hear(a_reply("jana@posta.example"))
    until(lambda: len(boxes.messages) == 1)
    (answer,) = boxes.messages
    assert answer["To"] == "helpdesk@bublina.example"
    assert answer["In-Reply-To"] == "<reply@bublina.example>"
    assert answer.get_content().startswith("Děkuji.")
    assert "> Přijedeme zítra." in answer.get_content()


def test_an_absent_partner_lets_a_machine_answer_once(world: World, boxes: Boxes) -> None:
    world.start()
    world.hear(a_reply("radek@radio.example"))
    until(lambda: len(boxes.messages) == 1)
    world.hear(a_reply("radek@radio.example"))
    world.hear(a_reply("jana@posta.example"))
    until(lambda: len(boxes.messages) == 2)
    assert [message["Auto-Submitted"] for message in boxes.messages] == ["auto-replied", None]


def test_a_machines_letter_is_never_answered(world: World, boxes: Boxes) -> None:
    world.start()
    world.hear(a_reply("jana@posta.example", Auto_Submitted="auto-replied"))
    world.hear(a_reply("radek@radio.example"))  # heard after it
    until(lambda: len(boxes.messages) == 1)
    assert boxes.messages[0]["From"].startswith("Radek")
