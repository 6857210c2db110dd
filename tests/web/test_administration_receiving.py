"""Gateways whose mail is brought to us, and web forms, in the administration."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client
from django.utils import timezone

from podatelna.accounts.models import AuditEntry
from podatelna.archive.intake import accept
from podatelna.archive.models import Origin
from podatelna.desk.addressed import receiving_gateway
from podatelna.gateways.form_models import WebForm
from podatelna.gateways.models import Gateway
from podatelna.gateways.probe import STEPS
from podatelna.gateways.reception import DirectReception
from podatelna.protocols.listening import read_places
from podatelna.protocols.smtp_server import Brought
from podatelna.protocols.smtp_server import Client as Server
from tests.cast import Cast, a_mail

pytestmark = pytest.mark.django_db

NEW = "/administration/gateways/new/receiving/"
SUPPORT = {
    "address": "Support@acme.cz", "display_name": "ACME", "smtp_host": "smtp.acme.cz", "smtp_port": "465",
    "smtp_security": "tls", "smtp_sign_in": "other", "smtp_login": "support@acme.cz", "smtp_password": "secret-42",
}  # fmt: skip
CONTACT = {
    "name": "Contact", "address": "helpdesk@acme.cz", "origins": "https://www.acme.cz/\nhttps://ACME.cz:443",
    "is_open": "on", "language": "", "thanks_url": "", "name_field": "name", "email_field": "email",
    "subject_field": "subject", "text_field": "message", "subject": "", "trap_field": "website", "least_seconds": "0",
    "per_hour": "10", "per_day": "200", "files": "2", "megabytes": "5",
}  # fmt: skip


@pytest.fixture
def dan(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.dan)
    return client


def made(client: Client, cast: Cast) -> Gateway:
    answer = client.post(NEW, {**SUPPORT, "process": cast.helpdesk.pk})
    gateway = Gateway.objects.get(address="support@acme.cz")
    assert answer.headers["Location"] == f"/administration/gateways/{gateway.pk}/receiving/"
    return gateway


# --- mail that is brought


def test_a_receiving_gateway_is_made_with_its_process_and_no_mailbox(cast: Cast, dan: Client) -> None:
    gateway = made(dan, cast)
    assert (gateway.kind, gateway.origin.kind, gateway.imap_host) == ("receiving", Origin.Kind.SMTP, "")
    assert gateway.smtp_password() == "secret-42"
    assert receiving_gateway("support+x@acme.cz") == gateway
    assert gateway.addresses.get().process == cast.helpdesk
    assert "secret-42" not in str(list(AuditEntry.objects.values_list("details", flat=True)))


def test_its_page_says_what_to_write_into_a_mail_server(cast: Cast, dan: Client, settings: object) -> None:
    gateway = made(dan, cast)
    page = f"/administration/gateways/{gateway.pk}/receiving/"
    assert "does not listen for mail yet" in dan.get(page).content.decode()
    settings.LMTP_LISTEN, settings.SMTP_LISTEN = read_places("127.0.0.1:24"), read_places("0.0.0.0:25")
    settings.SMTP_NAME = "desk.acme.cz"
    shown = html.unescape(dan.get(page).content.decode())
    assert "support@acme.cz  lmtp:inet:[127.0.0.1]:24" in shown
    assert "support@acme.cz  smtp:[desk.acme.cz]:25" in shown
    assert "acme.cz.  MX  10 desk.acme.cz." in shown
    assert "Nothing has come yet." in shown
    settings.LMTP_LISTEN = read_places("/run/podatelna/lmtp")
    assert "lmtp:unix:/run/podatelna/lmtp" in dan.get(page).content.decode()


def test_its_page_says_that_something_has_come(cast: Cast, dan: Client) -> None:
    gateway = made(dan, cast)
    reception = DirectReception(receiving_gateway, accept, timezone.now)
    server = Server("203.0.113.5", "mx.example.cz", False, "smtp")
    reception.accept(Brought(server, "jana@example.cz", ("support@acme.cz",), a_mail()))
    page = dan.get(f"/administration/gateways/{gateway.pk}/receiving/").content.decode()
    assert "1 message has come" in page
    assert "brought by SMTP or LMTP" in dan.get("/administration/gateways/").content.decode()


def test_a_kept_password_goes_to_no_other_server(cast: Cast, dan: Client) -> None:
    gateway = made(dan, cast)
    page = f"/administration/gateways/{gateway.pk}/receiving/"
    kept = {**SUPPORT, "smtp_password": "", "process": cast.helpdesk.pk}
    assert dan.post(page, {**kept, "smtp_host": "evil.example"}).status_code == 422
    assert dan.post(page, {**kept, "display_name": "New"}).status_code == 302
    gateway.refresh_from_db()
    assert (gateway.display_name, gateway.smtp_host, gateway.smtp_password()) == ("New", "smtp.acme.cz", "secret-42")


@pytest.mark.parametrize(
    "wrong",
    [{"address": "helpdesk@acme.cz"}, {"address": "no"}, {"smtp_security": "none"}, {"smtp_password": ""},
     {"smtp_host": "https://smtp.acme.cz"}],
)  # fmt: skip
def test_what_cannot_work_is_not_saved(cast: Cast, dan: Client, wrong: dict[str, str]) -> None:
    assert dan.post(NEW, {**SUPPORT, **wrong}).status_code == 422
    assert not Gateway.objects.filter(kind=Gateway.Kind.RECEIVING).exists()


def test_the_page_of_a_mailbox_leads_to_it_and_a_mailbox_is_not_one(cast: Cast, dan: Client) -> None:
    gateway = made(dan, cast)
    answer = dan.get(f"/administration/gateways/{gateway.pk}/")
    assert answer.headers["Location"] == f"/administration/gateways/{gateway.pk}/receiving/"
    assert dan.get(f"/administration/gateways/{cast.helpdesk_gateway.pk}/receiving/").status_code == 404


def test_only_the_way_out_is_tested(cast: Cast, dan: Client) -> None:
    here = {**SUPPORT, "smtp_host": "127.0.0.1", "smtp_port": "1", "smtp_security": "none"}
    answer = dan.post(f"{NEW}test/", here)
    steps = b"".join(answer.streaming_content).decode()
    shown = [step for step in steps.splitlines() if "<strong>" in step and step.startswith("<li")]
    assert len([step for step in STEPS if step.startswith("smtp-")]) <= len(shown) < len(STEPS)


# --- web forms


def test_a_form_is_made_and_shows_what_to_paste(cast: Cast, dan: Client, settings: object) -> None:
    answer = dan.post("/administration/forms/new/", CONTACT)
    form = WebForm.objects.get()
    assert answer.headers["Location"] == f"/administration/forms/{form.pk}/"
    assert form.allowed_origins == ["https://www.acme.cz", "https://acme.cz"]
    assert (form.origin.kind, form.origin.name) == (Origin.Kind.FORM, "Contact")
    page = dan.get(f"/administration/forms/{form.pk}/").content.decode()
    plain, scripted = (
        html.unescape(text) for text in re.findall(r"<textarea[^>]*wrap=\"off\"[^>]*>(.*?)</textarea>", page, re.S)
    )
    assert f'action="{settings.ORIGIN}/forms/{form.key}/"' in plain
    assert 'name="message"' in plain
    assert "<script>" not in plain
    assert "fetch(form.action" in scripted
    assert "Contact" in dan.get("/administration/forms/").content.decode()


def test_a_new_form_needs_little_more_than_a_name_and_a_page(cast: Cast, dan: Client) -> None:
    page = dan.get("/administration/forms/new/").content.decode()
    shown = dict(re.findall(r'<input[^>]*name="(\w+)" value="([^"]*)"', page))
    given = {**shown, "name": "Contact", "address": "helpdesk@acme.cz", "origins": "https://acme.cz", "is_open": "on"}
    assert dan.post("/administration/forms/new/", given).status_code == 302
    form = WebForm.objects.get()
    assert (form.email_field, form.text_field, form.trap_field, form.per_hour) == ("email", "message", "website", 10)


def test_names_of_fields_cannot_break_out_of_the_snippet(cast: Cast, dan: Client) -> None:
    evil = '"><script>alert(1)</script>'
    dan.post("/administration/forms/new/", {**CONTACT, "text_field": evil, "name": evil})
    form = WebForm.objects.get()
    for page in (f"/administration/forms/{form.pk}/", f"/administration/forms/{form.pk}/preview/"):
        assert "<script>alert" not in dan.get(page).content.decode()


def test_it_can_be_tried_from_its_page_and_closed(cast: Cast, dan: Client, settings: object) -> None:
    dan.post("/administration/forms/new/", CONTACT)
    form = WebForm.objects.get()
    preview = dan.get(f"/administration/forms/{form.pk}/preview/").content.decode()
    assert f'action="/forms/{form.key}/"' in preview
    fields = {"email": "jana@example.cz", "message": "Hello"}
    sent = Client().post(f"/forms/{form.key}/", fields, headers={"Origin": settings.ORIGIN})
    assert sent.status_code == 200
    assert "taken" in dan.get(f"/administration/forms/{form.pk}/").content.decode()
    closed = {name: value for name, value in CONTACT.items() if name != "is_open"}
    assert dan.post(f"/administration/forms/{form.pk}/", closed).status_code == 302
    form.refresh_from_db()
    assert not form.is_open


@pytest.mark.parametrize(
    "wrong",
    [{"origins": ""}, {"origins": "acme.cz"}, {"origins": "https://acme.cz/contact"}, {"origins": "ftp://acme.cz"},
     {"origins": "https://u:p@acme.cz"}, {"origins": "https://acme.cz:x"}, {"thanks_url": "https://evil.example/"},
     {"thanks_url": "javascript:alert(1)"}, {"address": "nobody@acme.cz"}, {"text_field": "email"}, {"per_hour": "0"},
     {"files": "21"}],
)  # fmt: skip
def test_a_form_that_cannot_work_is_not_saved(cast: Cast, dan: Client, wrong: dict[str, str]) -> None:
    assert dan.post("/administration/forms/new/", {**CONTACT, **wrong}).status_code == 422
    assert not WebForm.objects.exists()
