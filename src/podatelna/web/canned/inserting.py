"""Canned answers offered while somebody writes, ready to be put into the text."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from podatelna.desk import canned
from podatelna.web.desk.composer import find_draft
from podatelna.web.people import person_of

_BESIDE = 80


@require_safe
def offered(request: HttpRequest, draft: int) -> JsonResponse:
    """For `q`: `name`, `beside` (how it begins), and `written`, the whole text with its places filled in."""
    found = find_draft(person_of(request), draft)
    typed = request.GET.get("q", "").replace("\0", "")[:100]
    now = timezone.now()
    texts = [(row.name, canned.filled(row, found, now)) for row in canned.offered(found, typed)]
    rows = [{"name": name, "beside": " ".join(text.split())[:_BESIDE], "written": text} for name, text in texts]
    response = JsonResponse({"answers": rows})
    patch_cache_control(response, private=True, no_store=True)
    return response
