"""The ledger of a mailbox: every message that stood in its folder, how it ended, and the daily counts. No content."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count as Counted
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.archive.models import Delivery
from podatelna.gateways.backlog import time_left
from podatelna.gateways.fetch import fetch_now
from podatelna.gateways.ledger import quarantined, try_again
from podatelna.gateways.models import Count, Folder, Gateway, LedgerEntry
from podatelna.gateways.reconciliation import accept_gap, ask_count

from .access import administrators_only
from .ledger_words import ENDS, MOVES, QUARANTINED, WHY, Gap, Text, gaps, reason_words

End, Move = LedgerEntry.End, LedgerEntry.Move
PAGE = 50
_DAYS = 14


@dataclass(frozen=True)
class Line:
    """An entry as its page shows it."""

    entry: LedgerEntry
    end: Text
    move: Text
    reason: Text
    trouble: bool
    may_retry: bool


@dataclass(frozen=True)
class Day:
    """A count as its page shows it."""

    count: Count
    gaps: list[Gap]


@administrators_only
@require_safe
def ledger(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """A ledger of the gateway (`folder`, else the one in use): counts, and entries by UID, a page at a time (`before`).

    `end` and `move` choose some; "trouble" as `only` is what could not be fetched.
    """
    gateway = _gateway(pk)
    folders = list(gateway.folders.order_by("-current", "-pk"))
    chosen = _chosen(folders, request.GET.get("folder", ""))
    end, move = _filters(request)
    context: dict[str, Any] = {
        "gateway": gateway,
        "folders": [(folder, WHY.get(folder.closed_why, "")) for folder in folders],
        "folder": chosen,
        "why": WHY.get(chosen.closed_why, "") if chosen else "",
        "end": end,
        "move": move,
        "ends": ENDS.items(),
        "moves": MOVES.items(),
        "section": "gateways",
        "shown": progress_of(gateway),
        **(_of_folder(chosen, end, move, request.GET.get("before", "")) if chosen else {"counts": [], "rows": []}),
    }
    return render(request, "administration/ledger.html", context)


def _gateway(pk: int) -> Gateway:
    return get_object_or_404(Gateway, pk=pk, owner=None)


def _chosen(folders: list[Folder], wanted: str) -> Folder | None:
    return next((folder for folder in folders if str(folder.pk) == wanted), folders[0] if folders else None)


def _filters(request: HttpRequest) -> tuple[str, str]:
    end, move = request.GET.get("end", ""), request.GET.get("move", "")
    if request.GET.get("only") == "trouble":
        end = End.FAILED.value
    return end if end in ENDS else "", move if move in MOVES else ""


def _of_folder(folder: Folder, end: str, move: str, before: str) -> dict[str, Any]:
    chosen = _some(folder, end, move)
    page = chosen.filter(uid__lt=int(before)) if before.isdecimal() and len(before) < 19 else chosen
    rows = list(page.order_by("-uid").select_related("delivery")[: PAGE + 1])
    counted = list(folder.counts.all()[:_DAYS])
    return {
        "counts": _counts(folder),
        "days": [Day(count, gaps(count)) for count in counted],
        "gap": bool(counted and counted[0].gap),
        "rows": [_line(entry, folder) for entry in rows[:PAGE]],
        "failures": folder.entries.filter(end=End.FAILED).exclude(move=Move.GONE).exists() and folder.current,
        "next": rows[PAGE - 1].uid if len(rows) > PAGE else None,
        "query": urlencode({"folder": folder.pk, "end": end, "move": move}),
    }


def _some(folder: Folder, end: str, move: str) -> QuerySet[LedgerEntry]:
    entries = quarantined(folder) if end == QUARANTINED else folder.entries.all()
    if end and end != QUARANTINED:
        entries = entries.filter(end=end)
    return entries.filter(move=move) if move else entries


def _counts(folder: Folder) -> list[tuple[str, str, Text, Text, int]]:
    """End, move, both in words, and how many; what waits in the quarantine is counted once more by itself."""
    rows = folder.entries.order_by("end", "move").values_list("end", "move").annotate(count=Counted("uid"))
    counts = [(end, move, ENDS[end], MOVES[move], count) for end, move, count in rows]
    waiting = quarantined(folder).count()
    return [*counts, (QUARANTINED, "", ENDS[QUARANTINED], "", waiting)] if waiting else counts


def _line(entry: LedgerEntry, folder: Folder) -> Line:
    end = entry.end
    if entry.delivery is not None and entry.delivery.state == Delivery.State.SHUNTED:
        end = QUARANTINED
    failed = end == End.FAILED
    may_retry = failed and folder.current and entry.move != Move.GONE
    return Line(
        entry, ENDS[end], MOVES[entry.move], reason_words(entry.reason), failed or end == QUARANTINED, may_retry
    )


# --- what can be done --------------------------------------------------------------------------------------


@administrators_only
@require_POST
def retry(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Try again now what could not be fetched: one `entry`, or all of them."""
    gateway, chosen = _gateway(pk), request.POST.get("entry", "")
    count = try_again(gateway, int(chosen) if chosen.isdecimal() and len(chosen) < 19 else None)
    if count:
        record(by, "retry-fetching", f"gateway {pk}", count=count)
        _look_now(gateway)
    text = ngettext("%(count)s message is fetched again.", "%(count)s messages are fetched again.", count)
    messages.success(request, text % {"count": count})
    return redirect("administration_ledger", pk=pk)


@administrators_only
@require_POST
def counting(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Count the folder now, and not only tomorrow."""
    gateway = _gateway(pk)
    ask_count(gateway, timezone.now())
    record(by, "count-folder", f"gateway {pk}")
    _look_now(gateway)
    messages.success(request, gettext("The folder is counted now. Load this page again in a moment."))
    return redirect("administration_ledger", pk=pk)


@administrators_only
@require_POST
def acceptance(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """The gap was looked into: count from what there is now."""
    gateway = _gateway(pk)
    folder = gateway.folders.filter(current=True).order_by("-pk").first()
    settled = accept_gap(folder, timezone.now()) if folder else None
    if settled is not None:
        numbers = {"unknown": settled.unknown, "lost": settled.lost_entries, "unarrived": settled.unarrived}
        record(by, "accept-gap", f"gateway {pk}", day=settled.day.isoformat(), **numbers)
        messages.success(request, gettext("Noted. From now on it is counted from what there is."))
    return redirect("administration_ledger", pk=pk)


def _look_now(gateway: Gateway) -> None:
    if gateway.state not in (Gateway.State.PAUSED, Gateway.State.SIGN_IN):
        fetch_now(gateway, timezone.now())


# --- a large folder that is being fetched ------------------------------------------------------------------


@administrators_only
@require_safe
def progress(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """How far a large folder is fetched; pages ask for it every two seconds while it is."""
    return render(request, "administration/gateway_progress.html", {"shown": progress_of(_gateway(pk))})


def progress_of(gateway: Gateway) -> dict[str, Any]:
    """What `gateway_progress.html` shows."""
    folder = gateway.folders.filter(current=True).order_by("-pk").first()
    # Until the first look is over, or well under way.
    begins = gateway.kind == Gateway.Kind.MAILBOX and gateway.state == Gateway.State.NEW
    shown: dict[str, Any] = {"gateway": gateway, "begins": begins, "runs": begins}
    if folder is None or not folder.backlog_left:
        return shown
    left = time_left(folder)
    done = max(0, folder.backlog - folder.backlog_left)
    return {
        **shown,
        "runs": gateway.state != Gateway.State.PAUSED,
        "paused": gateway.state == Gateway.State.PAUSED,
        "total": folder.backlog,
        "done": done,
        "percent": 100 * done // folder.backlog if folder.backlog else 0,
        "rate": round(folder.backlog_rate or 0),
        "left": _in_words(left) if left and left.total_seconds() >= 60 else "",
    }


def _in_words(time: timedelta) -> str:
    minutes = round(time.total_seconds() / 60)
    if minutes < 90:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    hours = round(minutes / 60)
    return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}
