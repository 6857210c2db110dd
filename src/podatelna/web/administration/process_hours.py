"""When a process works, on which days it is closed, and by when it wants its answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django import forms
from django.contrib import messages
from django.db import transaction
from django.forms import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.desk import closed_days, hours, targets
from podatelna.desk.holidays import czech_holidays
from podatelna.desk.models import Process
from podatelna.web.forms import LineField

from .access import administrators_only, changes
from .holiday_words import HOLIDAYS
from .hours_form import FIELDS, HoursForm


class ClosedDaysForm(forms.Form):
    """Days on which nobody works."""

    name = LineField(label=_("Why"), max_length=100, help_text=_("Like “Company holiday” or “Stocktaking”."))
    first = forms.DateField(label=_("From"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    last = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("With that day. Empty: one day."),
    )  # fmt: skip
    everywhere = forms.BooleanField(label=_("For all processes of the company"), required=False)

    def clean(self) -> dict[str, object]:
        """Days in order."""
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and last < first:
            self.add_error("last", gettext("The end has to be later than the beginning."))
        return self.cleaned_data


class TrialForm(forms.Form):
    """A moment to try the settings with."""

    at = forms.DateTimeField(
        label=_("A letter that comes"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )


@dataclass(frozen=True)
class Trial:
    """What the settings mean for a letter that comes at a time."""

    at: datetime
    is_open: bool
    answer_at: datetime | None
    resolution_at: datetime | None


def trial(process: Process, at: datetime) -> Trial:
    """What is due when, for a letter that comes at `at`."""
    schedule = hours.schedule_of(process)
    answer, resolution = (
        schedule.add_working(at, minutes * 60) if minutes else None
        for minutes in (process.answer_minutes, process.resolution_minutes)
    )
    return Trial(at, schedule.is_open(at), answer, resolution)


@administrators_only
def process_hours(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Hours, days and targets of one process, and a trial of them."""
    row = get_object_or_404(Process, pk=pk, owner=None)
    before = model_to_dict(row, FIELDS)
    form = HoursForm(request.POST or None, instance=row)
    if form.is_valid():
        with transaction.atomic():
            form.save()
            made = changes(before, model_to_dict(row, FIELDS))
            record(by, "change-process", f"process {pk}", **made)
            if made["after"]:
                targets.set_anew(row, timezone.now())
        messages.success(request, gettext("Saved. What is open has its time by the new settings."))
        return redirect("administration_hours", pk=pk)
    return _render(request, get_object_or_404(Process, pk=pk), form)


def _render(
    request: HttpRequest, row: Process, form: HoursForm | None = None, days_form: ClosedDaysForm | None = None
) -> HttpResponse:
    now = timezone.now()
    trial_form = (
        TrialForm(request.GET)
        if "at" in request.GET
        else TrialForm({"at": f"{timezone.localtime(now):%Y-%m-%dT%H:%M}"})
    )
    at = trial_form.cleaned_data["at"] if trial_form.is_valid() else now
    today = timezone.localdate()
    context = {
        "process": row,
        "form": form or HoursForm(instance=row),
        "days_form": days_form or ClosedDaysForm(),
        "closed": closed_days.coming(row, today),
        "holidays": _coming_holidays(today),
        "trial_form": trial_form,
        "trial": trial(row, at),
        "section": "processes",
        "view": "hours",
    }
    failed = bool((form and form.errors) or (days_form and days_form.errors))
    return render(request, "administration/process_hours.html", context, status=422 if failed else 200)


def _coming_holidays(today: date) -> list[tuple[date, object]]:
    """The public holidays of a year from `today` on."""
    both = {**czech_holidays(today.year), **czech_holidays(today.year + 1)}
    until = today + timedelta(days=365)
    return [(day, HOLIDAYS[key]) for day, key in both.items() if today <= day < until]


@administrators_only
@require_POST
def add_closed_days(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Close the process, or all of them, on some days."""
    row = get_object_or_404(Process, pk=pk, owner=None)
    form = ClosedDaysForm(request.POST)
    if not form.is_valid():
        return _render(request, row, days_form=form)
    data = form.cleaned_data
    process = None if data["everywhere"] else row
    closed_days.close(process, data["first"], data["last"] or data["first"], data["name"], by, timezone.now())
    return redirect("administration_hours", pk=pk)


@administrators_only
@require_POST
def remove_closed_days(request: HttpRequest, by: Person, pk: int, closed: int) -> HttpResponse:
    """Work on these days after all."""
    row = get_object_or_404(Process, pk=pk, owner=None)
    days = get_object_or_404(closed_days.of(row), pk=closed)
    closed_days.open_again(days, by, timezone.now())
    return redirect("administration_hours", pk=pk)
