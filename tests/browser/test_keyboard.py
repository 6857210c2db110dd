"""The desk without a mouse: lists, reading, answering, handing on, finding."""

from __future__ import annotations

import re
import secrets

import pytest
from playwright.sync_api import Page, expect

from .chromium import Visitor
from .houses import Demo


def row_in_focus(page: Page) -> str | None:
    """The number of the conversation whose row has the focus."""
    found: str | None = page.evaluate("document.activeElement.closest('.row-item')?.dataset.id ?? null")
    return found


def walk_to(visitor: Visitor, subject: str) -> None:
    """Press j until the row of `subject` has the focus."""
    visitor.row(subject).wait_for()
    for _ in range(60):
        visitor.press("j")
        if subject in str(visitor.page.evaluate("document.activeElement.textContent")):
            return
    raise AssertionError(f"j does not lead to {subject!r}")


@pytest.fixture
def letter(demo: Demo, petr: Visitor) -> str:
    """The subject of a new letter that Petr has open, opened with keys alone."""
    subject = str(demo.write("Dotaz na záruku")["Subject"])
    petr.press("g", "a")
    petr.page.wait_for_url("**/desk/all/")
    walk_to(petr, subject)
    petr.press("o")
    petr.heading(subject).wait_for()
    return subject


def test_j_and_k_walk_through_the_list_and_the_open_row_is_named(petr: Visitor, demo: Demo) -> None:
    # In what was found nothing moves while one walks; elsewhere mail may come in between.
    mark = secrets.token_hex(4)
    subjects = [str(demo.write(f"Krok {number} {mark}")["Subject"]) for number in range(3)]
    petr.go("/desk/unassigned/")
    for subject in subjects:
        petr.row(subject).wait_for()
    petr.find(mark)
    first, second, third = petr.page.locator("#rows .row-item").evaluate_all("rows => rows.map(row => row.dataset.id)")
    petr.press("j")
    assert row_in_focus(petr.page) == first
    petr.press("j")
    assert row_in_focus(petr.page) == second
    petr.press("j", "j")
    assert row_in_focus(petr.page) == third
    petr.press("k")
    assert row_in_focus(petr.page) == second
    petr.press("Enter")
    expect(petr.page.locator('#rows [aria-current="true"]')).to_have_count(1)
    expect(petr.page.locator(f'.row-item[data-id="{second}"] .row-link')).to_have_attribute("aria-current", "true")
    expect(petr.page).to_have_url(re.compile(rf"/conversations/{second}/"))
    petr.press("u")
    assert row_in_focus(petr.page) == second


def test_an_answer_is_written_taken_back_and_sent(letter: str, petr: Visitor) -> None:
    text = petr.page.locator("#text")
    petr.press("r")
    expect(text).to_be_focused()
    petr.page.keyboard.type("Záruka platí dva roky.")
    petr.press("Control+Enter")
    ours = petr.page.locator(".entry-outgoing")
    expect(ours).to_contain_text("Záruka platí dva roky.")
    expect(text).to_have_count(0)

    # The Undo is one Tab away from where one stands.
    expect(ours.locator(".sending")).to_be_focused()
    petr.press("Tab")
    expect(ours.get_by_role("button", name="Vrátit zpět")).to_be_focused()
    petr.press("Enter")
    expect(text).to_have_value(re.compile("Záruka platí dva roky."))
    expect(ours).to_have_count(0)

    expect(text).to_be_focused()
    petr.page.keyboard.type(" I na motor.")
    petr.press("Control+Enter")
    expect(ours).to_contain_text("Odesláno")
    expect(ours).to_contain_text("Záruka platí dva roky. I na motor.")


def test_a_conversation_is_closed_and_the_closing_taken_back(letter: str, petr: Visitor) -> None:
    petr.press("e")
    expect(petr.row(letter)).to_have_count(0)
    expect(petr.page.locator("#toasts")).to_contain_text("Konverzace je uzavřena.")
    petr.undo()
    expect(petr.row(letter)).to_have_count(1)
    expect(petr.page.locator(".conversation-facts")).to_contain_text("otevřená")


def test_after_closing_one_goes_on_with_the_next(petr: Visitor, demo: Demo) -> None:
    mark = secrets.token_hex(4)
    for number in range(3):
        demo.write(f"Stoh {number} {mark}")
    petr.go("/desk/unassigned/")
    rows = petr.row(mark)
    expect(rows).to_have_count(3)
    before, middle, after = (rows.nth(place).get_attribute("data-id") for place in range(3))
    walk_to(petr, rows.nth(1).locator(".row-subject").inner_text())
    petr.press("o")
    expect(petr.page).to_have_url(re.compile(f"/conversations/{middle}/"))
    petr.press("e")
    expect(rows).to_have_count(2)
    petr.press("j")
    assert row_in_focus(petr.page) == after
    petr.press("k")
    assert row_in_focus(petr.page) == before


def test_z_takes_back_what_was_done_last(letter: str, petr: Visitor) -> None:
    petr.press("r")
    expect(petr.page.locator("#text")).to_be_focused()
    petr.page.keyboard.type("Posílám návod.")
    petr.press("Control+Enter")
    expect(petr.page.locator("#toasts .undo")).to_have_count(1)
    expect(petr.page.locator("#text")).to_have_count(0)
    petr.press("z")
    expect(petr.page.locator("#text")).to_have_value(re.compile("Posílám návod."))
    expect(petr.page.locator(".entry-outgoing")).to_have_count(0)
    petr.page.locator("[data-discard]").focus()
    petr.press("Enter")
    expect(petr.page.locator(".composer-buttons .button").first).to_be_focused()
    petr.press("e")
    expect(petr.page.locator("#toasts .undo")).to_have_count(1)
    petr.press("z")
    expect(petr.row(letter)).to_have_count(1)
    expect(petr.page.locator(".conversation-facts")).to_contain_text("otevřená")


def test_addresses_are_suggested_and_taken_with_keys(letter: str, petr: Visitor) -> None:
    petr.press("f")
    to = petr.page.locator("#to")
    expect(to).to_be_focused()
    petr.page.keyboard.type("neznamy@posta.example, vera")
    option = petr.page.get_by_role("option", name="vera.mala@posta.example")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(to).to_have_attribute("aria-expanded", "true")
    expect(to).to_have_attribute("aria-activedescendant", option.get_attribute("id") or "none")
    petr.press("Escape")
    expect(option).to_be_hidden()
    expect(to).to_have_value("neznamy@posta.example, vera")
    petr.press("ArrowDown")
    expect(option).to_be_visible()
    petr.press("Enter")
    expect(to).to_have_value("neznamy@posta.example, Věra Malá <vera.mala@posta.example>, ")
    expect(to).to_be_focused()
    # Who stands there already is not offered again; a whole address is left as it is typed.
    petr.page.keyboard.type("vera")
    expect(to).to_have_attribute("aria-expanded", "false")
    petr.press("Control+a")
    petr.page.keyboard.type("vera.mala@posta")
    expect(option).to_be_visible()
    petr.press("Tab")
    expect(to).to_have_value("vera.mala@posta")
    expect(to).not_to_be_focused()


def test_a_conversation_is_given_to_a_colleague(letter: str, petr: Visitor) -> None:
    petr.press("m")
    items = petr.page.locator(".assign .menu-items")
    expect(items.locator("button").first).to_be_focused()
    jana = items.get_by_role("button", name="Jana Horáková")
    for _ in range(10):
        if jana.evaluate("button => button === document.activeElement"):
            break
        petr.press("ArrowDown")
    petr.press("Enter")
    expect(petr.page.locator(".assign summary")).to_contain_text("Jana Horáková")
    expect(petr.page.locator(".timeline")).to_contain_text("Jana Horáková")


def test_a_note_for_colleagues(letter: str, petr: Visitor) -> None:
    petr.press("n")
    expect(petr.page.locator("#text")).to_be_focused()
    petr.page.keyboard.type("Je to stálý zákazník.")
    petr.press("Control+Enter")
    expect(petr.page.locator(".note")).to_contain_text("Je to stálý zákazník.")
    expect(petr.page.locator(".note")).to_contain_text("poznámka, vidí ji jen kolegové")


def test_search_finds_czech_forms_and_missing_diacritics(demo: Demo, petr: Visitor) -> None:
    letter = demo.write("Zboží na zahradu", "Dobrý den,\n\npíšu kvůli žluté houpačce z vašeho katalogu.\n")
    subject = str(letter["Subject"])
    petr.go("/desk/unassigned/")
    petr.row(subject).wait_for()
    for words in ("žluté houpačce", "zlute houpacky", "ZLUTA houpacka"):
        petr.find(f"{words} {subject.rpartition(' ')[2]}")
        expect(petr.row(subject)).to_have_count(1)
        expect(petr.row(subject).locator("mark").first).to_be_visible()


def test_question_mark_shows_all_keys(petr: Visitor) -> None:
    petr.press("?")
    keys = petr.page.get_by_role("dialog", name="Klávesnice")
    expect(keys).to_be_visible()
    petr.press("Escape")
    expect(keys).to_be_hidden()


def test_the_palette_goes_anywhere(petr: Visitor) -> None:
    petr.press("Control+k")
    expect(petr.page.get_by_role("combobox")).to_be_focused()
    petr.page.keyboard.type("nepřid")
    expect(petr.page.get_by_role("option").first).to_contain_text("Nepřidělené")
    petr.press("Enter")
    expect(petr.page).to_have_url(re.compile("/desk/unassigned/"))


def test_keys_are_letters_while_one_writes(letter: str, petr: Visitor) -> None:
    petr.press("r")
    expect(petr.page.locator("#text")).to_be_focused()
    petr.page.keyboard.type("e? /nejuk")
    expect(petr.page.locator("#text")).to_have_value("e? /nejuk")
    expect(petr.row(letter)).to_have_count(1)


def test_a_colleague_and_a_canned_answer_are_called_by_a_sign(letter: str, petr: Visitor) -> None:
    conversation = petr.page.url
    petr.go("/preferences/texts/")
    petr.page.locator("form [name=name]").last.fill("Díky za zprávu")
    petr.page.locator("form [name=text]").last.fill("Dobrý den, děkujeme.\nOzveme se zítra.")
    petr.page.locator("form:has([name=text]) button.primary").last.click()
    petr.page.get_by_text("Díky za zprávu").first.wait_for()
    petr.page.goto(conversation)
    petr.heading(letter).wait_for()

    petr.press("n")
    text = petr.page.locator("#text")
    expect(text).to_be_focused()
    petr.page.keyboard.type("Prosím, @jan")
    option = petr.page.locator("[role=option]", has_text="Jana Horáková")
    expect(option).to_have_attribute("aria-selected", "true")
    petr.press("Enter")
    expect(text).to_have_value(re.compile(r"^Prosím, @Jana Horáková $"))
    expect(option).to_be_hidden()

    petr.page.keyboard.type("koukni.")
    petr.press("Control+Enter")
    expect(petr.page.locator(".entry-note")).to_contain_text("@Jana Horáková koukni.")
    petr.press("r")
    expect(text).to_be_focused()
    petr.page.keyboard.type("/diky")
    expect(petr.page.locator("[role=option]", has_text="Díky za zprávu")).to_be_visible()
    petr.press("Tab")
    expect(text).to_have_value(re.compile(r"^Dobrý den, děkujeme\.\nOzveme se zítra\."))
