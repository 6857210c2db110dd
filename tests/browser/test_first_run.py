"""From an empty folder to an answered letter: what an administrator meets on the first afternoon, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.servers import SECRET, Box, Dovecot, Receiver, free_port
from tests.servers import until as until_then

from .chromium import OpenBrowser, Visitor
from .houses import Installation, running_installation

PASSWORD = "modrý slon pod mostem"
SENT = "Odeslaná pošta"


@dataclass(frozen=True)
class Words:
    """What the story's people read and press."""

    language: str
    welcome: str
    set_up: tuple[str, str, str, str, str]  # labels of the first form, in its order
    continue_: str
    save_and_continue: str
    link_for: str
    add: str
    welcome_name: str
    sign_in: str
    test: str
    load: str
    save: str
    refused: tuple[str, str]  # what happened, what to do
    closed: tuple[str, str]
    missing: tuple[str, str]
    works: str
    not_yet: str
    security: str
    no_sign_in: str
    processed: str
    reply: str
    send: str
    sent: str


CZECH = Words(
    language="cs",
    welcome="Vítejte v Podatelně",
    set_up=("Firma", "Vaše jméno", "Vaše e-mailová adresa", "Heslo", "Heslo znovu"),
    continue_="Pokračovat",
    save_and_continue="Uložit a pokračovat",
    link_for="Jednorázový odkaz",
    add="Přidat a vytvořit jednorázový odkaz",
    welcome_name="Vítejte, Bob Novák",
    sign_in="Uložit a přihlásit se",
    test="Vyzkoušet připojení",
    load="Načíst složky ze serveru",
    save="Uložit a začít pracovat",
    refused=("Server odmítl přihlašovací jméno nebo heslo.", "Zadejte obojí znovu."),
    closed=("na tomto portu nic nenaslouchá", "Zkontrolujte port"),
    missing=("Složka na serveru není.", "Načtěte složky a jednu z nich vyberte"),
    works="Všechno funguje.",
    not_yet="Všechno ještě nefunguje.",
    security="Žádné (jen server na tomto počítači)",
    no_sign_in="Bez přihlášení, server poštu přijímá i tak",
    processed="Zpracováno",
    reply="Odpovědět",
    send="Odeslat",
    sent="Odesláno",
)
ENGLISH = Words(
    language="en",
    welcome="Welcome to Podatelna",
    set_up=("Company", "Your name", "Your e-mail address", "Password", "Password again"),
    continue_="Continue",
    save_and_continue="Save and continue",
    link_for="A one-time link for",
    add="Add and make a one-time link",
    welcome_name="Welcome, Bob Novák",
    sign_in="Save and sign in",
    test="Test the connection",
    load="Load folders from the server",
    save="Save and go to the desk",
    refused=("The server refused the login or the password.", "Type both again."),
    closed=("nothing listens on this port", "Check the port"),
    missing=("The folder is not on the server.", "Load the folders and choose one of them"),
    works="Everything works.",
    not_yet="Not everything works yet.",
    security="None (a server on this computer only)",
    no_sign_in="None, the server takes mail without it",
    processed="Processed",
    reply="Reply",
    send="Send",
    sent="Sent",
)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Nothing but an empty folder; a sent reply can be taken back for one second."""
    with running_installation(tmp_path / "data", undo_seconds=1) as installation:
        yield installation


@pytest.mark.dovecot
@pytest.mark.parametrize("words", [pytest.param(CZECH, id="Czech"), pytest.param(ENGLISH, id="English")])
def test_from_an_empty_folder_to_an_answered_letter(
    installation: Installation, open_browser: OpenBrowser, dovecot: Dovecot, receiver: Receiver, words: Words
) -> None:
    dan = open_browser(installation.url, language=words.language)
    box = dovecot.mailbox(f"helpdesk-{words.language}")
    with box.session() as owner:
        owner.create_folder(SENT)
    dan.accepted = ["status of 4(10|22)"]
    becomes_the_first_administrator(dan, installation.link, words)
    adds_bob(dan, open_browser(installation.url, language=words.language), words)
    makes_the_helpdesk(dan, words)
    connects_its_mailbox(dan, dovecot, receiver, box.user, words)
    letter = a_letter_arrives(dan, box, words)
    answer = it_is_answered(dan, receiver, letter, words)
    until_then(lambda: box.raws(SENT) == [receiver.taken[0].raw], "the mailbox has no copy of it")
    the_partner_answers_into_the_same_conversation(dan, box, answer)


def becomes_the_first_administrator(dan: Visitor, link: str, words: Words) -> None:
    page = dan.page
    dan.go("/")  # before the link is used: where to look for it
    expect(page.get_by_role("heading", level=1)).to_have_text(words.welcome)
    page.goto(link)
    company, name, email, password, again = (page.get_by_label(label, exact=True) for label in words.set_up)
    company.fill("ACME s.r.o.")
    name.fill("Dan Dvořák")
    email.fill("dan@acme.example")
    password.fill("dan")
    again.fill("dan")
    page.get_by_role("button", name=words.continue_).click()
    expect(page.locator(".field.invalid")).to_have_count(1)  # far too short a password
    expect(company).to_have_value("ACME s.r.o.")
    password.fill(PASSWORD)
    again.fill(PASSWORD)
    page.get_by_role("button", name=words.continue_).click()
    page.wait_for_url("**/guide/**")

    second = dan.context.new_page()
    second.goto(link)  # it was good once
    expect(second.locator("form input[type=password]")).to_have_count(0)
    second.close()


def adds_bob(dan: Visitor, bob: Visitor, words: Words) -> None:
    dan.go("/administration/guide/people/")
    page = dan.page
    page.locator("#id_name").fill("Bob Novák")
    page.locator("#id_email").fill("bob@acme.example")
    page.get_by_role("button", name=words.add).click()
    expect(page.get_by_role("status").filter(has_text=words.link_for)).to_be_visible()
    bob.page.goto(page.locator(".link-panel input").input_value())
    expect(bob.page.get_by_role("heading", level=1)).to_have_text(words.welcome_name)
    bob.page.locator("#id_password1").fill(PASSWORD)
    bob.page.locator("#id_password2").fill(PASSWORD)
    bob.page.get_by_role("button", name=words.sign_in).click()
    expect(bob.page.locator("#rail")).to_contain_text("Bob Novák")


def makes_the_helpdesk(dan: Visitor, words: Words) -> None:
    page = dan.page
    page.get_by_role("link", name=words.continue_, exact=True).click()
    page.wait_for_url("**/guide/process/")
    page.locator("#id_name").fill("Helpdesk")
    page.get_by_label("Bob Novák").check()
    page.get_by_role("button", name=words.save_and_continue).click()
    page.wait_for_url("**/guide/mailbox/")


def connects_its_mailbox(dan: Visitor, dovecot: Dovecot, receiver: Receiver, login: str, words: Words) -> None:
    page = dan.page
    page.locator("#id_address").fill("helpdesk@acme.example")
    page.get_by_role("button", name=words.continue_).click()
    # What is usual for the domain is filled in; here the servers are elsewhere.
    expect(page.locator("#id_imap_host")).to_have_value("imap.acme.example")
    page.locator("#id_process").select_option(label="Helpdesk")
    page.locator("#id_display_name").fill("Péče o zákazníky ACME")
    page.locator("#id_signature").fill("Tým ACME")
    for side, port in (("imap", dovecot.imap_port), ("smtp", receiver.port)):
        page.locator(f"#id_{side}_host").fill("127.0.0.1")
        page.locator(f"#id_{side}_port").fill(str(port))
        page.locator(f"#id_{side}_security").select_option(label=words.security)
    page.locator("#id_imap_login").fill(login)
    page.locator("#id_smtp_sign_in").select_option(label=words.no_sign_in)

    page.locator("#id_imap_password").fill("uhodnuté")
    it_fails(dan, words, words.refused)
    page.locator("#id_imap_password").fill(SECRET)
    page.locator("#id_imap_port").fill(str(free_port()))
    it_fails(dan, words, words.closed)
    page.locator("#id_imap_port").fill(str(dovecot.imap_port))
    page.locator("#id_folder").fill("Zaniklá složka")
    it_fails(dan, words, words.missing)

    page.get_by_role("button", name=words.load).click()
    expect(page.locator("select#id_folder")).to_contain_text("Zaniklá složka")  # still chosen, and said to be missing
    page.locator("#id_folder").select_option("INBOX")
    expect(page.locator("#id_processed_folder")).to_have_value(words.processed)
    page.locator("#id_sent_folder").select_option(SENT)
    steps = tried(dan, words)
    expect(steps.locator(".verdict")).to_contain_text(words.works)
    expect(steps.locator("li.ok")).to_have_count(11)
    expect(steps.locator("li.failed")).to_have_count(0)
    page.get_by_role("button", name=words.save).click()
    page.wait_for_url("**/desk/**")


def tried(dan: Visitor, words: Words) -> Locator:
    """Press the button; the steps, when the last has been taken."""
    dan.page.get_by_role("button", name=words.test).click()
    steps = dan.page.locator("#test-steps")
    expect(steps.locator(".verdict")).to_be_visible()
    expect(steps).to_have_attribute("aria-busy", "false")
    return steps


def it_fails(dan: Visitor, words: Words, said: tuple[str, str]) -> None:
    steps = tried(dan, words)
    failed = steps.locator("li.failed")
    expect(failed).to_have_count(1)
    for text in said:
        expect(failed).to_contain_text(text)
    expect(steps.locator(".verdict")).to_contain_text(words.not_yet)
    expect(steps).not_to_contain_text(SECRET)


def a_letter_arrives(dan: Visitor, box: Box, words: Words) -> EmailMessage:
    dan.go("/desk/all/")
    dan.page.evaluate("window.stayed = true")
    letter = written("Reklamace žehličky", "Dobrý den,\r\n\r\nžehlička nehřeje.\r\n")
    box.put(letter.as_bytes())
    expect(dan.row("Reklamace žehličky")).to_have_count(1)
    assert dan.page.evaluate("window.stayed") is True
    until_then(lambda: box.raws(words.processed) == [letter.as_bytes()], "it was not moved to the processed folder")
    return letter


def it_is_answered(dan: Visitor, receiver: Receiver, letter: EmailMessage, words: Words) -> EmailMessage:
    page = dan.page
    dan.open("Reklamace žehličky")
    page.get_by_role("button", name=words.reply, exact=True).click()
    page.locator("#text").fill("Pošlete nám ji prosím, vyměníme ji.")
    page.get_by_role("button", name=words.send, exact=True).click()
    expect(page.locator(".entry-outgoing")).to_contain_text(words.sent)
    (taken,) = receiver.taken
    answer = message_from_bytes(taken.raw, policy=SMTP)
    assert isinstance(answer, EmailMessage)
    assert taken.rcpt_to == ["jana@acme-partner.example"]
    assert (taken.mail_from, str(answer["To"])) == ("helpdesk@acme.example", str(letter["From"]))
    assert str(answer["From"]) == "Péče o zákazníky ACME <helpdesk@acme.example>"
    assert str(answer["Subject"]) == "Re: Reklamace žehličky"
    assert str(answer["In-Reply-To"]) == str(letter["Message-ID"])
    body = answer.get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith("Pošlete nám ji prosím, vyměníme ji.")
    assert "Tým ACME" in body.get_content()
    return answer


def the_partner_answers_into_the_same_conversation(dan: Visitor, box: Box, answer: EmailMessage) -> None:
    page = dan.page
    back = written("Re: Reklamace žehličky", "Dobře, posílám ji zítra.\r\n", answers=answer)
    box.put(back.as_bytes())
    expect(page.locator(".entry-message")).to_have_count(2)
    expect(page.locator(".entry-message").last).to_contain_text("Dobře, posílám ji zítra.")
    expect(dan.row("Reklamace žehličky")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/conversations/\d+/"))
    assert page.evaluate("window.stayed") is True


def written(subject: str, text: str, answers: EmailMessage | None = None) -> EmailMessage:
    """A letter of Jana's, who is outside."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "Jana Nováková <jana@acme-partner.example>"
    message["To"] = "helpdesk@acme.example"
    message["Subject"] = subject
    message["Date"] = "Mon, 04 May 2026 10:00:00 +0200"
    message["Message-ID"] = f"<{len(subject)}.{len(text)}@acme-partner.example>"
    if answers is not None:
        message["In-Reply-To"] = message["References"] = str(answers["Message-ID"])
    message.set_content(text)
    return message
