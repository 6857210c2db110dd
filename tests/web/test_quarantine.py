"""The quarantine: who may look at what, that nothing is rendered, trying again, releasing, exporting."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from podatelna import pipeline
from podatelna.accounts.models import AuditEntry, Person
from podatelna.archive import store
from podatelna.archive.models import Body, Delivery
from podatelna.desk import quarantined
from podatelna.desk.models import Conversation
from podatelna.desk.processes import add_address
from podatelna.gateways.models import Gateway
from podatelna.mail.parse import parse
from tests.cast import NOON, Cast, a_mail, arrive

SECRET = "Tajuplnost"


def shunted(gateway: Gateway, raw: bytes = b"", *, stage: str = "store", error: str = "ValueError: x") -> Delivery:
    """Mail that something has kept from its desk."""
    delivery = arrive(raw or a_mail(SECRET, f"<b>{SECRET}</b>\n", sender="Jana <jana@example.cz>"), gateway)
    Delivery.objects.filter(pk=delivery.pk).update(state="shunted", stage=stage, error=error, due_at=None)
    delivery.refresh_from_db()
    return delivery


def as_(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_team_of_the_mailbox_looks_at_its_source_as_text(cast: Cast) -> None:
    delivery = shunted(
        cast.helpdesk_gateway, b"Subject: \xff\x00 <script>alert(1)</script>\r\n\r\n<img src=x>\xe2\x80\xae\r\n"
    )
    for person in (cast.alice, cast.bob):
        shown = as_(person).get(f"/quarantine/{delivery.pk}/").content.decode()
        assert "&lt;script&gt;alert(1)" in shown
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown
        assert "\u202e" not in shown
        assert "ValueError: x" in shown


def test_the_rail_leads_there_while_something_stands_there(cast: Cast) -> None:
    assert "/quarantine/" not in as_(cast.bob).get("/preferences/").content.decode()
    shunted(cast.helpdesk_gateway)
    assert "/quarantine/" in as_(cast.bob).get("/preferences/").content.decode()
    assert "/quarantine/" not in as_(cast.carol).get("/preferences/").content.decode()


def test_nobody_else_finds_it(cast: Cast) -> None:
    delivery = shunted(cast.helpdesk_gateway)
    for person in (cast.carol, cast.eve, cast.dan):
        assert SECRET not in as_(person).get("/quarantine/").content.decode()
        for path in ("", "original"):
            assert as_(person).get(f"/quarantine/{delivery.pk}/{path}").status_code == 404
        for path in ("replay", "release"):
            assert as_(person).post(f"/quarantine/{delivery.pk}/{path}").status_code == 404
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.SHUNTED


def test_a_mailbox_of_two_processes_says_of_no_mail_whose_it_is(cast: Cast) -> None:
    add_address(cast.sales, cast.helpdesk_gateway, "obchod@acme.cz", cast.dan)
    delivery = shunted(cast.helpdesk_gateway)
    for person in (cast.alice, cast.carol):
        assert as_(person).get(f"/quarantine/{delivery.pk}/").status_code == 404


def test_of_a_private_mailbox_only_its_owner_sees_mail_and_no_reason_helps(cast: Cast) -> None:
    Gateway.objects.filter(pk=cast.sales_gateway.pk).update(owner=cast.eve)
    delivery = shunted(cast.sales_gateway)
    assert as_(cast.eve).get(f"/quarantine/{delivery.pk}/").status_code == 200
    assert as_(cast.carol).get(f"/quarantine/{delivery.pk}/").status_code == 404
    dan, place = as_(cast.dan), f"/administration/shunted/{delivery.pk}/"
    assert dan.post(f"{place}inspection/", {"reason": "I am curious"}).status_code == 404
    assert dan.get(f"{place}original/").status_code == 404
    assert dan.post(f"{place}release/", {"address": cast.helpdesk.addresses.get().pk}).status_code == 404
    shown = dan.get(place).content.decode() + dan.get("/administration/shunted/").content.decode()
    assert "private mailbox" in shown
    assert "Eve" in shown
    assert SECRET not in shown
    assert "jana@example.cz" not in shown


def test_an_administrator_sees_that_it_is_here_and_why_and_nothing_of_it(cast: Cast) -> None:
    delivery = shunted(cast.helpdesk_gateway, error=f"ValueError: {SECRET}")
    Delivery.objects.filter(pk=delivery.pk).update(mail_from="jana@example.cz")
    dan = as_(cast.dan)
    for path in ("/administration/shunted/", f"/administration/shunted/{delivery.pk}/"):
        shown = dan.get(path).content.decode()
        assert "ValueError" in shown
        assert "jana@example.cz" in shown
        assert SECRET not in shown
    asked = dan.get(f"/administration/shunted/{delivery.pk}/original/")
    assert asked.headers["Location"] == f"/administration/shunted/{delivery.pk}/"


def test_an_administrator_looks_for_an_hour_after_saying_why_which_the_log_keeps(cast: Cast) -> None:
    delivery = shunted(cast.helpdesk_gateway)
    dan, place = as_(cast.dan), f"/administration/shunted/{delivery.pk}/"
    dan.post(f"{place}inspection/", {"reason": "  "})
    assert SECRET not in dan.get(place).content.decode()
    dan.post(f"{place}inspection/", {"reason": "The parser fails\non it"})
    assert SECRET in dan.get(place).content.decode()
    assert dan.get(f"{place}original/").content == store.original(delivery)
    line = AuditEntry.objects.get(act="inspect-quarantine")
    assert (line.person, line.subject, line.details["reason"]) == (
        cast.dan,
        f"delivery {delivery.pk}",
        "The parser fails on it",
    )
    assert AuditEntry.objects.filter(act="download-quarantined", person=cast.dan).count() == 1
    other = shunted(cast.sales_gateway)
    assert SECRET not in dan.get(f"/administration/shunted/{other.pk}/").content.decode(), "of this one alone"
    AuditEntry.objects.update(at=timezone.now() - timedelta(minutes=61))
    assert SECRET not in dan.get(place).content.decode()


def test_the_original_comes_as_a_download_with_a_name_that_says_nothing(cast: Cast) -> None:
    delivery = shunted(cast.helpdesk_gateway)
    answer = as_(cast.bob).get(f"/quarantine/{delivery.pk}/original")
    assert answer.content == store.original(delivery)
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == f'attachment; filename="quarantine-{delivery.pk}.eml"'
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_trying_again_brings_it_to_the_desk(cast: Cast) -> None:
    delivery = shunted(cast.helpdesk_gateway)
    as_(cast.bob).post(f"/quarantine/{delivery.pk}/replay")
    pipeline.receive_due(timezone.now())
    assert Conversation.objects.visible_to(cast.bob).get().subject == SECRET
    assert not quarantined.readable(cast.bob).exists()


def test_released_mail_comes_to_the_process_as_a_message_with_the_very_bytes_attached(cast: Cast) -> None:
    delivery = shunted(cast.helpdesk_gateway)
    address = cast.helpdesk.addresses.get()
    as_(cast.bob).post(f"/quarantine/{delivery.pk}/release", {"address": address.pk})
    pipeline.receive_due(timezone.now())
    conversation = Conversation.objects.visible_to(cast.bob).get()
    assert conversation.process == cast.helpdesk
    assert conversation.status == Conversation.Status.OPEN
    message = conversation.entries.get(message__isnull=False).message
    assert message is not None
    parsed = parse(store.original(message.deliveries.get()))
    assert "Released from the quarantine by Bob." in parsed.text
    file = message.parts.get(is_attachment=True)
    assert file.filename == f"original-{delivery.pk}.eml"
    attached = next(part for part in parsed.parts if part.filename == file.filename)
    assert attached.content == store.original(delivery)
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.RELEASED
    assert AuditEntry.objects.get(act="release").person == cast.bob
    assert as_(cast.bob).get(f"/quarantine/{delivery.pk}/").status_code == 404


def test_it_is_released_once(cast: Cast) -> None:
    delivery = shunted(cast.helpdesk_gateway)
    address = cast.helpdesk.addresses.get()
    assert quarantined.release(delivery, address, ("x", "y"), cast.bob, NOON) is not None
    assert quarantined.release(delivery, address, ("x", "y"), cast.bob, NOON) is None
    assert Delivery.objects.filter(state=Delivery.State.RECEIVED).count() == 1


def test_one_releases_to_ones_own_processes_and_an_administrator_to_any(cast: Cast) -> None:
    delivery = shunted(cast.helpdesk_gateway)
    sales = cast.sales.addresses.get()
    assert as_(cast.bob).post(f"/quarantine/{delivery.pk}/release", {"address": sales.pk}).status_code == 404
    as_(cast.dan).post(f"/administration/shunted/{delivery.pk}/release/", {"address": sales.pk})
    pipeline.receive_due(timezone.now())
    assert Conversation.objects.visible_to(cast.carol).get().process == cast.sales
    assert not Conversation.objects.visible_to(cast.dan).exists()


def test_what_is_damaged_says_so_and_stays(cast: Cast) -> None:
    delivery = shunted(cast.helpdesk_gateway)
    Body.objects.filter(message=delivery.message).update(skeleton=b"\0garbage")
    bob, address = as_(cast.bob), cast.helpdesk.addresses.get()
    assert "cannot be made again" in bob.get(f"/quarantine/{delivery.pk}/").content.decode()
    assert bob.get(f"/quarantine/{delivery.pk}/original").status_code == 409
    bob.post(f"/quarantine/{delivery.pk}/release", {"address": address.pk})
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.SHUNTED


def test_all_originals_come_in_a_zip(cast: Cast) -> None:
    ours, other = shunted(cast.helpdesk_gateway), shunted(cast.sales_gateway)
    answer = as_(cast.bob).post("/quarantine/export")
    found = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]  # a streaming answer
    assert found.namelist() == [f"quarantine-{ours.pk}.eml"]
    assert found.read(found.namelist()[0]) == store.original(ours)
    dan = as_(cast.dan)
    assert dan.post("/administration/shunted/export/").status_code == 302
    Gateway.objects.filter(pk=cast.sales_gateway.pk).update(owner=cast.eve)
    answer = dan.post("/administration/shunted/export/", {"reason": "For the maintainers"})
    found = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]  # a streaming answer
    assert found.namelist() == [f"quarantine-{ours.pk}.eml"], "nothing of a private mailbox"
    assert AuditEntry.objects.filter(act="inspect-quarantine", subject=f"delivery {ours.pk}").exists()
    assert not AuditEntry.objects.filter(act="inspect-quarantine", subject=f"delivery {other.pk}").exists()
    assert as_(cast.eve).post("/quarantine/export").status_code == 200


@pytest.mark.parametrize("stage", ["crash", "of the future"])
def test_a_stage_without_words_is_shown_as_it_is(cast: Cast, stage: str) -> None:
    shunted(cast.helpdesk_gateway, stage=stage, error="no name")
    shown = as_(cast.bob).get("/quarantine/").content.decode()
    assert ("The worker stopped each time" if stage == "crash" else stage) in shown
