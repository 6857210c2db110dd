"""Merging two contacts or two organisations, and splitting them again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from podatelna.contacts.errors import NotMergeable
from podatelna.contacts.merging import merge_contacts, merge_organisations, split_contact, split_organisation
from podatelna.contacts.models import Contact, Organisation
from podatelna.contacts.sight import addresses_of, organisations_found, parts_of
from podatelna.web.desk.answers import me

from .contacts import find_contact, listed
from .organisations import find_organisation
from .paging import page_of, typed

Row = TypeVar("Row", Contact, Organisation)


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest, contact: int) -> HttpResponse:
    """Candidates that fit `q`; a POST makes `other` a further address of this contact."""
    person = me(request)
    row = find_contact(contact, person)
    if request.method == "POST":
        other = find_contact(_number(request, "other"), person)
        try:
            merge_contacts(other, row, person, timezone.now())
        except NotMergeable:
            messages.error(request, _not_now())
        else:
            words = gettext("Merged. Beside the addresses it can be split again.")
            messages.success(request, words)
        return redirect("contact", contact=row.pk)
    query = typed(request)
    rows, after = page_of(listed(query, person).exclude(pk=row.pk), request) if query else ([], None)
    context = {"card": row, "rows": rows, "after": after, "query": query, "section": "contacts"}
    return render(request, "contacts/merging.html", context)


@require_POST
def contact_splitting(request: HttpRequest, contact: int) -> HttpResponse:
    """The address `other` stands for a contact of its own again."""
    person = me(request)
    row = find_contact(contact, person)
    other = _among(addresses_of(row, person), _number(request, "other"))
    if split_contact(other, person, timezone.now()):
        messages.success(request, gettext("Split again; what had been taken over has been taken back."))
    return redirect("contact", contact=row.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def organisation(request: HttpRequest, organisation: int) -> HttpResponse:
    """Candidates that fit `q`; a POST makes `other` a part of this organisation."""
    person = me(request)
    row = find_organisation(organisation, person)
    if request.method == "POST":
        other = find_organisation(_number(request, "other"), person)
        try:
            merge_organisations(other, row, person, timezone.now())
        except NotMergeable:
            messages.error(request, _not_now())
        else:
            messages.success(request, gettext("Merged. Beside the domains it can be split again."))
        return redirect("organisation", organisation=row.pk)
    query = typed(request)
    rows, after = page_of(organisations_found(query, person).exclude(pk=row.pk), request) if query else ([], None)
    context = {"card": row, "rows": rows, "after": after, "query": query, "section": "organisations"}
    return render(request, "contacts/merging.html", context)


@require_POST
def organisation_splitting(request: HttpRequest, organisation: int) -> HttpResponse:
    """The organisation `other` stands for itself again."""
    person = me(request)
    row = find_organisation(organisation, person)
    other = _among(parts_of(row, person), _number(request, "other"))
    if split_organisation(other, person, timezone.now()):
        messages.success(request, gettext("Split again; what had been taken over has been taken back."))
    return redirect("organisation", organisation=row.pk)


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise BadRequest(name)
    return int(text)


def _among(rows: Iterable[Row], pk: int) -> Row:
    found = next((row for row in rows if row.pk == pk), None)
    if found is None:
        raise Http404
    return found


def _not_now() -> str:
    return gettext("Somebody has merged one of them meanwhile. Nothing was changed; look at it again.")
