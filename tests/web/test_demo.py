"""The demonstration's first page."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from tests.cast import Cast


@pytest.fixture
def demonstration(settings: Settings) -> None:
    settings.DEMO = True


def test_outside_of_the_demo_there_is_no_such_page(cast: Cast, client: Client) -> None:
    assert client.get("/demo/").status_code == 404
    assert client.post("/demo/", {"person": cast.alice.pk}).status_code == 404
    assert "_auth_user_id" not in client.session


@pytest.mark.usefixtures("demonstration")
def test_a_visitor_becomes_somebody_in_one_click(cast: Cast, client: Client) -> None:
    page = client.get("/demo/").content.decode()
    assert "Alice" in page
    assert "Helpdesk" in page
    assert client.post("/demo/", {"person": cast.alice.pk}).headers["Location"] == "/"
    assert client.session["_auth_user_id"] == str(cast.alice.pk)


@pytest.mark.usefixtures("demonstration")
@pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.5", "::ffff:192.0.2.7", "2001:db8::1", "", "nonsense"])
def test_only_this_machine_gets_in(cast: Cast, address: str) -> None:
    stranger = Client(REMOTE_ADDR=address, HTTP_X_FORWARDED_FOR="127.0.0.1")
    assert stranger.get("/demo/").status_code == 404
    assert stranger.post("/demo/", {"person": cast.dan.pk}).status_code == 404


@pytest.mark.usefixtures("demonstration")
@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_every_address_of_this_machine_gets_in(cast: Cast, address: str) -> None:
    assert Client(REMOTE_ADDR=address).get("/demo/").status_code == 200


@pytest.mark.usefixtures("demonstration")
def test_becoming_somebody_needs_the_token_of_the_form(cast: Cast) -> None:
    forged = Client(enforce_csrf_checks=True)
    assert forged.post("/demo/", {"person": cast.dan.pk}).status_code == 403


@pytest.mark.usefixtures("demonstration")
@pytest.mark.parametrize("nobody", ["", "0", "x", "²", "99999999999999999999"])
def test_nobody_else_can_be_chosen(cast: Cast, client: Client, nobody: str) -> None:
    assert client.post("/demo/", {"person": nobody}).status_code == 404
