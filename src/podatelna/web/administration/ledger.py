"""The ledger of a mailbox: every message that stood in its folder, and how it ended. No content."""

from __future__ import annotations

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from podatelna.accounts.models import Person
from podatelna.gateways.models import Gateway, LedgerEntry

from .access import administrators_only

PAGE = 50
ENDS = {
    LedgerEntry.End.ARCHIVED: _("archived"),
    LedgerEntry.End.DUPLICATE: _("here already"),
    LedgerEntry.End.FAILED: _("not fetched yet"),
}
MOVES = {
    LedgerEntry.Move.PENDING: _("still in the folder"),
    LedgerEntry.Move.MOVED: _("moved to the processed folder"),
    LedgerEntry.Move.MARKED: _("marked, the server cannot move"),
    LedgerEntry.Move.GONE: _("was gone before it was moved"),
}


@administrators_only
@require_safe
def ledger(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Counts by how messages ended, and the entries, newest first, a page at a time (`before`)."""
    gateway = get_object_or_404(Gateway, pk=pk)
    entries = LedgerEntry.objects.filter(folder__gateway=gateway)
    before = request.GET.get("before", "")
    page = entries.filter(pk__lt=int(before)) if before.isdecimal() and len(before) < 19 else entries
    if request.GET.get("only") == "trouble":
        page = page.filter(end=LedgerEntry.End.FAILED)
    rows = list(page.select_related("folder").order_by("-pk")[: PAGE + 1])
    context = {
        "gateway": gateway,
        "counts": _counts(entries),
        "rows": [(row, ENDS[LedgerEntry.End(row.end)], MOVES[LedgerEntry.Move(row.move)]) for row in rows[:PAGE]],
        "next": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "only": request.GET.get("only", ""),
        "section": "gateways",
    }
    return render(request, "administration/ledger.html", context)


def _counts(entries: QuerySet[LedgerEntry]) -> list[tuple[object, object, int]]:
    rows = entries.values_list("end", "move").annotate(count=Count("pk")).order_by("end", "move")
    return [(ENDS[LedgerEntry.End(end)], MOVES[LedgerEntry.Move(move)], count) for end, move, count in rows]
