"""The people of the company: adding, changing, one-time links, deactivating."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.forms import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from podatelna.accounts.access import record
from podatelna.accounts.administrators import LastAdministrator, require_another
from podatelna.accounts.models import Person
from podatelna.desk.leaving import deactivate, reactivate
from podatelna.web.forms import LineField, RowForm
from podatelna.web.mailbox.preparing import is_its_owners, prepare, prepared_form
from podatelna.web.people import password_link

from .access import administrators_only, changes

FIELDS = ["name", "email", "language", "may_export", "is_auditor", "is_administrator"]


class PersonForm(RowForm[Person]):
    """What an administrator decides about a person."""

    class Meta:
        model = Person
        fields = FIELDS
        labels = {
            "email": _("E-mail address"),
            "is_auditor": _("Auditor"),
            "is_administrator": _("Administrator"),
            "may_export": _("May export mail"),
        }
        help_texts = {
            "email": _("They sign in with it, and can answer from it where the mailbox allows that."),
            "may_export": _(
                "Whole searches and correspondences, of what they may see themselves. Everybody can export a single"
                " conversation. Each export is written down."
            ),
            "is_auditor": _("Reads the log, and may look into any process in an inspection, which the log shows."),
            "is_administrator": _("Sees these pages. Administrators do not see mail of processes they are not in."),
        }
        widgets = {"email": forms.EmailInput({"autocomplete": "off"})}

    name = LineField(label=_("Name"), max_length=200, widget=forms.TextInput({"autocomplete": "off"}))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def clean_email(self) -> str:
        """Addresses of people are kept in lower case."""
        email = str(self.cleaned_data["email"]).lower()
        if Person.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(gettext("Somebody with this address is here already."))
        return email


def everybody() -> QuerySet[Person]:
    """All people, those who left last."""
    return Person.objects.order_by("-is_active", "name", "pk").prefetch_related("memberships__process", "links")


def new_person_form(request: HttpRequest) -> PersonForm:
    """An empty form, or what was posted."""
    return PersonForm(request.POST or None, initial={"language": get_language() or "en"})


def add_person(request: HttpRequest, form: PersonForm, by: Person) -> dict[str, Any]:
    """Make the person, and the link to hand over to them: `newcomer` and `link` for the template."""
    with transaction.atomic():
        data = dict(form.cleaned_data)
        person = Person.objects.create_person(data.pop("email"), data.pop("name"), **data)
        record(by, "add-person", f"person {person.pk}", after=model_to_dict(person, FIELDS))
        return {"newcomer": person, "link": password_link(request, person, by)}


@administrators_only
def people(request: HttpRequest, by: Person) -> HttpResponse:
    """Everybody, and a form to add somebody."""
    form = new_person_form(request)
    handed = {}
    if form.is_valid():
        handed = add_person(request, form, by)
        form = PersonForm(initial={"language": form.cleaned_data["language"]})
    context = {"people": everybody(), "form": form, "section": "people", **handed}
    return render(request, "administration/people.html", context, status=422 if form.errors else 200)


@administrators_only
def person(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """One person: change what they are."""
    row = get_object_or_404(Person, pk=pk)
    before = model_to_dict(row, FIELDS)
    form = PersonForm(request.POST or None, instance=row)
    if form.is_valid() and _save_person(form, before, by):
        messages.success(request, gettext("Saved."))
        return redirect("administration_people")
    row.refresh_from_db()
    return _render_person(request, row, form)


def _render_person(request: HttpRequest, row: Person, form: PersonForm, **more: Any) -> HttpResponse:
    context = {"form": form, "person": row, "section": "people", **more}
    return render(request, "administration/person.html", context, status=422 if form.errors else 200)


def _save_person(form: PersonForm, before: dict[str, Any], by: Person) -> bool:
    row = form.instance
    try:
        with transaction.atomic():
            if before["is_administrator"] and not row.is_administrator and row.is_active:
                require_another(row)
            row.save(update_fields=FIELDS)
            changed = changes(before, model_to_dict(row, FIELDS))
            if changed["after"]:
                record(by, "change-person", f"person {row.pk}", **changed)
    except LastAdministrator:
        form.add_error("is_administrator", _last_administrator())
        return False
    return True


@administrators_only
def person_mailbox(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Prepare the person's own mailbox: address and servers. They sign in and connect it themselves."""
    row = get_object_or_404(Person, pk=pk, is_active=True)
    form = prepared_form(row, request.POST or None, request.GET.get("address", ""))
    connected = is_its_owners(form.instance)
    if not connected and form.is_valid():
        prepare(form.instance, by, timezone.now(), form.cleaned_data["sign_in"])
        messages.success(request, gettext("Prepared. %(name)s signs in and chooses the folders.") % {"name": row.name})
        return redirect("administration_person", pk=pk)
    context = {"form": form, "person": row, "connected": connected, "section": "people"}
    return render(request, "administration/person_mailbox.html", context, status=422 if form.errors else 200)


@administrators_only
@require_POST
def person_link(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """A new one-time link for the person, shown once; links given before stop working."""
    row = get_object_or_404(Person, pk=pk, is_active=True)
    link = password_link(request, row, by)
    return _render_person(request, row, PersonForm(instance=row), newcomer=row, link=link)


@administrators_only
@require_POST
def person_deactivation(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Sign the person out everywhere and keep them out."""
    row = get_object_or_404(Person, pk=pk)
    try:
        deactivate(row, by, timezone.now())
    except LastAdministrator:
        messages.error(request, _last_administrator())
        return redirect("administration_person", pk=pk)
    messages.success(request, gettext("%(name)s is signed out and cannot sign in any more.") % {"name": row.name})
    return redirect("administration_people")


@administrators_only
@require_POST
def person_reactivation(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Let the person in again."""
    row = get_object_or_404(Person, pk=pk)
    reactivate(row, by)
    messages.success(request, gettext("%(name)s can sign in again.") % {"name": row.name})
    return redirect("administration_person", pk=pk)


def _last_administrator() -> str:
    return gettext("This is the last administrator who can sign in. Make somebody else an administrator first.")
