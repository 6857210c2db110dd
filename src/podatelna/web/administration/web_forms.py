"""Web forms in the administration: making one, what to paste, trying it, and how much has come."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.forms import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from podatelna.accounts.audit import record
from podatelna.accounts.models import Person
from podatelna.archive.models import Delivery, Origin
from podatelna.gateways.form_models import WebForm
from podatelna.gateways.forms import counts_today

from .access import administrators_only, changes
from .web_form_form import FIELDS, WebFormForm
from .web_form_snippets import snippet

COUNTS: dict[str, str | Promise] = {
    "taken": _("taken"),
    "closed": _("refused: the form is closed"),
    "origin": _("refused: sent from another page"),
    "trap": _("refused: the hidden field was filled in"),
    "too-fast": _("refused: sent too fast"),
    "email-missing": _("refused: no e-mail address"),
    "email-wrong": _("refused: the e-mail address is wrong"),
    "text-missing": _("refused: nothing was written"),
    "too-large": _("refused: too large"),
    "too-many-files": _("refused: too many files"),
    "too-many": _("refused: one visitor sent too many"),
    "too-many-today": _("refused: too many on one day"),
}


@administrators_only
@require_safe
def web_forms(request: HttpRequest, by: Person) -> HttpResponse:
    """All forms, with what has come today."""
    now = timezone.now()
    rows = [{"form": form, "today": counts_today(form, now).get("taken", 0)} for form in WebForm.objects.all()]
    return render(request, "administration/web_forms.html", {"rows": rows, "section": "gateways"})


@administrators_only
def new_web_form(request: HttpRequest, by: Person) -> HttpResponse:
    """Make one; then its page shows what to paste."""
    form = WebFormForm(request.POST or None, instance=WebForm())
    if form.is_valid():
        with transaction.atomic():
            form.instance.origin = Origin.objects.create(kind=Origin.Kind.FORM, name=form.instance.name)
            row = form.save()
            record(by, "make-form", f"form {row.pk}", after=model_to_dict(row, FIELDS))
        return redirect("administration_web_form", form=row.pk)
    context = {"form": form, "section": "gateways"}
    return render(request, "administration/web_form_new.html", context, status=422 if form.errors else 200)


@administrators_only
def web_form(request: HttpRequest, by: Person, form: int) -> HttpResponse:
    """One form: what to paste, what has come, its settings."""
    row = get_object_or_404(WebForm, pk=form)
    before = model_to_dict(row, FIELDS)
    settings_form = WebFormForm(request.POST or None, instance=row)
    if settings_form.is_valid():
        with transaction.atomic():
            settings_form.save()
            Origin.objects.filter(pk=row.origin_id).update(name=row.name)
            record(by, "change-form", f"form {row.pk}", **changes(before, model_to_dict(row, FIELDS)))
        messages.success(request, gettext("Saved."))
        return redirect("administration_web_form", form=form)
    shown, url = get_object_or_404(WebForm, pk=form), address_of(row)
    context = {
        "form": settings_form,
        "web_form": shown,
        "url": url,
        "plain": snippet(shown, url, script=False),
        "scripted": snippet(shown, url, script=True),
        "counts": counts_in_words(shown),
        "come": Delivery.objects.filter(origin=shown.origin_id).count(),
        "section": "gateways",
    }
    return render(request, "administration/web_form.html", context, status=422 if settings_form.errors else 200)


@administrators_only
@require_safe
def web_form_preview(request: HttpRequest, by: Person, form: int) -> HttpResponse:
    """The form as a page may show it. What is sent from here is a real message."""
    row = get_object_or_404(WebForm, pk=form)
    action = reverse("web_form", args=[row.key])  # this very desk, under whatever name one is here
    context = {"web_form": row, "snippet": snippet(row, action, script=False), "section": "gateways"}
    return render(request, "administration/web_form_preview.html", context)


def address_of(form: WebForm) -> str:
    """Where it is sent to, for pages elsewhere."""
    return f"{settings.ORIGIN}{reverse('web_form', args=[form.key])}"


def counts_in_words(form: WebForm) -> list[tuple[str, int]]:
    """What happened today, in the order of COUNTS."""
    counts = counts_today(form, timezone.now())
    return [(str(words), counts[code]) for code, words in COUNTS.items() if code in counts]
