"""How actions of the desk answer: the same URL serves a plain form (303 back) and an htmx request (fragments)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django_htmx.http import trigger_client_event

from podatelna.accounts.models import Person

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def me(request: HttpRequest) -> Person:
    """Who asks; LoginRequiredMiddleware lets nobody else through."""
    assert isinstance(request.user, Person)
    return request.user


def is_htmx(request: HttpRequest) -> bool:
    """Whether the page's own script asks, which wants fragments and no redirect."""
    return request.headers.get("HX-Request") == "true"


def verb(request: HttpRequest) -> str:
    """The method that is meant: HTML forms know only GET and POST, so a form says `_method=DELETE`."""
    if request.method == "POST":
        return str(request.POST.get("_method", "POST")).upper()
    return str(request.method)


def by_verb(**views: View[P]) -> View[P]:
    """One view for a resource out of a view per verb: `by_verb(POST=close, DELETE=reopen)`."""

    @wraps(next(iter(views.values())))
    def dispatch(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        view = views.get(verb(request))
        if view is None and request.method == "HEAD":
            view = views.get("GET")
        if view is None:
            return HttpResponseNotAllowed(sorted(views))
        return view(request, *args, **kwargs)

    return dispatch


def see_other(url: str) -> HttpResponseRedirect:
    """303: the browser follows with GET whatever it came with (RFC 9110 15.4.4)."""
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def go(request: HttpRequest, url: str) -> HttpResponse:
    """On to another conversation or draft, whichever way the browser came."""
    if not is_htmx(request):
        return see_other(url)
    response = HttpResponse()
    # The pane is fetched in place: a page load would take the toast and its Undo away.
    response["HX-Location"] = json.dumps({"path": url, "target": "#conversation"})
    return response


def leave(request: HttpRequest) -> HttpResponse:
    """Away from what is no longer there, to the first page."""
    if not is_htmx(request):
        return see_other("/")
    response = HttpResponse()
    response["HX-Redirect"] = "/"
    return response


def wants_pane(request: HttpRequest) -> bool:
    """Whether only what is inside section#conversation is asked for."""
    return is_htmx(request) and request.headers.get("HX-Target") == "conversation"


def toast(request: HttpRequest, response: HttpResponse, text: str, undo_url: str = "") -> HttpResponse:
    """Say `text` for a moment, with an Undo when `undo_url` is given; without JavaScript on the page that follows."""
    if is_htmx(request) and "HX-Redirect" not in response:
        trigger_client_event(response, "desk:toast", {"text": text, "undo_url": undo_url})
    else:
        messages.success(request, text)
    return response
