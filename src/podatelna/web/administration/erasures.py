"""Erasing what is kept of a person: asked for, looked at, confirmed (by somebody else, where that is wanted)."""

from __future__ import annotations

from itertools import islice

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from podatelna.accounts.models import Person
from podatelna.desk import erasures
from podatelna.desk.erasing import ERASED
from podatelna.desk.keeping import HELD, OPEN, RETAINED, SHARED
from podatelna.desk.retention import set_four_eyes
from podatelna.desk.retention_models import Erasure, RetentionPolicy
from podatelna.web.forms import LineField

from .access import administrators_only

_SHOWN = 100

STATES = {
    Erasure.State.ASKED: _("waits to be confirmed"),
    Erasure.State.RUNNING: _("is being carried out"),
    Erasure.State.DONE: _("done"),
    Erasure.State.CANCELLED: _("withdrawn"),
}
KEPT = {
    HELD: _("under a legal hold"),
    OPEN: _("in an open conversation of a process with a rule"),
    RETAINED: _("kept by a rule for now"),
    SHARED: _("others from outside take part"),
    erasures.DAMAGED: _("cannot be read: another copy would be lost"),
}
GONE = {
    ERASED: _("Messages erased"),
    "drafts": _("Drafts erased"),
    "notes": _("Notes from which the address was taken"),
    "contacts": _("Contacts erased"),
    "log": _("Entries of the log whose details were erased"),
}


class ErasureForm(forms.Form):
    """Whom to forget."""

    address = forms.EmailField(label=_("Address of the person"), max_length=320)
    shared = forms.ChoiceField(
        label=_("Mail in which others from outside take part"),
        choices=[
            (Erasure.Shared.KEEP, _("stays: it is their correspondence too")),
            (Erasure.Shared.ERASE, _("is erased too")),
        ],
        help_text=_("Colleagues and your own addresses are no others."),
    )
    reason = LineField(
        label=_("Reason"), max_length=500, help_text=_("The number of the request, say. It stands in the log.")
    )


@administrators_only
def requests(request: HttpRequest, by: Person) -> HttpResponse:
    """The last erasures, and a form to ask for one; nothing is erased before its page was seen."""
    form = ErasureForm(request.POST or None)
    if form.is_valid():
        said = form.cleaned_data
        row = erasures.ask(said["address"], by, timezone.now(), shared=said["shared"], reason=said["reason"])
        return redirect("administration_erasure", erasure=row.pk)
    rows = Erasure.objects.select_related("asked_by", "confirmed_by")[:_SHOWN]
    context = {
        "form": form,
        "rows": [(row, STATES[Erasure.State(row.state)]) for row in rows],
        "four_eyes": RetentionPolicy.current().four_eyes,
        "section": "retention",
    }
    return render(request, "administration/erasures.html", context, status=422 if form.errors else 200)


@administrators_only
@require_POST
def policy(request: HttpRequest, by: Person) -> HttpResponse:
    """Whether a second person must confirm."""
    set_four_eyes("four_eyes" in request.POST, by)
    messages.success(request, gettext("Saved."))
    return redirect("administration_erasures")


@administrators_only
@require_safe
def request(request: HttpRequest, by: Person, erasure: int) -> HttpResponse:
    """One erasure: what would go, what would stay and why; or how it went."""
    row = get_object_or_404(Erasure.objects.select_related("asked_by", "confirmed_by"), pk=erasure)
    context: dict[str, object] = {
        "erasure": row,
        "state": STATES[Erasure.State(row.state)],
        "gone": [(words, row.counts[name]) for name, words in GONE.items() if name in row.counts],
        "kept": [(words, row.counts[name]) for name, words in KEPT.items() if name in row.counts],
        "section": "retention",
    }
    if row.state == Erasure.State.ASKED:
        context |= _foreseen(row)
        context["other_wanted"] = RetentionPolicy.current().four_eyes and row.asked_by_id == by.pk
    return render(request, "administration/erasure.html", context)


def _foreseen(row: Erasure) -> dict[str, object]:
    now = timezone.now()
    extent = erasures.extent(row.address, row.shared, now)
    first = list(islice(erasures.preview(row.address, row.shared, now), _SHOWN))
    return {
        "extent": extent,
        "stays": [(KEPT[name], count) for name, count in extent.kept.items()],
        "total": extent.erased + sum(extent.kept.values()),
        "decisions": [(one, KEPT[one.kept.reason] if one.kept else "") for one in first],
    }


@administrators_only
@require_POST
def confirmation(request: HttpRequest, by: Person, erasure: int) -> HttpResponse:
    """Have it carried out by the worker. The address must be typed once more (`address`)."""
    row = get_object_or_404(Erasure, pk=erasure)
    typed = erasures.normal(request.POST.get("address", ""))
    if row.state == Erasure.State.ASKED and typed != row.address:
        messages.error(request, gettext("That is not the address of whoever is to be forgotten."))
    else:
        try:
            erasures.confirm(row, by, timezone.now())
            messages.success(request, gettext("It is being carried out."))
        except erasures.NotConfirmable:
            messages.error(
                request, gettext("It cannot be confirmed: somebody else must do it, or has decided already.")
            )
    return redirect("administration_erasure", erasure=erasure)


@administrators_only
@require_POST
def withdrawal(request: HttpRequest, by: Person, erasure: int) -> HttpResponse:
    """Take back what was not confirmed."""
    row = get_object_or_404(Erasure, pk=erasure)
    try:
        erasures.cancel(row, by, timezone.now())
    except erasures.NotConfirmable:
        messages.error(request, gettext("It waits no longer: it cannot be withdrawn."))
    return redirect("administration_erasure", erasure=erasure)
