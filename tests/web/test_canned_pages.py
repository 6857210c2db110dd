"""Canned answers and signatures over HTTP: one's own, a process's, and offered while somebody writes."""

from __future__ import annotations

import pytest
from django.test import Client

from podatelna.accounts.models import Person
from podatelna.desk import canned, drafts
from podatelna.desk.models import Draft
from podatelna.desk.signatures import text_of
from podatelna.desk.text_models import CannedAnswer
from tests.cast import NOON, Cast, a_mail, receive


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def a_draft(cast: Cast) -> Draft:
    return drafts.open_draft(cast.bob, "reply", NOON, conversation=receive(a_mail(), cast.helpdesk_gateway))


def test_one_adds_changes_and_removes_ones_own(cast: Cast) -> None:
    client = signed_in(cast.bob)
    client.post("/preferences/texts/", {"name": "Thanks", "text": "Thank you"})
    row = CannedAnswer.objects.get(person=cast.bob)
    client.post(f"/canned/{row.pk}/", {"name": "Thanks", "text": "Many thanks"})
    row.refresh_from_db()
    assert row.text == "Many thanks"
    assert "Thanks" in client.get("/preferences/texts/").content.decode()
    client.post(f"/canned/{row.pk}/removal/")
    assert not CannedAnswer.objects.exists()


def test_an_unknown_place_is_named_beside_the_text(cast: Cast) -> None:
    response = signed_in(cast.bob).post("/preferences/texts/", {"name": "Thanks", "text": "{contact.nmae}"})
    assert (response.status_code, "There is no {contact.nmae}." in response.content.decode()) == (422, True)


@pytest.mark.parametrize(
    ("by", "url", "code"),
    [("alice", "/teams/{}/texts/", 302), ("dan", "/administration/processes/{}/texts/", 302)]
    + [(by, "/teams/{}/texts/", 404) for by in ("bob", "carol", "eve", "dan")],
)
def test_texts_of_a_process_are_set_by_who_leads_it_and_by_administrators(
    cast: Cast, by: str, url: str, code: int
) -> None:
    client, url = signed_in(getattr(cast, by)), url.format(cast.helpdesk.pk)
    assert client.post(url, {"what": "answer", "name": "Thanks", "text": "Thank you"}).status_code == code
    assert client.post(url, {"what": "signature", "text": "Helpdesk ACME"}).status_code == code
    there = code == 302
    assert (canned.of(cast.helpdesk).exists(), text_of(cast.helpdesk, None)) == (
        there,
        "Helpdesk ACME" if there else "",
    )
    assert client.get(url).status_code == (200 if there else 404)


def test_ones_own_signature_is_set_in_processes_that_one_works_in_alone(cast: Cast) -> None:
    client = signed_in(cast.bob)
    codes = [client.post(f"/preferences/texts/signatures/{one.pk}/", {"text": "B."}).status_code
             for one in (cast.helpdesk, cast.sales)]  # fmt: skip
    assert (codes, text_of(cast.helpdesk, cast.bob)) == ([302, 404], "B.")
    assert "B." in client.get("/preferences/texts/").content.decode()
    assert client.get(f"/preferences/texts/signatures/{cast.helpdesk.pk}/").status_code == 200


def test_it_is_offered_filled_in_to_the_writer_of_the_draft_alone(cast: Cast) -> None:
    canned.keep(cast.helpdesk, "Thanks", "Dear {contact.name}", cast.alice, NOON)
    draft = a_draft(cast)
    url = f"/drafts/{draft.pk}/canned?q=than"
    assert signed_in(cast.bob).get(url).json() == {
        "answers": [{"name": "Thanks", "beside": "Dear Jana Nováková", "written": "Dear Jana Nováková"}]
    }
    assert signed_in(cast.alice).get(url).status_code == 404


def test_the_composer_says_where_they_are_found(cast: Cast) -> None:
    draft = a_draft(cast)
    url = f"/conversations/{draft.conversation_id}/drafts"
    page = signed_in(cast.bob).post(url, {"kind": "reply"}, headers={"HX-Request": "true"}).content.decode()
    assert f'data-suggestions="/drafts/{draft.pk}/canned"' in page
