"""The company that this installation serves."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.desk.models import Company
from podatelna.web.forms import LineField, RowForm

from .access import administrators_only


class CompanyForm(RowForm[Company]):
    """The company's name."""

    class Meta:
        model = Company
        fields = ["name"]

    name = LineField(
        label=_("Name of the company"), max_length=200, widget=forms.TextInput({"autocomplete": "organization"})
    )


def company_form(request: HttpRequest) -> CompanyForm:
    """Bound to what was posted, or showing the company as it is."""
    return CompanyForm(request.POST or None, instance=Company.objects.first() or Company())


def save_company(form: CompanyForm, by: Person) -> None:
    """Keep the new name, and what it was."""
    before = Company.objects.filter(pk=form.instance.pk).values_list("name", flat=True).first()
    with transaction.atomic():
        company = form.save()
        if before != company.name:
            record(by, "change-company", "company", before=before, after=company.name)


@administrators_only
def company(request: HttpRequest, by: Person) -> HttpResponse:
    """Name the company; the time zone is shown, it is a setting of the installation."""
    form = company_form(request)
    if form.is_valid():
        save_company(form, by)
        messages.success(request, gettext("Saved."))
        return redirect("administration_company")
    context = {"form": form, "time_zone": settings.TIME_ZONE, "section": "company"}
    return render(request, "administration/company.html", context, status=422 if form.errors else 200)
