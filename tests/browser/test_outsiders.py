"""Who is not let in finds nothing: not the conversation, not its files, not a trace in lists and search."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from .chromium import OpenBrowser, Visitor
from .houses import Demo

SECRET = "tajemství4711"


def addresses_of(petr: Visitor, demo: Demo) -> list[str]:
    """Everything that can be asked of a conversation with a file."""
    letter = demo.write("Důvěrné", f"Jen pro helpdesk: {SECRET}\n", files=(("a.txt", "text/plain", b"a"),))
    petr.go("/desk/unassigned/")
    petr.open(str(letter["Subject"]))
    page = petr.page
    conversation = page.url.removeprefix(petr.base).partition("?")[0]
    file = page.get_by_role("link", name="Stáhnout a.txt").get_attribute("href") or ""
    message = file.partition("parts/")[0]
    alone = message[message.index("/messages/") :]
    return [
        conversation,
        f"{conversation}changed",
        *(f"{base}{rest}" for base in (message, alone) for rest in ("", "body", "headers", "original", "parts/1")),
        file,
        f"{file}?inline",
    ]


def test_somebody_of_another_process_gets_404(at_demo: Callable[..., Visitor], petr: Visitor, demo: Demo) -> None:
    addresses = addresses_of(petr, demo)
    tomas = at_demo("Tomáš Beneš")
    tomas.accepted = ["status of 404"]
    for address in addresses:
        assert petr.context.request.get(petr.base + address).status == 200, address
        assert tomas.context.request.get(tomas.base + address).status == 404, address
    tomas.go(addresses[0])
    expect(tomas.page.get_by_role("heading", level=1)).to_have_text("Tady to není")
    tomas.go(f"/search/?q={SECRET}")
    expect(tomas.page.locator("#list")).to_contain_text("Nic se nenašlo")
    petr.go(f"/search/?q={SECRET}")
    expect(petr.page.locator("#rows .row-item")).to_have_count(1)


def test_who_is_not_signed_in_is_asked_who_they_are(open_browser: OpenBrowser, petr: Visitor, demo: Demo) -> None:
    addresses = addresses_of(petr, demo)
    stranger = open_browser(demo.url)
    for address in addresses:
        answer = stranger.context.request.get(demo.url + address)
        assert "/demo/" in answer.url
        assert SECRET not in answer.text()


def test_what_was_given_to_an_outsider_they_see_and_nothing_else(
    at_demo: Callable[..., Visitor], petr: Visitor, demo: Demo
) -> None:
    addresses = addresses_of(petr, demo)
    martin = at_demo("Martin Svoboda")  # an administrator, and in the helpdesk; not in sales
    sales = str(demo.write("Jen pro obchod", to="obchod")["Subject"])
    tomas = at_demo("Tomáš Beneš")
    tomas.go("/desk/unassigned/")
    tomas.open(sales)
    assert martin.context.request.get(martin.base + addresses[0]).status == 200
    assert martin.context.request.get(tomas.page.url).status == 404
