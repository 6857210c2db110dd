"""Fixtures of the browser's tests. One demo serves all of them: each writes a letter of its own to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from .chromium import PATIENCE, OpenBrowser, Visitor, find_chromium, running_chromium, visitors
from .houses import Demo, running_demo

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests here are marked, and run one after the other also under xdist: they share one demo."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


# Not of the whole session: playwright keeps an event loop running, in which Django refuses to use its database.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Playwright, for the tests of this folder."""
    find_chromium()
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def chromium(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The browser."""
    with running_chromium(playwright, tmp_path_factory.mktemp("home")) as browser:
        yield browser


@pytest.fixture(scope="package")
def demo(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo, running, with the port of its mail server read where an administrator reads it."""
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        with visitors(chromium) as open_browser:
            demo.smtp_port = _smtp_port(open_browser(demo.url, language="en"))
        yield demo


def _smtp_port(martin: Visitor) -> int:
    martin.become("Martin Svoboda")
    martin.go("/administration/gateways/")
    martin.page.locator("#main").get_by_role("link", name="helpdesk@bublina.example").click()
    return int(martin.page.locator("#id_smtp_port").input_value())


@pytest.fixture
def open_browser(chromium: Browser) -> Iterator[OpenBrowser]:
    """Opens browser windows, each with a session of its own; afterwards none may have complained of anything."""
    with visitors(chromium) as open_browser:
        yield open_browser


@pytest.fixture
def at_demo(open_browser: OpenBrowser, demo: Demo) -> Callable[..., Visitor]:
    """Somebody of the demo's company at a browser of their own: `at_demo("Petr Novotný", size=PHONE, dark=True)`."""

    def sit_down(name: str, **looks: object) -> Visitor:
        visitor = open_browser(demo.url, **looks)
        visitor.become(name)
        return visitor

    return sit_down


@pytest.fixture
def petr(at_demo: Callable[..., Visitor]) -> Visitor:
    """Petr Novotný, who leads the helpdesk and reads Czech."""
    return at_demo("Petr Novotný")
