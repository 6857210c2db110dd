"""Deliveries that a stage of the pipeline could not get through: kept, listed, played again."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from .models import Delivery


def shunted() -> QuerySet[Delivery]:
    """What stands aside, newest first. For administrators: it names senders without asking for scopes."""
    rows = Delivery.objects.filter(state=Delivery.State.SHUNTED)
    return rows.select_related("message", "origin").order_by("-seen_at", "-pk")


def replay(delivery: Delivery, now: datetime) -> bool:
    """Let the pipeline try again, from the start; False when it is not shunted any more."""
    return _replay(Delivery.objects.filter(pk=delivery.pk), now) == 1


def replay_all(now: datetime) -> int:
    """Let the pipeline try all of them again, after a repair or an upgrade; how many."""
    return _replay(Delivery.objects.all(), now)


def _replay(rows: QuerySet[Delivery], now: datetime) -> int:
    waiting = rows.filter(state=Delivery.State.SHUNTED)
    return waiting.update(state=Delivery.State.RECEIVED, attempts=0, due_at=now, leased_until=None)
