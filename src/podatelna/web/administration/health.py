"""How the house is doing, on one page: gateways, queues, the worker, room on the disk, quarantine, alarms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.archive import quarantine
from podatelna.gateways import alarms
from podatelna.gateways.alarm_models import Alarm
from podatelna.gateways.models import Gateway
from podatelna.watch import beats, queues, room
from podatelna.watch.checks import EXPIRES_SOON

from .access import administrators_only
from .alarm_words import ToldAlarm, tell_alarm
from .overview import trouble
from .words import Explained, explain_last_error

MOST_ALARMS = 200
# What stops mail, or endangers what is kept; the rest can wait until somebody has time.
GRAVE = {
    "worker-gone", "gateway-failing", "sign-in-dead", "folder-gone", "ledger-gap", "backlog", "outbox-stuck", "disk",
    "damage",
}  # fmt: skip

QUEUES: dict[str, str | Promise] = {
    "pipeline": _("to be processed"),
    "verdicts": _("to be checked for a genuine sender"),
    "attachments": _("attachments to be read"),
    "outbox": _("to be sent"),
    "copies": _("copies for Sent folders"),
    "imports": _("imports"),
    "exports": _("exports"),
    "log": _("lines of the log to be sealed"),
}

PAGES = {
    "quarantine": "administration_shunted",
    "damage": "administration_verification",
    "outbox-stuck": "administration_outbox",
    "outbox-uncertain": "administration_outbox",
    "copy-failed": "administration_outbox",
}


@dataclass(frozen=True)
class GatewayRow:
    """A gateway as an administrator may see it: of a private one neither address nor its server's words."""

    gateway: Gateway
    private: bool
    error: Explained | None
    expires_at: datetime | None  # the first of its certificates
    expires_soon: bool
    sign_in: str  # "", "dead", "waiting" for the first consent, or "alive"


@dataclass(frozen=True)
class AlarmRow:
    """An alarm with its words."""

    alarm: Alarm
    told: ToldAlarm
    may_be_put_away: bool
    link: str  # where something can be done about it; "" where there is no page for that


@administrators_only
@require_safe
def health(request: HttpRequest, by: Person) -> HttpResponse:
    """The page; with `?fragment` only the part that is renewed every few seconds."""
    template = "administration/health_state.html" if "fragment" in request.GET else "administration/health.html"
    return render(request, template, _context(timezone.now()))


@administrators_only
@require_POST
def put_away(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Somebody has seen an alarm that has no end of its own."""
    alarm = get_object_or_404(Alarm, pk=pk)
    if _may_be_put_away(alarm) and alarms.put_away(alarm, by, timezone.now()):
        record(by, "put-away-alarm", f"alarm {alarm.pk}", kind=alarm.kind, about=alarm.subject)
    return redirect("administration_health")


def _context(now: datetime) -> dict[str, object]:
    standing = _rows(alarms.worth_showing())
    gateways = [_gateway(row, now) for row in Gateway.objects.select_related("owner", "sign_in", "client_certificate")]
    seen = beats.last_beat()
    disk = room.room_in(settings.DATA)
    quarantined = queues.bounded(quarantine.shunted())
    alive = beats.alive(now)
    unsent = trouble().unsent
    return {
        "section": "health",
        "now": now,
        "level": _level(standing, alive, gateways, quarantined + unsent, disk),
        "unsent": unsent,
        "standing": standing,
        "ended": _rows(alarms.lately(now))[:MOST_ALARMS],
        "gateways": gateways,
        "queues": [(queue, QUEUES.get(queue.name, queue.name)) for queue in queues.queues(now)],
        "worker_alive": alive,
        "worker_seen": seen,
        "failures": {kind: count for kind, count in beats.failures().items() if count},
        "disk": disk,
        "disk_total": filesizeformat(disk.total),
        "disk_percent": round(100 * disk.free / disk.total) if disk.total else 0,
        "quarantined": quarantined,
        "late": now - timedelta(minutes=settings.BACKLOG_MINUTES),
    }


def _level(standing: list[AlarmRow], alive: bool, gateways: list[GatewayRow], waiting: int, disk: room.Room) -> str:
    """ "bad": mail does not get through, or what is kept is in danger. "warn": somebody should look. "ok".

    `waiting`: messages that a person has to decide about.
    """
    if not alive or disk.is_short or any(row.alarm.kind in GRAVE and row.alarm.well_since is None for row in standing):
        return "bad"
    failing = any(row.gateway.state == Gateway.State.FAILING or row.sign_in == "dead" for row in gateways)
    return "warn" if standing or failing or waiting or any(row.expires_soon for row in gateways) else "ok"


def _gateway(gateway: Gateway, now: datetime) -> GatewayRow:
    private = gateway.owner_id is not None
    error = explain_last_error(gateway.last_error) if gateway.failures else None
    if error is not None and private:
        error = Explained(error.happened, error.to_do, "")
    shown = getattr(gateway, "client_certificate", None)
    ends = [at for at in (gateway.certificate_expires_at, shown.expires_at if shown else None) if at is not None]
    first = min(ends, default=None)
    return GatewayRow(
        gateway, private, error, first, first is not None and first - now <= EXPIRES_SOON, _sign_in(gateway)
    )


def _sign_in(gateway: Gateway) -> str:
    found = getattr(gateway, "sign_in", None)
    if found is None:
        return ""
    return "dead" if found.dead_at else "alive" if found.signed_in_at else "waiting"


def _rows(rows: QuerySet[Alarm]) -> list[AlarmRow]:
    found = rows.select_related("gateway__owner", "person", "ended_by")[:MOST_ALARMS]
    return [AlarmRow(alarm, tell_alarm(alarm), _may_be_put_away(alarm), _link(alarm)) for alarm in found]


def _link(alarm: Alarm) -> str:
    if alarm.kind in PAGES:
        return reverse(PAGES[alarm.kind])
    gateway = alarm.gateway
    # The settings of a private mailbox are its owner's.
    return reverse("administration_gateway", args=[gateway.pk]) if gateway is not None and not gateway.owner_id else ""


def _may_be_put_away(alarm: Alarm) -> bool:
    """Only what has no end of its own: the rest would stand again at once."""
    return alarms.KINDS.get(alarm.kind, alarms.Kind(event=True)).event
