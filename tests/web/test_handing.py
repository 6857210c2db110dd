"""Handing a conversation over on the desk: only its owner finds the page, the button and the way back."""

from __future__ import annotations

import pytest
from django.test import Client

from podatelna.accounts.models import Person
from podatelna.desk import personal
from podatelna.desk.handover import hand_over, standing
from podatelna.desk.models import Conversation, Hidden
from podatelna.gateways.models import Gateway
from tests.cast import NOON, Cast, a_gateway, a_mail, receive


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def gateway(cast: Cast) -> Gateway:
    gateway = a_gateway("alice@acme.cz", "Alice", owner=cast.alice)
    personal.take_in(gateway, cast.alice)
    return gateway


@pytest.fixture
def conversation(cast: Cast, gateway: Gateway) -> Conversation:
    return receive(a_mail("Private offer", "Tajuplnost\n", to="alice@acme.cz"), gateway)


def pages(conversation: Conversation) -> list[str]:
    base = f"/conversations/{conversation.pk}/"
    message = conversation.entries.get(kind="message").message_id
    return [base, f"{base}messages/{message}/", f"/messages/{message}/", f"/desk/process-{conversation.process_id}/"]


def test_only_the_owner_finds_the_desk_and_the_conversation(cast: Cast, conversation: Conversation) -> None:
    alice = signed_in(cast.alice)
    home = alice.get("/", follow=True).content.decode()
    assert "Personal desk" in home
    page = alice.get(pages(conversation)[0]).content.decode()
    assert f"/conversations/{conversation.pk}/handing" in page
    assert "Whose desk it is on" in page
    for other in (cast.bob, cast.carol, cast.dan, cast.eve):
        client = signed_in(other)
        assert [client.get(url).status_code for url in pages(conversation)] == [404] * 4
        assert "Personal desk" not in client.get("/", follow=True).content.decode()
        for url in ("/desk/all/", "/search/?q=offer", "/palette?q=Private", "/palette?q=Alice", "/compose/"):
            shown = client.get(url, follow=True).content.decode()
            assert "Private offer" not in shown
            assert f"process-{conversation.process_id}" not in shown


def test_handing_over_by_the_page_and_undoing_it(cast: Cast, conversation: Conversation) -> None:
    alice, bob = signed_in(cast.alice), signed_in(cast.bob)
    url = f"/conversations/{conversation.pk}/handing"
    offered = alice.get(url).content.decode()
    assert all(name in offered for name in ("Bob", "Carol", "Helpdesk", "Sales", "alice@acme.cz"))
    assert f'value="person-{cast.alice.pk}"' not in offered
    answer = alice.post(url, {"to": f"person-{cast.bob.pk}", "as_owner": "1"}, headers={"HX-Request": "true"})
    given = standing(conversation).get()
    assert (given.to_person, given.as_owner) == (cast.bob, True)
    assert f"{url}/{given.pk}" in answer["HX-Trigger"]
    page = bob.get(f"/conversations/{conversation.pk}/").content.decode()
    assert "Desk of Alice" in page
    assert "alice handed it over" in page.lower()
    assert url not in page
    assert bob.get(url).status_code == bob.post(url, {"to": f"person-{cast.eve.pk}"}).status_code == 404
    assert bob.post(f"{url}/{given.pk}").status_code == 404
    assert "Take it back from Bob" in alice.get(f"/conversations/{conversation.pk}/").content.decode()
    assert alice.post(f"{url}/{given.pk}").status_code == 303
    assert bob.get(f"/conversations/{conversation.pk}/").status_code == 404


def test_a_team_finds_it_in_its_list_with_where_it_comes_from(cast: Cast, conversation: Conversation) -> None:
    url = f"/conversations/{conversation.pk}/handing"
    signed_in(cast.alice).post(url, {"to": f"process-{cast.sales.pk}"})
    carol = signed_in(cast.carol)
    assert "Private offer" in carol.get(f"/desk/process-{cast.sales.pk}/").content.decode()
    page = carol.get(f"/conversations/{conversation.pk}/").content.decode()
    assert "Desk of Alice → Sales" in page
    assert "The team of Sales" in page
    shown = signed_in(cast.alice).get(f"/conversations/{conversation.pk}/").content.decode()
    assert "Personal desk → Sales" in shown


@pytest.mark.parametrize("to", ["person-0", "process-0", "person-x", "", "desk-1"])
def test_to_nobody_it_is_not_handed(cast: Cast, conversation: Conversation, to: str) -> None:
    assert signed_in(cast.alice).post(f"/conversations/{conversation.pk}/handing", {"to": to}).status_code == 404
    assert not standing(conversation).exists()


def test_nobody_lets_others_in_by_assigning_it(cast: Cast, conversation: Conversation) -> None:
    hand_over(conversation, cast.bob, cast.alice, NOON)
    url = f"/conversations/{conversation.pk}/assignment"
    assert signed_in(cast.bob).post(url, {"person": cast.carol.pk}).status_code == 404
    assert signed_in(cast.bob).post(url, {"person": cast.alice.pk}).status_code == 303
    conversation.refresh_from_db()
    assert conversation.assignee == cast.alice


def test_an_administrator_hides_nothing_on_it_and_sees_nothing_hidden(cast: Cast, conversation: Conversation) -> None:
    message = conversation.entries.get(kind="message").message
    hidden = Hidden.objects.create(message=message, process=conversation.process, person=cast.alice)
    dan = signed_in(cast.dan)
    for url in (f"/hidden/{hidden.pk}/", f"/hidden/{hidden.pk}/undo"):
        assert dan.get(url).status_code in (404, 405)
        assert dan.post(url).status_code in (404, 405)
    assert Hidden.objects.filter(pk=hidden.pk).exists()
