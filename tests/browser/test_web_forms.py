"""A form that was made in the administration, pasted into a page elsewhere and sent: its message is on the desk."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect

from .chromium import PATIENCE, Visitor


class Site:
    """A web site of the company, on an origin of its own; `page` is what it shows."""

    def __init__(self) -> None:
        self.page = ""
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = f"<!doctype html><meta charset=utf-8><title>Site</title>{site.page}".encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Page]:
    """Somebody outside, who may go anywhere."""
    context = chromium.new_context(locale="en-GB")
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    assert context.cookies() == []
    context.close()


def fill_in(page: Page, subject: str) -> None:
    page.fill("[name=name]", "Eva Křížová")
    page.fill("[name=email]", "eva.krizova@posta.example")
    page.fill("[name=subject]", subject)
    page.fill("[name=message]", "Dobrý den,\nkdy máte otevřeno?")
    page.click("button")


def test_what_is_written_on_a_page_elsewhere_is_on_the_desk_within_seconds(
    at_demo: Callable[..., Visitor], petr: Visitor, site: Site, visit: Page
) -> None:
    plain, scripted = makes_a_form(at_demo("Martin Svoboda"), site.origin)
    petr.go("/desk/unassigned/")
    first, second = (f"Otevírací doba {secrets.token_hex(3)}" for _ in range(2))

    site.page = plain
    visit.goto(site.origin)
    fill_in(visit, first)
    expect(visit.locator("h1")).to_have_text("Message sent")
    expect(petr.row(first)).to_have_count(1)

    site.page = scripted
    visit.goto(site.origin)
    fill_in(visit, second)
    expect(visit.locator("[role=status]")).not_to_be_empty()
    assert visit.url == f"{site.origin}/"
    expect(visit.locator("[name=message]")).to_have_value("")
    expect(petr.row(second)).to_have_count(1)

    petr.open(second)
    expect(petr.page.locator(".entry-message")).to_contain_text("kdy máte otevřeno?")
    expect(petr.page.locator("#conversation .notice.warn").first).to_be_visible()


def test_a_page_that_is_not_allowed_brings_nothing(at_demo: Callable[..., Visitor], site: Site, visit: Page) -> None:
    plain, _ = makes_a_form(at_demo("Martin Svoboda"), "https://elsewhere.example")
    site.page = plain
    visit.goto(site.origin)
    fill_in(visit, "Nepatří sem")
    expect(visit.locator("h1")).to_have_text("Message not sent")


def makes_a_form(martin: Visitor, origin: str) -> tuple[str, str]:
    """The administrator makes one for pages of `origin`; what is to be pasted, without and with a script."""
    martin.go("/administration/forms/new/")
    martin.page.fill("#id_name", f"Kontakt {secrets.token_hex(3)}")
    martin.page.select_option("#id_address", "helpdesk@bublina.example")
    martin.page.fill("#id_origins", origin)
    with martin.page.expect_navigation():
        martin.page.locator("form.wide button.primary").click()
    texts = martin.page.locator("textarea[wrap=off]")
    return texts.nth(0).input_value(), texts.nth(1).input_value()
