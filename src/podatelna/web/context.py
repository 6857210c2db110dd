"""What every page of the desk shows around its content; looked up only where a template asks for it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from podatelna.accounts.models import Person
from podatelna.desk.models import Company
from podatelna.web.desk.rail import Rail, rail_of


def desk(request: HttpRequest) -> dict[str, Any]:
    """`rail`, `company` (lazy), `theme`, `demo_url` ("" outside the demo), `here` (path and query of this page)."""
    person = request.user if hasattr(request, "user") and isinstance(request.user, Person) else None
    return {
        "rail": SimpleLazyObject(lambda: rail_of(person) if person else Rail()),
        "company": SimpleLazyObject(_company_name),
        "theme": person.theme if person else Person.Theme.SYSTEM,
        "demo_url": _demo_url(),
        "here": request.get_full_path(),
    }


def _company_name() -> str:
    company = Company.objects.order_by("pk").first()
    return company.name if company else ""


def _demo_url() -> str:
    if not settings.DEMO:
        return ""
    try:
        return reverse("demo")
    except NoReverseMatch:  # the production URLs do not have it
        return ""
