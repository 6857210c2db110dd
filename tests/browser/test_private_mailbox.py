"""Somebody hands a letter over from their own mailbox: connected, moved, given to a colleague, answered, seen by nobody
else."""

from __future__ import annotations

import imaplib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import expect

from podatelna.run.demo.company import MAILBOX_PASSWORD
from tests.cast import a_mail

from .chromium import Visitor
from .houses import Demo

EMILY = "emily.carter@bublina.example"


@contextmanager
def mail_program(emily: Visitor) -> Iterator[imaplib.IMAP4]:
    """Emily's own mail program; the port stands on her page."""
    port = int(emily.page.locator("#id_imap_port").input_value())
    with imaplib.IMAP4("127.0.0.1", port) as client:
        client.login(EMILY, MAILBOX_PASSWORD)
        yield client


def answered(visitor: Visitor, subject: str, sender: str, text: str) -> None:
    """Answer from the address `sender`."""
    visitor.press("r")
    visitor.page.locator("#sender").select_option(sender)
    visitor.page.locator("#text").fill(text)
    visitor.press("Control+Enter")
    expect(visitor.page.locator(".entry-outgoing").filter(has_text=text)).to_have_count(1)


def test_a_letter_is_handed_over_answered_by_a_colleague_and_seen_by_nobody_else(
    at_demo: Callable[..., Visitor], demo: Demo
) -> None:
    emily, tomas, martin = (at_demo(name) for name in ("Emily Carter", "Tomáš Beneš", "Martin Svoboda"))
    subject, secret = f"Confidential offer {secrets.token_hex(3)}", f"secret{secrets.token_hex(6)}"

    # She connects her own mailbox, which an administrator has prepared.
    emily.go("/preferences/mailbox/")
    emily.page.locator("#id_imap_password").fill(MAILBOX_PASSWORD)
    emily.page.get_by_role("button", name="Connect my mailbox").click()
    expect(emily.page.get_by_role("link", name="Transcript")).to_be_visible()

    # She moves a letter into the folder; it comes onto her personal desk and stands in the other folder.
    letter = a_mail(subject, f"{secret}\n", to=EMILY, sender="Karel Vondráček <karel.vondracek@posta.example>")
    with mail_program(emily) as program:
        program.append('"Hand over"', "", imaplib.Time2Internaldate(0), letter)
        emily.page.get_by_role("link", name="Personal desk").click()
        emily.open(subject)
        program.select('"Handed over"')
        assert program.search(None, "ALL")[1] != [b""]

    # By key: to her colleagues of a process, who may answer in her name.
    emily.press("Shift+H")
    emily.page.get_by_label("They may answer from my address").check()
    emily.page.get_by_role("button", name="Hand over to Obchod").click()
    emily.heading(subject).wait_for()
    expect(emily.page.locator("#toasts .undo")).to_have_count(1)

    tomas.go("/desk/unassigned/")
    tomas.open(subject)
    expect(tomas.page.locator("#conversation")).to_contain_text(secret)
    answered(tomas, subject, "tomas.benes@bublina.example", "Píšu sám za sebe.")
    answered(tomas, subject, EMILY, "Píšu za Emily.")

    # She sees who wrote what, and what was said to her mail server.
    for text in ("Píšu sám za sebe.", "Píšu za Emily."):
        expect(emily.page.locator(".entry-outgoing").filter(has_text=text)).to_contain_text("Tomáš Beneš")
    emily.go("/preferences/mailbox/transcript/")
    expect(emily.page.locator("main")).to_contain_text('SELECT "Hand over"')
    expect(emily.page.locator("main")).not_to_contain_text("INBOX")

    # The administrator and somebody else see nothing of it.
    there = tomas.page.url
    for other in (martin, at_demo("Eva Marešová")):
        other.accepted += ["404"]
        other.page.goto(there)
        expect(other.page.locator("body")).not_to_contain_text(secret)
        other.go(f"/search/?q={secret}")
        expect(other.page.locator("#main")).not_to_contain_text(subject)
        other.go("/desk/all/")
        expect(other.row(subject)).to_have_count(0)
