"""The log: who did what and when, what of it is sealed, the roots of days, and what the last verification found."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from podatelna.accounts.audit import record
from podatelna.accounts.day_roots import statement, want_stamps
from podatelna.accounts.models import AuditEntry, DayRoot, Person
from podatelna.accounts.sealing import log_size
from podatelna.archive import verification
from podatelna.archive.proof_models import Finding, Verification
from podatelna.web.forms import LineField

from .access import administrators_only, auditors_and_administrators
from .act_subjects import names_of
from .act_words import ACTS, act_words

PAGE = 50
ROOTS = 60
FINDINGS = 500


class LogForm(forms.Form):
    """What of the log is to be listed."""

    person = forms.ModelChoiceField(Person.objects.all(), label=_("Who"), required=False, empty_label=_("anybody"))
    act = forms.ChoiceField(label=_("What"), required=False)
    subject = LineField(label=_("About"), max_length=200, required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on
        known = sorted(((act, str(words)) for act, words in ACTS.items()), key=lambda pair: pair[1].casefold())
        field = self.fields["act"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("anything")), *known]

    def entries(self) -> QuerySet[AuditEntry]:
        """The rows that are wanted; all where the form was filled in wrongly."""
        wanted, rows = getattr(self, "cleaned_data", {}), AuditEntry.objects.select_related("person")
        if person := wanted.get("person"):
            rows = rows.filter(Q(person=person) | Q(subject=f"person {person.pk}"))
        if act := wanted.get("act"):
            rows = rows.filter(act=act)
        if subject := wanted.get("subject"):
            rows = rows.filter(subject__istartswith=subject)
        if since := wanted.get("since"):
            rows = rows.filter(at__gte=_midnight(since))
        if until := wanted.get("until"):
            rows = rows.filter(at__lt=_midnight(until + timedelta(days=1)))
        return rows


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


@dataclass(frozen=True)
class Line:
    """One row as the page shows it."""

    row: AuditEntry
    words: Promise | str
    details: str
    about: str


@auditors_and_administrators
@require_safe
def log(request: HttpRequest, by: Person) -> HttpResponse:
    """The rows, newest first, a page at a time (`before`)."""
    form = LogForm(request.GET)
    form.is_valid()
    rows = form.entries()
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    page = list(rows.order_by("-pk")[: PAGE + 1])
    names = names_of(row.subject for row in page)
    query = request.GET.copy()
    query.pop("before", None)
    context = {
        "form": form,
        "filtered": any(query.values()),
        "query": query.urlencode(),
        "lines": [Line(row, act_words(row.act), _details(row), names.get(row.subject, "")) for row in page[:PAGE]],
        "next": page[PAGE - 1].pk if len(page) > PAGE else None,
        "sealed": log_size(),
        "waiting": AuditEntry.objects.filter(position=None).count(),
        "section": "log",
    }
    return render(request, "administration/log.html", context, status=422 if form.errors else 200)


def _details(row: AuditEntry) -> str:
    if row.details in ({}, None):
        return ""
    pairs = row.details.items() if isinstance(row.details, dict) else [("", row.details)]
    return "\n".join(f"{name}: {value if isinstance(value, str) else _plain(value)}" for name, value in pairs)


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


# --- roots -----------------------------------------------------------------------------------------------


@auditors_and_administrators
@require_safe
def roots(request: HttpRequest, by: Person) -> HttpResponse:
    """The roots of the last days, and how their time-stamps stand."""
    rows = [(row, bytes(row.root).hex()) for row in DayRoot.objects.order_by("-date")[:ROOTS]]
    context = {
        "rows": rows,
        "server": settings.TIMESTAMP_URL,
        "unstamped": settings.TIMESTAMP_URL and DayRoot.objects.filter(token=None).exists(),
        "may_ask": by.is_administrator,
        "section": "log",
    }
    return render(request, "administration/roots.html", context)


@auditors_and_administrators
@require_safe
def root(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """The statement of a day's root as a file, or with `?token` its time-stamp."""
    day = get_object_or_404(DayRoot, pk=pk)
    if "token" in request.GET:
        if day.token is None:
            raise Http404
        return _file(bytes(day.token), f"podatelna-root-{day.date}.tsr", "application/timestamp-reply")
    return _file(statement(day), f"podatelna-root-{day.date}.json", "application/json")


def _file(data: bytes, name: str, content_type: str) -> HttpResponse:
    response = HttpResponse(data, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@administrators_only
@require_POST
def stamping(request: HttpRequest, by: Person) -> HttpResponse:
    """Have the worker ask the time-stamping server again now, also for roots from before it was set."""
    now = timezone.now()
    want_stamps(now)
    DayRoot.objects.filter(token=None).update(due_at=now)
    record(by, "request-stamps", "log")
    return redirect("administration_log_roots")


# --- verification ----------------------------------------------------------------------------------------

KINDS = {
    Verification.Kind.FULL: _("in one go"),
    Verification.Kind.NIGHTLY: _("a part each night"),
}
FOUND = {
    Finding.Kind.MISSING: _("missing"),
    Finding.Kind.CHANGED: _("changed"),
    Finding.Kind.ORPHANED: _("held by nobody"),
    Finding.Kind.UNREADABLE: _("cannot be read without its key"),
}


@auditors_and_administrators
@require_safe
def verifications(request: HttpRequest, by: Person) -> HttpResponse:
    """The last readings of the archive and what they found."""
    runs = verification.latest()
    shown = [
        {
            "run": run,
            "kind": KINDS[Verification.Kind(run.kind)],
            "read": sum(run.counts.get(stage, 0) for stage in ("blobs", "deliveries")),
            "findings": [
                (finding, FOUND[Finding.Kind(finding.kind)], verification.is_damage(finding.kind))
                for finding in run.findings.order_by("pk")[:FINDINGS]
            ],
            "count": run.findings.count(),
        }
        for run in runs
    ]
    context = {"runs": shown, "total": verification.total(), "damage": verification.damage(), "section": "log"}
    return render(request, "administration/verification.html", context)
