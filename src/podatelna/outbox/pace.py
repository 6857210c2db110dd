"""How fast messages go out: waiting longer after each failure, and no more of them in an hour than a gateway may."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from podatelna.gateways.models import Gateway

from .models import Attempt, Outgoing

HOUR = timedelta(hours=1)
LONGEST_DELAY = timedelta(hours=4)
_FIRST_DELAY = timedelta(minutes=1)
_SPREAD = 0.25


def next_try(outgoing: Outgoing, now: datetime, chance: float) -> datetime | None:
    """When to try again after a failure; None when patience is over.

    Twice as long each time, up to 4 hours. `chance` (0 to 1) makes it up to a quarter sooner, so that messages that
    failed together do not come back together. The last try is when patience ends.
    """
    if now >= outgoing.give_up_at:
        return None
    delay: timedelta = min(_FIRST_DELAY * 2 ** min(outgoing.attempts - 1, 20), LONGEST_DELAY)
    return min(now + delay * (1 - _SPREAD * chance), outgoing.give_up_at)


def full_until(gateway: int, now: datetime) -> datetime | None:
    """When the gateway with this id may send the next message; None: now. In the caller's transaction.

    The gateway's row is held until that ends: of two workers that ask for the last place in an hour one gets it.
    """
    limit = Gateway.objects.filter(pk=gateway).values_list("hourly_limit", flat=True).first()
    if not limit:
        return None
    Gateway.objects.select_for_update(of=("self",)).only("pk").get(pk=gateway)
    # Handed over within the hour, or under way: what failed before that has cost the server nothing.
    counted = Q(handed_over_at__gt=now - HOUR) | Q(handed_over_at=None, ended_at=None, started_at__gt=now - HOUR)
    attempts = Attempt.objects.filter(counted, outgoing__gateway=gateway).values_list("handed_over_at", "started_at")
    times = sorted(handed_over or started for handed_over, started in attempts)
    if len(times) < limit:
        return None
    oldest: datetime = times[-limit]
    return oldest + HOUR


def growing(since: datetime, now: datetime) -> timedelta:
    """The delay before something is tried again that has not worked `since`: as long as that, 1 minute to 4 hours."""
    return min(max(now - since, _FIRST_DELAY), LONGEST_DELAY)
