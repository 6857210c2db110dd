"""The quarantine for administrators: what failed and why; looking into it only after saying why, which is logged."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.archive import quarantine
from podatelna.archive.models import Delivery
from podatelna.desk import quarantined
from podatelna.gateways.ledger_models import Folder, LedgerEntry
from podatelna.watch import queues

from ..forms import one_line
from ..quarantine import MOST_EXPORTED, PAGE, again, hand_over, original_of, row_of, source_of, zip_of
from .access import administrators_only

_MOST_REASON = 500


@administrators_only
@require_safe
def shunted(request: HttpRequest, by: Person) -> HttpResponse:
    """The newest in the quarantine; an administrator outside the process learns nothing of their content."""
    everything = quarantine.shunted()
    page = everything.select_related("origin__gateway__owner")[:PAGE]
    seen = set(quarantined.readable(by).values_list("pk", flat=True)[:10_000])
    context = {
        "rows": [row_of(delivery, everything=delivery.pk in seen) for delivery in page],
        "count": queues.bounded(everything),
        "page": PAGE,
        # Never fetched, so there is no original here: the ledger of each mailbox tries again and says why.
        "unfetched": queues.bounded(_unfetched()),
        "section": "shunted",
    }
    return render(request, "administration/shunted.html", context)


@administrators_only
@require_POST
def replay(request: HttpRequest, by: Person) -> HttpResponse:
    """Give one delivery (`delivery`), or all of them, to the pipeline again."""
    chosen = request.POST.get("delivery", "")
    one = chosen.isdecimal() and len(chosen) < 19
    again(request, by, [int(chosen)] if one else None, f"delivery {chosen}" if one else "all shunted")
    return redirect("administration_shunted")


@administrators_only
@require_safe
def look(request: HttpRequest, by: Person, shunted: int) -> HttpResponse:
    """One message: why it is here, and what can be done; its source for an hour after it was said why."""
    delivery = get_object_or_404(quarantine.shunted().select_related("origin__gateway__owner"), pk=shunted)
    may = _may_look(delivery, by)
    context = {
        "row": row_of(delivery, everything=may),
        "source": source_of(delivery) if may else None,
        "may_ask": quarantined.inspectable().filter(pk=delivery.pk).exists(),
        "receivers": quarantined.receivers(),
        "section": "shunted",
    }
    return render(request, "administration/shunted_look.html", context)


@administrators_only
@require_POST
def inspection(request: HttpRequest, by: Person, shunted: int) -> HttpResponse:
    """Say why one has to look into it: from then on one may, for an hour."""
    delivery = get_object_or_404(quarantined.inspectable(), pk=shunted)
    reason = _reason(request)
    if reason:
        quarantined.open_for_inspection([delivery], by, reason)
    return redirect("administration_shunted_look", delivery.pk)


@administrators_only
@require_safe
def original(request: HttpRequest, by: Person, shunted: int) -> HttpResponse:
    """The very bytes, as a download, for whoever may look into it."""
    delivery = get_object_or_404(quarantine.shunted().select_related("origin__gateway__owner"), pk=shunted)
    if not _may_look(delivery, by):
        # Where one may ask, one is asked why; mail of a private mailbox is not to be had.
        get_object_or_404(quarantined.inspectable(), pk=shunted)
        return redirect("administration_shunted_look", shunted)
    record(by, "download-quarantined", f"delivery {delivery.pk}")
    return original_of(delivery)


@administrators_only
@require_POST
def release(request: HttpRequest, by: Person, shunted: int) -> HttpResponse:
    """Hand it to a process; its content need not be seen for that."""
    hand_over(request, get_object_or_404(quarantined.inspectable(), pk=shunted), by, of=None)
    return redirect("administration_shunted")


@administrators_only
@require_POST
def export(request: HttpRequest, by: Person) -> HttpResponseBase:
    """The originals of all but private mailboxes as a zip, after it was said why."""
    reason = _reason(request)
    found = list(quarantined.inspectable()[:MOST_EXPORTED])
    if not reason or not found:
        return redirect("administration_shunted")
    quarantined.open_for_inspection(found, by, reason)
    record(by, "export-quarantine", "quarantine", count=len(found), reason=reason)
    return zip_of(found)


def _unfetched() -> QuerySet[LedgerEntry]:
    # By folder, for that is what the index begins with.
    failed = LedgerEntry.objects.filter(folder__in=Folder.objects.values("pk"), end=LedgerEntry.End.FAILED)
    return failed.exclude(move=LedgerEntry.Move.GONE)


def _may_look(delivery: Delivery, by: Person) -> bool:
    if quarantined.readable(by).filter(pk=delivery.pk).exists():
        return True
    asked = quarantined.inspectable().filter(pk=delivery.pk).exists()
    return asked and quarantined.is_open(delivery, by, timezone.now())


def _reason(request: HttpRequest) -> str:
    reason = one_line(request.POST.get("reason", ""))[:_MOST_REASON]
    if not reason:
        messages.error(request, gettext("Say why you have to look into it; the log keeps it."))
    return reason
