"""The pages on which somebody says that they are away, over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from podatelna.accounts.models import Person
from podatelna.desk.absence import is_away
from podatelna.desk.absence_models import Absence
from tests.cast import Cast, a_mail, receive


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def a_form(substitute: Person, **more: str) -> dict[str, str]:
    return {"kind": "holiday", "first": timezone.localdate().isoformat(), "substitute": str(substitute.pk), **more}


def test_one_enters_ones_own_absence_and_ends_it(cast: Cast) -> None:
    client = signed_in(cast.bob)
    assert client.post("/preferences/absence/", a_form(cast.alice)).status_code == 302
    assert is_away(cast.bob, timezone.now())
    page = client.get("/preferences/absence/").content.decode()
    assert "Alice stands in" in page
    client.post(f"/absences/{Absence.objects.get().pk}/end/")
    assert not is_away(cast.bob, timezone.now())


@pytest.mark.parametrize(("by", "code"), [("alice", 302), ("dan", 302), ("carol", 404), ("eve", 404)])
def test_who_leads_them_and_administrators_enter_it_and_nobody_else(cast: Cast, by: str, code: int) -> None:
    client = signed_in(getattr(cast, by))
    assert client.post(f"/people/{cast.bob.pk}/absence/", a_form(cast.alice)).status_code == code
    assert is_away(cast.bob, timezone.now()) is (code == 302)


def test_what_is_wrong_is_said_beside_its_field(cast: Cast) -> None:
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    response = signed_in(cast.bob).post("/preferences/absence/", a_form(cast.alice, last=yesterday))
    assert (response.status_code, "The last day comes before the first." in response.content.decode()) == (422, True)


def test_the_substitute_finds_whom_they_stand_in_for(cast: Cast) -> None:
    signed_in(cast.bob).post("/preferences/absence/", a_form(cast.carol))
    client = signed_in(cast.carol)
    assert "Bob" in client.get("/preferences/absence/").content.decode()
    assert client.get("/desk/standing-in/").status_code == 200


def test_whoever_is_away_is_called_so_where_work_is_given_away(cast: Cast) -> None:
    signed_in(cast.bob).post("/preferences/absence/", a_form(cast.alice))
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    page = signed_in(cast.alice).get(f"/conversations/{conversation.pk}/").content.decode()
    assert '<span>Bob</span> <span class="badge">away</span>' in page
    assert '<span>Alice</span> <span class="badge">away</span>' not in page
