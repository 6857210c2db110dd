"""Make docs/screenshots from the demo, in the system's Chromium: `make screenshots`."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screenshots"
LARGEST = 300_000  # bytes of one picture
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
_START_SECONDS = 120
_ANSWERS_SECONDS = 40  # until partners have answered what was on the desk at the start


def main() -> None:
    """Start the demo, wait for its mail, look at it, end it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo() as url, sync_playwright() as playwright:
        time.sleep(_ANSWERS_SECONDS)
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            take_all(browser, url)
        finally:
            browser.close()
    for path in sorted(FOLDER.glob("*.png")):
        size = path.stat().st_size
        print(f"{path.relative_to(ROOT)}  {size // 1000} kB")
        if size > LARGEST:
            sys.exit(f"{path.name} is larger than {LARGEST // 1000} kB")


def take_all(browser: Browser, url: str) -> None:
    """Every picture that the README and the docs show."""
    with signed_in(browser, url, "Emily Carter") as page:
        open_conversation(page, url, "Order of four more")
        shoot(page, "desk")
    with signed_in(browser, url, "Emily Carter", dark=True) as page:
        open_conversation(page, url, "Order of four more")
        shoot(page, "desk-dark")
    with signed_in(browser, url, "Petr Novotný", size=PHONE) as page:
        # The rail is folded away on a phone: go where its link leads.
        href = page.locator("a[href^='/desk/']", has_text="Helpdesk").first.get_attribute("href") or ""
        page.goto(url.rstrip("/") + href)
        shoot(page, "desk-phone")
    with signed_in(browser, url, "Jana Horáková", language="cs-CZ") as page:
        open_conversation(page, url, "Reklamace pračky")
        shoot(page, "conversation-cs")
    with signed_in(browser, url, "Martin Svoboda", language="cs-CZ") as page:
        page.goto(f"{url}administration/gateways/")
        page.get_by_role("link", name="helpdesk@bublina.example").first.click()
        shoot(page, "gateway")


@contextmanager
def demo() -> Iterator[str]:
    """The running demo's address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "podatelna.run.cli", "demo", f"--port={port}"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    give_up = time.monotonic() + _START_SECONDS
    try:
        assert process.stdout
        for line in process.stdout:
            if "ready" in line:
                yield f"http://127.0.0.1:{port}/"
                return
            if time.monotonic() > give_up:
                break
        sys.exit("the demo did not start")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


@contextmanager
def signed_in(
    browser: Browser,
    url: str,
    name: str,
    size: dict[str, int] = WIDE,
    dark: bool = False,
    language: str = "en-GB",
) -> Iterator[Page]:
    """A page of somebody who chose to be `name` on the demo's first page."""
    context = browser.new_context(
        viewport=size,  # type: ignore[arg-type]  # a TypedDict of playwright's own
        color_scheme="dark" if dark else "light",
        locale=language,
        timezone_id="Europe/Prague",
    )
    page = context.new_page()
    page.goto(url)
    page.get_by_role("button", name=name).click()
    page.wait_for_load_state("networkidle")
    yield page
    context.close()


def open_conversation(page: Page, url: str, subject: str) -> None:
    """Open the conversation from the list of its process, as a person would."""
    page.goto(url)
    page.get_by_role("link", name="Helpdesk" if subject.startswith("Rek") else "Obchod").first.click()
    page.wait_for_load_state("networkidle")
    page.get_by_text(subject).first.click()
    page.wait_for_load_state("networkidle")


def shoot(page: Page, name: str) -> None:
    """Take the picture when nothing moves any more."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(700)
    page.screenshot(path=str(FOLDER / f"{name}.png"), animations="disabled")


def chromium() -> str:
    """The system's browser; the one that tests use when they say so."""
    found = os.environ.get("TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    return found or sys.exit("Chromium is missing: sudo apt-get install chromium")


if __name__ == "__main__":
    main()
