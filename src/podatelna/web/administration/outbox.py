"""What did not go out: counts, the longest waiting, and why. No content, no recipients."""

from __future__ import annotations

import re

from django.db.models import Count, Max, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from podatelna.accounts.models import Person
from podatelna.outbox.models import Outgoing
from podatelna.watch.letters import not_letters
from podatelna.web.desk.status_words import reply_words

from .access import administrators_only

PAGE = 100
STATES = {
    Outgoing.State.FAILED: _("failed"),
    Outgoing.State.UNCERTAIN: _("uncertain"),
    Outgoing.State.WAITING: _("waiting for another try"),
    Outgoing.State.SENDING: _("being sent"),
}
_ADDRESS = re.compile(r"[^\s<>@\"']+@([^\s<>@\"']+)")


@administrators_only
@require_safe
def outbox(request: HttpRequest, by: Person) -> HttpResponse:
    """Messages that failed, are uncertain, or have been tried and wait. Their writers decide, in the conversation."""
    unsent = Outgoing.objects.filter(not_letters(), state__in=list(STATES))
    counts = dict(unsent.values_list("state").annotate(count=Count("pk")))
    untried = Outgoing.objects.filter(state=Outgoing.State.WAITING, attempts=0)
    full = untried.filter(last_code="limit", due_at__gt=timezone.now())
    waiting = Outgoing.objects.filter(state=Outgoing.State.WAITING, due_at__lte=timezone.now())
    context = {
        "rows": [
            (row, STATES[Outgoing.State(row.state)], without_people(row.last_reply), reply_words(row.last_reply))
            for row in _trouble()
        ],
        "failed": counts.get(Outgoing.State.FAILED, 0),
        "uncertain": counts.get(Outgoing.State.UNCERTAIN, 0),
        "waiting": counts.get(Outgoing.State.WAITING, 0),
        "scheduled": untried.filter(scheduled=True, due_at__gt=timezone.now()).exclude(last_code="limit").count(),
        "full": full.values("gateway", "gateway__address", "gateway__hourly_limit")
        .order_by("gateway__address")
        .annotate(count=Count("pk"), until=Max("due_at")),
        "oldest": waiting.aggregate(at=Min("created_at"))["at"],
        "section": "outbox",
    }
    return render(request, "administration/outbox.html", context)


def _trouble() -> list[Outgoing]:
    given_up = Outgoing.objects.filter(state__in=[Outgoing.State.FAILED, Outgoing.State.UNCERTAIN])
    tried = Outgoing.objects.filter(state__in=[Outgoing.State.WAITING, Outgoing.State.SENDING], attempts__gt=0)
    return list((given_up | tried).filter(not_letters()).select_related("gateway", "person").order_by("-pk")[:PAGE])


def without_people(reply: str) -> str:
    """A server's answer with the names of mailboxes taken out: whom somebody writes to is theirs."""
    return _ADDRESS.sub(r"…@\1", reply)
