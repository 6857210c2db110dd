"""The health page, and the page for where alarms go."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from podatelna.accounts.models import AuditEntry
from podatelna.archive.models import Delivery
from podatelna.gateways.alarm_models import Alarm, AlarmNotice, AlarmRoute
from podatelna.gateways.alarms import KINDS, end_alarm, raise_alarm
from podatelna.gateways.models import Gateway
from podatelna.outbox import queue
from podatelna.outbox.models import Outgoing
from podatelna.watch import beats
from podatelna.web.administration.alarm_words import ALARMS
from tests.cast import Cast, a_mail, arrive

PAGE, ROUTES = "/administration/health/", "/administration/health/alarms/"


@pytest.fixture(autouse=True)
def dan(cast: Cast, client: Client) -> Client:
    """Dan, the administrator, looks at a house whose worker was just seen."""
    call_command("createcachetable", verbosity=0)
    beats.beat(timezone.now())
    client.force_login(cast.dan)
    return client


def page(client: Client) -> str:
    return client.get(PAGE).content.decode()


def test_a_house_in_order_says_so_in_words(client: Client) -> None:
    shown = page(client)
    assert "All is well." in shown
    assert "helpdesk@acme.cz" in shown
    assert "to be processed" in shown
    assert 'hx-trigger="every 10s"' in shown


def test_the_part_that_is_renewed_is_the_page_without_its_frame(client: Client) -> None:
    shown = client.get(PAGE + "?fragment").content.decode()
    assert shown.lstrip().startswith('<div class="stack" id="health"')
    assert "<html" not in shown


def test_an_alarm_is_shown_with_what_was_kept_and_what_to_do(cast: Cast, client: Client) -> None:
    details = {"code": "login-refused", "detail": "no <such> user"}
    raise_alarm("gateway-failing", "gateway 1", now=timezone.now(), gateway=cast.helpdesk_gateway, details=details)
    shown = page(client)
    assert "Something does not work." in shown
    assert "The mailbox helpdesk@acme.cz cannot be fetched." in shown
    assert "Its mail waits on the server" in shown
    assert "Many providers want an app password" in shown
    assert "no &lt;such&gt; user" in shown
    assert "not told yet" in shown
    assert f'<a href="/administration/gateways/{cast.helpdesk_gateway.pk}/">Go there</a>' in shown


def test_a_worker_that_is_gone_is_said_at_once(client: Client) -> None:
    cache.set(beats.BEAT_KEY, timezone.now() - timedelta(minutes=5), None)
    assert "Something does not work." in page(client)


def test_what_passed_before_anybody_was_told_is_not_shown(client: Client) -> None:
    raise_alarm("worker-gone", "worker", now=timezone.now(), details={"last_seen": "never"})
    assert "Something does not work." in page(client)
    end_alarm("worker-gone", "worker", now=timezone.now())
    shown = page(client)
    assert "All is well." in shown
    assert str(ALARMS["worker-gone"].happened) not in shown


def test_something_in_the_quarantine_needs_a_look(cast: Cast, client: Client) -> None:
    delivery = arrive(a_mail(), cast.helpdesk_gateway)
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.SHUNTED, due_at=None)
    assert "It works, but something needs a look." in page(client)


def test_a_reply_that_did_not_go_out_needs_a_look(cast: Cast, client: Client) -> None:
    sending = queue.enqueue(
        gateway=cast.helpdesk_gateway, person=cast.bob, mail_from="helpdesk@acme.cz", rcpt_to=("jana@example.cz",),
        raw=a_mail(), message_id="out-1@acme.cz", not_before=timezone.now(),
    )  # fmt: skip
    Outgoing.objects.filter(pk=sending.pk).update(state="failed")
    shown = page(client)
    assert "All is well." not in shown
    assert "1 message did not go out." in shown


def test_of_a_private_mailbox_an_administrator_sees_whose_it_is_and_whether_it_works(
    cast: Cast, client: Client
) -> None:
    Gateway.objects.filter(pk=cast.sales_gateway.pk).update(
        owner=cast.carol,
        state=Gateway.State.FAILING,
        failures=2,
        last_error=json.dumps({"code": "login-refused", "detail": "tajne.heslo"}),
    )
    shown = page(client)
    assert "private mailbox" in shown
    assert "Carol" in shown
    assert "The server refused the login or the password." in shown
    assert "tajne.heslo" not in shown
    assert "sales@acme.cz" not in shown


def test_only_what_has_no_end_of_its_own_can_be_put_away(cast: Cast, client: Client) -> None:
    raise_alarm("uidvalidity", "gateway 1", now=timezone.now(), gateway=cast.helpdesk_gateway)
    raise_alarm("disk", "data folder", now=timezone.now(), details={"free": "1 MiB"})
    for alarm in Alarm.objects.all():
        client.post(reverse("administration_alarm_put_away", args=[alarm.pk]))
    assert [alarm.kind for alarm in Alarm.objects.filter(ended_at=None)] == ["disk"]
    assert AuditEntry.objects.get(act="put-away-alarm").person == cast.dan


def test_a_provider_that_refuses_the_company_is_told_without_a_mailbox(client: Client) -> None:
    raise_alarm("sign-in-dead", "provider 3", now=timezone.now(), details={"provider": "Microsoft", "code": "x"})
    assert "The provider Microsoft does not accept" in page(client)


def test_alarms_of_the_last_30_days_stand_below(cast: Cast, client: Client) -> None:
    now = timezone.now()
    for days, kind in ((2, "damage"), (40, "index")):
        Alarm.objects.create(
            kind=kind,
            subject="x",
            raised_at=now - timedelta(days=days),
            told_at=now,
            ended_at=now - timedelta(days=days),
        )
    shown = page(client)
    assert str(ALARMS["damage"].happened) in shown
    assert str(ALARMS["index"].happened) not in shown


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_words(kind: str) -> None:
    words = ALARMS[kind]
    for text in (words.happened, words.kept, words.to_do):
        assert str(text).rstrip().endswith(".")


def test_the_page_asks_as_often_for_many_gateways_as_for_two(cast: Cast, client: Client) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.cast import a_gateway

    page(client)
    with CaptureQueriesContext(connection) as few:
        page(client)
    for number in range(20):
        a_gateway(f"number{number}@acme.cz")
    with CaptureQueriesContext(connection) as many:
        page(client)
    assert len(many) <= len(few)


def test_letters_about_alarms_are_no_unsent_replies(cast: Cast, client: Client) -> None:
    queue.enqueue(
        gateway=cast.sales_gateway, person=None, mail_from="sales@acme.cz", rcpt_to=["dan@acme.cz"], raw=a_mail(),
        message_id="alarm-1-x@acme.cz", not_before=timezone.now(),
    )  # fmt: skip
    Outgoing.objects.update(state=Outgoing.State.FAILED, last_code="gave-up")
    assert "did not go out" not in client.get("/administration/").content.decode()
    assert "sales@acme.cz" not in client.get("/administration/outbox/").content.decode()


# --- where alarms go -------------------------------------------------------------------------------------


def values(**changed: str) -> dict[str, str]:
    return {"mail": "on", "also_to": "", "gateway": "", "webhook_url": "", "secret": "", **changed}


def test_where_alarms_go_is_kept_with_its_secret_sealed_and_traced(cast: Cast, client: Client) -> None:
    said = values(also_to="duty@example.com, other@example.com", webhook_url="https://hook.example.com/token/x",
                  secret="a secret of sixteen", gateway=str(cast.sales_gateway.pk))  # fmt: skip
    assert client.post(ROUTES, said).status_code == 302
    route = AlarmRoute.objects.get()
    assert route.also_to.split() == ["duty@example.com", "other@example.com"]
    assert route.webhook_secret() == "a secret of sixteen"
    assert b"a secret" not in bytes(route.webhook_sealed)
    traced = str(AuditEntry.objects.get(act="change-alarms").details)
    assert "hook.example.com" in traced
    assert "token" not in traced
    assert "a secret of" not in traced
    assert "a secret of" not in client.get(ROUTES).content.decode()
    client.post(ROUTES, values(webhook_url="https://hook.example.com/y"))
    assert AlarmRoute.objects.get().webhook_secret() == "a secret of sixteen", "an empty field changes nothing"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"webhook_url": "http://hook.example.com/", "secret": "a secret of sixteen"}, "without encryption"),
        ({"webhook_url": "https://hook.example.com/"}, "Choose one: with it the receiver knows"),
        ({"secret": "short"}, "At least 16 characters."),
        ({"also_to": "nobody"}, "nobody is no address."),
    ],
    ids=["plain http", "no secret", "short secret", "no address"],
)
def test_what_cannot_be_used_is_refused_with_a_word(client: Client, changed: dict[str, str], words: str) -> None:
    answer = client.post(ROUTES, values(**changed))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not AlarmRoute.objects.exists()


def test_a_private_mailbox_cannot_be_chosen_to_send_through(cast: Cast, client: Client) -> None:
    Gateway.objects.filter(pk=cast.sales_gateway.pk).update(owner=cast.carol)
    assert "sales@acme.cz" not in client.get(ROUTES).content.decode()
    assert client.post(ROUTES, values(gateway=str(cast.sales_gateway.pk))).status_code == 422


def test_a_test_goes_every_way_and_its_outcome_is_shown(client: Client) -> None:
    client.post(ROUTES, values(webhook_url="https://hook.example.com/y", secret="a secret of sixteen"))
    client.post(ROUTES + "test/")
    assert sorted(AlarmNotice.objects.values_list("what", "way")) == [("test", "mail"), ("test", "webhook")]
    AlarmNotice.objects.filter(way="webhook").update(due_at=None, attempts=9, error="webhook-answer: HTTP 500")
    shown = client.get(ROUTES).content.decode()
    assert "on its way" in shown
    assert "given up" in shown
    assert "HTTP 500" in shown


def test_a_test_without_a_way_says_so(client: Client) -> None:
    said = values()
    del said["mail"]
    client.post(ROUTES, said)
    shown = client.post(ROUTES + "test/", follow=True).content.decode()
    assert "Nothing is chosen by which alarms could be told." in shown
