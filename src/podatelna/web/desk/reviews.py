"""Letters that a rule has held: let out, or given back, by somebody else than their writer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from podatelna.desk.rule_models import Review
from podatelna.desk.rules import reviewing

from .answers import me
from .pane import done
from .sendings import find_outgoing


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The letters that wait for one's decision."""
    return render(request, "desk/reviews.html", {"reviews": reviewing.waiting_for(me(request)), "slug": "reviews"})


@require_POST
def approval(request: HttpRequest, sending: int) -> HttpResponse:
    """Let it go out."""
    outgoing = find_outgoing(request, sending)
    review = Review.objects.filter(outgoing=outgoing).first()
    approved = review is not None and reviewing.approve(review, me(request), timezone.now())
    return done(request, outgoing.entry.conversation, _("It goes out now.") if approved else _decided())


@require_POST
def giving_back(request: HttpRequest, sending: int) -> HttpResponse:
    """Give it back to its writer, who has it as a draft again and is told why."""
    outgoing = find_outgoing(request, sending)
    conversation = outgoing.entry.conversation
    why = request.POST.get("why", "").strip()
    if not why:
        return done(request, conversation, _("Say why, so that its writer knows what to do. Nothing was changed."))
    review = Review.objects.filter(outgoing=outgoing).select_related("writer", "rule").first()
    returned = review is not None and reviewing.give_back(review, me(request), why, timezone.now())
    words = _("It is its writer’s draft again, and they are told why.")
    return done(request, conversation, words if returned else _decided())


def _decided() -> str:
    return _("It is not for you to decide, or somebody has decided already.")


urlpatterns: list[URLPattern] = [
    path("reviews/", show, name="reviews"),
    path("sendings/<int:sending>/approval", approval, name="sending-approval"),
    path("sendings/<int:sending>/return", giving_back, name="sending-return"),
]
