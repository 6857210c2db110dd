"""The desk by pointing: one click to be somebody, then lists, answers and several conversations at once."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from .chromium import PHONE, WIDE, OpenBrowser, Visitor
from .houses import Demo


def in_rail(visitor: Visitor, name: str) -> int:
    """The count beside a view in the rail."""
    words = visitor.page.locator("#rail-lists a").filter(has_text=name).locator(".count").inner_text()
    found = re.search(r"\d+", words)
    assert found is not None
    return int(found[0])


def test_one_click_and_one_is_at_ones_work(open_browser: OpenBrowser, demo: Demo) -> None:
    visitor = open_browser(demo.url, language="cs")
    visitor.go("/")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Kým chcete být?")
    expect(visitor.page.locator(".cast button")).to_have_count(6)
    visitor.page.get_by_role("button", name="Eva Marešová").click()
    expect(visitor.page).to_have_url(re.compile("/desk/mine/"))
    expect(visitor.page.locator("#rail")).to_contain_text("Eva Marešová")
    visitor.page.get_by_role("link", name="Být někým jiným").click()
    visitor.page.get_by_role("button", name="Emily Carter").click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("My work")


def test_each_sees_the_processes_they_are_in_and_their_mail_only(at_demo: Callable[..., Visitor], demo: Demo) -> None:
    subject = str(demo.write("Poptávka sušiček", to="obchod")["Subject"])
    tomas = at_demo("Tomáš Beneš")
    expect(tomas.page.locator("#rail-lists")).to_contain_text("Obchod")
    expect(tomas.page.locator("#rail-lists")).not_to_contain_text("Helpdesk")
    tomas.page.locator("#rail-lists a").filter(has_text="Obchod").click()
    expect(tomas.row(subject)).to_have_count(1)
    petr = at_demo("Petr Novotný")
    petr.go("/desk/all/")
    expect(petr.row("Průmyslová pračka")).to_have_count(1)
    expect(petr.row(subject)).to_have_count(0)


def test_a_letter_is_taken_answered_and_closed(petr: Visitor, demo: Demo) -> None:
    subject = str(demo.write("Kde koupit prášek")["Subject"])
    page = petr.page
    page.locator("#rail-lists a").filter(has_text="Nepřidělené").click()
    petr.open(subject)
    expect(petr.row(subject)).not_to_have_class(re.compile("unread"))

    page.get_by_role("button", name="Převzít", exact=True).filter(visible=True).first.click()
    expect(page.locator(".assign summary")).to_contain_text("Petr Novotný")
    expect(page.locator("#toasts")).to_contain_text("Vrátit zpět")

    page.get_by_role("button", name="Odpovědět", exact=True).click()
    page.locator("#text").fill("Prášek koupíte v každé drogerii.")
    page.get_by_role("button", name="Odeslat a uzavřít").click()
    expect(page.locator(".entry-outgoing")).to_contain_text("Prášek koupíte v každé drogerii.")
    expect(page.locator(".conversation-facts")).to_contain_text("uzavřená")

    page.locator("#rail-lists a").filter(has_text="Uzavřené").click()
    expect(petr.row(subject)).to_have_count(1)


def test_news_never_lies_over_the_buttons_that_come_next(petr: Visitor, demo: Demo) -> None:
    subject = str(demo.write("Hned další")["Subject"])
    petr.go("/desk/unassigned/")
    petr.open(subject)
    for size in (WIDE, (1024, 768), PHONE):
        petr.page.set_viewport_size({"width": size[0], "height": size[1]})
        news = petr.page.locator("#toasts .toast")
        petr.page.locator("#conversation button[data-key=e]").click()
        expect(news).not_to_have_count(0)
        toast = news.last.bounding_box()
        buttons = petr.page.locator(".composer-buttons").bounding_box()
        assert toast is not None
        assert buttons is not None
        beside = toast["x"] + toast["width"] <= buttons["x"]
        above = toast["y"] + toast["height"] <= buttons["y"]
        assert beside or above, size


def test_counts_follow_what_is_done(petr: Visitor, demo: Demo) -> None:
    subject = str(demo.write("Počítám")["Subject"])
    petr.go("/desk/unassigned/")
    petr.open(subject)
    mine = in_rail(petr, "Moje práce")
    petr.page.get_by_role("button", name="Převzít", exact=True).filter(visible=True).first.click()
    expect(petr.page.locator("#rail-lists a").filter(has_text="Moje práce")).to_contain_text(str(mine + 1))
    expect(petr.row(subject)).to_have_count(0)
    petr.undo()
    expect(petr.row(subject)).to_have_count(1)
    expect(petr.page.locator("#rail-lists a").filter(has_text="Moje práce")).to_contain_text(str(mine))


def test_several_are_closed_at_once_and_brought_back(petr: Visitor, demo: Demo) -> None:
    subjects = [str(demo.write(f"Reklama {number}")["Subject"]) for number in range(3)]
    petr.go("/desk/unassigned/")
    for subject in subjects:
        petr.row(subject).wait_for()
    for subject in subjects:
        petr.row(subject).hover()
        petr.row(subject).locator("input[type=checkbox]").check()
    expect(petr.page.locator("#selected-count")).to_contain_text("3")
    petr.page.locator("#selection").get_by_role("button", name="Uzavřít").click()
    for subject in subjects:
        expect(petr.row(subject)).to_have_count(0)
    petr.undo()
    for subject in subjects:
        expect(petr.row(subject)).to_have_count(1)


def test_back_and_forward_go_where_one_was(petr: Visitor, demo: Demo) -> None:
    first, second = (str(demo.write(name)["Subject"]) for name in ("První", "Druhý"))
    petr.go("/desk/unassigned/")
    petr.open(first)
    petr.open(second)
    petr.page.go_back()
    petr.heading(first).wait_for()
    petr.page.go_back()
    expect(petr.page).to_have_url(re.compile("/desk/unassigned/$"))
    expect(petr.page.locator("#conversation")).not_to_contain_text(first)
    petr.page.go_forward()
    petr.heading(first).wait_for()
    petr.page.reload()
    petr.heading(first).wait_for()
    expect(petr.row(first).locator(".row-link")).to_have_attribute("aria-current", "true")


def test_language_and_looks_are_changed_in_the_menu(at_demo: Callable[..., Visitor]) -> None:
    emily = at_demo("Emily Carter", language="en")
    page = emily.page
    page.locator(".person-menu summary").click()
    page.get_by_role("button", name="Čeština").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Moje práce")
    page.locator(".person-menu summary").click()
    page.get_by_role("button", name="Tmavý").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator(".person-menu summary").click()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My work")
    page.locator(".person-menu summary").click()
    page.get_by_role("button", name="As the system").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "system")
