"""The list of cases, narrowed by state, process, number and words, a page at a time; and a new case."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from podatelna.desk import cases
from podatelna.desk.case_numbers import read_number
from podatelna.desk.models import Process
from podatelna.web.desk.answers import by_verb, me, see_other

from .forms import NewCaseForm
from .places import number

_STATES = ("open", "closed", "all")


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The cases one may see; a number that names exactly one leads there."""
    person = me(request)
    query, state = request.GET.get("q", "").strip(), request.GET.get("state", "open")
    state = state if state in _STATES else "open"
    process = number(request.GET.get("process", "")) or None
    rows = cases.find(person, state="" if read_number(query) else state, process=process, words=query)
    if read_number(query) and len(exact := list(rows[:2])) == 1:
        return see_other(reverse("case", args=[exact[0].pk]))
    found, older = cases.page(rows, number(request.GET.get("before", "")) or None)
    narrowed = {name: value for name, value in (("q", query), ("process", process or "")) if value}
    context = {
        "cases": found,
        "query": query,
        "state": state,
        "tabs": [(one, urlencode({**narrowed, "state": one})) for one in _STATES],
        "processes": Process.objects.visible_to(person).of_company().filter(cases__isnull=False).order_by("name"),
        "process": process,
        "older": urlencode({**narrowed, "state": state, "before": older}) if older else "",
        "may_open": bool(cases.processes_for(person)),
        "today": timezone.localdate(),
        "slug": "cases",
    }
    return render(request, "cases/list.html", context)


def _new(request: HttpRequest) -> HttpResponse:
    return _form(request, NewCaseForm(me(request)))


def _open(request: HttpRequest) -> HttpResponse:
    form = NewCaseForm(me(request), request.POST)
    if not form.is_valid():
        return _form(request, form, status=422)
    case = cases.open_case(form.chosen, form.facts(me(request), timezone.now()), me(request), timezone.now())
    messages.success(request, _("Case %(number)s is open.") % {"number": case.number})
    return see_other(reverse("case", args=[case.pk]))


def _form(request: HttpRequest, form: NewCaseForm, status: int = 200) -> HttpResponse:
    return render(request, "cases/new.html", {"form": form, "slug": "cases"}, status=status)


new = by_verb(GET=_new, POST=_open)
