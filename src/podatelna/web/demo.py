"""The demonstration's first page: whom to be, in one click. Only in the demo, only for visitors on this machine."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from podatelna.accounts.access import record
from podatelna.accounts.models import Person

from .people import safe_next


@login_not_required
@never_cache
def demo(request: HttpRequest) -> HttpResponse:
    """Cards of the people of the demo; a POST signs in as one of them."""
    if not settings.DEMO or not on_loopback(request):
        raise Http404
    if request.method == "POST":
        return _become(request)
    people = Person.objects.filter(is_active=True).prefetch_related("memberships__process")
    return render(request, "people/demo.html", {"people": people, "next": safe_next(request, "")})


def _become(request: HttpRequest) -> HttpResponse:
    text = request.POST.get("person", "")
    if not text.isdecimal():
        raise Http404
    person = get_object_or_404(Person, pk=int(text), is_active=True)
    login(request, person)
    record(person, "demo-sign-in", f"person {person.pk}")
    return redirect(safe_next(request, "/"))


def on_loopback(request: HttpRequest) -> bool:
    """Whether the connection itself (not a header that names somebody) comes from this machine."""
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
