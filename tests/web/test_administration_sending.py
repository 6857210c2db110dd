"""How a mailbox sends, and what a process does by itself, as an administrator sets it."""

from __future__ import annotations

import pytest
from django.test import Client

from podatelna.accounts.models import AuditEntry
from podatelna.desk.models import Process
from podatelna.gateways import signing
from podatelna.gateways.models import Gateway
from podatelna.gateways.signing_models import DkimKey
from podatelna.mail.resolver import table_resolver
from podatelna.web.administration.sending import FOUND
from tests.cast import NOON, Cast, a_mail, receive


@pytest.fixture
def dan(cast: Cast, client: Client) -> Client:
    client.force_login(cast.dan)
    return client


def page(cast: Cast) -> str:
    return f"/administration/gateways/{cast.helpdesk_gateway.pk}/sending/"


def a_key(cast: Cast) -> DkimKey:
    return signing.create_key(cast.helpdesk_gateway, "ed25519-sha256", cast.dan, NOON)


# --- how much --------------------------------------------------------------------------------------------


def test_the_hourly_limit_is_set_and_written_down(cast: Cast, dan: Client) -> None:
    assert dan.post(page(cast), {"hourly_limit": "100"}).status_code == 302
    assert Gateway.objects.get(pk=cast.helpdesk_gateway.pk).hourly_limit == 100
    assert AuditEntry.objects.filter(act="change-gateway").latest("pk").details["after"] == {"hourly_limit": 100}


@pytest.mark.parametrize("typed", ["-1", "", "many", "100001"])
def test_what_is_no_limit_changes_nothing(cast: Cast, dan: Client, typed: str) -> None:
    assert dan.post(page(cast), {"hourly_limit": typed}).status_code == 422
    assert Gateway.objects.get(pk=cast.helpdesk_gateway.pk).hourly_limit == 0


# --- signing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", ["rsa-sha256", "ed25519-sha256"])
def test_a_key_is_made_here_and_only_its_public_half_is_shown(cast: Cast, dan: Client, algorithm: str) -> None:
    dan.post(f"{page(cast)}keys/", {"algorithm": algorithm})
    key = DkimKey.objects.get()
    shown = dan.get(page(cast)).content.decode()
    assert key.name == "podatelna1._domainkey.acme.cz"
    assert key.name in shown
    assert key.public[:40] in shown.replace("&#x2B;", "+")
    assert "PRIVATE KEY" in key.private()
    assert "PRIVATE" not in shown
    assert b"PRIVATE" not in bytes(key.sealed)
    assert "PRIVATE" not in str(list(AuditEntry.objects.values_list("details", flat=True)))


def test_an_unknown_algorithm_is_not_found(cast: Cast, dan: Client) -> None:
    assert dan.post(f"{page(cast)}keys/", {"algorithm": "rsa-sha1"}).status_code == 404
    assert dan.post(f"{page(cast)}keys/{a_key(cast).pk}/", {"do": "wonders"}).status_code == 404


def test_each_key_of_a_domain_has_a_selector_of_its_own(cast: Cast) -> None:
    names = [a_key(cast).selector, a_key(cast).selector]
    names.append(signing.create_key(cast.sales_gateway, "ed25519-sha256", cast.dan, NOON).selector)
    assert names == ["podatelna1", "podatelna2", "podatelna3"]


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ("{record}", "published"),
        ("{record}; t=y", "testing"),
        (None, "unanswered"),
        ([], "missing"),
        ("v=DKIM1; k=ed25519; p=", "revoked"),
        ("v=DKIM1; k=ed25519; p=MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=", "other"),
        ("v=DKIM1; k=ed25519; p=rubbish", "invalid"),
        ("v=spf1 -all", "missing"),
    ],
    ids=["published", "testing", "unanswered", "missing", "revoked", "other", "invalid", "spf"],
)
def test_a_key_signs_only_when_dns_has_it(cast: Cast, record: object, found: str) -> None:
    key = a_key(cast)
    published = record.format(record=key.record) if isinstance(record, str) else record
    resolver = table_resolver({key.name: published})
    assert signing.switch_on(key, resolver, cast.dan, NOON) is (found in signing.USABLE)
    key.refresh_from_db()
    assert (key.found, key.is_on, key.checked_at) == (found, found in signing.USABLE, NOON)
    assert found in FOUND


def test_a_key_that_signs_is_not_removed(cast: Cast, dan: Client) -> None:
    key = a_key(cast)
    signing.switch_on(key, table_resolver({key.name: key.record}), cast.dan, NOON)
    dan.post(f"{page(cast)}keys/{key.pk}/", {"do": "remove"})
    assert DkimKey.objects.filter(is_on=True).exists()
    dan.post(f"{page(cast)}keys/{key.pk}/", {"do": "off"})
    dan.post(f"{page(cast)}keys/{key.pk}/", {"do": "remove"})
    assert not DkimKey.objects.exists()
    acts = list(AuditEntry.objects.filter(act__contains="signing").order_by("pk").values_list("act", flat=True))
    assert acts == ["make-signing-key", "switch-signing-on", "switch-signing-off", "remove-signing-key"]


# --- by itself -------------------------------------------------------------------------------------------

VALUES = {"answers": "on", "answer_cs": "Máme to.", "answer_en": "", "answer_hours": "48", "flood_messages": "100",
          "flood_minutes": "5"}  # fmt: skip


def test_answers_and_floods_of_a_process_are_set(cast: Cast, dan: Client) -> None:
    url = f"/administration/processes/{cast.helpdesk.pk}/answers/"
    assert dan.post(url, VALUES).status_code == 302
    row = Process.objects.get(pk=cast.helpdesk.pk)
    assert (row.answers, row.answer_cs, row.answer_hours, row.flood_messages) == (True, "Máme to.", 48, 100)
    assert dan.post(url, {**VALUES, "answer_cs": " "}).status_code == 422


def test_an_administrator_sees_that_something_is_held_but_not_whose(cast: Cast, dan: Client) -> None:
    cast.helpdesk.flood_messages = 2
    cast.helpdesk.save()
    for _ in range(2):
        receive(a_mail(sender="robot@example.cz"), cast.helpdesk_gateway)
    shown = dan.get(f"/administration/processes/{cast.helpdesk.pk}/answers/").content.decode()
    assert "2 messages from a sender at example.cz are held" in shown
    assert "robot@" not in shown
