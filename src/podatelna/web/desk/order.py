"""In which order a list of open conversations stands: the newest first, or what presses first. Kept in the session."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from podatelna.desk.errors import UnknownView
from podatelna.desk.lists import View, find_view

from .answers import me, see_other

_SESSION = "pressing-first"
_KINDS = frozenset({"mine", "unassigned", "all"})  # what is closed presses no more


def can_press_first(view: View) -> bool:
    """Whether the list can stand in that order."""
    return view.kind in _KINDS


def presses_first(request: HttpRequest, view: View) -> bool:
    """Whether the list `view` is shown with what presses first."""
    return can_press_first(view) and bool(request.session.get(_SESSION))


@require_POST
def choose(request: HttpRequest, slug: str) -> HttpResponse:
    """`first` is "high" or nothing; from then on for every list in this browser."""
    try:
        view = find_view(slug, me(request))
    except UnknownView:
        raise Http404 from None
    request.session[_SESSION] = request.POST.get("first") == "high"
    return see_other(reverse("list", args=[view.slug]))
