"""Telling of alarms: who was not told yet is told once, by mail and by webhook, and again when it is over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import transaction

from podatelna import vault
from podatelna.claims import lease, settle
from podatelna.gateways import alarms
from podatelna.gateways.alarm_models import Alarm, AlarmNotice, AlarmRoute
from podatelna.protocols.errors import ServerError

from . import letters

log = logging.getLogger(__name__)

What, Way = AlarmNotice.What, AlarmNotice.Way
PATIENCE = timedelta(days=1)  # after this nobody needs the news any more
_HOLD = timedelta(minutes=2)
_FIRST_DELAY, _LONGEST_DELAY = timedelta(seconds=15), timedelta(hours=1)
_KEPT = timedelta(days=400)
_AT_ONCE = 20

Payload = Callable[[AlarmNotice], Mapping[str, Any]]


class Post(Protocol):
    """protocols.webhooks.post, or a test's."""

    def __call__(self, url: str, payload: Mapping[str, Any], secret: str, *, at: datetime, internal: bool) -> int: ...


def tell(now: datetime, *, write: letters.Write, payload: Payload, post: Post) -> int:
    """One round: what is new or over becomes notices, due notices go out; how many notices were worked.

    `write` gives the words of letters, `payload` those of webhooks, `post` delivers a webhook.
    """
    alarms.end_calm(now)
    announce(now)
    _reroute(now, write)
    return deliver_due(now, write=write, payload=payload, post=post)


def announce(now: datetime) -> None:
    """Make notices of alarms that have stood long enough, and of those that are over and were told."""
    for alarm in alarms.untold(now):
        _announce(alarm, What.BEGUN, "told_at", now)
    for alarm in alarms.over_untold():
        _announce(alarm, What.OVER, "end_told_at", now)


@transaction.atomic
def _announce(alarm: Alarm, what: AlarmNotice.What, column: str, now: datetime) -> None:
    # Whoever writes the time tells: of two workers, one.
    if Alarm.objects.filter(pk=alarm.pk, **{column: None}).update(**{column: now}) == 1:
        _make(alarm, what, AlarmRoute.current(), now)


@transaction.atomic
def test(now: datetime) -> list[AlarmNotice]:
    """A test of every way that alarms are told by; none when there is none."""
    return _make(None, What.TEST, AlarmRoute.current(), now)


def _make(alarm: Alarm | None, what: AlarmNotice.What, route: AlarmRoute, now: datetime) -> list[AlarmNotice]:
    by_mail = route.mail or route.also_to.strip() or (alarm is not None and alarm.person_id is not None)
    ways = [way for way, wanted in ((Way.MAIL, by_mail), (Way.WEBHOOK, route.webhook_url)) if wanted]
    return [AlarmNotice.objects.create(alarm=alarm, what=what, way=way, due_at=now, created_at=now) for way in ways]


def deliver_due(now: datetime, *, write: letters.Write, payload: Payload, post: Post) -> int:
    """Work off notices that are due; how many."""
    rows = AlarmNotice.objects.filter(done_at=None).select_related("alarm__gateway", "alarm__person")
    for count in range(_AT_ONCE):
        notice = lease(rows, now, _HOLD)
        if notice is None:
            return count
        if _comes_too_early(notice):
            settle(notice, now + _FIRST_DELAY)
        elif notice.way == Way.MAIL:
            _mail(notice, write, now)
        else:
            _webhook(notice, payload, post, now)
    return _AT_ONCE


def _comes_too_early(notice: AlarmNotice) -> bool:
    """That it is over is told after that it had begun, or not at all before that is given up."""
    before = AlarmNotice.objects.filter(alarm=notice.alarm_id, way=notice.way, what=What.BEGUN, done_at=None)
    return notice.what == What.OVER and before.filter(due_at__isnull=False).exists()


def _mail(notice: AlarmNotice, write: letters.Write, now: datetime) -> None:
    try:
        with transaction.atomic():
            if settle(notice, None):
                letters.send(notice, AlarmRoute.current(), write, now)
                AlarmNotice.objects.filter(pk=notice.pk).update(done_at=now, attempts=notice.attempts + 1, error="")
    except letters.NoGateway:
        _again(notice, "no-gateway", now)
    except Exception as error:  # recorded and shown: one letter that cannot be written must not stop the others
        log.exception("telling of alarm %s by mail", notice.alarm_id)
        _again(notice, f"internal: {type(error).__name__}: {error}", now)


def _webhook(notice: AlarmNotice, payload: Payload, post: Post, now: datetime) -> None:
    route = AlarmRoute.current()
    if not route.webhook_url:
        AlarmNotice.objects.filter(pk=notice.pk).update(due_at=None, leased_until=None, error="no-webhook")
        return
    try:
        post(route.webhook_url, payload(notice), route.webhook_secret(), at=now, internal=route.webhook_internal)
    except ServerError as error:
        _again(notice, f"{error.code}: {error.detail}", now)
    except vault.Unreadable as error:
        _again(notice, f"password-unreadable: {error}", now)
    except Exception as error:  # recorded and shown: one that cannot be posted must not stop the others
        log.exception("telling of alarm %s by webhook", notice.alarm_id)
        _again(notice, f"internal: {type(error).__name__}: {error}", now)
    else:
        mine = AlarmNotice.objects.filter(pk=notice.pk)
        mine.update(done_at=now, due_at=None, leased_until=None, attempts=notice.attempts + 1, error="")


def _again(notice: AlarmNotice, error: str, now: datetime) -> None:
    """Later, each time after a longer while; after a day no more."""
    delay = min(_FIRST_DELAY * 2 ** min(notice.attempts, 20), _LONGEST_DELAY)
    due = now + delay if now + delay - notice.created_at < PATIENCE else None
    AlarmNotice.objects.filter(pk=notice.pk).update(
        due_at=due, leased_until=None, attempts=notice.attempts + 1, error=error.replace("\0", "")[:1000]
    )


def _reroute(now: datetime, write: letters.Write) -> None:
    lately = AlarmNotice.objects.filter(way=Way.MAIL, done_at__gte=now - PATIENCE).select_related("alarm__person")
    for notice in lately:
        letters.reroute(notice, AlarmRoute.current(), write, now)


def sweep(now: datetime) -> None:
    """Forget alarms and notices that ended long ago."""
    Alarm.objects.filter(ended_at__lt=now - _KEPT).delete()
    AlarmNotice.objects.filter(alarm=None, created_at__lt=now - timedelta(days=30)).delete()
