"""The attacks of `hostile_html`, each with exactly what is left of it; and all of them in a real browser."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright
from selectolax.lexbor import LexborHTMLParser

from podatelna.mail.html import display_text, index_text, safe_html
from tests.browser.chromium import running_chromium

from .hostile_html import HOSTILE

ATTRIBUTES = set(
    "href name target rel title src alt usemap style class id width height bgcolor border align valign color face size"
    " cellpadding cellspacing shape coords open lang background".split()
)
PLACE = "https://mail.test/"
COVERING = """[...document.querySelectorAll("*")]
    .filter(one => /fixed|absolute|sticky/.test(getComputedStyle(one).position)).length"""


def own(cid: str) -> str | None:
    return "/parts/1" if cid == "logo@acme" else None


@pytest.mark.parametrize(("html", "left", "blocked"), HOSTILE)
def test_exactly_this_is_left(html: str, left: str, blocked: int) -> None:
    made = safe_html(html, remote=False, cid_url=own)

    assert (made.html, made.blocked) == (left, blocked)


@pytest.mark.parametrize(("html", "left", "blocked"), HOSTILE)
def test_no_attribute_is_left_that_acts(html: str, left: str, blocked: int) -> None:
    tree = LexborHTMLParser(safe_html(html, remote=True, cid_url=own).html)

    for node in tree.css("body *"):
        assert set(node.attributes) <= ATTRIBUTES
        assert re.match(r"(?:https?|mailto):", node.attributes.get("href") or "https:")
        for name in ("src", "background"):
            assert re.match(r"https?://|/parts/1$|data:image/png;", node.attributes.get(name) or "/parts/1")


@pytest.mark.parametrize(("html", "left", "blocked"), HOSTILE)
def test_what_is_safe_stays_as_it_is(html: str, left: str, blocked: int) -> None:
    again = safe_html(left, remote=False, cid_url=lambda _: None).html

    assert "<script" not in again
    assert again.count("<style>") <= 1
    display_text(html).encode()
    index_text(html).encode()


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with sync_playwright() as playwright, running_chromium(playwright, tmp_path_factory.mktemp("home")) as browser:
        yield browser


class Watch:
    """A page that shows one document after another and notes what it asked for and what ran."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.html = ""
        self.asked: list[str] = []
        page.add_init_script("window.ran = []; window.hit = what => window.ran.push(what); window.alert = window.hit;")
        page.route("**/*", self._answer)

    def _answer(self, route: Route) -> None:
        if route.request.url == PLACE:
            route.fulfill(body=f"<!DOCTYPE html><meta charset=utf-8><body>{self.html}", content_type="text/html")
        else:
            self.asked.append(route.request.url)
            route.abort()

    def show(self, html: str) -> tuple[list[str], list[object]]:
        """What the document asked for, and what ran in it."""
        self.html = html
        self.asked.clear()
        self.page.goto(PLACE)
        # Two frames are painted: what waits for layout (backgrounds, list images) has been asked for then.
        self.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return list(self.asked), self.page.evaluate("window.ran")


@pytest.mark.browser
def test_in_chromium_nothing_runs_and_nothing_is_asked_for(chromium: Browser) -> None:
    watch = Watch(chromium.new_page())

    # Without the filter it would: the watch sees what it must see.
    asked, ran = watch.show("<img src=https://e/x onerror=hit(1)><p style='background:url(//e/y)'>a</p>")
    assert (sorted(asked), ran) == (["https://e/x", "https://e/y"], [1])

    for html, _, _ in HOSTILE:
        asked, ran = watch.show(safe_html(html, remote=False, cid_url=own).html)
        assert (set(asked) - {f"{PLACE}parts/1"}, ran) == (set(), []), html
        assert watch.page.evaluate(COVERING) == 0, html
        assert watch.page.url == PLACE, html
        tall = watch.page.evaluate("document.documentElement.scrollHeight")
        assert tall < 20_000, html


@pytest.mark.browser
def test_in_chromium_remote_images_load_when_asked_for_and_nothing_else_does(chromium: Browser) -> None:
    watch = Watch(chromium.new_page())
    kinds: set[str] = set()
    watch.page.on("request", lambda request: kinds.add(request.resource_type))

    asked, ran = watch.show("".join(safe_html(html, remote=True, cid_url=own).html for html, _, _ in HOSTILE))

    assert ran == []
    assert "https://e/pixel.gif?id=1" in asked
    assert kinds == {"document", "image"}
