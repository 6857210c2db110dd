"""Error pages: what happened, what was kept, what to do. Those of 400, 403, 404 and 500 are Django's own templates."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old or came from elsewhere; nothing was done."""
    return render(request, "csrf.html", status=403)
