"""How long the mail of each process is kept, and whether it is erased by itself afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from podatelna.accounts.models import Person
from podatelna.desk.models import Process
from podatelna.desk.retention import count_due, set_rule
from podatelna.desk.retention_models import RetentionRule

from .access import administrators_only

_MOST = 1200  # months: a hundred years


class RuleForm(forms.Form):
    """The rule of one process; without a number its mail stays for good."""

    count = forms.IntegerField(label=_("Keep at least"), min_value=1, max_value=_MOST, required=False)
    unit = forms.ChoiceField(label=_("Unit"), choices=[("12", _("years")), ("1", _("months"))])
    erases = forms.BooleanField(label=_("and erase it by itself afterwards"), required=False)

    def __init__(self, process: Process, data: Any = None) -> None:
        row = RetentionRule.objects.filter(process=process).first()
        whole = row is None or row.months % 12 == 0
        before = {"count": row and row.months // (12 if whole else 1), "unit": "12" if whole else "1"}
        super().__init__(data, initial={**before, "erases": row is not None and row.erases}, auto_id=f"{process.pk}-%s")

    def clean(self) -> dict[str, Any]:
        """What was filled in fits together."""
        said = super().clean() or {}
        if said.get("erases") and said.get("count") is None and "count" not in self.errors:
            self.add_error("count", _("Say after how long it is to be erased."))
        if (self.months or 0) > _MOST:
            self.add_error("count", _("At most a hundred years."))
        return said

    @property
    def months(self) -> int | None:
        """How long, in months; None: for good."""
        count = self.cleaned_data.get("count")
        return None if count is None else count * int(self.cleaned_data.get("unit") or 1)


@dataclass(frozen=True)
class Row:
    """A process with its form; `due`: how many conversations go at once when it is saved, where that must be said."""

    process: Process
    form: RuleForm
    due: int = 0


@administrators_only
@require_safe
def rules(request: HttpRequest, by: Person) -> HttpResponse:
    """The rules of all processes."""
    return _render(request)


@administrators_only
@require_POST
def rule(request: HttpRequest, by: Person, process: int) -> HttpResponse:
    """Set a process's rule. One that erases something at once is saved only when that was seen (`seen`)."""
    row = get_object_or_404(Process, pk=process)
    form = RuleForm(row, request.POST)
    if not form.is_valid():
        return _render(request, Row(row, form))
    due = _newly_due(row, form, timezone.now())
    if due and request.POST.get("seen") != str(due):
        return _render(request, Row(row, form, due))
    set_rule(row, form.months, form.cleaned_data["erases"], by)
    messages.success(request, gettext("Saved."))
    return redirect("administration_retention")


def _newly_due(process: Process, form: RuleForm, now: datetime) -> int:
    if not form.cleaned_data["erases"] or form.months is None:
        return 0
    before = RetentionRule.objects.filter(process=process, erases=True).first()
    if before is not None and before.months <= form.months:
        return 0
    return count_due(process, form.months, now)


def _render(request: HttpRequest, filled: Row | None = None) -> HttpResponse:
    rows = [
        filled if filled is not None and filled.process == process else Row(process, RuleForm(process))
        for process in Process.objects.filter(owner=None).order_by("name", "pk")
    ]
    context = {"rows": rows, "section": "retention"}
    return render(request, "administration/retention.html", context, status=422 if filled else 200)
