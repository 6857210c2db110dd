"""From an empty folder to a letter that rules give to somebody and file, and that the substitute answers."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.servers import SECRET, Box, Dovecot, Receiver
from tests.servers import until as until_then

from .chromium import OpenBrowser, Visitor
from .houses import Installation, running_installation
from .test_first_run import ENGLISH, PASSWORD, becomes_the_first_administrator

ADDRESS = "helpdesk@acme.example"
OLD, NEW, PLAIN = "Complaint about order 4711", "Complaint about order 4712", "A question about opening hours"


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Nothing but an empty folder."""
    with running_installation(tmp_path / "data", undo_seconds=1) as installation:
        yield installation


@pytest.mark.dovecot
def test_rules_hand_a_letter_out_and_file_it_and_the_substitute_answers(
    installation: Installation, open_browser: OpenBrowser, dovecot: Dovecot, receiver: Receiver
) -> None:
    dan, carol, eve = (open_browser(installation.url, language="en") for _ in range(3))
    dan.accepted = ["status of 4(10|22)"]
    becomes_the_first_administrator(dan, installation.link, ENGLISH)
    adds(dan, "Alice Malá"), adds(dan, "Bob Novák")
    joins(carol, adds(dan, "Carol Veselá"))
    joins(eve, adds(dan, "Eve Cizí"))
    makes_a_process_of_three_with_a_holiday(dan)
    box = dovecot.mailbox("rules-story")
    connects_its_mailbox(dan, dovecot, receiver, box.user)
    box.put(written(OLD))
    carol.go("/desk/all/")
    expect(carol.row(OLD)).to_have_count(1)

    two_rules_are_written(dan)
    they_are_put_in_order_and_rehearsed(dan)
    mail_arrives_and_is_assigned_and_filed(carol, box)
    bob_is_away_and_carol_stands_in(dan)
    the_substitute_answers(carol, receiver)
    there = carol.page.url.removeprefix(installation.url)
    an_outsider_sees_nothing(eve, there)
    the_administrator_reads_no_mail_either(dan, there)


def adds(dan: Visitor, name: str) -> str:
    """Somebody more works here; their one-time link."""
    dan.go("/administration/people/")
    page = dan.page
    page.locator("#id_name").fill(name)
    page.locator("#id_email").fill(f"{name.split()[0].lower()}@acme.example")
    page.get_by_role("button", name="Add and make a one-time link").click()
    return page.locator(".link-panel input").input_value()


def joins(person: Visitor, link: str) -> None:
    person.page.goto(link)
    person.page.locator("#id_password1").fill(PASSWORD)
    person.page.locator("#id_password2").fill(PASSWORD)
    person.page.get_by_role("button", name="Save and sign in").click()
    expect(person.page.locator("#rail")).to_be_visible()


def makes_a_process_of_three_with_a_holiday(dan: Visitor) -> None:
    page = dan.page
    dan.go("/administration/processes/")
    page.locator("#id_name").fill("Helpdesk")
    page.get_by_role("button", name="Make the process").click()
    for name, role in (("Alice Malá", "lead"), ("Bob Novák", "member"), ("Carol Veselá", "member")):
        page.locator("#team #id_person").select_option(label=name)
        page.locator("#team #id_role").select_option(role)
        page.get_by_role("button", name="Add to the team").click()
        expect(page.locator("#team .people")).to_contain_text(name)
    page.get_by_role("link", name="Hours and targets").click()
    page.locator("#closed #id_name").fill("Company holiday")
    page.locator("#closed #id_first").fill("2031-12-29")
    page.get_by_role("button", name="Add the days").click()
    expect(page.locator("#closed .rows")).to_contain_text("Company holiday")


def connects_its_mailbox(dan: Visitor, dovecot: Dovecot, receiver: Receiver, login: str) -> None:
    page = dan.page
    dan.go("/administration/gateways/new/")
    page.locator("#id_address").fill(ADDRESS)
    page.get_by_role("button", name="Continue").click()
    page.locator("#id_process").select_option(label="Helpdesk")
    for side, port in (("imap", dovecot.imap_port), ("smtp", receiver.port)):
        page.locator(f"#id_{side}_host").fill("127.0.0.1")
        page.locator(f"#id_{side}_port").fill(str(port))
        page.locator(f"#id_{side}_security").select_option(label=ENGLISH.security)
    page.locator("#id_imap_login").fill(login)
    page.locator("#id_imap_password").fill(SECRET)
    page.locator("#id_smtp_sign_in").select_option(label=ENGLISH.no_sign_in)
    page.get_by_role("button", name="Save and begin to fetch").click()
    expect(page.locator("#main")).to_contain_text(ADDRESS)


def bob_is_away_and_carol_stands_in(dan: Visitor) -> None:
    page = dan.page
    dan.go("/administration/people/")
    page.get_by_role("link", name="Bob Novák").click()
    dan.go(f"/people/{page.url.rstrip('/').rsplit('/', 1)[-1]}/absence/")
    page.locator("#id_substitute").select_option(label="Carol Veselá")  # from today, until somebody ends it
    page.get_by_role("button", name="Enter", exact=True).click()
    expect(page.locator("#main")).to_contain_text("Carol Veselá stands in")


def two_rules_are_written(dan: Visitor) -> None:
    """One gives everything that the partner writes to Bob and stops; one files complaints. In the wrong order."""
    page = dan.page
    begins_a_rule(dan, "All of this partner", "Sender", "@acme-partner.example")
    page.get_by_label("Stop here").check()
    does(dan, "Give it to a person")
    page.get_by_label("Person", exact=True).select_option(label="Bob Novák")
    is_saved(dan)

    begins_a_rule(dan, "Complaints", "Subject", "reklamace\ncomplaint")
    does(dan, "File it under a case")
    page.get_by_label("Pattern of the number").fill("order ([0-9+")
    is_tried(dan)
    expect(page.locator("#rehearsal")).to_contain_text("The pattern cannot be understood")
    page.get_by_label("Pattern of the number").fill("(order [0-9]+)")
    page.get_by_role("button", name="Add an action").click()
    expect(page.locator("[name=action]")).to_have_count(2)
    page.get_by_label("What is done").last.select_option(label="Put a tag on")
    page.get_by_label("Tag", exact=True).fill("complaint")
    is_tried(dan)
    expect(page.locator("#rehearsal")).to_contain_text("1 of them would have been touched")
    expect(page.locator("#rehearsal")).not_to_contain_text(OLD)  # who administers reads no mail
    is_saved(dan)


def begins_a_rule(dan: Visitor, name: str, field: str, lines: str) -> None:
    page = dan.page
    dan.go("/administration/rules/")
    page.get_by_role("link", name="Rule for mail that comes").first.click()
    page.get_by_label("What is asked").select_option(label=field)
    page.get_by_label("Words, one of the lines must match").fill(lines)
    page.get_by_label("Name of the rule").fill(name)
    page.get_by_label(ADDRESS).check()


def does(dan: Visitor, deed: str) -> None:
    """The first action; the form comes again with what this one needs to know."""
    with dan.page.expect_response("**/administration/rules/new/"):
        dan.page.get_by_label("What is done").select_option(label=deed)


def is_tried(dan: Visitor) -> None:
    with dan.page.expect_response("**/administration/rules/rehearsal/"):
        dan.page.locator("#try-rule").click()


def is_saved(dan: Visitor) -> None:
    dan.page.get_by_role("button", name="Save the rule").click()
    dan.page.wait_for_url("**/administration/rules/")


def they_are_put_in_order_and_rehearsed(dan: Visitor) -> None:
    """The rule that stops stands above; the other is dragged over it."""
    page = dan.page
    names = page.locator(".ordered li a")
    expect(names).to_have_text(["All of this partner", "Complaints"])
    upper, lower = page.locator(".ordered li").first, page.locator(".ordered li").last
    lower.locator(".grip").drag_to(upper, target_position={"x": 30, "y": 3})
    expect(names).to_have_text(["Complaints", "All of this partner"])
    page.get_by_role("link", name="Try this order").click()
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("#rehearsal")).to_contain_text("1 message looked at, 1 of them would have been touched")
    tried = page.locator(".rehearsed li")
    expect(tried).to_have_count(1)
    for name in ("Complaints", "All of this partner"):
        expect(tried).to_contain_text(name)


def mail_arrives_and_is_assigned_and_filed(carol: Visitor, box: Box) -> None:
    """What came before the rules is as it was; of what comes, each rule does its part."""
    carol.go("/desk/all/")
    box.put(written(NEW), written(PLAIN))
    for subject in (NEW, PLAIN):
        expect(carol.row(subject)).to_have_count(1)
        expect(carol.row(subject).get_by_role("img", name="Bob Novák")).to_have_count(1)
    carol.open(PLAIN)
    expect(carol.page.locator("#conversation")).not_to_contain_text("order 4712")
    carol.open(NEW)
    shown = carol.page.locator("#conversation")
    expect(shown.locator(".tag")).to_contain_text("complaint")
    expect(shown).to_contain_text("order 4712")
    for name in ("Complaints", "All of this partner"):
        expect(shown).to_contain_text(f"The rule “{name}” matched")
    carol.go("/cases/")
    expect(carol.page.locator("#main")).to_contain_text(f"order 4712: {NEW}")


def the_substitute_answers(carol: Visitor, receiver: Receiver) -> None:
    page = carol.page
    carol.go("/desk/standing-in/")
    expect(carol.row(PLAIN)).to_have_count(1)
    expect(carol.row(OLD)).to_have_count(0)
    carol.open(NEW)
    page.get_by_role("button", name="Reply", exact=True).click()
    page.locator("#text").fill("We will exchange it.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".entry-outgoing")).to_contain_text("Sent")
    until_then(lambda: len(receiver.taken) == 1, "the answer did not leave")
    answer = message_from_bytes(receiver.taken[0].raw, policy=SMTP)
    assert receiver.taken[0].mail_from == ADDRESS
    assert str(answer["Subject"]) == f"Re: {NEW}"


def an_outsider_sees_nothing(eve: Visitor, there: str) -> None:
    eve.accepted = ["404"]
    eve.go(there)
    expect(eve.page.locator("body")).not_to_contain_text("4712")
    eve.go("/search/?q=complaint")
    expect(eve.page.locator("#main")).not_to_contain_text("4712")
    eve.go("/cases/")
    expect(eve.page.locator("body")).not_to_contain_text("4712")
    eve.go("/desk/all/")
    expect(eve.page.locator("#rows .row-item")).to_have_count(0)
    expect(eve.page.locator("#rail .count")).to_have_count(0)
    expect(eve.page.locator("#rail")).not_to_contain_text("Helpdesk")


def the_administrator_reads_no_mail_either(dan: Visitor, there: str) -> None:
    dan.accepted += ["404"]
    dan.go(there)
    expect(dan.page.locator("body")).not_to_contain_text("4712")


def written(subject: str) -> bytes:
    """A letter of Jana's, who is outside."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "Jana Nováková <jana@acme-partner.example>"
    message["To"] = ADDRESS
    message["Subject"] = subject
    message["Date"] = "Mon, 04 May 2026 10:00:00 +0200"
    message["Message-ID"] = f"<{subject.replace(' ', '-')}@acme-partner.example>"
    message.set_content("Hello,\r\n\r\nplease answer.\r\n")
    return message.as_bytes()
