"""Who may only read is refused by every address that changes something, and told so; the log has it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from podatelna.accounts import inspections
from podatelna.accounts.models import AuditEntry, Person
from podatelna.desk import cases, drafts, tasks
from podatelna.desk.models import Conversation, Draft, Member
from podatelna.desk.processes import add_member
from tests.cast import NOON, Cast, a_mail, a_person, receive
from tests.web.test_every_url import ROUTES, House, house  # noqa: F401  # a fixture

pytestmark = pytest.mark.django_db

# What a reader may POST to: it changes nothing of the conversation.
READING = ("/proof", "/presence", "/exports/")
SEEN = "/conversations/<int:conversation>/"


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    return receive(a_mail(), cast.helpdesk_gateway)


@pytest.fixture
def reader(cast: Cast) -> Person:
    add_member(cast.helpdesk, cast.eve, Member.Role.READER, cast.dan)
    return cast.eve


@pytest.fixture
def auditor(cast: Cast) -> Person:
    return a_person("Frank", is_auditor=True)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_reader_is_refused_everywhere(house: House) -> None:  # noqa: F811
    eve = house.cast.eve
    add_member(house.cast.helpdesk, eve, Member.Role.READER, house.cast.dan)
    client, wrong = signed_in(eve), []
    for route in ROUTES:
        if not route.text.startswith(SEEN) or "/handing" in route.text or route.text.endswith(READING):
            continue
        for method in ("POST", "DELETE", "PUT"):
            response = client.generic(
                method, house.url(route), "kind=reply&text=x", "application/x-www-form-urlencoded"
            )
            if response.status_code not in (403, 404, 405):
                wrong.append((method, route.text, response.status_code))
        if client.post(house.url(route)).status_code != 403:
            wrong.append(("POST", route.text, "not 403"))
    assert not wrong


def test_a_reader_reads_and_is_offered_nothing_else(reader: Person, conversation: Conversation) -> None:
    page = signed_in(reader).get(f"/conversations/{conversation.pk}/").content.decode()
    assert "You can read this and change nothing of it." in page
    for action in ("closure", "assignment", "drafts", "tags", "priority", "filing", "splitting"):
        assert f"/conversations/{conversation.pk}/{action}" not in page, action


def test_a_refusal_says_why_and_is_on_record(reader: Person, conversation: Conversation) -> None:
    url = f"/conversations/{conversation.pk}/closure"
    page = signed_in(reader).post(url)
    assert "change nothing of it" in page.content.decode()
    assert signed_in(reader).post(url, headers={"HX-Request": "true"})["Content-Type"].startswith("text/plain")
    conversation.refresh_from_db()
    assert conversation.status == Conversation.Status.OPEN
    entry = AuditEntry.objects.filter(act="refused").latest("pk")
    assert (entry.person, entry.subject, entry.details["wanted"]) == (
        reader,
        f"conversation {conversation.pk}",
        "conversation-closure",
    )


def test_of_several_at_once_none_is_changed(reader: Person, cast: Cast, conversation: Conversation) -> None:
    mine = receive(a_mail("Another"), cast.helpdesk_gateway)
    mine.assign(reader, cast.alice, NOON)
    response = signed_in(reader).post("/selection/closure", {"conversation": [mine.pk, conversation.pk]})
    assert response.status_code == 403
    assert Conversation.objects.open().count() == 2  # type: ignore[attr-defined]


def test_what_stands_behind_a_number_counts(reader: Person, cast: Cast, conversation: Conversation) -> None:
    task = tasks.add_task(conversation, "Call", cast.bob, NOON, cast.bob)
    case = cases.open_case(cast.helpdesk, cases.Facts("Washing machine"), cast.bob, NOON)
    client = signed_in(reader)
    for url in (f"/tasks/{task.pk}/done", f"/cases/{case.pk}/", f"/cases/{case.pk}/closure"):
        assert client.post(url).status_code == 403, url
    assert client.get(f"/cases/{case.pk}/").status_code == 200


def test_a_reader_writes_to_nobody(reader: Person, cast: Cast) -> None:
    assert signed_in(reader).get(f"/compose/?process={cast.helpdesk.pk}").status_code == 200
    assert not Draft.objects.filter(person=reader).exists()


def test_a_draft_that_outlived_its_rights_can_only_be_thrown_away(cast: Cast, conversation: Conversation) -> None:
    draft = drafts.open_draft(cast.bob, "reply", NOON, conversation=conversation)
    add_member(cast.helpdesk, cast.bob, Member.Role.READER, cast.dan)
    client = signed_in(cast.bob)
    assert client.post(f"/drafts/{draft.pk}/", {"text": "x", "revision": draft.revision}).status_code == 403
    client.delete(f"/drafts/{draft.pk}/")
    assert not Draft.objects.filter(pk=draft.pk).exists()


# --- inspections ---------------------------------------------------------------------------------------------


def test_an_auditor_begins_reads_and_ends(auditor: Person, conversation: Conversation) -> None:
    client, url = signed_in(auditor), f"/conversations/{conversation.pk}/"
    assert client.get(url).status_code == 404
    assert client.post("/inspection/", {"reason": ""}).status_code == 422
    assert client.post("/inspection/", {"reason": "Complaint of a customer"}).status_code == 303
    page = client.get(url).content.decode()
    assert "Inspection until" in page
    client.get("/search/?q=machine")
    reads = AuditEntry.objects.filter(act="inspect").order_by("pk")
    assert [row.subject for row in reads] == [f"conversation {conversation.pk}", "desk"]
    assert reads[1].details["q"] == "machine"
    client.post("/inspection/", {"_method": "DELETE"})
    assert client.get(url).status_code == 404


def test_nothing_is_changed_in_an_inspection(auditor: Person, cast: Cast, conversation: Conversation) -> None:
    add_member(cast.helpdesk, auditor, Member.Role.LEAD, cast.dan)
    inspections.begin(auditor, "Review", timezone.now())
    client = signed_in(auditor)
    for url in (f"/conversations/{conversation.pk}/closure", "/tasks/", "/cases/new/", "/contacts/import/"):
        response = client.post(url, {"title": "x", "process": cast.helpdesk.pk})
        assert response.status_code == 403, url
        assert "in an inspection" in response.content.decode()
    assert not conversation.presences.exists()


def test_nobody_sees_an_auditor_looking(auditor: Person, conversation: Conversation) -> None:
    inspections.begin(auditor, "Review", timezone.now())
    client = signed_in(auditor)
    client.get(f"/pulse?open={conversation.pk}")
    client.post("/presence", {"conversation": conversation.pk, "state": "here"})
    assert not conversation.presences.exists()


def test_inspections_are_for_auditors_alone_and_end_by_themselves(
    auditor: Person, cast: Cast, conversation: Conversation
) -> None:
    assert signed_in(cast.dan).get("/inspection/").status_code == 404
    inspections.begin(auditor, "Review", timezone.now() - timedelta(hours=2))
    assert signed_in(auditor).get(f"/conversations/{conversation.pk}/").status_code == 404
