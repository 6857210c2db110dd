"""The lists of the desk over HTTP: a list as a page, its rows alone, the rail alone."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from podatelna.desk.errors import UnknownView
from podatelna.desk.lists import find_view

from .answers import me
from .order import presses_first
from .rows import PAGE, page_of
from .shell import desk_page, heading_of, rows_context


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """One's own work comes first."""
    return redirect("list", "mine")


@require_safe
def show(request: HttpRequest, slug: str) -> HttpResponse:
    """A list, no conversation open. 404 for a list that is not there or not the person's."""
    try:
        view = find_view(slug, me(request))
    except UnknownView:
        raise Http404 from None
    return desk_page(request, slug=slug, title=heading_of(view, me(request)), before=request.GET.get("before", ""))


@require_safe
def rows(request: HttpRequest, slug: str) -> HttpResponse:
    """Rows alone: those after the key `before`, or the first `size` again when something has changed."""
    before = request.GET.get("before", "")
    try:
        view = find_view(slug, me(request))
    except UnknownView:
        raise Http404 from None
    pressing = presses_first(request, view)
    page = page_of(slug, me(request), before=before, size=_size(request), pressing_first=pressing)
    return render(request, "desk/rows.html", {**rows_context(view, page), "before": before})


def _size(request: HttpRequest) -> int:
    given = request.GET.get("size", "")
    return max(int(given), PAGE) if given.isascii() and given.isdecimal() and len(given) < 6 else PAGE


@require_safe
def rail(request: HttpRequest) -> HttpResponse:
    """The lists on the rail with their counts; `slug` and `family` say which is current."""
    context = {"slug": request.GET.get("slug", ""), "family": request.GET.get("family", "")}
    return render(request, "desk/rail_lists.html", context)
