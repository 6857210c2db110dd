"""Verdicts of deliveries: who waits for one, judging them with DNS in the worker's own time, and what was found."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet

from podatelna import rows
from podatelna.claims import lease
from podatelna.mail.received import is_inside
from podatelna.mail.resolver import Resolver, Unanswered
from podatelna.mail.trust import Reason, Verdicts, judge, summary

from . import store
from .columns import fit
from .models import BroughtBy, Delivery, Verdict

log = logging.getLogger(__name__)

FRESH = timedelta(days=14)  # older mail is left alone: its keys are gone from DNS, and long lists of it come at once
HOLD = timedelta(minutes=5)
SECONDS = 15.0  # of waiting for DNS, for one message
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3), timedelta(hours=9))
_IN_A_ROW = 3  # messages that DNS gave no answer for: there is none just now, and the others need not lose a try
_MOST_REASONS = 40
_LONGEST_DETAIL = 253
_METHODS = ("spf", "dkim", "dmarc", "arc")

Trusted = Callable[[int], frozenset[str]]  # from an origin's id to the names of one's own servers before it


@dataclass(frozen=True)
class Found:
    """What a verdict says; as in mail.trust.Verdicts, without what only the computing needs."""

    summary: str  # of mail.trust.summary
    spf: str = "none"
    dkim: str = "none"
    dmarc: str = "none"
    arc: str = "none"
    reasons: tuple[Reason, ...] = ()
    from_domains: tuple[str, ...] = ()
    policy: str = ""
    server: str = ""
    error: str = ""  # why it could not be judged; the summary is "uncertain" then
    waits: bool = False  # it is judged once more


# --- who waits -------------------------------------------------------------------------------------------


def expect(deliveries: Iterable[Delivery], now: datetime) -> None:
    """Have fresh deliveries judged; in the transaction that makes them durable. Doing it again changes nothing."""
    due = [(one.pk, now) for one in deliveries if one.message.received_at >= now - FRESH]
    rows.insert(Verdict, ("delivery", "due_at"), due, once=True)


def expect_all(deliveries: QuerySet[Delivery], now: datetime, *, at_once: int = 500) -> int:
    """Have all of `deliveries` judged whatever their age, those that were judged before once more; how many."""
    count = last = 0
    while pks := list(deliveries.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:at_once]):
        Verdict.objects.bulk_create([Verdict(delivery_id=pk) for pk in pks], ignore_conflicts=True)
        count += Verdict.objects.filter(pk__in=pks).update(due_at=now, attempts=0)
        last = pks[-1]
    return count


# --- judging ---------------------------------------------------------------------------------------------


def judge_due(
    now: datetime,
    resolver: Resolver,
    limit: int = 50,
    *,
    trusted: Trusted = lambda origin: frozenset(),
    announce: Callable[[Delivery], None] = lambda delivery: None,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Judge up to `limit` deliveries that are due; how many were looked at.

    Where DNS does not answer, the delivery comes again after each of PAUSES; then "temperror" stays. It ends early when
    DNS has answered nothing for some messages in a row. `announce` is told of each whose verdict is new.
    """
    waiting = Verdict.objects.select_related("delivery__message", "delivery__brought_by")
    unanswered = 0
    for count in range(limit):
        # Counted before the work: what brings the whole process down must not do so for ever.
        row = lease(waiting, now, HOLD, attempts=F("attempts") + 1)
        if row is None:
            return count
        row.attempts += 1
        found = _found(row, _Patient(resolver, clock), trusted)
        again = _may_change(found) and row.attempts <= len(PAUSES)
        if _settle(row, found, now, now + PAUSES[row.attempts - 1] if again else None):
            announce(row.delivery)
        unanswered = unanswered + 1 if _may_change(found) else 0
        if unanswered == _IN_A_ROW:
            return count + 1
    return limit


class _Patient:
    """A resolver whose questions about one message may take SECONDS together."""

    def __init__(self, resolver: Resolver, clock: Callable[[], float]) -> None:
        self._resolver = resolver
        self._clock = clock
        self._until = clock() + SECONDS

    def __call__(self, name: str, kind: str, /) -> Any:
        if self._clock() > self._until:
            raise Unanswered(name)
        return self._resolver(name, kind)


def _found(row: Verdict, resolver: Resolver, trusted: Trusted) -> Found:
    delivery = row.delivery
    if row.attempts > len(PAUSES) + 1:
        return Found("uncertain", error="the worker stopped each time")
    try:
        verdicts = judge(
            store.original(delivery),
            resolver=resolver,
            mail_from=delivery.mail_from,
            now=delivery.message.received_at,
            **_session(delivery, trusted),
        )
    except Exception as error:  # recorded with the verdict and shown; the same may work later
        log.exception("delivery %s could not be judged", delivery.pk)
        return Found("uncertain", error=fit(f"{type(error).__name__}: {error}", 300))
    return _as_found(verdicts)


def _session(delivery: Delivery, trusted: Trusted) -> dict[str, Any]:
    """What is known of who brought it: a stranger's server that came to us ourselves, else what one's own wrote."""
    client: BroughtBy | None = getattr(delivery, "brought_by", None)
    if client is None or client.named or not client.address or is_inside(client.address):
        return {"trusted": trusted(delivery.origin_id)}
    # It met no server of ours on its way: whatever names one in its header, the stranger wrote.
    return {"client_ip": client.address, "helo": client.helo}


def _as_found(verdicts: Verdicts) -> Found:
    reasons = verdicts.reasons[:_MOST_REASONS]
    return Found(
        summary(verdicts),
        **{method: getattr(verdicts, method) for method in _METHODS},
        reasons=tuple(Reason(one.method, one.code, fit(one.detail, _LONGEST_DETAIL)) for one in reasons),
        from_domains=tuple(fit(one, _LONGEST_DETAIL) for one in verdicts.from_domains[:5]),
        policy=fit(verdicts.policy, 20),
        server=fit(verdicts.server, _LONGEST_DETAIL),
    )


def _may_change(found: Found) -> bool:
    """Whether asking again may help: something was not answered, and what was is not enough."""
    if found.summary in ("verified", "own"):
        return False
    return bool(found.error) or "temperror" in (found.spf, found.dkim, found.dmarc, found.arc)


def _settle(row: Verdict, found: Found, now: datetime, due_at: datetime | None) -> bool:
    """Write it down as far as the lease still holds; whether it says something else than before."""
    mine = Verdict.objects.filter(pk=row.pk, leased_until=row.leased_until)
    done = mine.update(
        summary=found.summary, found=_as_json(found), judged_at=now, due_at=due_at, leased_until=None
    )  # fmt: skip
    return done == 1 and found.summary != row.summary


def _as_json(found: Found) -> dict[str, Any]:
    return {
        **{method: getattr(found, method) for method in _METHODS},
        "reasons": [[one.method, one.code, one.detail] for one in found.reasons],
        "from": list(found.from_domains),
        "policy": found.policy,
        "server": found.server,
        "error": found.error,
    }


# --- what was found --------------------------------------------------------------------------------------


def found_for(messages: Collection[int], scopes: QuerySet[Any, Any]) -> dict[int, Found]:
    """Of each message the verdict of its first judged delivery that carries one of `scopes`; by the message's id.

    Messages without one are left out: imports, sent mail, and what has not been judged yet.
    """
    found = Verdict.objects.filter(
        delivery__message__in=messages, delivery__scope_links__scope__in=scopes, judged_at__isnull=False
    ).select_related("delivery")
    return {row.delivery.message_id: _read(row) for row in found.order_by("-delivery")}


def was_verified(address: str, scopes: QuerySet[Any, Any]) -> bool:
    """Whether mail from `address` that carries one of `scopes` was proven to be from there before."""
    proven = Verdict.objects.filter(summary="verified", delivery__message__from_address=address)
    return proven.filter(delivery__scope_links__scope__in=scopes).exists()


def _read(row: Verdict) -> Found:
    kept = row.found
    return Found(
        row.summary,
        **{method: kept.get(method, "none") for method in _METHODS},
        reasons=tuple(Reason(*one) for one in kept.get("reasons", [])),
        from_domains=tuple(kept.get("from", ())),
        policy=kept.get("policy", ""),
        server=kept.get("server", ""),
        error=kept.get("error", ""),
        waits=row.due_at is not None,
    )
