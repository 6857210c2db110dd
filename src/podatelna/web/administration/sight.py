"""What a person can see, for administrators: names of processes and numbers, and nothing of any mail."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from podatelna.accounts.inspections import inspection_of
from podatelna.accounts.models import Inspection, Person
from podatelna.desk.models import Process
from podatelna.desk.sight import seen_by
from podatelna.web.desk.access import seen_words

from .access import administrators_only

SHOWN = 10


@administrators_only
@require_safe
def sight(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """The processes, how much of each and why; whether they have a personal desk; their inspections."""
    row = get_object_or_404(Person, pk=pk)
    context = {
        "person": row,
        "rows": [seen_words(seen) for seen in seen_by(row)] if row.is_active else [],
        "has_desk": Process.objects.filter(owner=row).exists(),
        "inspection": inspection_of(row),
        "inspections": list(Inspection.objects.filter(person=row).order_by("-pk")[:SHOWN]),
        "section": "people",
    }
    return render(request, "administration/person_sight.html", context)
