"""Tombstones: which copies were erased, when, by whom and why. Nothing of their content is left."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from podatelna.accounts.models import Person
from podatelna.archive.proof_models import Tombstone

from .access import administrators_only
from .act_subjects import names_of

PAGE = 50


@dataclass(frozen=True)
class Line:
    """A tombstone as the page shows it. `process`: the name of whose rule it was; `erasure`: number of the request."""

    row: Tombstone
    came_at: datetime
    size: int
    sha256: str
    process: str
    erasure: int | None


@administrators_only
@require_safe
def tombstones(request: HttpRequest, by: Person) -> HttpResponse:
    """The tombstones, newest first, a page at a time (`before`)."""
    rows = Tombstone.objects.select_related("erased_by").order_by("-pk")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    page = list(rows[: PAGE + 1])
    names = names_of(row.reason.removeprefix("rule of ") for row in page)
    context = {
        "lines": [_line(row, names) for row in page[:PAGE]],
        "next": page[PAGE - 1].pk if len(page) > PAGE else None,
        "count": Tombstone.objects.count(),
        "section": "retention",
    }
    return render(request, "administration/tombstones.html", context)


def _line(row: Tombstone, names: dict[str, str]) -> Line:
    arrival = json.loads(row.arrival)
    kind, _, number = row.reason.partition(" ")
    return Line(
        row,
        datetime.fromisoformat(arrival["at"]),
        arrival["size"],
        arrival["sha256"],
        names.get(row.reason.removeprefix("rule of "), "") if row.reason.startswith("rule of ") else "",
        int(number) if kind == "erasure" and number.isdecimal() else None,
    )
