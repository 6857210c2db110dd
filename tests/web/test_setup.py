"""The one-time set-up link, invitations, and the guide from the first visit to the desk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from podatelna.accounts.models import AuditEntry, OneTimeLink, Person
from podatelna.desk.models import Company, Process, ProcessAddress
from podatelna.gateways.models import Gateway
from podatelna.web.people import setup_link
from tests.cast import PASSWORD, Cast

FORM = {"company": "ACME s.r.o.", "name": "Dana", "email": "Dana@ACME.cz", "password1": PASSWORD, "password2": PASSWORD}


def path_of(link: str | None) -> str:
    assert link is not None
    return "/" + link.split("/", 3)[3]


@pytest.fixture
def opened(db: None, client: Client) -> Client:
    """A browser in which the set-up link was opened."""
    client.get(path_of(setup_link()))
    return client


def test_there_is_no_set_up_link_once_somebody_is_here(cast: Cast) -> None:
    assert setup_link() is None


def test_the_secret_leaves_the_address_at_once_and_is_stored_nowhere(db: None, client: Client) -> None:
    path = path_of(setup_link())
    secret = path.split("/")[2]
    answer = client.get(path)
    assert len(secret) >= 43
    assert answer.headers["Location"] == "/setup/"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]
    assert secret not in str(dict(client.session.items()))
    assert secret not in client.get("/setup/").content.decode()
    assert secret.encode() not in bytes(OneTimeLink.objects.get().sha256)


def test_set_up_makes_the_company_and_its_administrator_and_begins_the_guide(opened: Client) -> None:
    answer = opened.post("/setup/", FORM)
    person = Person.objects.get()
    assert answer.headers["Location"] == "/administration/guide/people/"
    assert (person.email, person.is_administrator, person.check_password(PASSWORD)) == ("dana@acme.cz", True, True)
    assert Company.objects.get().name == "ACME s.r.o."
    assert PASSWORD not in str(AuditEntry.objects.values())


def test_the_link_makes_one_administrator_only(opened: Client) -> None:
    other = Client()
    other.cookies = opened.cookies.copy()  # type: ignore[assignment]  # as the same browser in a second window
    opened.post("/setup/", FORM)
    answer = other.post("/setup/", {**FORM, "email": "mallory@acme.cz"})
    assert answer.status_code in {302, 410}
    assert Person.objects.count() == 1


def test_a_link_that_was_used_does_not_open_again(db: None, client: Client) -> None:
    path = path_of(setup_link())
    client.get(path)
    client.post("/setup/", FORM)
    late = Client()
    assert late.get(path, follow=True).status_code == 410


def test_a_newer_link_ends_the_older_one(db: None, client: Client) -> None:
    older = path_of(setup_link())
    newer = path_of(setup_link())
    assert client.get(older, follow=True).status_code == 410
    assert client.get(newer, follow=True).status_code == 200


def test_a_link_is_good_for_a_day(opened: Client) -> None:
    OneTimeLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert opened.get("/setup/").status_code == 410
    assert opened.post("/setup/", FORM).status_code == 410
    assert not Person.objects.exists()


@pytest.mark.parametrize("secret", ["x", "A" * 43, "%00", "ě" * 20, "' OR 1=1 --", "A" * 5000])
def test_a_guessed_link_opens_nothing(db: None, client: Client, secret: str) -> None:
    setup_link()
    assert client.get(f"/setup/{secret}/", follow=True).status_code == 410


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"password2": "another one, much longer"}, "The two passwords differ."),
        ({"password1": "short", "password2": "short"}, "too short"),
        ({"password1": "dana@acme.cz", "password2": "dana@acme.cz"}, "too similar"),
        ({"company": " "}, "This field is required."),
        ({"email": "not an address"}, "Enter a valid email address."),
    ],
)
def test_what_is_wrong_with_the_form_is_said(opened: Client, change: dict[str, str], words: str) -> None:
    answer = opened.post("/setup/", {**FORM, **change})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert PASSWORD not in answer.content.decode()
    assert not Person.objects.exists()


# --- invitations -------------------------------------------------------------------------------------------


def invite(cast: Cast, email: str = "frank@acme.cz") -> str:
    """The path of the link that Dan is shown."""
    dan = Client()
    dan.force_login(cast.dan)
    page = dan.post("/administration/people/", {"name": "Frank", "email": email, "language": "cs"})
    return path_of(page.context["link"])


def test_an_invited_person_chooses_a_password_and_is_signed_in(cast: Cast, client: Client) -> None:
    assert client.get(invite(cast)).headers["Location"] == "/welcome/"
    page = client.get("/welcome/").content.decode()
    assert "frank@acme.cz" in page
    assert 'lang="cs"' in page
    assert client.post("/welcome/", {"password1": PASSWORD, "password2": PASSWORD}).headers["Location"] == "/"
    frank = Person.objects.get(email="frank@acme.cz")
    assert client.session["_auth_user_id"] == str(frank.pk)
    assert frank.check_password(PASSWORD)


def test_an_invitation_works_once(cast: Cast, client: Client) -> None:
    path = invite(cast)
    client.get(path)
    client.post("/welcome/", {"password1": PASSWORD, "password2": PASSWORD})
    thief = Client()
    assert thief.get(path, follow=True).status_code == 410


def test_an_invitation_is_good_for_a_week(cast: Cast, client: Client) -> None:
    path = invite(cast)
    OneTimeLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(path, follow=True).status_code == 410
    assert OneTimeLink.objects.get().expires_at > timezone.now() - timedelta(days=8)


def test_a_link_for_setting_up_is_none_for_a_password(db: None, client: Client) -> None:
    secret = path_of(setup_link()).split("/")[2]
    Person.objects.create_person("a@acme.cz", "A", PASSWORD)
    assert client.get(f"/welcome/{secret}/", follow=True).status_code == 410


# --- the guide ---------------------------------------------------------------------------------------------


def test_the_guide_leads_from_the_first_visit_to_the_desk(opened: Client) -> None:
    opened.post("/setup/", FORM)
    page = opened.post("/administration/guide/people/", {"name": "Petr", "email": "petr@acme.cz", "language": "cs"})
    assert "/welcome/" in page.context["link"]
    dana, petr = Person.objects.get(email="dana@acme.cz"), Person.objects.get(email="petr@acme.cz")
    answer = opened.post("/administration/guide/process/", {"name": "Helpdesk", "members": [dana.pk, petr.pk]})
    assert answer.headers["Location"] == "/administration/guide/mailbox/"
    process = Process.objects.get()
    assert {(row.person, row.role) for row in process.members.all()} == {(dana, "lead"), (petr, "member")}

    page = opened.get("/administration/guide/mailbox/", {"address": "helpdesk@acme.cz"})
    form = page.context["form"]
    assert form["imap_host"].value() == "imap.acme.cz"
    assert form["display_name"].value() == "ACME s.r.o. Helpdesk"
    filled = {name: form[name].value() for name in form.fields}
    filled = {name: "" if value in {None, False} else value for name, value in filled.items()}
    answer = opened.post(
        "/administration/guide/mailbox/", {**filled, "process": process.pk, "imap_password": "tajné heslo"}
    )
    assert answer.headers["Location"] == "/"
    gateway = Gateway.objects.get()
    assert gateway.imap_password() == gateway.smtp_password() == "tajné heslo"
    assert ProcessAddress.objects.get().process == process


def test_every_step_of_the_guide_can_be_skipped_and_taken_again(opened: Client) -> None:
    opened.post("/setup/", FORM)
    for step in ("company", "people", "process", "mailbox"):
        assert opened.get(f"/administration/guide/{step}/").status_code == 200
    assert opened.get("/administration/guide/").headers["Location"] == "/administration/guide/people/"
    assert opened.get("/administration/guide/nonsense/").status_code == 404
    overview = opened.get("/administration/").content.decode()
    assert "Set-up is not complete yet" in overview
