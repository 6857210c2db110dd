"""Organisations: the list with its search, and one of them with its people and what was written with them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from podatelna.accounts.models import Person
from podatelna.contacts.changing import save_changed, standing
from podatelna.contacts.models import Organisation
from podatelna.contacts.sight import call_as_seen, contacts_of, organisations_found, organisations_visible_to, parts_of
from podatelna.web.desk.answers import me

from .contacts import history_context
from .forms import CardForm
from .paging import page_of, typed

PEOPLE = 200


@require_safe
def organisations(request: HttpRequest) -> HttpResponse:
    """Organisations with a contact that the person sees, a page at a time (`after`), those that fit `q`."""
    query = typed(request)
    rows, after = page_of(organisations_found(query, me(request)).select_related("account_manager"), request)
    context = {"rows": rows, "after": after, "query": query, "section": "organisations"}
    return _private(render(request, "contacts/organisations.html", context))


def find_organisation(pk: int, person: Person) -> Organisation:
    """The organisation if `person` sees somebody of it. Raises Http404."""
    return get_object_or_404(organisations_visible_to(person).select_related("account_manager"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def organisation(request: HttpRequest, organisation: int) -> HttpResponse:
    """What is known of an organisation, its people and conversations; a POST changes what is known."""
    person = me(request)
    row = find_organisation(organisation, person)
    form = CardForm(row, request.POST if request.method == "POST" else None)
    if form.is_valid():
        before = standing(row)
        form.write()
        save_changed(row, before, person)
        messages.success(request, gettext("Saved."))
        return redirect("organisation", organisation=row.pk)
    row.refresh_from_db()
    people = contacts_of(row, person)
    shown = list(people.select_related("account_manager").order_by("ordered", "pk")[:PEOPLE])
    call_as_seen(shown, person)
    context = {
        "organisation": row,
        "form": form,
        "parts": parts_of(row, person),
        "people": shown,
        "people_count": people.count(),
        **history_context(request, people),
        "section": "organisations",
    }
    return _private(render(request, "contacts/organisation.html", context, status=422 if form.errors else 200))


def _private(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, private=True, no_store=True)
    return response
