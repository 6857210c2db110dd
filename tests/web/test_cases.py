"""Pages of business cases: the list, a case, filing with its Undo, closing that asks, what outsiders are not told."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from podatelna.accounts.models import Person
from podatelna.archive.models import Blob
from podatelna.contacts.models import Organisation, OwnField
from podatelna.desk import case_files, cases, notes
from podatelna.desk.case_models import Case
from podatelna.desk.case_timeline import timeline
from podatelna.desk.cases import Facts
from podatelna.desk.handover import hand_over
from podatelna.desk.models import Conversation
from podatelna.desk.personal import take_in
from podatelna.desk.processes import add_member
from tests.cast import NOON, Cast, a_gateway, a_mail, a_person, receive

HTMX = {"HX-Request": "true"}


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def case(cast: Cast) -> Case:
    """A case of sales: Carol opened it and let Bob of the helpdesk in."""
    found = cases.open_case(cast.sales, Facts("Sezam", "Jana", "jana@example.cz"), cast.carol, NOON)
    cases.let_in(found, cast.bob, cast.carol, NOON)
    return found


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    raw = a_mail("Broken pump", files=[("pump.pdf", "application/pdf", b"%PDF-1.4")])
    return receive(raw, cast.helpdesk_gateway)


def shown(person: Person, url: str) -> str:
    response = signed_in(person).get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def test_case_is_opened_with_the_next_number_and_stands_in_the_list(cast: Cast) -> None:
    client = signed_in(cast.carol)
    form = {"process": cast.sales.pk, "title": "Sezam", "deadline": "2026-12-24"}
    response = client.post("/cases/new/", form)
    case = Case.objects.get()
    assert response.headers["Location"] == f"/cases/{case.pk}/"
    assert (case.title, case.deadline, case.process) == ("Sezam", date(2026, 12, 24), cast.sales)
    assert case.number in client.get("/cases/").content.decode()


def test_case_of_somebody_elses_process_is_not_opened(cast: Cast) -> None:
    assert signed_in(cast.bob).post("/cases/new/", {"process": cast.sales.pk, "title": "x"}).status_code == 422
    assert not Case.objects.exists()


def test_list_is_narrowed_and_a_number_leads_to_its_case(cast: Cast, case: Case) -> None:
    assert "Sezam" in shown(cast.carol, "/cases/?q=jana")
    assert "Sezam" not in shown(cast.carol, "/cases/?q=else")
    assert "Sezam" not in shown(cast.carol, "/cases/?state=closed")
    assert "Sezam" not in shown(cast.carol, f"/cases/?process={cast.helpdesk.pk}")
    response = signed_in(cast.carol).get(f"/cases/?q={case.number}")
    assert response.headers["Location"] == f"/cases/{case.pk}/"
    assert "Sezam" not in shown(cast.eve, f"/cases/?q={case.number}")


def test_older_cases_are_a_page_away(cast: Cast) -> None:
    for number in range(51):
        cases.open_case(cast.sales, Facts(f"Order {number}"), cast.carol, NOON)
    page = shown(cast.carol, "/cases/")
    assert "2026-0051" in page
    assert "2026-0001" not in page
    oldest_shown = Case.objects.get(number="2026-0002").pk
    assert f"before={oldest_shown}" in page
    assert "2026-0001" in shown(cast.carol, f"/cases/?before={oldest_shown}")


def test_conversation_is_filed_and_the_undo_takes_it_out(cast: Cast, case: Case, conversation: Conversation) -> None:
    client, url = signed_in(cast.bob), f"/conversations/{conversation.pk}/filing"
    page = client.get(url).content.decode()
    assert case.number in page
    assert "Bob, Carol" in page, "who will see it is said before"
    response = client.post(url, {"case": case.pk}, headers=HTMX)
    undo = json.loads(response.headers["HX-Trigger"])["desk:toast"]["undo_url"]
    assert "Broken pump" in shown(cast.carol, f"/conversations/{conversation.pk}/")
    client.post(undo, headers=HTMX)
    assert signed_in(cast.carol).get(f"/conversations/{conversation.pk}/").status_code == 404
    assert not case.filings.exists()


def test_what_was_taken_out_is_brought_back_by_its_undo(cast: Cast, case: Case, conversation: Conversation) -> None:
    cases.file(conversation, case, cast.bob, NOON)
    client = signed_in(cast.bob)
    response = client.post(f"/conversations/{conversation.pk}/filing/{case.pk}", headers=HTMX)
    undo = json.loads(response.headers["HX-Trigger"])["desk:toast"]["undo_url"]
    assert not case.filings.exists()
    client.post(undo, headers=HTMX)
    assert case.filings.get().conversation == conversation


def test_conversation_is_filed_under_a_new_case_that_begins_with_what_is_known(
    cast: Cast, conversation: Conversation
) -> None:
    client, url = signed_in(cast.bob), f"/conversations/{conversation.pk}/filing"
    assert 'value="jana@example.cz"' in client.get(url).content.decode()
    client.post(url, {"process": cast.helpdesk.pk, "title": "Pump", "contact_address": "jana@example.cz"})
    case = Case.objects.get()
    assert case.filings.get().conversation == conversation
    assert case.number in shown(cast.bob, f"/conversations/{conversation.pk}/")


def test_case_shows_its_reader_everything_filed_and_nothing_that_they_may_not_see(
    cast: Cast, case: Case, conversation: Conversation
) -> None:
    notes.add(conversation, cast.bob, "Pump was ordered", NOON)
    cases.file(conversation, case, cast.bob, NOON)
    frank = a_person("Frank")
    add_member(cast.sales, frank, "member", cast.dan)
    url = f"/cases/{case.pk}/"
    for secret in ("Broken pump", "Pump was ordered", "pump.pdf", "filed a conversation"):
        assert secret in shown(cast.carol, url), secret
        assert secret not in shown(frank, url), secret
    assert signed_in(cast.alice).get(url).status_code == 404


def test_team_of_the_conversation_is_not_told_which_case_it_is_in(
    cast: Cast, case: Case, conversation: Conversation
) -> None:
    cases.file(conversation, case, cast.bob, NOON)
    page = shown(cast.alice, f"/conversations/{conversation.pk}/")
    assert "Sezam" not in page
    assert case.number not in page
    assert "Carol" in page, "who can see it is told to everybody who sees it"


def test_timeline_goes_on_where_a_page_ends_and_shows_each_line_once(
    cast: Cast, case: Case, conversation: Conversation
) -> None:
    cases.file(conversation, case, cast.bob, NOON)
    for number in range(7):
        notes.add(conversation, cast.bob, f"Note {number}", NOON)
    every, _ = timeline(case, cast.carol)
    found, key = timeline(case, cast.carol, None, 3)
    while key is not None:
        more, key = timeline(case, cast.carol, key, 3)
        found += more
    assert [line.key for line in found] == [line.key for line in every]
    assert len(found) == 11  # opened, let in, filed, a message, seven notes


def test_closing_with_open_conversations_asks_what_becomes_of_them(
    cast: Cast, case: Case, conversation: Conversation
) -> None:
    cases.file(conversation, case, cast.bob, NOON)
    client, url = signed_in(cast.carol), f"/cases/{case.pk}/closure"
    assert "Broken pump" in client.post(url).content.decode()
    case.refresh_from_db()
    assert case.is_open
    client.post(url, {"with": "nothing"})
    conversation.refresh_from_db()
    assert conversation.status == "open"
    client.post(url, {"_method": "DELETE"})
    client.post(url, {"with": "conversations"})
    conversation.refresh_from_db()
    case.refresh_from_db()
    assert (case.is_open, conversation.status) == (False, "closed")


def test_closing_with_nothing_open_does_not_ask(cast: Cast, case: Case) -> None:
    signed_in(cast.carol).post(f"/cases/{case.pk}/closure")
    case.refresh_from_db()
    assert not case.is_open


def test_closing_says_nothing_of_conversations_that_one_may_not_see(
    cast: Cast, case: Case, conversation: Conversation
) -> None:
    cases.file(conversation, case, cast.bob, NOON)
    frank = a_person("Frank")
    add_member(cast.sales, frank, "member", cast.dan)
    signed_in(frank).post(f"/cases/{case.pk}/closure")
    conversation.refresh_from_db()
    case.refresh_from_db()
    assert (case.is_open, conversation.status) == (False, "open")


def test_people_are_let_in_and_taken_out_by_people_of_the_case_alone(cast: Cast, case: Case) -> None:
    frank = a_person("Frank")
    add_member(cast.sales, frank, "member", cast.dan)
    people = f"/cases/{case.pk}/people"
    assert signed_in(frank).post(people, {"person": frank.pk}).status_code == 404
    assert signed_in(frank).post(f"{people}/{cast.bob.pk}").status_code == 404
    signed_in(cast.bob).post(people, {"person": frank.pk})
    assert frank in cases.people_of(case)
    response = signed_in(cast.bob).post(f"{people}/{cast.bob.pk}")
    assert response.headers["Location"] == "/cases/", "the case is no longer theirs to see"
    assert signed_in(cast.bob).get(f"/cases/{case.pk}/").status_code == 404


def test_conversation_of_a_personal_desk_is_not_taken_over_through_a_case(cast: Cast, case: Case) -> None:
    gateway = a_gateway("bob.private@acme.cz", owner=cast.bob)
    take_in(gateway, cast.bob)
    conversation = receive(a_mail(to="bob.private@acme.cz"), gateway)
    cases.file(conversation, case, cast.bob, NOON)
    url = f"/conversations/{conversation.pk}/assignment"
    response = signed_in(cast.carol).post(url, {"person": cast.carol.pk}, headers=HTMX)
    assert "its owner hands it over" in response.headers["HX-Trigger"]
    conversation.refresh_from_db()
    assert conversation.assignee == cast.bob
    hand_over(conversation, cast.alice, cast.bob, NOON)
    assert signed_in(cast.alice).get(f"/conversations/{conversation.pk}/filing").status_code == 404


def test_deadline_that_has_passed_is_said_in_words(cast: Cast, case: Case) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    cases.change(case, Facts("Sezam", deadline=yesterday), cast.carol, NOON)
    assert "late:" in shown(cast.carol, f"/cases/{case.pk}/")
    assert "late:" in shown(cast.carol, "/cases/")
    cases.close(case, cast.carol, NOON)
    assert "late:" not in shown(cast.carol, f"/cases/{case.pk}/")


def test_what_is_written_down_is_changed_and_a_wrong_address_said(cast: Cast, case: Case) -> None:
    client, url = signed_in(cast.carol), f"/cases/{case.pk}/"
    assert client.post(url, {"title": "Sezam", "contact_address": "nobody"}).status_code == 422
    client.post(url, {"title": "Other", "contact_address": "Karel@Example.cz"})
    case.refresh_from_db()
    assert (case.title, case.contact_address) == ("Other", "karel@example.cz")


def test_number_in_the_search_box_and_in_the_palette_leads_to_its_case(cast: Cast, case: Case) -> None:
    link = f'href="/cases/{case.pk}/"'
    for query in (case.number, "2026-1"):
        assert link in shown(cast.carol, f"/search/?q={query}")
        assert link not in shown(cast.eve, f"/search/?q={query}")
        assert f"/cases/{case.pk}/" in shown(cast.carol, f"/palette?q={query}")
        assert f"/cases/{case.pk}/" not in shown(cast.eve, f"/palette?q={query}")


def test_search_for_a_case_that_one_does_not_see_says_how_to_write_it(cast: Cast, case: Case) -> None:
    for query in (f"case:{case.number}", "case:1999-0001", "case:x"):
        assert "You see no case" in shown(cast.eve, f"/search/?q={query}")


def test_fields_of_ones_own_are_asked_checked_and_shown(cast: Cast, case: Case) -> None:
    amount = OwnField.objects.create(of=OwnField.Of.CASE, name="Amount", kind=OwnField.Kind.NUMBER)
    colour = OwnField.objects.create(of=OwnField.Of.CASE, name="Colour", kind=OwnField.Kind.CHOICE, choices=["blue"])
    client = signed_in(cast.carol)
    url = f"/cases/{case.pk}/"
    wrong = client.post(url, {"title": "Sezam", f"own_{amount.pk}": "many"})
    assert wrong.status_code == 422
    assert "This is no number" in wrong.content.decode()
    said = {"title": "Sezam", f"own_{amount.pk}": "1 250,5", f"own_{colour.pk}": "blue", "organisation": "Pump Ltd"}
    assert client.post(url, {**said, "keep_years": "10"}).status_code == 303
    case.refresh_from_db()
    assert case.values == {str(amount.pk): "1250.5", str(colour.pk): "blue"}
    assert (str(case.organisation), case.keep_years) == ("Pump Ltd", 10)
    page = shown(cast.bob, url)
    for words in ("Pump Ltd", "Colour", "blue", "10 years after it is closed"):
        assert words in page
    assert f"/contacts/organisations/{case.organisation_id}/" not in page  # nobody there wrote to Bob


def test_organisation_that_stands_there_is_not_made_again(cast: Cast, case: Case) -> None:
    client = signed_in(cast.carol)
    for _ in range(2):
        client.post(f"/cases/{case.pk}/", {"title": "Sezam", "organisation": "Pump Ltd"})
    assert Organisation.objects.filter(name="Pump Ltd").count() == 1


def test_files_are_laid_into_a_case_read_by_who_sees_it_and_taken_out(cast: Cast, case: Case) -> None:
    client = signed_in(cast.carol)
    assert (
        client.post(f"/cases/{case.pk}/files", {"files": SimpleUploadedFile("Plan.pdf", b"%PDF-1.4 x")}).status_code
        == 303
    )
    file = case.files.get()
    url = f"/cases/{case.pk}/files/{file.pk}"
    assert signed_in(cast.bob).get(url).content == b"%PDF-1.4 x"
    page = shown(cast.bob, f"/cases/{case.pk}/")
    assert "Plan.pdf" in page
    assert "Carol laid “Plan.pdf” into the case" in page
    assert signed_in(cast.eve).get(url).status_code == 404
    assert signed_in(cast.eve).post(f"/cases/{case.pk}/files", {}).status_code == 404
    assert client.post(url).status_code == 303
    assert not case.files.exists()
    assert not Blob.objects.filter(pk=file.blob_id).exists()


def test_file_that_is_too_large_is_refused_in_words(cast: Cast, case: Case) -> None:
    client = signed_in(cast.carol)
    large = SimpleUploadedFile("Plan.pdf", bytes(case_files.LARGEST + 1))
    answer = client.post(f"/cases/{case.pk}/files", {"files": large}, follow=True)
    assert "“Plan.pdf” is not kept" in answer.content.decode()
    assert not case.files.exists()


def test_rows_can_be_let_go_on_the_rail_and_on_the_cases_beside_a_conversation(
    cast: Cast, case: Case, conversation: Conversation
) -> None:
    cases.file(conversation, case, cast.bob, NOON)
    page = shown(cast.bob, f"/conversations/{conversation.pk}/")
    assert 'data-drop="case" href="/cases/"' in page
    assert f'data-drop="case" data-case="{case.pk}"' in page
    assert "podatelna/case-drop" in page
