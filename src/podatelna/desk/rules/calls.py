"""Webhooks that rules have called for: posted by the worker, tried again for a day, then given up and shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from podatelna.claims import lease
from podatelna.desk.rule_models import RuleCall
from podatelna.gateways.alarms import end_alarm, raise_alarm
from podatelna.protocols.errors import ServerError

State = RuleCall.State
_HOLD = timedelta(minutes=2)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 900))


class Post(Protocol):
    """protocols.webhooks.post, or a test's."""

    def __call__(self, url: str, payload: Mapping[str, Any], secret: str, *, at: datetime) -> int:
        """Deliver; raises a ServerError."""
        ...


def call_due(now: datetime, post: Post, secret: Callable[[], str], limit: int = 20) -> int:
    """Post what is due, signed with `secret()`; how many were tried."""
    for count in range(limit):
        row = lease(RuleCall.objects.filter(state=State.WAITING), now, _HOLD)
        if row is None:
            return count
        mine = RuleCall.objects.filter(pk=row.pk, leased_until=row.leased_until)
        try:
            post(row.url, row.payload, secret(), at=now)
        except ServerError as error:
            over = row.attempts >= len(PAUSES)
            said = f"{error.code}: {error.detail}"[:300]
            mine.update(
                attempts=row.attempts + 1, error=said, leased_until=None,
                state=State.FAILED if over else State.WAITING, due_at=None if over else now + PAUSES[row.attempts],
            )  # fmt: skip
            if over:
                RuleCall.objects.filter(pk=row.pk).update(payload={})
                name = row.rule.name if row.rule is not None else "?"
                raise_alarm("rule-webhook", _subject(row), now=now, details={"rule": name, "detail": said})
        else:
            # What was posted is of no use here any more, and may name people.
            mine.update(
                state=State.DONE, attempts=row.attempts + 1, error="", due_at=None, leased_until=None, payload={}
            )
            end_alarm("rule-webhook", _subject(row), now=now)
    return limit


def _subject(row: RuleCall) -> str:
    return f"rule {row.rule_id}"
