"""What is written to people, and posted to machines, about an alarm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from podatelna.gateways.alarm_models import Alarm, AlarmNotice
from podatelna.watch.letters import Reader, Written

from .alarm_words import ToldAlarm, owner_of, tell_alarm

What = AlarmNotice.What


def write(notice: AlarmNotice, reader: Reader) -> Written:
    """The letter about `notice` in the reader's language."""
    with translation.override(reader.language):
        if notice.alarm is None:
            return _test(notice)
        told = tell_alarm(notice.alarm, to_owner=reader.is_owner)
        return _over(notice.alarm, told) if notice.what == What.OVER else _begun(notice.alarm, told, reader)


def payload(notice: AlarmNotice) -> Mapping[str, Any]:
    """What is posted about `notice`: English words and UTC times. `id` is the same however often it is repeated."""
    event = {What.BEGUN: "alarm.begun", What.OVER: "alarm.over", What.TEST: "test"}[AlarmNotice.What(notice.what)]
    said: dict[str, Any] = {
        "id": f"notice-{notice.pk}",
        "event": event,
        "installation": settings.ORIGIN,
        "url": settings.ORIGIN + reverse("administration_health"),
        "at": notice.created_at.isoformat(),
    }
    if notice.alarm is None:
        return said
    with translation.override("en"):
        told = tell_alarm(notice.alarm)
    return {
        **said,
        "alarm": notice.alarm.pk,
        "kind": notice.alarm.kind,
        "subject": notice.alarm.subject,
        "happened": told.happened,
        "kept": told.kept,
        "to_do": told.to_do,
        "detail": told.detail,
        # What the server of a private mailbox said is its owner's alone.
        "details": notice.alarm.details if owner_of(notice.alarm) is None else {},
        "since": notice.alarm.raised_at.isoformat(),
        "ended": notice.alarm.ended_at.isoformat() if notice.alarm.ended_at else None,
    }


def _begun(alarm: Alarm, told: ToldAlarm, reader: Reader) -> Written:
    lines = [
        told.happened,
        "",
        gettext("What was kept: %(words)s") % {"words": told.kept},
        gettext("What to do: %(words)s") % {"words": told.to_do},
    ]
    if told.detail:
        lines.append(gettext("Details: %(words)s") % {"words": told.detail})
    lines += [
        "",
        gettext("Since %(when)s.") % {"when": _when(alarm.raised_at)},
        gettext("You are told once, and again when it is over."),
        *_foot(),
    ]
    return Written(gettext("Alarm: %(words)s") % {"words": told.happened}, "\n".join(lines))


def _over(alarm: Alarm, told: ToldAlarm) -> Written:
    ended = alarm.ended_at or timezone.now()
    lines = [
        gettext("This is over:"),
        told.happened,
        "",
        gettext("It stood from %(since)s to %(until)s.") % {"since": _when(alarm.raised_at), "until": _when(ended)},
        *_foot(),
    ]
    return Written(gettext("Over: %(words)s") % {"words": told.happened}, "\n".join(lines))


def _test(notice: AlarmNotice) -> Written:
    lines = [
        gettext("This is a test of alarms: nothing is wrong."),
        gettext("An administrator asked for it on %(when)s.") % {"when": _when(notice.created_at)},
        *_foot(),
    ]
    return Written(gettext("Test of alarms"), "\n".join(lines))


def _foot() -> list[str]:
    address = settings.ORIGIN + reverse("administration_health")
    return ["", gettext("How the house is doing: %(address)s") % {"address": address}]


def _when(at: Any) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")
