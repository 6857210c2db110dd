"""Letters that a rule holds, as people see them: their writer, who decides, and who does not."""

from __future__ import annotations

import pytest
from django.test import Client

from podatelna.desk.models import Conversation
from podatelna.desk.rule_models import Rule
from podatelna.desk.rules.ordering import put
from podatelna.outbox.models import Outgoing
from tests.cast import Cast, a_mail, receive
from tests.desk.test_replies import send, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(cast: Cast) -> Outgoing:
    rule = Rule.objects.create(name="Prices", direction="out", actions=[{"do": "review"}])
    put(cast.helpdesk_gateway, rule, 0, cast.dan)
    return send(write(cast, receive(a_mail(), cast.helpdesk_gateway)))


def page(person: object, url: str) -> str:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]  # people are users
    return client.get(url).content.decode()


def test_who_wrote_it_takes_it_back_and_who_did_not_decides(cast: Cast, held: Outgoing) -> None:
    url = f"/conversations/{held.entry.conversation_id}/"
    assert f"/sendings/{held.pk}/undo" in page(cast.bob, url)
    assert f"/sendings/{held.pk}/approval" not in page(cast.bob, url)
    by_alice = page(cast.alice, url)
    assert f"/sendings/{held.pk}/approval" in by_alice
    assert "Prices" in by_alice
    assert url in page(cast.alice, "/reviews/")
    assert url not in page(cast.bob, "/reviews/")
    assert url not in page(cast.carol, "/reviews/")


def test_who_sends_it_is_told_that_it_is_held(cast: Cast, held: Outgoing, client: Client) -> None:
    draft = write(cast, held.entry.conversation)
    client.force_login(cast.bob)
    form = {"revision": draft.revision, "text": draft.text, "to": draft.to, "sender": draft.sender}
    seen = held.entry.conversation.entries.latest("pk").pk
    answer = client.post(f"/drafts/{draft.pk}/sending", {**form, "seen_until": seen}, headers={"HX-Request": "true"})
    assert "A rule holds it" in answer["HX-Trigger"]


def test_approved_it_goes_out_and_the_writer_cannot(cast: Cast, held: Outgoing, client: Client) -> None:
    client.force_login(cast.bob)
    client.post(f"/sendings/{held.pk}/approval")
    held.refresh_from_db()
    assert held.state == "held"
    client.force_login(cast.alice)
    client.post(f"/sendings/{held.pk}/approval")
    held.refresh_from_db()
    assert held.state == "waiting"
    assert "let the held letter go out" in page(cast.bob, f"/conversations/{held.entry.conversation_id}/")


def test_given_back_with_a_reason_alone(cast: Cast, held: Outgoing, client: Client) -> None:
    conversation = held.entry.conversation_id
    client.force_login(cast.alice)
    client.post(f"/sendings/{held.pk}/return", {"why": " "})
    held.refresh_from_db()
    assert held.state == "held"
    client.post(f"/sendings/{held.pk}/return", {"why": "The <b>price</b> is wrong"})
    shown = page(cast.bob, f"/conversations/{conversation}/")
    assert "The &lt;b&gt;price&lt;/b&gt; is wrong" in shown
    assert Conversation.objects.get(pk=conversation).drafts.get().person == cast.bob


def test_what_waits_stands_on_the_rail_of_those_who_may_decide(cast: Cast, held: Outgoing, client: Client) -> None:
    for person, shown in ((cast.alice, True), (cast.bob, False), (cast.carol, False)):
        client.force_login(person)
        assert ("Letters to look at" in client.get("/desk/all/").content.decode()) is shown, person
