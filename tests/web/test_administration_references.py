"""Patterns of order numbers on their page: tried out before they are saved, refused with a reason."""

from __future__ import annotations

from django.test import Client

from podatelna.desk.reference_models import ReferencePattern
from tests.cast import Cast, a_mail, receive

URL = "/administration/order-numbers/"


def test_pattern_is_tried_on_a_text_and_then_saved(cast: Cast, client: Client) -> None:
    client.force_login(cast.dan)
    said = {"name": "Order", "pattern": r"order (\d+)", "domains": "@Žlutá.cz; acme.cz", "is_on": "on"}
    tried = client.post(URL, {**said, "sample": "Order 4711 and order 12", "try": "1"})
    assert '<strong class="break">4711</strong>' in tried.content.decode()
    assert not ReferencePattern.objects.exists()
    assert client.post(URL, said).status_code == 302
    row = ReferencePattern.objects.get()
    assert row.domains == ["acme.cz", "xn--lut-gla59e.cz"]
    assert r"order (\d+)" in client.get(URL).content.decode()
    assert client.post(f"{URL}{row.pk}/", {**said, "name": "Bestellung"}).status_code == 302
    assert client.post(f"{URL}{row.pk}/removal/").status_code == 302
    assert not ReferencePattern.objects.exists()


def test_pattern_that_does_not_work_says_why(cast: Cast, client: Client) -> None:
    client.force_login(cast.dan)
    wrong = client.post(URL, {"name": "Order", "pattern": "(", "domains": "nonsense"})
    assert wrong.status_code == 422
    assert "This pattern does not work: missing )" in wrong.content.decode()
    assert "“nonsense” is no domain" in wrong.content.decode()


def test_numbers_stand_beside_their_conversation_with_a_warning(cast: Cast, client: Client) -> None:
    ReferencePattern.objects.create(name="Order", pattern=r"order (\d+)")
    receive(a_mail("First order 4711"), cast.helpdesk_gateway)
    again = receive(a_mail("Where is order 4711?"), cast.helpdesk_gateway)
    client.force_login(cast.bob)
    page = client.get(f"/conversations/{again.pk}/").content.decode()
    for words in ("Order 4711", "named elsewhere, too", "First order 4711", "?q=order%3A%224711%22"):
        assert words in page
