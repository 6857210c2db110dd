"""Floods over HTTP: what is held in a list, and a person's decision about it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from podatelna.accounts.models import Person
from podatelna.desk import flood as floods
from podatelna.desk.automatic_models import Flood
from podatelna.desk.lists import View
from podatelna.desk.models import Process

from .answers import go, is_htmx, me, see_other, toast


def floods_in(view: View, person: Person) -> list[Flood]:
    """What is held in the list; nothing for lists of other kinds."""
    if view.kind != "held":
        return []
    mine = Process.objects.visible_to(person)
    return list(floods.held(mine.filter(pk=view.process.pk) if view.process else mine))


@require_POST
def release(request: HttpRequest, flood: int) -> HttpResponse:
    """Let it onto the desk."""
    found = _find(request, flood)
    done = floods.release(found, me(request), timezone.now())
    return _answer(request, found, _("It is on the desk now.") if done else _decided())


@require_POST
def closure(request: HttpRequest, flood: int) -> HttpResponse:
    """Close all of it."""
    found = _find(request, flood)
    done = floods.put_away(found, me(request), timezone.now())
    return _answer(request, found, _("All of it is closed.") if done else _decided())


def _decided() -> str:
    return _("Somebody has decided about it already.")


def _find(request: HttpRequest, flood: int) -> Flood:
    return get_object_or_404(Flood, pk=flood, process__in=Process.objects.visible_to(me(request)))


def _answer(request: HttpRequest, found: Flood, text: str) -> HttpResponse:
    url = reverse("list", args=[f"process-{found.process_id}"])
    if is_htmx(request):
        return toast(request, go(request, url), text)
    return toast(request, see_other(url), text)
