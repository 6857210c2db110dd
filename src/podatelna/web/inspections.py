"""The page of inspections: an auditor says why, and then reads everything; and ends it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from podatelna.accounts.inspections import LASTS, LONGEST_REASON, begin, end, inspection_of
from podatelna.accounts.models import AuditEntry, Inspection, Person
from podatelna.web.desk.answers import by_verb, me, see_other
from podatelna.web.forms import LineField

SHOWN = 20


class ReasonForm(forms.Form):
    """Why somebody inspects."""

    reason = LineField(
        label=_("Why you look"),
        max_length=LONGEST_REASON,
        help_text=_("It stands in the sealed log, which administrators and auditors read."),
    )


def _auditor(request: HttpRequest) -> Person:
    person = me(request)
    if not person.is_auditor:
        raise Http404
    return person


def _show(request: HttpRequest) -> HttpResponse:
    return _page(request, ReasonForm())


def _page(request: HttpRequest, form: ReasonForm, status: int = 200) -> HttpResponse:
    person = _auditor(request)
    earlier = list(Inspection.objects.filter(person=person).order_by("-pk")[:SHOWN])
    reads = {row.pk: _reads(row) for row in earlier}
    context = {
        "form": form,
        "inspection": inspection_of(person),
        "earlier": [(row, reads[row.pk]) for row in earlier],
        "minutes": int(LASTS.total_seconds() // 60),
    }
    return render(request, "inspection.html", context, status=status)


def _reads(inspection: Inspection) -> int:
    rows = AuditEntry.objects.filter(person=inspection.person_id, act="inspect", at__gte=inspection.begun_at)
    return rows.filter(at__lte=inspection.ended_at or inspection.ends_at).count()


def _begin(request: HttpRequest) -> HttpResponse:
    person, form = _auditor(request), ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    begin(person, form.cleaned_data["reason"], timezone.now())
    return see_other("/desk/all/")


def _end(request: HttpRequest) -> HttpResponse:
    standing = inspection_of(_auditor(request))
    if standing is not None and end(standing, timezone.now()):
        messages.success(request, gettext("The inspection is over."))
    return see_other(request.path)


inspection = by_verb(GET=_show, POST=_begin, DELETE=_end)
