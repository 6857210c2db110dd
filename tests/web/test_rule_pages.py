"""Pages for rules: written, ordered, tried; what is wrong is said beside it and nothing typed is lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from podatelna.accounts.models import AuditEntry
from podatelna.desk.models import Conversation
from podatelna.desk.rule_models import Rule
from podatelna.desk.rules.ordering import order, put
from tests.cast import Cast, a_mail, receive

pytestmark = pytest.mark.django_db
RULES = "/administration/rules/"


@pytest.fixture
def dan(cast: Cast, client: Client) -> Client:
    client.force_login(cast.dan)
    return client


def typed(cast: Cast, **more: Any) -> dict[str, Any]:
    """A form that is in order: a tag on complaints."""
    return {
        "name": "Complaints", "direction": "in", "joined": "all", "is_on": "on", "stops": "on",
        "condition": ["1", "2"], "c1-field": "subject", "c1-how": "contains", "c1-lines": "reklamace\r\nstížnost",
        "c2-field": "header", "c2-header": "X-Shop:", "c2-how": "is", "c2-not": "1", "c2-lines": "7",
        "action": ["1", "2"], "a1-do": "tag", "a1-tag": "complaint", "a2-do": "assign", "a2-person": cast.bob.pk,
        "gateway": [cast.helpdesk_gateway.pk], **more,
    }  # fmt: skip


def test_a_rule_is_written_used_and_changed(cast: Cast, dan: Client) -> None:
    assert dan.post(f"{RULES}new/", typed(cast)).status_code == 302
    [rule] = order(cast.helpdesk_gateway, "in")
    assert rule.conditions[0]["lines"] == ["reklamace", "stížnost"]
    assert rule.conditions[1] == {"field": "header", "how": "is", "not": True, "lines": ["7"], "header": "X-Shop"}
    assert rule.actions == [{"do": "tag", "tag": "complaint"}, {"do": "assign", "person": cast.bob.pk}]
    shown = dan.get(f"{RULES}{rule.pk}/").content.decode()
    assert "stížnost" in shown
    assert "checked" in shown
    conversation = receive(a_mail("Reklamace"), cast.helpdesk_gateway)
    assert conversation.taggings.get().name == "complaint"
    dan.post(f"{RULES}{rule.pk}/", typed(cast, name="Other", gateway=[cast.sales_gateway.pk]))
    assert order(cast.helpdesk_gateway, "in") == []
    assert [one.name for one in order(cast.sales_gateway, "in")] == ["Other"]
    change = AuditEntry.objects.get(act="change-rule")
    assert (change.details["before"], change.details["after"]) == ({"name": "Complaints"}, {"name": "Other"})
    dan.post(f"{RULES}{rule.pk}/deletion/")
    assert not Rule.objects.exists()


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(cast: Cast, dan: Client) -> None:
    form = typed(cast, **{"c1-how": "matches", "c1-lines": "re(klamace", "a1-tag": "a,b", "name": ""})
    answer = dan.post(f"{RULES}new/", form)
    shown = answer.content.decode()
    assert answer.status_code == 422
    for said in ("re(klamace", "The pattern cannot be understood", "This cannot be a tag", "Give the rule a name"):
        assert said in shown
    assert not Rule.objects.exists()


def test_buttons_add_and_take_away_without_saving(cast: Cast, dan: Client) -> None:
    shown = dan.post(f"{RULES}new/", typed(cast, add="condition")).content.decode()
    assert shown.count('name="condition"') == 3
    shown = dan.post(f"{RULES}new/", typed(cast, away="c1")).content.decode()
    assert shown.count('name="condition"') == 1
    assert "stížnost" not in shown
    shown = dan.post(f"{RULES}new/", typed(cast, **{"refresh": "1", "c1-field": "verdict"})).content.decode()
    assert 'value="verified"' in shown
    assert not Rule.objects.exists()


def test_a_name_is_taken_once(cast: Cast, dan: Client) -> None:
    dan.post(f"{RULES}new/", typed(cast))
    assert dan.post(f"{RULES}new/", typed(cast)).status_code == 422


def test_order_by_buttons(cast: Cast, dan: Client) -> None:
    for name in ("One", "Two", "Three"):
        put(cast.helpdesk_gateway, Rule.objects.create(name=name, actions=[{"do": "close"}]), 10, cast.dan)
    url = f"/administration/gateways/{cast.helpdesk_gateway.pk}/rules/"
    three = Rule.objects.get(name="Three").pk
    dan.post(url, {"rule": three, "position": "0"})
    assert [rule.name for rule in order(cast.helpdesk_gateway, "in")] == ["Three", "One", "Two"]
    dan.post(url, {"rule": three, "position": "-1"})  # nonsense goes to the end
    assert [rule.name for rule in order(cast.helpdesk_gateway, "in")] == ["One", "Two", "Three"]
    dan.post(url, {"rule": three, "away": "1"})
    assert [rule.name for rule in order(cast.helpdesk_gateway, "in")] == ["One", "Two"]
    assert dan.post(url, {"rule": "x"}).status_code == 404


def test_a_rehearsal_says_what_would_have_been_and_hides_what_is_not_ones_own(cast: Cast, dan: Client) -> None:
    for number in range(3):
        receive(a_mail(f"Reklamace {number}"), cast.helpdesk_gateway)
    form = typed(cast, rehearsed=cast.helpdesk_gateway.pk, last="2")
    shown = dan.post(f"{RULES}rehearsal/", form).content.decode()
    assert "2 messages looked at" in shown
    assert "2 of them would have been touched" in shown
    assert "Reklamace 2" not in shown  # an administrator reads no mail
    assert not Conversation.objects.filter(taggings__isnull=False).exists()
    dan.post(f"{RULES}new/", typed(cast))
    shown = dan.post(f"/administration/gateways/{cast.helpdesk_gateway.pk}/rules/in/rehearsal/", {}).content.decode()
    assert "3 of them" in shown
    broken = typed(cast, rehearsed=cast.helpdesk_gateway.pk, **{"c1-lines": ""})
    assert "cannot be tried yet" in dan.post(f"{RULES}rehearsal/", broken).content.decode()


def test_a_long_rehearsal_goes_on_by_itself(cast: Cast, dan: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("podatelna.web.administration.rules._AT_ONCE", 2)
    for number in range(3):
        receive(a_mail(f"Reklamace {number}"), cast.helpdesk_gateway)
    form = typed(cast, rehearsed=cast.helpdesk_gateway.pk, last="3")
    first = dan.post(f"{RULES}rehearsal/", form).content.decode()
    assert "<progress" in first
    before = first.split('"before": "')[1].split('"')[0]
    second = dan.post(f"{RULES}rehearsal/", {**form, "before": before, "done": "2", "matched": "2"}).content.decode()
    assert "<progress" not in second
    assert "3 of them" in second
