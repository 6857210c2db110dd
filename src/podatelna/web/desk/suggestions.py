"""Whom one may be writing to: addresses that fit what is typed into To, Cc or Bcc."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from podatelna.contacts.book import suggest
from podatelna.mail.addresses import Address, written

from .answers import me

MAX_TYPED = 100


@require_safe
def addresses(request: HttpRequest) -> JsonResponse:
    """For `q`, a list of objects: `name`, `address`, and `written`, which goes into the field."""
    typed = request.GET.get("q", "").replace("\0", "")[:MAX_TYPED]
    found = [
        {"name": one.name, "address": one.address, "written": written(Address(one.name, one.address))}
        for one in suggest(typed, me(request))
    ]
    response = JsonResponse({"addresses": found})
    patch_cache_control(response, private=True, no_store=True)
    return response
