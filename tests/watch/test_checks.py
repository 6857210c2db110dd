"""Checks raise alarms when something is wrong and end them when it is not."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.core.management import call_command
from pytest_django.fixtures import Settings

from podatelna.archive.models import Delivery
from podatelna.archive.proof_models import Finding, Verification
from podatelna.gateways import health
from podatelna.gateways.alarm_models import Alarm
from podatelna.gateways.alarms import end_calm, raise_alarm
from podatelna.gateways.models import Gateway
from podatelna.outbox import queue
from podatelna.outbox.models import Outgoing
from podatelna.protocols.errors import LoginRefused
from podatelna.watch import beats, checks
from podatelna.watch.room import Room
from tests.cast import NOON, Cast, a_mail, arrive

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def prepared(db: None) -> None:
    """The cache is a table, and a worker was just seen."""
    call_command("createcachetable", verbosity=0)
    beats.beat(NOON)


def alarms(now: datetime = NOON) -> list[tuple[str, str]]:
    checks.look_after_all(now)
    end_calm(now)
    return sorted(Alarm.objects.filter(ended_at=None).values_list("kind", "subject"))


def send(gateway: Gateway, message_id: str = "one@acme.cz") -> Outgoing:
    return queue.enqueue(
        gateway=gateway, person=None, mail_from=gateway.address, rcpt_to=["jana@example.cz"], raw=a_mail(),
        message_id=message_id, not_before=NOON,
    )  # fmt: skip


def test_a_house_in_order_has_none(cast: Cast) -> None:
    assert alarms() == []


def test_a_failing_gateway_with_its_code_until_it_works(cast: Cast) -> None:
    gateway = cast.helpdesk_gateway
    health.failed(gateway, LoginRefused("no such user"), NOON)
    assert alarms() == [("gateway-failing", f"gateway {gateway.pk}")]
    alarm = Alarm.objects.get()
    assert (alarm.gateway, alarm.person) == (gateway, None)
    assert alarm.details == {"code": "login-refused", "detail": "no such user"}
    health.succeeded(gateway, NOON + HOUR)
    beats.beat(NOON + HOUR)
    assert alarms(NOON + HOUR) == [("gateway-failing", f"gateway {gateway.pk}")], "it has to stay well for a while"
    assert alarms(NOON + HOUR + timedelta(minutes=5)) == [("worker-gone", "worker")]


def test_a_private_mailbox_is_told_to_its_owner_too(cast: Cast) -> None:
    Gateway.objects.filter(pk=cast.sales_gateway.pk).update(owner=cast.carol, state=Gateway.State.FAILING, failures=3)
    alarms()
    assert Alarm.objects.get().person == cast.carol


def test_one_cause_is_one_alarm(cast: Cast) -> None:
    gateway = cast.helpdesk_gateway
    health.failed(gateway, LoginRefused(), NOON)
    raise_alarm("sign-in-dead", f"gateway {gateway.pk}", now=NOON, gateway=gateway)
    assert alarms() == [("sign-in-dead", f"gateway {gateway.pk}")]


def test_a_paused_gateway_is_no_alarm(cast: Cast) -> None:
    health.failed(cast.helpdesk_gateway, LoginRefused(), NOON)
    alarms()
    Gateway.objects.update(state=Gateway.State.PAUSED)
    alarms()
    assert alarms(NOON + timedelta(minutes=1)) != []
    beats.beat(NOON + timedelta(minutes=6))
    assert alarms(NOON + timedelta(minutes=6)) == []


def test_mail_that_waits_too_long_is_a_backlog(cast: Cast, settings: Settings) -> None:
    settings.BACKLOG_MINUTES = 15
    delivery = arrive(a_mail(), cast.helpdesk_gateway)
    assert alarms() == []
    beats.beat(NOON + timedelta(minutes=16))
    assert alarms(NOON + timedelta(minutes=16)) == [("backlog", "pipeline")]
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.DONE, due_at=None)
    alarms(NOON + timedelta(minutes=17))
    assert alarms(NOON + timedelta(minutes=22)) == [("worker-gone", "worker")]


def test_replies_that_do_not_go_out_are_told_by_gateway(cast: Cast) -> None:
    outgoing = send(cast.sales_gateway)
    assert alarms() == []
    Outgoing.objects.filter(pk=outgoing.pk).update(attempts=4, due_at=NOON + 2 * HOUR, last_code="temporary")
    beats.beat(NOON + HOUR)
    assert alarms(NOON + HOUR) == [("outbox-stuck", f"gateway {cast.sales_gateway.pk}")]
    assert Alarm.objects.get().details == {"messages": 1}


def test_a_reply_that_waits_for_its_hour_is_not_stuck(cast: Cast) -> None:
    outgoing = send(cast.sales_gateway)
    later = NOON + timedelta(days=2)
    Outgoing.objects.filter(pk=outgoing.pk).update(scheduled=True, planned_at=later, due_at=later)
    beats.beat(NOON + 2 * HOUR)
    assert alarms(NOON + 2 * HOUR) == []


def test_an_uncertain_reply_and_a_copy_that_failed(cast: Cast) -> None:
    one, two = send(cast.sales_gateway), send(cast.sales_gateway, "two@acme.cz")
    Outgoing.objects.filter(pk=one.pk).update(state=Outgoing.State.UNCERTAIN, due_at=None)
    Outgoing.objects.filter(pk=two.pk).update(
        state=Outgoing.State.SENT, due_at=None, sent_copy="failed", created_at=NOON
    )
    assert alarms() == [("copy-failed", f"gateway {cast.sales_gateway.pk}"), ("outbox-uncertain", "outbox")]


def test_letters_about_alarms_raise_none(cast: Cast) -> None:
    outgoing = send(cast.sales_gateway, "alarm-1-abc@acme.cz")
    Outgoing.objects.filter(pk=outgoing.pk).update(attempts=4, due_at=NOON + 2 * HOUR)
    other = send(cast.sales_gateway, "alarm-2-abc@acme.cz")
    Outgoing.objects.filter(pk=other.pk).update(state=Outgoing.State.UNCERTAIN)
    beats.beat(NOON + HOUR)
    assert alarms(NOON + HOUR) == []


def test_what_was_shunted_stands_in_the_quarantine(cast: Cast) -> None:
    delivery = arrive(a_mail(), cast.helpdesk_gateway)
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.SHUNTED, due_at=None)
    assert alarms() == [("quarantine", "quarantine")]


def test_certificates_that_end_within_two_weeks(cast: Cast) -> None:
    Gateway.objects.update(imap_certificate_expires_at=NOON + timedelta(days=15))
    assert alarms() == []
    Gateway.objects.filter(pk=cast.sales_gateway.pk).update(smtp_certificate_expires_at=NOON + timedelta(days=13))
    assert alarms() == [("certificate", f"gateway {cast.sales_gateway.pk}")]
    Gateway.objects.update(smtp_certificate_expires_at=NOON + timedelta(days=400))
    assert alarms() == []


def test_damage_that_the_verification_found(cast: Cast) -> None:
    run = Verification.objects.create(kind="full", started_at=NOON, finished_at=NOON, stage="")
    Finding.objects.create(verification=run, kind=Finding.Kind.CHANGED, subject="delivery 1", words="x")
    assert alarms() == [("damage", "archive")]


def test_no_worker(cast: Cast) -> None:
    assert alarms(NOON + timedelta(minutes=1)) == []
    assert alarms(NOON + timedelta(minutes=3)) == [("worker-gone", "worker")]
    cache.delete(beats.BEAT_KEY)
    checks.worker(NOON + timedelta(minutes=4))
    assert Alarm.objects.get().details == {"last_seen": "never"}


def test_a_check_that_cannot_look_does_not_silence_the_others(cast: Cast, settings: Settings) -> None:
    settings.DATA = settings.DATA / "nowhere"
    health.failed(cast.helpdesk_gateway, LoginRefused(), NOON)
    delivery = arrive(a_mail(), cast.helpdesk_gateway)
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.SHUNTED, due_at=None)
    assert [kind for kind, _ in alarms()] == ["gateway-failing", "quarantine"]


def test_how_full_a_disk_may_be() -> None:
    gib = 1 << 30
    assert Room(free=gib // 2, total=10 * gib).is_short
    assert not Room(free=2 * gib, total=10 * gib).is_short
    assert Room(free=9 * gib, total=1000 * gib).is_short
    assert not Room(free=40 * gib, total=1000 * gib).is_short


def test_what_goes_on_failing_writes_nothing_more(cast: Cast) -> None:
    Gateway.objects.update(state=Gateway.State.FAILING, last_error=json.dumps({"code": "refused", "detail": "x"}))
    alarms()
    before = list(Alarm.objects.order_by("pk").values())
    alarms(NOON + timedelta(minutes=1))
    assert list(Alarm.objects.order_by("pk").values()) == before
