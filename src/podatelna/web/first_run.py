"""The first visit: nobody is here yet, and the one-time set-up link makes the first administrator."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from podatelna.accounts import links
from podatelna.accounts.access import record
from podatelna.accounts.models import OneTimeLink, Person
from podatelna.desk.models import Company

from .forms import LineField
from .people import PasswordForm, keep_link, kept_link, link_gone

Purpose = OneTimeLink.Purpose


class SetUpForm(PasswordForm):
    """The company and its first administrator."""

    company = LineField(
        label=_("Company"), max_length=200, widget=forms.TextInput({"autocomplete": "organization", "autofocus": True})
    )
    name = LineField(label=_("Your name"), max_length=200, widget=forms.TextInput({"autocomplete": "name"}))
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        help_text=_("You will sign in with it."),
        widget=forms.EmailInput({"autocomplete": "username"}),
    )
    field_order = ["company", "name", "email", "password1", "password2"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:  # what has to be mended is further down
            self.fields["company"].widget.attrs.pop("autofocus")

    def clean_email(self) -> str:
        """Addresses of people are kept in lower case; the strength of the password is judged against them."""
        email = str(self.cleaned_data["email"]).lower()
        self.person = Person(email=email, name=self.cleaned_data.get("name", ""))
        return email


@login_not_required
@never_cache
@require_safe
def first_visit(request: HttpRequest) -> HttpResponse:
    """Before there is anybody: says where the set-up link is to be found."""
    if Person.objects.exists():
        return redirect("/")
    return render(request, "people/first_visit.html")


@login_not_required
@never_cache
@require_safe
def open_setup(request: HttpRequest, secret: str) -> HttpResponse:
    """Where the link on the console leads."""
    return keep_link(request, secret, Purpose.SET_UP, "setup")


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
def setup(request: HttpRequest) -> HttpResponse:
    """Name the company, become its first administrator, and go on to the guide."""
    link = kept_link(request, Purpose.SET_UP)
    if link is None or Person.objects.exists():
        return link_gone(request)
    form = SetUpForm(request.POST or None)
    person = make_first_administrator(form, link) if form.is_valid() else None
    if person is None:
        return render(request, "people/setup.html", {"form": form}, status=422 if form.errors else 200)
    login(request, person)
    return redirect("administration_guide", step="people")


def make_first_administrator(form: SetUpForm, link: OneTimeLink) -> Person | None:
    """Company and administrator, at the price of the link; None when somebody was faster with it."""
    data = form.cleaned_data
    with transaction.atomic():
        if not links.use(link, timezone.now()) or Person.objects.exists():
            return None
        company = Company.objects.create(name=data["company"])
        person = Person.objects.create_person(
            data["email"], data["name"], data["password1"], language=get_language() or "en", is_administrator=True
        )
        record(person, "set-up", "company", company=company.name, administrator=person.email)
    return person
