"""Pages for administrators, some for auditors too; to everybody else they do not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.cache import add_never_cache_headers

from podatelna.accounts.models import Person

P = ParamSpec("P")


View = Callable[Concatenate[HttpRequest, Person, P], HttpResponseBase]
Checked = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def administrators_only(view: View[P]) -> Checked[P]:
    """Hands the administrator to `view` as its second argument; for others the page is not found."""
    return _only(lambda person: person.is_administrator, view)


def auditors_and_administrators(view: View[P]) -> Checked[P]:
    """The same for whoever may read the log."""
    return _only(lambda person: person.is_administrator or person.is_auditor, view)


def _only(may: Callable[[Person], bool], view: View[P]) -> Checked[P]:
    @wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        person = request.user
        if not isinstance(person, Person) or not person.is_active or not may(person):
            raise Http404
        response = view(request, person, *args, **kwargs)
        # One-time links and settings of servers stay in no cache of a browser or a proxy.
        add_never_cache_headers(response)
        return response

    return checked


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What differs, as the audit trail shows it: {"before": {…}, "after": {…}}."""
    names = [name for name in after if before.get(name) != after[name]]
    return {"before": {name: before.get(name) for name in names}, "after": {name: after[name] for name in names}}
