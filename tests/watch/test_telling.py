"""Alarms are told once, by mail and by webhook, and again when they are over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from podatelna.archive import store
from podatelna.archive.models import Delivery
from podatelna.gateways.alarm_models import Alarm, AlarmNotice, AlarmRoute
from podatelna.gateways.alarms import end_alarm, raise_alarm
from podatelna.gateways.models import Gateway
from podatelna.mail.parse import parse
from podatelna.outbox.models import Outgoing
from podatelna.protocols.errors import ServerError, TimedOut
from podatelna.watch import telling
from podatelna.web.administration.alarm_letters import payload, write
from tests.cast import NOON, Cast, a_person, receive

MINUTE = timedelta(minutes=1)


@dataclass
class Hook:
    """A webhook that nobody dials: it remembers, or fails as often as it is told to."""

    failures: list[ServerError] = field(default_factory=list)
    posted: list[tuple[str, Mapping[str, Any], str, bool]] = field(default_factory=list)

    def __call__(self, url: str, said: Mapping[str, Any], secret: str, *, at: datetime, internal: bool) -> int:
        if self.failures:
            raise self.failures.pop(0)
        self.posted.append((url, said, secret, internal))
        return 204


@pytest.fixture
def hook() -> Hook:
    return Hook()


def tell(hook: Hook, now: datetime) -> None:
    telling.tell(now, write=write, payload=payload, post=hook)


def letters() -> list[Outgoing]:
    return list(Outgoing.objects.filter(message_id__startswith="alarm-").order_by("pk"))


def told() -> list[str]:
    return sorted(
        recipient for outgoing in letters() for recipient in outgoing.recipients.values_list("address", flat=True)
    )


def with_webhook() -> None:
    route = AlarmRoute(webhook_url="https://hook.example.com/x", webhook_internal=True)
    route.set_webhook_secret("a secret of sixteen")
    route.save()


def test_every_administrator_is_told_once_in_their_language(cast: Cast, hook: Hook) -> None:
    a_person("Pavla", is_administrator=True, language="cs")
    a_person("Gone", is_administrator=True, is_active=False)
    raise_alarm("disk", "data folder", now=NOON, details={"free": "12 MiB"})
    for minute in range(3):
        tell(hook, NOON + minute * MINUTE)
    assert told() == ["dan@acme.cz", "pavla@acme.cz"]
    english = store.read_blob(letters()[0].raw)
    letter = parse(english)
    assert letter.subject == "Alarm: The disk of the data folder is nearly full: 12 MiB are left."
    assert "What to do: Make room" in letter.text
    assert "/administration/health/" in letter.text
    assert english.startswith(b"Auto-Submitted: auto-generated\r\n")
    with translation.override("cs"):
        czech = parse(store.read_blob(letters()[1].raw))
    assert czech.text


def test_that_it_is_over_is_told_once_to_whoever_was_told(cast: Cast, hook: Hook) -> None:
    with_webhook()
    raise_alarm("damage", "archive", now=NOON, details={"findings": 3})
    tell(hook, NOON)
    end_alarm("damage", "archive", now=NOON + MINUTE)
    tell(hook, NOON + MINUTE)
    tell(hook, NOON + 2 * MINUTE)
    assert [parse(store.read_blob(one.raw)).subject.split(":")[0] for one in letters()] == ["Alarm", "Over"]
    assert [said["event"] for _, said, _, _ in hook.posted] == ["alarm.begun", "alarm.over"]
    assert Alarm.objects.get().end_told_at == NOON + MINUTE


def test_an_alarm_that_passes_within_its_hold_is_told_to_nobody(cast: Cast, hook: Hook) -> None:
    with_webhook()
    raise_alarm("gateway-failing", "gateway 1", now=NOON, gateway=cast.helpdesk_gateway)
    tell(hook, NOON + 4 * MINUTE)
    end_alarm("gateway-failing", "gateway 1", now=NOON + 4 * MINUTE)
    for minute in range(4, 20):
        tell(hook, NOON + minute * MINUTE)
    assert (letters(), hook.posted) == ([], [])


def test_the_webhook_says_what_happened_and_what_to_do(cast: Cast, hook: Hook) -> None:
    with_webhook()
    raise_alarm(
        "gateway-failing", "gateway 1", now=NOON, gateway=cast.helpdesk_gateway,
        details={"code": "login-refused", "detail": "no such user"},
    )  # fmt: skip
    tell(hook, NOON + 5 * MINUTE)
    url, said, secret, internal = hook.posted[0]
    assert (url, secret, internal) == ("https://hook.example.com/x", "a secret of sixteen", True)
    assert said["happened"] == "The mailbox helpdesk@acme.cz cannot be fetched."
    assert said["to_do"].startswith("The server refused the login or the password.")
    assert (said["kind"], said["detail"], said["since"]) == ("gateway-failing", "no such user", NOON.isoformat())


def test_a_webhook_that_fails_is_tried_again_with_growing_pauses_and_given_up_after_a_day(
    cast: Cast, hook: Hook
) -> None:
    with_webhook()
    raise_alarm("disk", "data folder", now=NOON)
    hook.failures = [TimedOut("hook.example.com:443")] * 1000
    dues = []
    now = NOON
    while True:
        tell(hook, now)
        notice = AlarmNotice.objects.get(way="webhook")
        if notice.due_at is None:
            break
        dues.append(notice.due_at - now)
        now = notice.due_at
    assert dues[:4] == [timedelta(seconds=15), timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert max(dues) == timedelta(hours=1)
    assert now - NOON <= timedelta(days=1)
    assert (notice.done_at, notice.error) == (None, "timeout: hook.example.com:443")
    assert len(letters()) == 1, "the letter did not wait for the webhook"


def test_that_it_is_over_comes_after_that_it_had_begun(cast: Cast, hook: Hook) -> None:
    with_webhook()
    hook.failures = [TimedOut()] * 2
    raise_alarm("disk", "data folder", now=NOON)
    tell(hook, NOON)
    end_alarm("disk", "data folder", now=NOON + timedelta(seconds=5))
    for second in range(5, 900, 10):
        tell(hook, NOON + timedelta(seconds=second))
    assert [said["event"] for _, said, _, _ in hook.posted] == ["alarm.begun", "alarm.over"]


def test_the_letter_goes_through_another_gateway_than_the_failing_one(cast: Cast, hook: Hook) -> None:
    AlarmRoute(gateway=cast.helpdesk_gateway).save()
    raise_alarm("gateway-failing", "gateway 1", now=NOON, gateway=cast.helpdesk_gateway)
    tell(hook, NOON + 5 * MINUTE)
    assert [one.gateway for one in letters()] == [cast.sales_gateway]
    raise_alarm("disk", "data folder", now=NOON)
    tell(hook, NOON + 6 * MINUTE)
    assert letters()[-1].gateway == cast.helpdesk_gateway, "the chosen one, for what is not about it"


def test_the_failing_gateway_is_better_than_none_and_a_private_one_is_never_used(cast: Cast, hook: Hook) -> None:
    Gateway.objects.filter(pk=cast.sales_gateway.pk).update(owner=cast.carol)
    raise_alarm("gateway-failing", "gateway 1", now=NOON, gateway=cast.helpdesk_gateway)
    tell(hook, NOON + 5 * MINUTE)
    assert [one.gateway for one in letters()] == [cast.helpdesk_gateway]


def test_without_any_gateway_it_is_tried_again_until_there_is_one(cast: Cast, hook: Hook) -> None:
    Gateway.objects.update(owner=cast.carol)
    raise_alarm("disk", "data folder", now=NOON)
    tell(hook, NOON)
    assert letters() == []
    assert AlarmNotice.objects.get().error == "no-gateway"
    Gateway.objects.update(owner=None)
    tell(hook, NOON + MINUTE)
    assert told() == ["dan@acme.cz"]


def test_a_letter_that_its_gateway_does_not_get_rid_of_goes_through_another_one(cast: Cast, hook: Hook) -> None:
    AlarmRoute(gateway=cast.helpdesk_gateway).save()
    raise_alarm("disk", "data folder", now=NOON)
    tell(hook, NOON)
    Outgoing.objects.update(attempts=2, last_code="temporary")
    tell(hook, NOON + MINUTE)
    tell(hook, NOON + 2 * MINUTE)
    assert [(one.gateway, one.state) for one in letters()] == [
        (cast.helpdesk_gateway, Outgoing.State.FAILED),
        (cast.sales_gateway, Outgoing.State.WAITING),
    ]
    Outgoing.objects.filter(gateway=cast.sales_gateway).update(attempts=2)
    tell(hook, NOON + 3 * MINUTE)
    assert len(letters()) == 2, "there is no third gateway"


def test_a_letter_that_may_have_been_sent_is_not_sent_again(cast: Cast, hook: Hook) -> None:
    raise_alarm("disk", "data folder", now=NOON)
    tell(hook, NOON)
    Outgoing.objects.update(state=Outgoing.State.UNCERTAIN, attempts=3)
    tell(hook, NOON + MINUTE)
    assert len(letters()) == 1


def test_the_owner_of_a_private_mailbox_is_told_what_its_server_said_and_administrators_are_not(
    cast: Cast, hook: Hook
) -> None:
    with_webhook()
    Gateway.objects.filter(pk=cast.sales_gateway.pk).update(owner=cast.carol)
    gateway = Gateway.objects.get(pk=cast.sales_gateway.pk)
    details = {"code": "login-refused", "detail": "tajne.heslo expired"}
    raise_alarm("gateway-failing", "gateway 2", now=NOON, gateway=gateway, person=cast.carol, details=details)
    tell(hook, NOON + 5 * MINUTE)
    texts = {
        one.recipients.get().address: parse(store.read_blob(one.raw)).text + parse(store.read_blob(one.raw)).subject
        for one in letters()
    }
    assert set(texts) == {"carol@acme.cz", "dan@acme.cz"}
    assert "tajne.heslo" in texts["carol@acme.cz"]
    assert "tajne.heslo" not in texts["dan@acme.cz"] + str(hook.posted)
    assert "sales@acme.cz" not in texts["dan@acme.cz"] + str(hook.posted)
    assert "private mailbox of Carol" in texts["dan@acme.cz"]


def test_further_addresses_are_told_and_administrators_need_not_be(cast: Cast, hook: Hook) -> None:
    AlarmRoute(mail=False, also_to="duty@example.com\nDAN@acme.cz").save()
    raise_alarm("disk", "data folder", now=NOON)
    tell(hook, NOON)
    assert told() == ["DAN@acme.cz", "duty@example.com"]


def test_a_letter_that_comes_back_into_the_house_is_answered_by_nobody(cast: Cast, hook: Hook) -> None:
    AlarmRoute(mail=False, also_to="helpdesk@acme.cz").save()
    raise_alarm("disk", "data folder", now=NOON)
    tell(hook, NOON)
    raw = store.read_blob(letters()[0].raw)
    receive(raw, cast.helpdesk_gateway, NOON + MINUTE)
    assert Delivery.objects.latest("pk").message.automatic != ""
    assert Outgoing.objects.count() == 1


def test_an_alarm_without_any_way_is_still_told_on_the_page_alone(cast: Cast, hook: Hook) -> None:
    AlarmRoute(mail=False).save()
    raise_alarm("disk", "data folder", now=NOON)
    tell(hook, NOON)
    assert AlarmNotice.objects.count() == 0
    assert Alarm.objects.get().told_at == NOON


def test_two_workers_tell_once(cast: Cast, hook: Hook) -> None:
    raise_alarm("disk", "data folder", now=NOON)
    alarm = Alarm.objects.get()
    telling._announce(alarm, AlarmNotice.What.BEGUN, "told_at", NOON)
    telling._announce(alarm, AlarmNotice.What.BEGUN, "told_at", NOON)
    assert AlarmNotice.objects.count() == 1


def test_what_ended_long_ago_is_forgotten(cast: Cast, hook: Hook) -> None:
    raise_alarm("disk", "data folder", now=NOON)
    tell(hook, NOON)
    end_alarm("disk", "data folder", now=NOON + MINUTE)
    telling.sweep(NOON + timedelta(days=300))
    assert Alarm.objects.count() == 1
    telling.sweep(NOON + timedelta(days=401))
    assert (Alarm.objects.count(), AlarmNotice.objects.count()) == (1, 1), "it looks well, but nobody has ended it"
    tell(hook, NOON + 10 * MINUTE)
    telling.sweep(NOON + timedelta(days=401))
    assert Alarm.objects.count() == 0
