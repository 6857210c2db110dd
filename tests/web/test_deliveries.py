"""The deliveries of a message on its page: those that one may see, as they came; taken out of view and given back."""

from __future__ import annotations

import hashlib
import re

import pytest

from podatelna.archive import store
from podatelna.archive.models import Delivery, Message
from podatelna.desk.models import Conversation, Hidden
from tests.cast import Cast, a_mail, receive
from tests.web.test_conversation import HTMX, signed_in, url


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    """One mail in helpdesk's mailbox twice and in that of sales."""
    raw = a_mail("Offer", "The price is 55.", message_id="offer@example.cz")
    receive(b"Delivered-To: first@acme.cz\r\n" + raw, cast.helpdesk_gateway)
    receive(b"Delivered-To: second@acme.cz\r\n" + raw, cast.helpdesk_gateway)
    receive(b"Delivered-To: secret@acme.cz\r\n" + raw, cast.sales_gateway)
    return Conversation.objects.get(process=cast.helpdesk)


def page_url(conversation: Conversation, more: str = "") -> str:
    return url(conversation, f"messages/{Message.objects.get().pk}/{more}")


def test_the_page_names_each_copy_that_one_may_see(cast: Cast, conversation: Conversation) -> None:
    page = signed_in(cast.bob).get(page_url(conversation, "deliveries/")).content.decode()
    assert ("first@acme.cz" in page, "second@acme.cz" in page, "secret@acme.cz" in page) == (True, True, False)
    assert "sales@acme.cz" not in page
    assert "Sales" not in page
    for delivery in Delivery.objects.order_by("pk")[:2]:
        assert bytes(delivery.sha256).hex() in page


def test_each_copy_is_given_out_as_it_came(cast: Cast, conversation: Conversation) -> None:
    for delivery in Delivery.objects.order_by("pk")[:2]:
        answer = signed_in(cast.bob).get(page_url(conversation, f"deliveries/{delivery.pk}/original"))
        assert hashlib.sha256(answer.content).digest() == bytes(delivery.sha256)
        assert answer.content == store.original(delivery)
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"].startswith("attachment")


def test_each_copy_has_its_own_header(cast: Cast, conversation: Conversation) -> None:
    second = Delivery.objects.order_by("pk")[1]
    page = signed_in(cast.bob).get(page_url(conversation, f"deliveries/{second.pk}/headers")).content.decode()
    assert "second@acme.cz" in page
    assert "first@acme.cz" not in page


def test_the_copy_of_another_process_is_nowhere(cast: Cast, conversation: Conversation) -> None:
    third = Delivery.objects.order_by("pk")[2]
    for more in ("headers", "original"):
        address = page_url(conversation, f"deliveries/{third.pk}/{more}")
        assert signed_in(cast.bob).get(address).status_code == 404
    assert signed_in(cast.bob).get(f"/messages/{third.message_id}/deliveries/{third.pk}/original").status_code == 404


def test_who_leads_takes_a_message_out_of_view_and_gives_it_back(cast: Cast, conversation: Conversation) -> None:
    alice, process = signed_in(cast.alice), cast.helpdesk.pk
    assert f"hiding?process={process}" in alice.get(page_url(conversation, "deliveries/")).content.decode()
    asked = alice.get(page_url(conversation, f"hiding?process={process}"))
    assert "also when another copy of it comes" in asked.content.decode()
    form = {"process": process, "reason": "Sent by mistake"}
    done = alice.post(page_url(conversation, "hiding"), form, headers=HTMX)
    hidden = Hidden.objects.get()
    assert f"/hidden/{hidden.pk}/undo" in done["HX-Trigger"]
    timeline = signed_in(cast.bob).get(url(conversation)).content.decode()
    assert "Alice took a message out of view" in timeline
    assert "The price is 55." not in timeline
    assert f"/hidden/{hidden.pk}/" not in timeline
    assert f"/hidden/{hidden.pk}/" in alice.get(url(conversation)).content.decode()
    shown = alice.get(f"/hidden/{hidden.pk}/").content.decode()
    assert "Sent by mistake" in shown
    assert "Offer" not in shown
    alice.post(f"/hidden/{hidden.pk}/undo")
    assert "The price is 55." in signed_in(cast.bob).get(url(conversation)).content.decode()


def test_one_copy_is_taken_alone(cast: Cast, conversation: Conversation) -> None:
    first = Delivery.objects.order_by("pk")[0]
    form = {"process": cast.helpdesk.pk, "delivery": first.pk}
    signed_in(cast.alice).post(page_url(conversation, "hiding"), form)
    page = signed_in(cast.bob).get(page_url(conversation, "deliveries/")).content.decode()
    assert ("first@acme.cz" in page, "second@acme.cz" in page) == (False, True)


def test_members_may_not(cast: Cast, conversation: Conversation) -> None:
    bob = signed_in(cast.bob)
    assert "hiding?" not in bob.get(page_url(conversation, "deliveries/")).content.decode()
    assert bob.post(page_url(conversation, "hiding"), {"process": cast.helpdesk.pk}).status_code == 404
    assert bob.post(page_url(conversation, "hiding"), {"process": cast.sales.pk}).status_code == 404
    assert signed_in(cast.alice).post(page_url(conversation, "hiding"), {"process": cast.sales.pk}).status_code == 404
    assert not Hidden.objects.exists()


def test_in_the_archive_the_page_is_there_too(cast: Cast, conversation: Conversation) -> None:
    page = signed_in(cast.carol).get(f"/messages/{Message.objects.get().pk}/deliveries/").content.decode()
    assert re.findall(r"\w+@acme\.cz", page).count("secret@acme.cz") == 1
    assert "first@acme.cz" not in page
