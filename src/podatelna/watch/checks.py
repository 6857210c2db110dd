"""Looking whether all is well: each check raises its alarms and ends them, as often as it is called."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import Coalesce

from podatelna.archive import verification
from podatelna.archive.models import Delivery
from podatelna.gateways import health
from podatelna.gateways.alarms import end_alarm, raise_alarm, standing
from podatelna.gateways.models import Gateway
from podatelna.outbox.models import Outgoing

from . import beats, queues, room
from .letters import not_letters

log = logging.getLogger(__name__)

STUCK = timedelta(minutes=30)  # what a server cannot take now (greylisting) is mostly through before
EXPIRES_SOON = timedelta(days=14)
_LATEST = 2_000  # messages of the outbox


def look_after_all(now: datetime) -> None:
    """Every check that a worker makes. One that raises is logged and does not keep the others from looking."""
    for check in CHECKS:
        try:
            check(now)
        except Exception:  # logged: a check that cannot look must not silence the rest
            log.exception("the check %s", check.__name__)


def worker(now: datetime) -> None:
    """Is a worker there? For the web processes to ask: a worker cannot say of itself that it is gone."""
    seen = beats.last_beat()
    if seen is not None and now - seen < beats.ALIVE:
        end_alarm("worker-gone", "worker", now=now)
    else:
        details = {"last_seen": seen.isoformat(timespec="minutes") if seen else "never"}
        raise_alarm("worker-gone", "worker", now=now, details=details)


def gateways(now: datetime) -> None:
    """Which of them cannot be fetched just now."""
    wrong: dict[Gateway, dict[str, Any]] = {}
    # Another alarm may know better what is wrong with it: two for one cause would be one too many.
    known = set(standing().filter(kind__in=["sign-in-dead", "folder-gone"]).values_list("gateway_id", flat=True))
    for gateway in Gateway.objects.filter(state=Gateway.State.FAILING).exclude(pk__in=known).select_related("owner"):
        code, detail = health.last_error(gateway) or ("internal", "")
        wrong[gateway] = {"code": code, "detail": detail}
    _match("gateway-failing", now, wrong)


def certificates(now: datetime) -> None:
    """Certificates of servers that end soon."""
    ending: dict[Gateway, dict[str, Any]] = {}
    for gateway in Gateway.objects.exclude(state=Gateway.State.PAUSED).select_related("owner"):
        ends = gateway.certificate_expires_at
        if ends is not None and ends - now <= EXPIRES_SOON:
            ending[gateway] = {"ends": ends.date().isoformat()}
    _match("certificate", now, ending)


def backlog(now: datetime) -> None:
    """Mail that has waited too long to be processed."""
    waiting = queues.pipeline(now)
    late = waiting.oldest is not None and now - waiting.oldest > timedelta(minutes=settings.BACKLOG_MINUTES)
    _stands("backlog", "pipeline", late, now)


def outbox(now: datetime) -> None:
    """Replies that do not go out, by gateway; and whether somebody has to decide about one."""
    since = Coalesce("planned_at", "created_at")
    old = Outgoing.objects.alias(since=since).filter(not_letters(), state__in=queues.OUT, since__lt=now - STUCK)
    tried = Q(attempts__gt=0, due_at__isnull=False) & ~Q(last_code="limit")
    forgotten = Q(due_at__lt=now - STUCK)
    _match("outbox-stuck", now, _by_gateway(old.filter(tried | forgotten)))
    uncertain = Outgoing.objects.filter(not_letters(), state=Outgoing.State.UNCERTAIN)
    _stands("outbox-uncertain", "outbox", uncertain.exists(), now)


def copies(now: datetime) -> None:
    """Copies for Sent folders that were given up."""
    # Among the latest alone: no index has them, and what failed long ago is history.
    newest = Outgoing.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    lately = Outgoing.objects.filter(pk__gt=newest - _LATEST, created_at__gte=now - timedelta(days=30))
    failed = lately.filter(not_letters(), state=Outgoing.State.SENT, sent_copy="failed")
    _match("copy-failed", now, _by_gateway(failed))


def disk(now: datetime) -> None:
    """Is there room in the data folder?"""
    found = room.room_in(settings.DATA)
    _stands("disk", "data folder", found.is_short, now, {"free": room.in_words(found.free)})


def quarantine(now: datetime) -> None:
    """Does anything stand aside that could not be processed?"""
    _stands("quarantine", "quarantine", Delivery.objects.filter(state=Delivery.State.SHUNTED).exists(), now)


def damage(now: datetime) -> None:
    """Did the last verification find damage?"""
    found = verification.damage()
    _stands("damage", "archive", bool(found), now, {"findings": found})


CHECKS: tuple[Callable[[datetime], None], ...] = (
    worker, gateways, certificates, backlog, outbox, copies, disk, quarantine, damage,
)  # fmt: skip


def subject_of(gateway: Gateway) -> str:
    """How alarms name a gateway."""
    return f"gateway {gateway.pk}"


def _by_gateway(rows: Any) -> dict[Gateway, dict[str, Any]]:
    counts = {row["gateway"]: row["count"] for row in rows.order_by().values("gateway").annotate(count=Count("pk"))}
    return {
        gateway: {"messages": counts[gateway.pk]}
        for gateway in Gateway.objects.filter(pk__in=counts).select_related("owner")
    }


def _match(kind: str, now: datetime, wrong: dict[Gateway, dict[str, Any]]) -> None:
    """Alarms of `kind` stand for the gateways in `wrong`, and for no others."""
    for gateway, details in wrong.items():
        raise_alarm(kind, subject_of(gateway), now=now, details=details, gateway=gateway, person=gateway.owner)
    others = standing().filter(kind=kind).exclude(subject__in=[subject_of(row) for row in wrong])
    for subject in list(others.values_list("subject", flat=True)):
        end_alarm(kind, subject, now=now)


def _stands(kind: str, subject: str, wrong: bool, now: datetime, details: dict[str, Any] | None = None) -> None:
    if wrong:
        raise_alarm(kind, subject, now=now, details=details)
    else:
        end_alarm(kind, subject, now=now)
