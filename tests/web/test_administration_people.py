"""What an administrator does with people, the company and processes."""

from __future__ import annotations

import pytest
from django.test import Client

from podatelna.accounts.models import AuditEntry, OneTimeLink, Person
from podatelna.desk.models import Conversation, Member, ProcessAddress
from tests.cast import NOON, PASSWORD, Cast, a_mail, a_person, receive

PEOPLE = "/administration/people/"


@pytest.fixture
def dan(cast: Cast, client: Client) -> Client:
    """The administrator's browser."""
    client.force_login(cast.dan)
    return client


def traced(act: str) -> list[dict[str, object]]:
    return list(AuditEntry.objects.filter(act=act).order_by("pk").values_list("details", flat=True))


# --- people ------------------------------------------------------------------------------------------------


def test_a_person_is_added_with_a_link_that_is_shown_once(cast: Cast, dan: Client) -> None:
    page = dan.post(PEOPLE, {"name": "Frank", "email": "Frank@acme.cz", "language": "cs", "is_administrator": "on"})
    frank = Person.objects.get(email="frank@acme.cz")
    assert (frank.language, frank.is_administrator, frank.has_usable_password()) == ("cs", True, False)
    secret = page.context["link"].split("/")[-2]
    assert secret in page.content.decode()
    assert secret not in dan.get(PEOPLE).content.decode()
    assert secret not in str(AuditEntry.objects.values())
    assert traced("add-person")[0]["after"] == {
        "name": "Frank", "email": "frank@acme.cz", "language": "cs", "may_export": False, "is_auditor": False,
        "is_administrator": True,
    }  # fmt: skip


def test_nobody_is_added_twice(cast: Cast, dan: Client) -> None:
    page = dan.post(PEOPLE, {"name": "Bob", "email": "BOB@acme.cz", "language": "cs"})
    assert "Somebody with this address is here already." in page.content.decode()
    assert Person.objects.filter(email__iexact="bob@acme.cz").count() == 1


def test_a_name_cannot_break_a_header_or_a_page(cast: Cast, dan: Client) -> None:
    name = 'Eve\r\nBcc: x@y.cz"><img src=x onerror=alert(1)>'
    page = dan.post(PEOPLE, {"name": name, "email": "mallory@acme.cz", "language": "cs"}).content.decode()
    assert "<img src=x" not in page
    assert "\n" not in Person.objects.get(email="mallory@acme.cz").name


def test_a_new_link_ends_the_one_before(cast: Cast, dan: Client) -> None:
    first = dan.post(f"{PEOPLE}{cast.eve.pk}/link/").context["link"]
    second = dan.post(f"{PEOPLE}{cast.eve.pk}/link/").context["link"]
    assert first != second
    assert OneTimeLink.objects.filter(person=cast.eve).count() == 1
    assert [entry["to"] for entry in traced("make-link")] == ["eve@acme.cz", "eve@acme.cz"]


def test_what_changed_about_a_person_is_traced_with_before_and_after(cast: Cast, dan: Client) -> None:
    dan.post(f"{PEOPLE}{cast.bob.pk}/", {"name": "Bob", "email": "robert@acme.cz", "language": "en"})
    assert traced("change-person") == [{"before": {"email": "bob@acme.cz"}, "after": {"email": "robert@acme.cz"}}]


def test_who_is_deactivated_is_out_at_once_everywhere(cast: Cast, dan: Client) -> None:
    bob, phone = Client(), Client()
    bob.force_login(cast.bob)
    phone.force_login(cast.bob)
    link = dan.post(f"{PEOPLE}{cast.bob.pk}/link/").context["link"]
    dan.post(f"{PEOPLE}{cast.bob.pk}/deactivation/")
    assert bob.get("/preferences/").status_code == 302
    assert phone.get("/preferences/").status_code == 302
    assert Client().post("/account/login/", {"login": "bob@acme.cz", "password": PASSWORD}).headers["Location"] == (
        "/account/inactive/"
    )
    assert Client().get(link, follow=True).status_code == 410
    assert traced("deactivate-person") == [{"email": "bob@acme.cz", "sessions": 2}]


def test_old_sessions_do_not_come_back_with_the_person(cast: Cast, dan: Client) -> None:
    bob = Client()
    bob.force_login(cast.bob)
    dan.post(f"{PEOPLE}{cast.bob.pk}/deactivation/")
    dan.post(f"{PEOPLE}{cast.bob.pk}/reactivation/")
    assert bob.get("/preferences/").status_code == 302
    bob.force_login(cast.bob)
    assert bob.get("/preferences/").status_code == 200


def test_open_work_of_who_leaves_waits_for_somebody_else(cast: Cast, dan: Client) -> None:
    conversation = receive(a_mail(), cast.helpdesk_gateway)
    conversation.assign(cast.bob, cast.alice, NOON)
    dan.post(f"{PEOPLE}{cast.bob.pk}/deactivation/")
    assert Conversation.objects.get(pk=conversation.pk).assignee is None


def test_the_last_administrator_stays(cast: Cast, dan: Client) -> None:
    path = f"{PEOPLE}{cast.dan.pk}/"
    answer = dan.post(path, {"name": "Dan", "email": "dan@acme.cz", "language": "en"})
    assert "This is the last administrator who can sign in." in answer.content.decode()
    dan.post(f"{path}deactivation/")
    cast.dan.refresh_from_db()
    assert cast.dan.is_administrator
    assert cast.dan.is_active


def test_an_invited_administrator_without_a_password_does_not_count(cast: Cast, dan: Client) -> None:
    frank = Person.objects.create_person("frank@acme.cz", "Frank", is_administrator=True)
    dan.post(f"{PEOPLE}{cast.dan.pk}/deactivation/")
    cast.dan.refresh_from_db()
    assert cast.dan.is_active
    frank.set_password(PASSWORD)
    frank.save()
    dan.post(f"{PEOPLE}{cast.dan.pk}/deactivation/")
    cast.dan.refresh_from_db()
    assert not cast.dan.is_active


# --- company -----------------------------------------------------------------------------------------------


def test_the_company_is_renamed_and_it_is_traced(cast: Cast, dan: Client) -> None:
    dan.post("/administration/company/", {"name": "ACME s.r.o."})
    dan.post("/administration/company/", {"name": "ACME a.s."})
    assert traced("change-company") == [
        {"before": None, "after": "ACME s.r.o."},
        {"before": "ACME s.r.o.", "after": "ACME a.s."},
    ]


# --- processes ---------------------------------------------------------------------------------------------


def test_a_process_is_made_and_changed(cast: Cast, dan: Client) -> None:
    answer = dan.post("/administration/processes/", {"name": "Press", "description": ""})
    assert (
        dan.post(answer.headers["Location"], {"name": "Press office", "description": "Journalists"}).status_code == 302
    )
    assert traced("change-process") == [
        {
            "before": {"name": "Press", "description": ""},
            "after": {"name": "Press office", "description": "Journalists"},
        }
    ]


def test_a_name_of_a_process_is_taken_once(cast: Cast, dan: Client) -> None:
    page = dan.post("/administration/processes/", {"name": "Helpdesk"})
    assert page.status_code == 422
    assert "There is a process with this name already." in page.content.decode()


def test_a_team_grows_changes_roles_and_shrinks(cast: Cast, dan: Client) -> None:
    team = f"/administration/processes/{cast.helpdesk.pk}/members/"
    dan.post(team, {"person": cast.eve.pk, "role": "member"})
    assert Member.objects.get(process=cast.helpdesk, person=cast.eve).role == "member"
    dan.post(f"{team}{cast.eve.pk}/", {"role": "lead"})
    assert Member.objects.get(process=cast.helpdesk, person=cast.eve).role == "lead"
    dan.post(f"{team}{cast.eve.pk}/", {"remove": "1"})
    assert not Member.objects.filter(process=cast.helpdesk, person=cast.eve).exists()


def test_who_has_left_cannot_join_a_team(cast: Cast, dan: Client) -> None:
    gone = a_person("Gone", is_active=False)
    team = f"/administration/processes/{cast.helpdesk.pk}/members/"
    assert dan.post(team, {"person": gone.pk, "role": "member"}).status_code == 422


def test_an_address_belongs_to_one_process(cast: Cast, dan: Client) -> None:
    path = f"/administration/processes/{cast.sales.pk}/addresses/"
    page = dan.post(path, {"address": "helpdesk@acme.cz", "gateway": cast.sales_gateway.pk})
    assert "belongs to the process Helpdesk already" in page.content.decode()
    dan.post(path, {"address": "offers@acme.cz", "gateway": cast.sales_gateway.pk})
    added = ProcessAddress.objects.get(address="offers@acme.cz")
    dan.post(f"{path}{added.pk}/removal/")
    assert not ProcessAddress.objects.filter(address="offers@acme.cz").exists()


def test_an_administrator_learns_nothing_of_the_mail_of_a_process(cast: Cast, dan: Client) -> None:
    receive(a_mail(subject="Very secret matter"), cast.helpdesk_gateway)
    for path in ("", "processes/", f"processes/{cast.helpdesk.pk}/", "gateways/", "people/", "shunted/", "outbox/"):
        assert "Very secret matter" not in dan.get(f"/administration/{path}").content.decode()
