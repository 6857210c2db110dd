"""What one is told of: the page behind the bell."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from podatelna.accounts.models import Person
from podatelna.desk import notices
from podatelna.desk.mark_models import Notice

from .answers import me, see_other, toast
from .notice_words import Told, told

_SHOWN = 100


@dataclass(frozen=True)
class Line:
    """A notice as it is shown: where it leads, and what it says."""

    notice: Notice
    url: str
    told: Told


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The newest notices; those about what one may not see any more are not among them."""
    context = {"lines": lines_of(me(request)), "slug": "notices", "new": notices.count_new(me(request))}
    return render(request, "desk/notices.html", context)


def lines_of(person: Person) -> list[Line]:
    """The newest notices of `person` in words."""
    rows = Notice.objects.visible_to(person).select_related("conversation__process").order_by("-at", "-pk")
    shown = list(rows[:_SHOWN])
    return [Line(row, _url(row), words) for row, words in zip(shown, told(shown), strict=True)]


def _url(notice: Notice) -> str:
    return reverse("conversation", args=[notice.conversation_id]) if notice.conversation_id else ""


@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """One has seen all of them."""
    notices.see(me(request), timezone.now())
    return toast(request, see_other(reverse("notices")), _("All of them are marked as seen."))
