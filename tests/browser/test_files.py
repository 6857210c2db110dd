"""Files go out with what is written, and come down again byte for byte."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import FilePayload, expect

from .chromium import Visitor
from .houses import Demo

PDF = b"%PDF-1.4\n" + bytes(range(256)) * 40


def test_a_file_is_attached_sent_and_downloaded_again(petr: Visitor, demo: Demo, tmp_path: Path) -> None:
    subject = str(demo.write("Pošlete prosím ceník")["Subject"])
    petr.go("/desk/unassigned/")
    petr.open(subject)
    page = petr.page
    petr.press("r")
    page.locator("#text").fill("Ceník je v příloze.")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Přiložit soubory").click()
    files: list[FilePayload] = [
        {"name": "ceník žluťoučký.pdf", "mimeType": "application/pdf", "buffer": PDF},
        {"name": "omyl.txt", "mimeType": "text/plain", "buffer": b"omyl"},
    ]
    chooser.value.set_files(files)
    attached = page.locator("#composer-files")
    expect(attached.locator("li")).to_have_count(2)
    expect(attached).to_contain_text("ceník žluťoučký.pdf")
    attached.locator("li").filter(has_text="omyl.txt").get_by_role("button").click()
    expect(attached.locator("li")).to_have_count(1)
    page.reload()
    expect(attached).to_contain_text("ceník žluťoučký.pdf")

    expect(page.locator("#text")).to_have_value("Ceník je v příloze.")
    page.get_by_role("button", name="Odeslat", exact=True).click()
    sent = page.locator(".entry-outgoing")
    expect(sent).to_contain_text("Odesláno")
    expect(sent).to_contain_text("ceník žluťoučký.pdf")
    with page.expect_download() as download:
        sent.get_by_role("link", name="Stáhnout ceník žluťoučký.pdf").click()
    assert download.value.suggested_filename == "ceník žluťoučký.pdf"
    download.value.save_as(tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == PDF
