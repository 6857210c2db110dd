"""Alarms as rows: one while it stands, told after a hold, over after a calm."""

from __future__ import annotations

from datetime import timedelta

from podatelna.gateways.alarm_models import Alarm
from podatelna.gateways.alarms import (
    KINDS,
    end_alarm,
    end_calm,
    lately,
    over_untold,
    put_away,
    raise_alarm,
    standing,
    untold,
)
from tests.cast import NOON, Cast

MINUTE = timedelta(minutes=1)


def test_raising_again_what_stands_is_no_news(cast: Cast) -> None:
    assert raise_alarm("disk", "data folder", now=NOON, details={"free": "1 MiB"})
    assert not raise_alarm("disk", "data folder", now=NOON + MINUTE, details={"free": "0 MiB"})
    alarm = Alarm.objects.get()
    assert (alarm.raised_at, alarm.details) == (NOON, {"free": "0 MiB"})
    assert raise_alarm("damage", "archive", now=NOON), "another kind is another alarm"


def test_what_ends_and_comes_again_is_a_new_alarm(cast: Cast) -> None:
    raise_alarm("damage", "archive", now=NOON)
    assert end_alarm("damage", "archive", now=NOON + MINUTE)
    assert not end_alarm("damage", "archive", now=NOON + MINUTE)
    assert raise_alarm("damage", "archive", now=NOON + 2 * MINUTE)
    assert Alarm.objects.count() == 2


def test_a_gateway_that_fails_for_a_moment_is_not_told(cast: Cast) -> None:
    raise_alarm("gateway-failing", "gateway 1", now=NOON, gateway=cast.helpdesk_gateway)
    assert untold(NOON + MINUTE) == []
    end_alarm("gateway-failing", "gateway 1", now=NOON + 2 * MINUTE)
    assert untold(NOON + 5 * MINUTE) == [], "it is well just now"
    assert end_calm(NOON + 7 * MINUTE) == 1
    assert list(standing()) == []
    assert list(over_untold()) == [], "what nobody was told of ends without a word"
    assert list(lately(NOON + 7 * MINUTE)) == []


def test_a_flapping_gateway_is_told_once_and_is_over_when_it_stays_well(cast: Cast) -> None:
    told = 0
    for minute in range(0, 40, 2):
        now = NOON + minute * MINUTE
        raise_alarm("gateway-failing", "gateway 1", now=now, gateway=cast.helpdesk_gateway)
        for alarm in untold(now):
            told += Alarm.objects.filter(pk=alarm.pk).update(told_at=now)
        end_alarm("gateway-failing", "gateway 1", now=now + MINUTE)
        end_calm(now + MINUTE)
    assert told == 1
    assert Alarm.objects.count() == 1
    assert end_calm(NOON + 39 * MINUTE + KINDS["gateway-failing"].calm) == 1
    assert [alarm.kind for alarm in over_untold()] == ["gateway-failing"]


def test_a_kind_that_nobody_knows_is_told_at_once_and_ends_at_once(cast: Cast) -> None:
    raise_alarm("of the future", "x" * 300, now=NOON)
    assert len(untold(NOON)) == 1
    assert end_alarm("of the future", "x" * 300, now=NOON)
    assert not standing().exists()


def test_who_puts_an_alarm_away_is_remembered(cast: Cast) -> None:
    raise_alarm("uidvalidity", "gateway 1", now=NOON)
    alarm = Alarm.objects.get()
    assert put_away(alarm, cast.dan, NOON + MINUTE)
    assert not put_away(alarm, cast.dan, NOON + MINUTE)
    alarm.refresh_from_db()
    assert (alarm.ended_at, alarm.ended_by) == (NOON + MINUTE, cast.dan)
