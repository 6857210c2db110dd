"""Every page, as a person with a phone, a keyboard or a screen reader meets it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .chromium import PHONE, WIDE, OpenBrowser, Visitor
from .houses import Demo

AUDIT = (Path(__file__).parent / "audit.js").read_text("utf-8")
# Where the focus is: the pane, the element in words, whether it is in sight and looks different.
FOCUS = """() => {
  const it = document.activeElement, box = it.getBoundingClientRect();
  const outlined = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const drawn = it.matches("iframe, body") || ["", "::before"].some((part) => outlined(getComputedStyle(it, part)));
  const inside = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
  const pane = it.closest("#rail, #list, #conversation, #side")?.id ?? "";
  return [pane, `${it.tagName} ${it.className} ${it.textContent.trim().slice(0, 30)}`, drawn && inside];
}"""
ADMINISTRATION = (
    "",
    "company/",
    "people/",
    "processes/",
    "gateways/",
    "gateways/new/",
    "shunted/",
    "outbox/",
)
LOOKS = [
    pytest.param({"size": WIDE}, id="wide"),
    pytest.param({"size": (1024, 768), "dark": True}, id="tablet, dark"),
    pytest.param({"size": PHONE}, id="phone"),
    pytest.param({"size": PHONE, "dark": True}, id="phone, dark"),
]


def addresses_of_the_desk(visitor: Visitor, subject: str) -> list[str]:
    """The desk's pages; among them those of a conversation, with something written in it, and of its message."""
    visitor.go("/desk/unassigned/")
    href = visitor.row(subject).locator(".row-link").get_attribute("href") or ""
    conversation = href.partition("?")[0]
    visitor.go(conversation)
    message = visitor.page.locator(".entry-message a[href$='/headers']").get_attribute("href") or ""
    visitor.page.locator("[data-key=r]").filter(visible=True).click()
    visitor.page.locator("#text").wait_for()
    return [
        *(f"/desk/{slug}/" for slug in ("mine", "unassigned", "all", "closed", "high", "mentions")),
        "/notices/",
        "/tasks/",
        href,
        conversation,
        message,
        message.removesuffix("headers"),
        "/search/",
        "/search/?q=pra%C4%8Dka",
        "/search/?q=nictakov%C3%A9honen%C3%AD",
        "/search/?q=from%3A",
        "/compose/",
        "/preferences/",
        "/preferences/absence/",
        "/preferences/texts/",
        "/account/password/change/",
    ]


def complaints(visitor: Visitor, address: str) -> list[str]:
    """What is wrong with the page at `address`."""
    visitor.go(address)
    visitor.page.wait_for_load_state("load")
    found: list[str] = visitor.page.evaluate(AUDIT)
    if visitor.sideways > 0:
        found.append(f"is {visitor.sideways} px wider than the window")
    return [f"{address}: {text}" for text in found]


@pytest.mark.parametrize("looks", LOOKS)
def test_pages_of_the_desk(at_demo: Callable[..., Visitor], demo: Demo, looks: dict[str, object]) -> None:
    long = "Velmi_dlouhé_slovo_bez_jediné_mezery_" * 4
    text = f"{long}\nhttps://www.example.com/{'a' * 300}\n"
    letter = demo.write(long, text, html=f"<table width=1600><tr><td>{text}</td></tr></table>",
                        files=((f"{long}.pdf", "application/pdf", b"%PDF-1.4"),))  # fmt: skip
    petr = at_demo("Petr Novotný", **looks)
    found = [
        one
        for address in addresses_of_the_desk(petr, str(letter["Subject"]).rpartition(" ")[2])
        for one in complaints(petr, address)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("looks", LOOKS)
def test_pages_of_the_administration(at_demo: Callable[..., Visitor], looks: dict[str, object]) -> None:
    martin = at_demo("Martin Svoboda", **looks)
    addresses = [f"/administration/{page}" for page in ADMINISTRATION]
    for page, pattern in (("people", "/people/"), ("processes", "/processes/"), ("gateways", "/gateways/")):
        martin.go(f"/administration/{page}/")
        links = martin.page.locator(f"#main a[href*='{pattern}']")
        hrefs = links.evaluate_all("links => links.map(link => link.getAttribute('href'))")
        # One of each: a person, a process, a gateway, its ledger.
        addresses += {"".join(c for c in href if not c.isdigit()): href for href in hrefs}.values()
    found = [one for address in dict.fromkeys(addresses) for one in complaints(martin, address)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("looks", LOOKS)
def test_pages_of_strangers(open_browser: OpenBrowser, demo: Demo, looks: dict[str, object]) -> None:
    stranger = open_browser(demo.url, language="en", **looks)
    stranger.accepted = ["status of 4(04|10)"]
    found = [
        one
        for address in ("/", "/account/login/", "/setup/wrong/", "/nowhere/")
        for one in complaints(stranger, address)
    ]
    assert not found, "\n".join(found)


def test_themes_are_light_and_dark(at_demo: Callable[..., Visitor]) -> None:
    def brightness(visitor: Visitor) -> float:
        colour = visitor.page.evaluate(
            """() => { const pixel = document.createElement("canvas").getContext("2d");
                 pixel.fillStyle = getComputedStyle(document.body).backgroundColor;
                 pixel.fillRect(0, 0, 1, 1); return [...pixel.getImageData(0, 0, 1, 1).data] }"""
        )
        return float(sum(colour[:3])) / 3

    assert brightness(at_demo("Eva Marešová")) > 200
    assert brightness(at_demo("Eva Marešová", dark=True)) < 60


def test_focus_is_seen_wherever_tab_leads(petr: Visitor, demo: Demo) -> None:
    subject = str(demo.write("Kam vede tabulátor")["Subject"])
    petr.go("/desk/unassigned/")
    petr.open(subject)
    petr.page.reload(wait_until="networkidle")
    # From the first stop of all: where a browser begins after a reload is its own affair.
    petr.page.get_by_role("link", name="Přejít k obsahu").focus()
    passed, unseen = set(), set()
    for _ in range(400):
        petr.press("Tab")
        pane, name, seen = petr.page.evaluate(FOCUS)
        passed.add(pane)
        if not seen:
            unseen.add(name)
        if pane == "side":
            break
    assert unseen == set()
    assert {"rail", "list", "conversation", "side"} <= passed


def test_the_first_tab_leads_past_the_rail(petr: Visitor) -> None:
    petr.go("/desk/all/")
    petr.press("Tab")
    skip = petr.page.get_by_role("link", name="Přejít k obsahu")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()


def test_on_a_phone_one_pane_at_a_time(at_demo: Callable[..., Visitor], demo: Demo) -> None:
    subject = str(demo.write("Z vlaku")["Subject"])
    petr = at_demo("Petr Novotný", size=PHONE)
    page = petr.page
    page.get_by_role("link", name="Nabídka", exact=True).click()
    page.locator("#rail-lists a").filter(has_text="Nepřidělené").click()
    petr.open(subject)
    expect(page.locator("#list")).to_be_hidden()
    page.get_by_role("button", name="Odpovědět", exact=True).click()
    page.locator("#text").fill("Odpovídám z telefonu.")
    expect(page.get_by_role("button", name="Odeslat", exact=True)).to_be_in_viewport()
    assert petr.sideways == 0
    expect(page.locator("[data-save-state]")).to_have_text("Uloženo")
    page.get_by_role("button", name="Zahodit koncept").click()
    page.get_by_role("link", name="Zpět na seznam").click()
    expect(petr.row(subject)).to_be_visible()
    expect(page.locator("#conversation")).to_be_hidden()


# How far right of the addressees a letter's text begins.
LEFT = """() => {
  const frame = document.querySelector("iframe.mail-frame");
  const page = frame?.contentDocument ?? document;
  const text = page.querySelector(".mail p, .letter[open] .prose p");
  const left = (element) => element?.getBoundingClientRect().left ?? 0;
  return Math.round(left(frame) + left(text) - left(document.querySelector(".addressees")));
}"""


@pytest.mark.parametrize("looks", [pytest.param({"size": WIDE}, id="wide"), pytest.param({"size": PHONE}, id="phone")])
def test_html_mail_stands_where_plain_text_stands(
    demo: Demo, at_demo: Callable[..., Visitor], looks: dict[str, tuple[int, int]]
) -> None:
    plain, styled = demo.write("Prostý"), demo.write("Zdobený", html="<p>Dobrý den,</p><p>prosím o odpověď.</p>")
    petr = at_demo("Petr Novotný", **looks)
    petr.go("/desk/unassigned/")
    petr.open(str(plain["Subject"]))
    assert petr.page.evaluate(LEFT) == 0
    petr.go("/desk/unassigned/")
    petr.open(str(styled["Subject"]))
    expect(petr.page.frame_locator("iframe.mail-frame").get_by_text("prosím o odpověď.")).to_be_visible()
    assert petr.page.evaluate(LEFT) == 0


def test_nothing_wraps_in_the_rail_beside_counts_of_three_digits(at_demo: Callable[..., Visitor]) -> None:
    petr = at_demo("Petr Novotný", size=(1024, 768))
    petr.go("/desk/all/")
    heights = petr.page.locator(".rail-item").evaluate_all(
        """items => items.map((item) => {
          for (const count of item.querySelectorAll(".count [aria-hidden]")) count.textContent = "128";
          return item.getBoundingClientRect().height;
        })"""
    )
    assert len(set(heights)) == 1
