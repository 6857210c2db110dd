"""A letter's mark and its details, a forged sender, an invitation as a card, forwarding as a file: seen and used."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .chromium import PHONE, WIDE, Visitor
from .houses import Demo

AUDIT = (Path(__file__).parent / "audit.js").read_text("utf-8")
INVITATION = """BEGIN:VCALENDAR\r
METHOD:REQUEST\r
BEGIN:VEVENT\r
SUMMARY:Předvedení praček <b>2026</b>\r
DTSTART;TZID=America/New_York:20260512T100000\r
DTEND;TZID=America/New_York:20260512T113000\r
LOCATION:Zasedačka v prvním patře\r
ORGANIZER;CN=Věra Malá:mailto:vera.mala@posta.example\r
ATTENDEE:mailto:obchod@bublina.example\r
END:VEVENT\r
END:VCALENDAR\r
"""
VERA = ("Věra Malá", "vera.mala@posta.example")
LOOKS = [
    pytest.param({"size": WIDE}, id="wide"),
    pytest.param({"size": (1010, 760), "dark": True}, id="narrow pane, dark"),
    pytest.param({"size": PHONE}, id="phone"),
]


@pytest.fixture
def emily(at_demo: Callable[..., Visitor]) -> Visitor:
    """Emily Carter of sales, who reads English."""
    return at_demo("Emily Carter")


def opened(visitor: Visitor, demo: Demo, subject: str, **letter: object) -> str:
    """A letter to sales, opened; its subject."""
    named = str(demo.write(subject, to="obchod", **letter)["Subject"])  # type: ignore[arg-type]  # as of Demo.write
    visitor.go("/desk/unassigned/")
    visitor.open(named)
    return named


def test_a_proven_sender_is_one_small_mark_with_the_details_behind_it(emily: Visitor, demo: Demo) -> None:
    opened(emily, demo, "Genuine", sender=VERA)
    page = emily.page
    mark = page.locator(".proof > summary")
    expect(mark).to_have_attribute("aria-label", "sender proven")
    expect(page.locator(".letter-content .notice")).to_have_count(0)
    expect(page.locator(".proof-panel")).to_be_hidden()
    mark.focus()
    emily.press("Enter")
    expect(page.locator(".proof-panel")).to_contain_text("The message really comes from posta.example.")
    expect(page.locator(".proof-panel")).to_contain_text("Your own mail server mail.bublina.example found this")
    emily.press("Escape")
    expect(page.locator(".proof-panel")).to_be_hidden()
    expect(mark).to_be_focused()


def test_a_verdict_that_comes_later_comes_onto_the_open_page(emily: Visitor, demo: Demo) -> None:
    opened(emily, demo, "Watched", sender=VERA)
    # Opened at once: mostly before the worker has judged it.
    expect(emily.page.locator(".proof > summary")).to_be_visible()


def test_a_forged_sender_is_warned_of_above_the_text(emily: Visitor, demo: Demo) -> None:
    opened(emily, demo, "Forged", sender=("Eva Marešová", "eva.maresova@bublina.example"), envelope="eve@zlo.example")
    page = emily.page
    warning = page.locator(".letter-content .notice.error")
    expect(warning).to_contain_text("It says that it is from your own company, and it is not proven to be.")
    expect(warning).to_contain_text("Be careful with what it asks for.")
    expect(page.locator(".proof > summary")).to_contain_text("sender in doubt")


@pytest.mark.parametrize("looks", LOOKS)
def test_an_invitation_is_a_card_in_the_readers_language(
    at_demo: Callable[..., Visitor], demo: Demo, looks: dict[str, object]
) -> None:
    tomas = at_demo("Tomáš Beneš", **looks)
    files = (("pozvánka.ics", "text/calendar", INVITATION.encode()),)
    opened(tomas, demo, "Pozvánka", sender=VERA, files=files, headers={"Auto-Submitted": "auto-generated"})
    page = tomas.page
    card = page.locator(".invitation")
    expect(card.get_by_role("heading")).to_have_text("Předvedení praček <b>2026</b>")
    expect(card).to_contain_text("úterý 12. května 2026, 16:00–17:30")
    expect(card).to_contain_text("New York")
    expect(card).to_contain_text("Zasedačka v prvním patře")
    expect(page.locator(".letter-content .files")).to_have_count(0)
    page.locator(".proof > summary").click()
    expect(page.locator(".proof-panel")).to_be_visible()
    assert tomas.sideways <= 0
    assert page.evaluate(AUDIT) == []
    # The name of an open letter is whole, however many marks stand beside it.
    name = page.locator(".letter[open] .who .name")
    assert name.evaluate("it => it.getBoundingClientRect().right <= it.parentElement.getBoundingClientRect().right + 1")
    tomas.press("Escape")
    with page.expect_download() as download:
        card.locator("a[download]").click()
    assert Path(download.value.path()).read_bytes() == INVITATION.encode()


def test_a_letter_is_forwarded_as_a_file(emily: Visitor, demo: Demo) -> None:
    subject = opened(emily, demo, "Contract", sender=VERA, files=(("a.txt", "text/plain", b"a"),))
    page = emily.page
    emily.press("f")
    files = page.locator("#composer-files")
    expect(files).to_contain_text("a.txt")
    page.get_by_role("button", name="Send it as a file instead").click()
    expect(files).to_contain_text(f"{subject}.eml")
    expect(files).not_to_contain_text("a.txt")
    expect(page.locator(".composer-kinds .button[value=forward]")).to_have_attribute("aria-pressed", "true")
    page.locator("#to").fill("anna.berger@waschsalon-berger.example")
    page.get_by_role("button", name="Send", exact=True).click()
    sent = page.locator(".entry-outgoing")
    expect(sent.locator(".sending.done")).to_be_visible()
    with page.expect_download() as download:
        sent.get_by_role("link", name=re.compile(r"Download .*\.eml")).click()
    raw = Path(download.value.path()).read_bytes()
    assert raw.startswith(b"Return-Path: <vera.mala@posta.example>")
    assert subject.encode() in raw
