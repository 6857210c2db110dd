"""Deliveries that a stage of the pipeline could not get through: kept, listed, played again."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from .models import Delivery


def shunted() -> QuerySet[Delivery]:
    """What stands aside, newest first. For administrators: it names senders without asking for scopes."""
    rows = Delivery.objects.filter(state=Delivery.State.SHUNTED)
    return rows.select_related("message", "origin").order_by("-seen_at", "-pk")


def replay(rows: QuerySet[Delivery], now: datetime) -> int:
    """Let the pipeline try those of `rows` that are shunted again, from the start; how many they were."""
    waiting = rows.filter(state=Delivery.State.SHUNTED)
    return waiting.update(state=Delivery.State.RECEIVED, attempts=0, due_at=now, leased_until=None)
