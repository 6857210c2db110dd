"""Signing in and out, one's own settings."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from podatelna.accounts.models import AuditEntry
from tests.cast import PASSWORD, Cast

LOGIN = "/account/login/"


@pytest.fixture(autouse=True)
def no_attempts_before(db: None) -> None:
    cache.clear()


def sign_in(client: Client, email: str = "bob@acme.cz", password: str = PASSWORD, **more: str) -> str:
    """Where one lands, or the page one stays on."""
    response = client.post(LOGIN, {"login": email, "password": password, **more})
    return response.headers.get("Location") or response.content.decode()


def test_the_right_password_signs_in_and_the_session_gets_a_new_key(cast: Cast, client: Client) -> None:
    client.get(LOGIN)
    session = client.session
    session["before"] = "planted"
    session.save()
    client.cookies["podatelna_session"] = old = session.session_key
    assert sign_in(client, "Bob@ACME.cz") == "/"
    assert get_user(client) == cast.bob  # type: ignore[arg-type]  # a client has a session, which is what is looked at
    assert client.session.session_key != old


def test_a_wrong_password_and_an_unknown_address_are_told_the_same_way(cast: Cast, client: Client) -> None:
    known, unknown = sign_in(client, password="wrong"), sign_in(client, "nobody@acme.cz", "wrong")
    words = "The e-mail address or the password is not right."
    assert words in known
    assert words in unknown


def test_after_five_failures_an_address_must_wait_even_with_the_right_password(cast: Cast, client: Client) -> None:
    for _ in range(5):
        sign_in(client, password="wrong")
    page = sign_in(client)
    assert "Too many failed attempts. Wait five minutes" in page
    assert "_auth_user_id" not in client.session


def test_the_limit_of_one_address_does_not_stop_another(cast: Cast, client: Client) -> None:
    for _ in range(5):
        sign_in(client, password="wrong")
    assert sign_in(client, "alice@acme.cz") == "/"


def test_one_network_cannot_try_all_addresses(cast: Cast, client: Client) -> None:
    for number in range(10):
        sign_in(client, f"guess{number}@acme.cz", "wrong")
    assert "Too many failed attempts" in sign_in(client)
    assert sign_in(Client(REMOTE_ADDR="192.0.2.7")) == "/"


def test_too_many_requests_get_a_page_in_words(cast: Cast, client: Client) -> None:
    for _ in range(30):
        client.post(LOGIN, {})
    response = client.post(LOGIN, {})
    assert response.status_code == 429
    assert "wait a minute" in response.content.decode()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere_after_signing_in(cast: Cast, client: Client, elsewhere: str) -> None:
    assert sign_in(client, next=elsewhere) == "/"


def test_one_lands_where_one_wanted_to_go(cast: Cast, client: Client) -> None:
    assert client.get("/preferences/").headers["Location"] == f"{LOGIN}?next=/preferences/"
    assert sign_in(client, next="/preferences/") == "/preferences/"


@pytest.mark.parametrize("name", ["account_signup", "account_reset_password", "account_email"])
def test_what_we_do_not_use_of_allauth_has_no_page(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_an_address_that_was_changed_signs_nobody_in(cast: Cast, client: Client) -> None:
    assert sign_in(client) == "/"
    cast.bob.email = "robert@acme.cz"
    cast.bob.save()
    assert "is not right" in sign_in(Client(), "bob@acme.cz")
    assert sign_in(Client(), "robert@acme.cz") == "/"


def test_our_own_pages_are_shown_and_not_those_of_allauth(cast: Cast, client: Client) -> None:
    page = client.get(LOGIN).content.decode()
    assert "podatelna/admin.css" in page
    assert "sign up" not in page.lower()


def test_the_password_is_never_in_the_page(cast: Cast, client: Client) -> None:
    assert "hunter2-wrong" not in sign_in(client, password="hunter2-wrong")


def test_signing_out_needs_a_post(cast: Cast, client: Client) -> None:
    client.force_login(cast.bob)
    assert client.get("/account/logout/").status_code == 200
    assert "_auth_user_id" in client.session
    client.post("/account/logout/")
    assert "_auth_user_id" not in client.session


def test_changing_the_password_keeps_this_session_and_ends_the_others(cast: Cast, client: Client) -> None:
    client.force_login(cast.bob)
    other = Client()
    other.force_login(cast.bob)
    new = "three unrelated words"
    answer = client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert answer.status_code == 302
    assert client.get("/preferences/").status_code == 200
    assert other.get("/preferences/").status_code == 302
    assert sign_in(Client(), password=new) == "/"


def test_a_weak_new_password_is_refused_in_words(cast: Cast, client: Client) -> None:
    client.force_login(cast.bob)
    answer = client.post(
        "/account/password/change/", {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
    )
    assert "too short" in answer.content.decode()


# --- one's own settings ------------------------------------------------------------------------------------


def test_the_theme_alone_can_be_changed(cast: Cast, client: Client) -> None:
    client.force_login(cast.bob)
    answer = client.post("/preferences/", {"theme": "dark", "next": "/account/password/change/"})
    cast.bob.refresh_from_db()
    assert (cast.bob.theme, cast.bob.name, cast.bob.language) == ("dark", "Bob", "en")
    assert answer.headers["Location"] == "/account/password/change/"


def test_preferences_lead_nowhere_else(cast: Cast, client: Client) -> None:
    client.force_login(cast.bob)
    answer = client.post("/preferences/", {"theme": "dark", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/preferences/"


def test_a_name_stays_on_one_line_and_is_escaped(cast: Cast, client: Client) -> None:
    client.force_login(cast.bob)
    client.post("/preferences/", {"name": "Bob\r\nBcc: all@acme.cz <script>alert(1)</script>"})
    cast.bob.refresh_from_db()
    assert cast.bob.name == "Bob Bcc: all@acme.cz <script>alert(1)</script>"
    assert "<script>alert" not in client.get("/preferences/").content.decode()


def test_nobody_makes_themselves_an_administrator(cast: Cast, client: Client) -> None:
    client.force_login(cast.bob)
    client.post("/preferences/", {"theme": "dark", "is_administrator": "on", "email": "dan2@acme.cz"})
    cast.bob.refresh_from_db()
    assert not cast.bob.is_administrator
    assert cast.bob.email == "bob@acme.cz"


def test_an_own_name_that_changes_is_traced(cast: Cast, client: Client) -> None:
    client.force_login(cast.bob)
    client.post("/preferences/", {"name": "Robert"})
    entry = AuditEntry.objects.get(act="change-person")
    assert entry.details == {"before": "Bob", "after": "Robert"}
