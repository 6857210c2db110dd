"""Contacts: the list with its search, and one of them with what is known and what was written."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from podatelna.accounts.models import Person
from podatelna.contacts.changing import save_changed, standing
from podatelna.contacts.models import Contact
from podatelna.contacts.sight import addresses_of, call_as_seen, contacts_found, contacts_visible_to
from podatelna.desk import lists
from podatelna.desk.models import Conversation, ProcessAddress
from podatelna.desk.partners import history_with
from podatelna.web.desk.answers import me
from podatelna.web.desk.desk_names import desk_of
from podatelna.web.desk.rows import read_key, write_key

from .forms import ContactForm
from .paging import page_of, typed

HISTORY = 20


@require_safe
def contacts(request: HttpRequest) -> HttpResponse:
    """Contacts that the person sees, a page at a time (`after`), those that fit `q`."""
    query = typed(request)
    rows, after = page_of(listed(query, me(request)), request)
    context = {"rows": rows, "after": after, "query": query, "section": "contacts"}
    return _private(render(request, "contacts/contacts.html", context))


def listed(query: str, person: Person) -> QuerySet[Contact]:
    """Contacts that fit `query`; addresses of processes are no contacts."""
    rows = contacts_found(query, person).exclude(address__in=ProcessAddress.objects.values("address"))
    return rows.select_related("organisation__merged_into", "account_manager")


def find_contact(pk: int, person: Person) -> Contact:
    """The contact if `person` sees it. Raises Http404."""
    rows = contacts_visible_to(person).select_related("organisation__merged_into", "account_manager")
    found = get_object_or_404(rows, pk=pk)
    call_as_seen([found], person)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest, contact: int) -> HttpResponse:
    """What is known of a contact and the conversations with them; a POST changes what is known."""
    person = me(request)
    row = find_contact(contact, person)
    form = ContactForm(row, request.POST if request.method == "POST" else None)
    if form.is_valid():
        before = standing(row)
        form.write_for(person, timezone.now())
        save_changed(row, before, person)
        messages.success(request, gettext("Saved."))
        return redirect("contact", contact=row.pk)
    row.refresh_from_db()
    context = {
        "contact": row,
        "form": form,
        "addresses": addresses_of(row, person),
        **history_context(request, Contact.objects.filter(pk=row.pk)),
        "section": "contacts",
    }
    return _private(render(request, "contacts/contact.html", context, status=422 if form.errors else 200))


def history_context(request: HttpRequest, of: QuerySet[Contact]) -> dict[str, object]:
    """Conversations with any of these contacts, of all processes that the person may see, the last first."""
    person = me(request)
    rows = history_with(of, person)
    page, key = lists.page(rows, read_key(request.GET.get("before", "")), HISTORY)
    shown: list[tuple[Conversation, str]] = [(row, desk_of(row, person)) for row in page]
    return {"conversations": shown, "conversation_count": rows.count(), "older": write_key(key) if key else ""}


def _private(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, private=True, no_store=True)
    return response
