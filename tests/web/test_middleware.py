"""The language of a request, and where everything leads before anybody is here."""

from __future__ import annotations

import logging

import pytest
from django.test import Client

from podatelna.web.discreet import OneTimeLinks
from tests.cast import Cast

LOGIN = "/account/login/"


def language(client: Client, path: str = LOGIN, **headers: str) -> str:
    return client.get(path, headers=headers).headers["Content-Language"]


def test_the_browser_decides_for_strangers(cast: Cast, client: Client) -> None:
    assert language(client, accept_language="cs,en;q=0.5") == "cs"
    assert language(client, accept_language="en") == "en"
    assert language(client, accept_language="fi") == "en"


def test_the_choice_on_the_sign_in_page_outweighs_the_browser(cast: Cast, client: Client) -> None:
    answer = client.post("/language/", {"language": "cs", "next": LOGIN})
    assert answer.headers["Location"] == LOGIN
    assert language(client, accept_language="en") == "cs"


def test_what_the_person_chose_outweighs_everything(cast: Cast, client: Client) -> None:
    client.post("/language/", {"language": "en"})
    cast.bob.language = "cs"
    cast.bob.save()
    client.force_login(cast.bob)
    assert language(client, "/preferences/", accept_language="en") == "cs"


def test_a_language_that_we_do_not_have_changes_nothing(cast: Cast, client: Client) -> None:
    client.post("/language/", {"language": "xx"})
    assert language(client, accept_language="cs") == "cs"


@pytest.mark.parametrize("path", ["/", LOGIN, "/administration/", "/preferences/", "/welcome/", "/nothing/here/"])
def test_while_nobody_is_here_every_page_tells_of_the_set_up_link(db: None, client: Client, path: str) -> None:
    assert client.get(path).headers["Location"] == "/first-visit/"
    assert "one-time set-up link" in client.get("/first-visit/").content.decode()


def test_once_somebody_is_here_the_first_visit_is_over(cast: Cast, client: Client) -> None:
    assert client.get("/first-visit/").headers["Location"] == "/"
    assert client.get(LOGIN).status_code == 200


def test_the_log_does_not_hold_secrets_of_links() -> None:
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "Error: %s", ("/setup/s3cr3t-_x/",), None)
    assert OneTimeLinks().filter(record)
    assert record.getMessage() == "Error: /setup/…/"
