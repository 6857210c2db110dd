"""People at a browser: Chromium pages that also remember everything the browser complained about."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Locator,
    Page,
    Playwright,
    Request,
    Route,
    expect,
)

PATIENCE = 30_000  # ms; only a failing test waits so long, or one that waits for a partner to answer
WIDE = (1440, 900)
PHONE = (360, 740)
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
_PICTURE = bytes.fromhex("47494638396101000100800000ff0000ffffff21f90400000000002c00000000010001000002024401003b")

# Inside the page, before anything of it runs: a violation of the policy names its place, the console alone would not.
_TELL = """
document.addEventListener("securitypolicyviolation", (event) => {
  const { effectiveDirective, blockedURI, sourceFile, lineNumber, sample } = event;
  console.error(`policy violated: ${effectiveDirective} ${blockedURI} ${sample} (${sourceFile}:${lineNumber})`);
});
"""


def find_chromium() -> str:
    """The path of the system's Chromium. Without one the test is skipped; where CI=true it fails."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None and Path("/usr/bin/chromium").exists():
        path = "/usr/bin/chromium"
    if path is None and os.environ.get("CI") == "true":
        pytest.fail("Chromium is not installed: the CI must have it")
    if path is None:
        pytest.skip("Chromium is not installed")
    return path


class Visitor:
    """Somebody at a browser window on the desk at `base`; their session is their own."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.context, self.base = context, base
        self.complaints: list[str] = []  # of the console, uncaught errors, dialogs: nothing of it may be
        self.outside: list[str] = []  # requests to anybody but the desk
        self.accepted: list[str] = []  # regular expressions of complaints that a test causes on purpose
        self.expected_outside: list[str] = []
        context.set_default_timeout(PATIENCE)
        context.set_default_navigation_timeout(PATIENCE)
        context.add_init_script(_TELL)
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))
        context.on("dialog", self._asked)
        context.on("request", self._requested)
        context.route(self._is_outside, self._answer_for_outside)
        self.page: Page = context.new_page()

    # --- what one does

    def go(self, path: str) -> None:
        """Type an address."""
        self.page.goto(self.base + path)

    def become(self, name: str) -> None:
        """Choose on the demo's first page whom to be: one click."""
        self.go("/")
        self.page.get_by_role("button", name=name).click()
        self.page.wait_for_url("**/desk/**")

    def row(self, subject: str) -> Locator:
        """The row of a conversation in the list."""
        return self.page.locator("#rows .row-item").filter(has_text=subject)

    def open(self, subject: str) -> None:
        """Click on a row and wait until its conversation is there."""
        self.row(subject).locator(".row-link").click()
        self.heading(subject).wait_for()

    def heading(self, subject: str) -> Locator:
        """The heading of the open conversation."""
        return self.page.locator("#conversation h1").filter(has_text=subject)

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def find(self, words: str) -> None:
        """Search with keys, from anywhere but a text field."""
        self.press("/")
        expect(self.page.locator("#search")).to_be_focused()
        with self.page.expect_navigation():
            self.page.keyboard.type(words)
            self.press("Enter")

    def undo(self) -> None:
        """Click the Undo of the newest toast."""
        self.page.locator("#toasts .undo").last.click()

    # --- what one sees

    @property
    def sideways(self) -> int:
        """How many pixels the page is wider than its window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))

    def unexpected(self) -> list[str]:
        """Complaints that no test has accepted."""
        return [text for text in self.complaints if not any(re.search(known, text) for known in self.accepted)]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            place = message.location.get("url", "").removeprefix(self.base)
            self.complaints.append(f"{message.type}: {message.text} [{place}]")

    def _asked(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _requested(self, request: Request) -> None:
        if self._is_outside(request.url):
            self.outside.append(request.url)

    def _is_outside(self, url: str) -> bool:
        return not url.startswith((self.base + "/", "data:", "blob:", "about:"))

    def _answer_for_outside(self, route: Route) -> None:
        # No test reaches the real network: a picture is a red point, everything else is not there.
        if route.request.resource_type == "image":
            route.fulfill(body=_PICTURE, content_type="image/gif")
        else:
            route.abort()


OpenBrowser = Callable[..., Visitor]


@contextmanager
def running_chromium(playwright: Playwright, home: Path) -> Iterator[Browser]:
    """The browser; its profile and whatever else it writes is below `home`."""
    environment: dict[str, str | float | bool] = {**os.environ, "HOME": str(home), "TMPDIR": str(home)}
    browser = playwright.chromium.launch(executable_path=find_chromium(), args=_ARGUMENTS, env=environment)
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def visitors(browser: Browser) -> Iterator[OpenBrowser]:
    """Opens Visitors; at the end their windows are closed, and none may have had anything to complain of.

    The function takes `base` (the desk's address without a slash at its end), and by name `language` (cs or en),
    `size` (px) and `dark`.
    """
    opened: list[Visitor] = []

    def open_browser(base: str, *, language: str = "cs", size: tuple[int, int] = WIDE, dark: bool = False) -> Visitor:
        scheme: Literal["dark", "light"] = "dark" if dark else "light"
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale={"cs": "cs-CZ", "en": "en-GB"}[language],
            timezone_id="Europe/Prague",
            color_scheme=scheme,
        )
        opened.append(Visitor(context, base))
        return opened[-1]

    try:
        yield open_browser
        for visitor in opened:
            visitor.page.evaluate("0")  # what the page had to say until now has been heard
            assert visitor.unexpected() == [], visitor.unexpected()  # this file's asserts are not rewritten by pytest
            assert visitor.outside == visitor.expected_outside
    finally:
        for visitor in opened:
            visitor.context.close()
