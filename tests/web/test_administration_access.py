"""The administration does not exist for anybody but administrators."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from podatelna.web.administration.urls import urlpatterns
from tests.cast import Cast

ARGUMENTS = {"step": "people"}
PATHS = [
    reverse(str(pattern.name), kwargs={name: ARGUMENTS.get(name, 1) for name in pattern.pattern.converters})
    for pattern in urlpatterns
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_members_and_strangers_find_nothing(cast: Cast, client: Client, path: str, method: str) -> None:
    for person in (cast.alice, cast.bob, cast.carol, cast.eve):
        client.force_login(person)
        assert getattr(client, method)(path).status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_who_is_not_signed_in_is_asked_to(cast: Cast, client: Client, path: str) -> None:
    assert client.get(path).headers["Location"].startswith("/account/login/")


def test_a_former_administrator_finds_nothing(cast: Cast, client: Client) -> None:
    client.force_login(cast.dan)
    assert client.get("/administration/").status_code == 200
    cast.dan.is_administrator = False
    cast.dan.save()
    assert client.get("/administration/").status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_no_page_of_the_administration_is_cached_or_breaks(cast: Cast, client: Client, path: str) -> None:
    client.force_login(cast.dan)
    answer = client.get(path)
    assert answer.status_code in {200, 302, 404, 405}
    if answer.status_code == 200:
        assert "no-store" in answer.headers["Cache-Control"]
