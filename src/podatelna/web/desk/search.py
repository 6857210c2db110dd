"""Search over HTTP: results stand where the list stands."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from .answers import me
from .found import found_by
from .shell import SEARCH, desk_page


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Results of `q`; without it, what can be searched for."""
    query = request.GET.get("q", "").strip()
    title = _("Search: %(query)s") % {"query": query} if query else _("Archive")
    return desk_page(request, slug=SEARCH, title=title, query=query, before=request.GET.get("before", ""))


@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    """The next results alone, those after the key `before`."""
    results = found_by(request.GET.get("q", ""), me(request), before=request.GET.get("before", ""))
    return render(request, "desk/found.html", {"results": results})
