"""Somebody leaves: choose who gets what they had, look at it once more, confirm once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from podatelna.accounts.administrators import LastAdministrator
from podatelna.accounts.models import Person
from podatelna.desk.errors import NotLeaving
from podatelna.desk.leaver import Estate, Place, estate_of, may_inherit, pass_on_all

from .access import administrators_only


@dataclass(frozen=True)
class Row:
    """A place of the estate, who can be chosen for it, and who is."""

    place: Place
    people: list[Person]
    heir: Person | None

    @property
    def name(self) -> str:
        """What it is called on the page."""
        if self.place.process is None:
            return _("Elsewhere")
        return _("Personal desk") if self.place.is_desk else self.place.process.name

    @property
    def is_empty(self) -> bool:
        """Whether there is no work in it."""
        return not (self.place.conversations or self.place.tasks or self.place.drafts)


@administrators_only
def leaving(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """First the choice of heirs; then (`step` preview) what will happen; then (`step` confirm) it is done."""
    row = get_object_or_404(Person, pk=pk, is_active=True)
    estate = estate_of(row)
    rows = _rows(estate, by, request.POST)
    step = request.POST.get("step", "")
    if step == "confirm":
        heirs = {one.place.key: one.heir for one in rows}
        try:
            passed = pass_on_all(row, heirs, by, timezone.now(), state=request.POST.get("state", ""))
        except (NotLeaving, LastAdministrator) as error:
            return _page(request, estate, rows, "choose", _in_words(error))
        words = _("%(name)s is signed out for good. Passed on: conversations %(c)s, tasks %(t)s, drafts %(d)s.")
        known = {"name": row.name, "c": passed.conversations, "t": passed.tasks, "d": passed.drafts}
        messages.success(request, words % known)
        return redirect("administration_person", pk=pk)
    return _page(request, estate, rows, "preview" if step == "preview" else "choose")


def _rows(estate: Estate, by: Person, posted: Mapping[str, str]) -> list[Row]:
    rows = []
    for place in estate.places:
        people = [one for one in may_inherit(place, estate.person) if not (place.is_desk and one.pk == by.pk)]
        wanted = posted.get(f"heir-{place.key}", "")
        rows.append(Row(place, people, next((one for one in people if str(one.pk) == wanted), None)))
    return rows


def _page(request: HttpRequest, estate: Estate, rows: list[Row], step: str, error: str = "") -> HttpResponse:
    context = {
        "person": estate.person,
        "estate": estate,
        "rows": rows,
        "step": step,
        "error": error,
        "section": "people",
    }
    return render(request, "administration/leaving.html", context, status=422 if error else 200)


def _in_words(error: NotLeaving | LastAdministrator) -> str:
    if isinstance(error, LastAdministrator):
        return _("This is the last administrator who can sign in. Make somebody else an administrator first.")
    if error.code == "changed":
        return _("Something has changed since you looked. Nothing was passed on: look again, then confirm.")
    if error.code == "heir":
        return _("%(name)s cannot be chosen there. Nothing was passed on.") % {"name": error.detail}
    return _("They have left already.")
