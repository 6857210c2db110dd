"""The page of the desk: rail, a list, and beside it a conversation when one is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from podatelna.accounts.models import Person
from podatelna.desk import changes
from podatelna.desk.errors import UnknownView
from podatelna.desk.lists import View, find_view

from .answers import me
from .desk_names import name_of
from .floods import floods_in
from .found import found_by
from .order import can_press_first, presses_first
from .rows import Page, page_of

SEARCH = "search"  # the list that is a search's results


@dataclass(frozen=True)
class Tab:
    """A sibling of the list that is shown, one click away."""

    slug: str
    name: str
    icon: str = ""  # shown in place of the name, where the name would be too long


def desk_page(
    request: HttpRequest,
    *,
    slug: str,
    title: str,
    conversation_html: SafeString | None = None,
    side_html: SafeString | None = None,
    selected: int | None = None,
    query: str = "",
    before: str = "",
) -> HttpResponse:
    """The whole page: the list `slug` ("search" with `query` for results) and, if given, the open conversation.

    `title` is the document's; `selected` the conversation to mark in the list, `before` the key of the page wanted.
    A conversation outlives the list that an old link names: it then stands beside one's own work.
    """
    person = me(request)
    # Before the rows are read, so that what changes meanwhile is told by the next pulse.
    cursor, _none = changes.since(person, "")
    context = {
        **_list_pane(request, slug, selected, query, before, lenient=conversation_html is not None),
        "title": title,
        "cursor": cursor,
        "conversation_html": conversation_html,
        "side_html": side_html,
        "pane": "list" if conversation_html is None else "conversation",
    }
    return render(request, "desk.html", context)


def _list_pane(
    request: HttpRequest, slug: str, selected: int | None, query: str, before: str, *, lenient: bool
) -> dict[str, Any]:
    """What the list's template shows. Raises UnknownView, unless `lenient`: then it is one's own work."""
    person = me(request)
    if slug == SEARCH:
        results = found_by(query, person, before=before, selected=selected)
        return {"slug": SEARCH, "heading": _("Archive"), "query": query, "results": results}
    try:
        view = find_view(slug, person)
    except UnknownView:
        if not lenient:
            raise
        view = find_view("mine", person)
    pressing = presses_first(request, view)
    page = page_of(view.slug, person, before=before, selected=selected, pressing_first=pressing)
    return {
        **rows_context(view, page),
        "can_press_first": can_press_first(view),
        "pressing_first": pressing,
        "family": f"process-{view.process.pk}" if view.process else "",
        "heading": heading_of(view, person),
        "tabs": tabs_of(view),
        "before": before,
        "floods": floods_in(view, person),
    }


def rows_context(view: View, page: Page) -> dict[str, Any]:
    """What the rows' template needs, inside the whole page and as a fragment."""
    rows_url = reverse("rows", args=[view.slug])
    return {"slug": view.slug, "kind": view.kind, "process": view.process, "page": page, "rows_url": rows_url}


def heading_of(view: View, person: Person) -> str:
    """What a list is called: its process, or whose work it is."""
    if view.process:
        return name_of(view.process, person)
    names = {
        "mine": _("My work"),
        "unassigned": pgettext("conversations", "Unassigned"),
        "all": _("All open"),
        "closed": pgettext("conversations", "Closed"),
        "held": pgettext("conversations", "Held"),
        "high": pgettext("conversations", "High priority"),
        "due": pgettext("conversations", "Due"),
        "mentions": _("Mentions"),
        "standing-in": _("Standing in"),
    }
    return names[view.kind]


def tabs_of(view: View) -> list[Tab]:
    """Open, unassigned, high, due, closed: of the process, or of everything one may see. One's own work has none."""
    if view.kind in {"mine", "mentions", "standing-in"} or (view.kind == "held" and not view.process):
        return []
    if view.process:
        base = f"process-{view.process.pk}"
        slugs = [base, f"{base}-unassigned", f"{base}-high", f"{base}-due", f"{base}-closed"]
    else:
        slugs = ["all", "unassigned", "high", "due", "closed"]
    names = [
        (pgettext("conversations", "Open"), ""),
        (pgettext("conversations", "Unassigned"), ""),
        (pgettext("conversations", "High priority"), "flag"),
        (pgettext("conversations", "Due"), "clock"),
        (pgettext("conversations", "Closed"), ""),
    ]
    return [Tab(slug, name, icon) for slug, (name, icon) in zip(slugs, names, strict=True)]
