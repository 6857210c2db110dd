"""What happens while one watches: mail, colleagues, answers; and what was typed is never lost."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .chromium import Visitor
from .houses import Demo

KAREL = ("Karel Vondráček", "karel.vondracek@posta.example")  # a partner of the demo, who answers


@pytest.fixture
def jana(at_demo: Callable[..., Visitor]) -> Visitor:
    """Jana Horáková, who works in the helpdesk too."""
    return at_demo("Jana Horáková")


@pytest.fixture
def subject(demo: Demo) -> str:
    """The subject of a new letter to the helpdesk."""
    return str(demo.write("Naléhavá prosba")["Subject"])


def opened(visitor: Visitor, subject: str) -> Visitor:
    """Go to the list of what nobody has, and open the letter."""
    visitor.go("/desk/unassigned/")
    visitor.open(subject)
    return visitor


def test_new_mail_appears_without_reloading_and_nothing_moves(petr: Visitor, demo: Demo, subject: str) -> None:
    opened(petr, subject)
    petr.page.evaluate("window.stayed = true")
    letter = demo.write("Přišlo před chvílí")
    expect(petr.row(str(letter["Subject"]))).to_have_count(1)
    expect(petr.row(str(letter["Subject"]))).to_have_class(re.compile("unread"))
    expect(petr.heading(subject)).to_be_visible()
    assert petr.page.evaluate("window.stayed") is True


def test_another_letter_of_the_same_matter_joins_the_open_conversation(petr: Visitor, demo: Demo) -> None:
    first = demo.write("Rozbité kolečko")
    opened(petr, str(first["Subject"]))
    petr.page.evaluate("window.stayed = true")
    demo.write("", "Ještě dodávám výrobní číslo 77-1234.", answers=first)
    expect(petr.page.locator(".entry-message")).to_have_count(2)
    expect(petr.page.locator(".entry-message").last).to_contain_text("77-1234")
    assert petr.page.evaluate("window.stayed") is True


def test_a_draft_survives_a_reload(petr: Visitor, subject: str) -> None:
    opened(petr, subject).press("r")
    petr.page.locator("#text").fill("Rozepsaná odpověď, kterou")
    expect(petr.page.locator("[data-save-state]")).to_have_text("Uloženo")
    petr.page.reload()
    expect(petr.page.locator("#text")).to_have_value("Rozepsaná odpověď, kterou")


def test_what_could_not_be_saved_is_kept_in_the_browser_until_it_can(petr: Visitor, subject: str) -> None:
    opened(petr, subject).press("r")
    text = petr.page.locator("#text")
    text.fill("Píšu ve vlaku.")
    expect(petr.page.locator("[data-save-state]")).to_have_text("Uloženo")
    petr.accepted += ["ERR_INTERNET_DISCONNECTED"]
    petr.context.set_offline(True)
    text.fill("Píšu ve vlaku, v tunelu.")
    expect(petr.page.locator("[data-save-state]")).to_contain_text("Neuloženo")
    petr.context.set_offline(False)
    expect(petr.page.locator("[data-save-state]")).to_have_text("Uloženo")
    petr.page.reload()
    expect(text).to_have_value("Píšu ve vlaku, v tunelu.")


def test_two_in_one_conversation_see_each_other(petr: Visitor, jana: Visitor, subject: str) -> None:
    opened(petr, subject)
    opened(jana, subject)
    presence = petr.page.locator("#conversation [data-presence]")
    expect(presence).to_have_text("Jana Horáková se dívá")
    expect(jana.page.locator("#conversation [data-presence]")).to_have_text("Petr Novotný se dívá")
    jana.press("r")
    # Nobody writes all in one moment: as long as she writes, he sees it.
    for _ in range(100):
        jana.page.locator("#text").press_sequentially("píšu ")
        if presence.inner_text() == "Jana Horáková píše…":
            break
    expect(presence).to_have_text("Jana Horáková píše…")
    jana.go("/desk/mine/")
    expect(presence).to_have_text("")


def test_sending_is_stopped_when_a_colleague_has_answered_meanwhile(petr: Visitor, jana: Visitor, subject: str) -> None:
    opened(petr, subject).press("r")
    petr.page.locator("#text").fill("Pošlete nám prosím fotografii.")
    opened(jana, subject).press("r")
    jana.page.locator("#text").fill("Technik přijede zítra v osm.")
    jana.press("Control+Enter")
    expect(jana.page.locator(".entry-outgoing")).to_contain_text("Technik přijede zítra v osm.")

    petr.page.locator("#text").focus()
    petr.press("Control+Enter")
    stop = petr.page.locator(".overtaken")
    expect(stop).to_contain_text("Počkejte: zatímco jste psali, něco přišlo. Nic se neodeslalo.")
    expect(stop).to_contain_text("Jana Horáková")
    expect(stop).to_contain_text("Technik přijede zítra v osm.")
    expect(petr.page.locator("#text")).to_have_value("Pošlete nám prosím fotografii.")
    expect(petr.page.locator(".entry-outgoing")).not_to_contain_text(["Pošlete nám prosím fotografii."])

    petr.page.get_by_role("button", name="Přesto odeslat").click()
    expect(petr.page.locator(".entry-outgoing").filter(has_text="Pošlete nám prosím fotografii.")).to_have_count(1)


def test_a_partner_answers_back_into_the_same_conversation(petr: Visitor, demo: Demo) -> None:
    letter = demo.write("Chyba E19", sender=KAREL)
    opened(petr, str(letter["Subject"])).press("r")
    petr.page.evaluate("window.stayed = true")
    petr.page.locator("#text").fill("Vyčistěte prosím filtr čerpadla.")
    petr.press("Control+Enter")
    expect(petr.page.locator(".entry-outgoing")).to_contain_text("Odesláno")
    expect(petr.page.locator(".entry-message")).to_have_count(2)
    expect(petr.page.locator(".entry-message").last).to_contain_text("chyba E18 zmizela")
    assert petr.page.evaluate("window.stayed") is True


def test_a_refused_address_is_said_in_the_conversation_with_what_to_do(petr: Visitor, demo: Demo) -> None:
    gone = ("Josef Bárta", "josef.barta@stara-schranka.example")
    letter = demo.write("Ještě k těsnění", sender=gone)
    opened(petr, str(letter["Subject"])).press("r")
    petr.page.locator("#text").fill("Těsnění je na cestě.")
    petr.press("Control+Enter")
    failed = petr.page.locator(".entry-outgoing .notice.error")
    expect(failed).to_contain_text("Neodesláno")
    expect(failed).to_contain_text("mailbox does not exist any more")
    failed.get_by_role("button", name="Znovu upravit").click()
    expect(petr.page.locator("#text")).to_have_value(re.compile("Těsnění je na cestě."))


def test_news_that_come_after_one_has_gone_back_are_dropped(petr: Visitor, subject: str) -> None:
    opened(petr, subject)
    page, held = petr.page, []
    page.route("**/changed?*", lambda route: held.append(route))
    with page.expect_request("**/changed?*"):
        page.evaluate("""document.body.dispatchEvent(new CustomEvent("desk:conversation-changed"))""")
    page.go_back()
    expect(petr.heading(subject)).to_have_count(0)
    with page.expect_response("**/changed?*"):
        held[0].continue_()
    page.unroute_all(behavior="wait")
    expect(petr.row(subject)).to_be_visible()
    expect(petr.heading(subject)).to_have_count(0)


def test_what_one_did_is_told_although_news_came_in_between(petr: Visitor, subject: str) -> None:
    opened(petr, subject)
    page, held = petr.page, []
    page.route("**/closure", lambda route: held.append(route))
    with page.expect_request("**/closure"):
        page.get_by_role("button", name="Uzavřít", exact=True).click()
    page.evaluate("""document.querySelector(".conversation-head").replaceWith(
        document.querySelector(".conversation-head").cloneNode(true))""")  # as news do
    held[0].continue_()
    expect(page.locator("#toasts")).to_contain_text("Konverzace je uzavřena.")
    expect(page.locator("#conversation")).to_contain_text("Znovu otevřít")
