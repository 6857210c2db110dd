"""Pages of who can see what: told to whoever sees it, in words; making it confidential; numbers for administrators."""

from __future__ import annotations

import pytest
from django.test import Client

from podatelna.accounts.models import Person
from podatelna.desk import cases, confidential, notes
from podatelna.desk.models import Conversation, Member
from podatelna.desk.processes import add_member
from tests.cast import NOON, Cast, a_mail, receive

pytestmark = pytest.mark.django_db
SECRET = "Tajuplnost"


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    return receive(a_mail(f"{SECRET} matter"), cast.helpdesk_gateway)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def words(person: Person, url: str, status: int = 200) -> str:
    response = signed_in(person).get(url)
    assert response.status_code == status, url
    return " ".join(response.content.decode().split())


def test_everybody_stands_there_with_every_reason(cast: Cast, conversation: Conversation) -> None:
    add_member(cast.helpdesk, cast.eve, Member.Role.READER, cast.dan)
    conversation.assign(cast.carol, cast.alice, NOON)
    notes.add(conversation, cast.bob, "@dan look", NOON)
    case = cases.open_case(cast.helpdesk, cases.Facts("A case"), cast.bob, NOON)
    cases.file(conversation, case, cast.bob, NOON)
    page = words(cast.alice, f"/conversations/{conversation.pk}/access")
    for reason in (
        "Leads Helpdesk", "Works in Helpdesk", "Reads along in Helpdesk", "It is their work", "Was named in a note",
        f"Is one of the people of case {case.number}",
    ):  # fmt: skip
        assert reason in page
    # Who may not see the case is not told its number.
    assert case.number not in words(cast.dan, f"/conversations/{conversation.pk}/access")
    assert "Is one of the people of its case" in words(cast.dan, f"/conversations/{conversation.pk}/access")


def test_messages_and_cases_have_it_too(cast: Cast, conversation: Conversation) -> None:
    message = conversation.entries.get(message__isnull=False).message_id
    case = cases.open_case(cast.helpdesk, cases.Facts("A case"), cast.bob, NOON)
    for url in (
        f"/conversations/{conversation.pk}/messages/{message}/access", f"/messages/{message}/access",
        f"/cases/{case.pk}/access",
    ):  # fmt: skip
        assert "Leads Helpdesk" in words(cast.bob, url)
        words(cast.carol, url, 404)


def test_a_lead_makes_it_confidential_names_somebody_and_opens_it_again(cast: Cast, conversation: Conversation) -> None:
    url, client = f"/conversations/{conversation.pk}", signed_in(cast.alice)
    assert client.post(f"{url}/confidentiality").status_code == 303
    words(cast.bob, f"{url}/", 404)
    assert "confidential" in words(cast.alice, f"{url}/")
    client.post(f"{url}/access/people", {"person": cast.carol.pk})
    assert "Is named: it is confidential" in words(cast.carol, f"{url}/access")
    client.post(f"{url}/access/people/{cast.carol.pk}")
    words(cast.carol, f"{url}/access", 404)
    client.post(f"{url}/access/people/{cast.alice.pk}")  # the last one stays
    words(cast.alice, f"{url}/access")
    client.post(f"{url}/confidentiality", {"_method": "DELETE"})
    assert "made it confidential" in words(cast.bob, f"{url}/")


def test_who_may_not_decide_changes_nothing(cast: Cast, conversation: Conversation) -> None:
    url = f"/conversations/{conversation.pk}"
    assert "Make it confidential" not in words(cast.bob, f"{url}/access")
    response = signed_in(cast.bob).post(f"{url}/confidentiality", follow=True)
    assert "Nothing was changed" in response.content.decode()
    assert not conversation.locked().is_confidential


def test_a_case_is_made_confidential(cast: Cast) -> None:
    case = cases.open_case(cast.helpdesk, cases.Facts(SECRET), cast.bob, NOON)
    url, client = f"/cases/{case.pk}", signed_in(cast.bob)
    client.post(f"{url}/confidentiality")
    words(cast.alice, f"{url}/", 404)
    assert SECRET not in words(cast.alice, "/cases/")
    client.post(f"{url}/confidentiality", {"_method": "DELETE"})
    words(cast.alice, f"{url}/access")


def test_an_administrator_is_told_numbers_and_no_subject(cast: Cast, conversation: Conversation) -> None:
    conversation.assign(cast.carol, cast.alice, NOON)
    case = cases.open_case(cast.helpdesk, cases.Facts(SECRET), cast.bob, NOON)
    cases.let_in(case, cast.carol, cast.bob, NOON)
    page = words(cast.dan, f"/administration/people/{cast.carol.pk}/sight/")
    assert "1 single conversation as their work" in page
    assert "one of the people of 1 case" in page
    assert SECRET not in page
    assert "1 conversation of the team" in words(cast.dan, f"/administration/people/{cast.bob.pk}/sight/")
    words(cast.alice, f"/administration/people/{cast.carol.pk}/sight/", 404)


def test_a_lead_is_told_of_their_own_process_what_they_see_themselves(cast: Cast, conversation: Conversation) -> None:
    secret = receive(a_mail("Another"), cast.helpdesk_gateway)
    secret.assign(cast.bob, cast.alice, NOON)
    confidential.make_confidential(secret, cast.bob, NOON, [cast.carol])
    url = f"/teams/{cast.helpdesk.pk}/access"
    page = words(cast.alice, url)
    assert "leads it" in page
    assert "1 conversation of the team" in page
    assert "Carol" not in page, "a confidential conversation is not told of"
    conversation.assign(cast.carol, cast.alice, NOON)
    assert "1 single conversation as their work" in words(cast.alice, url)
    words(cast.bob, url, 404)
    words(cast.carol, url, 404)
