"""The first page of the administration: what is set up, what needs attention."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from podatelna.accounts.models import DayRoot, Person
from podatelna.archive import verification
from podatelna.archive.models import Delivery
from podatelna.desk.models import Process
from podatelna.gateways.alarms import standing
from podatelna.gateways.models import Gateway
from podatelna.outbox.models import Outgoing
from podatelna.watch.letters import not_letters

from .access import administrators_only
from .guide import steps


@dataclass(frozen=True)
class Trouble:
    """How much needs an administrator."""

    failing: int
    shunted: int
    unsent: int
    damaged: int
    unstamped: int
    alarms: int = 0  # that stand and were told

    def __bool__(self) -> bool:
        return bool(self.failing or self.shunted or self.unsent or self.damaged or self.unstamped or self.alarms)


@administrators_only
@require_safe
def overview(request: HttpRequest, by: Person) -> HttpResponse:
    """Counts of what is set up, and whatever has failed."""
    guide = steps()
    gateways = list(Gateway.objects.filter(owner=None))
    context = {
        "people": Person.objects.filter(is_active=True).count(),
        "processes": Process.objects.filter(owner=None).count(),
        "gateways": gateways,
        "settled": all(row.state in {Gateway.State.WORKING, Gateway.State.PAUSED} for row in gateways),
        "trouble": trouble(),
        "guide": guide,
        "guide_done": all(step.done for step in guide),
        "section": "overview",
    }
    return render(request, "administration/overview.html", context)


def trouble() -> Trouble:
    """Counts of failures, without a look at whose they are."""
    unsent = [Outgoing.State.FAILED, Outgoing.State.UNCERTAIN]
    return Trouble(
        failing=Gateway.objects.filter(state=Gateway.State.FAILING).count(),
        shunted=Delivery.objects.filter(state=Delivery.State.SHUNTED).count(),
        unsent=Outgoing.objects.filter(not_letters(), state__in=unsent).count(),
        damaged=verification.damage(),
        # One that waits for a few hours is no trouble yet: the server is asked again by itself.
        unstamped=DayRoot.objects.filter(due_at__isnull=False, attempts__gte=8).count(),
        alarms=standing().exclude(told_at=None).count(),
    )
