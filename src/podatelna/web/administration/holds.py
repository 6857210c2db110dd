"""Legal holds: nothing of whom or what they are about is erased until somebody releases them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from podatelna.accounts.models import Person
from podatelna.desk.models import Conversation
from podatelna.desk.retention import hold_conversation, hold_person, release
from podatelna.desk.retention_models import Hold
from podatelna.web.forms import LineField

from .access import administrators_only

_RELEASED_SHOWN = 100


class HoldForm(forms.Form):
    """Whom or what to hold, and why."""

    address = forms.EmailField(label=_("Address of a person"), max_length=320, required=False)
    conversation = forms.IntegerField(
        label=_("or number of a conversation"),
        min_value=1,
        max_value=2**53,
        required=False,
        help_text=_("It stands in the address of its page."),
    )
    reason = LineField(label=_("Reason"), max_length=500)

    def clean_conversation(self) -> Conversation | None:
        """The conversation of that number."""
        number = self.cleaned_data["conversation"]
        if number is None:
            return None
        found = Conversation.objects.filter(pk=number).first()
        if found is None:
            raise forms.ValidationError(_("There is no such conversation."))
        return found

    def clean(self) -> dict[str, Any]:
        """Exactly one of the two is named."""
        said = super().clean() or {}
        if not self.errors and bool(said.get("address")) == (said.get("conversation") is not None):
            self.add_error("address", _("Name either a person or a conversation."))
        return said


@administrators_only
def holds(request: HttpRequest, by: Person) -> HttpResponse:
    """The holds of now and those of before, and a form to set one."""
    form = HoldForm(request.POST or None)
    if form.is_valid():
        said, now = form.cleaned_data, timezone.now()
        if said["conversation"] is not None:
            hold_conversation(said["conversation"], said["reason"], by, now)
        else:
            hold_person(said["address"], said["reason"], by, now)
        messages.success(request, gettext("The hold is set: nothing of it is erased until you release it."))
        return redirect("administration_holds")
    rows = Hold.objects.select_related("set_by", "released_by")
    context = {
        "form": form,
        "holds": rows.filter(released_at=None).order_by("-pk"),
        "released": rows.exclude(released_at=None).order_by("-released_at")[:_RELEASED_SHOWN],
        "section": "retention",
    }
    return render(request, "administration/holds.html", context, status=422 if form.errors else 200)


@administrators_only
@require_POST
def release_hold(request: HttpRequest, by: Person, hold: int) -> HttpResponse:
    """Release a hold; rules and erasures go on without it. Says why (`reason`)."""
    row = get_object_or_404(Hold, pk=hold)
    reason = LineField(max_length=500, required=False).clean(request.POST.get("reason", "")[:500])
    if not reason:
        messages.error(request, gettext("Say why the hold is released."))
    elif release(row, by, timezone.now(), reason=reason):
        messages.success(request, gettext("The hold is released."))
    return redirect("administration_holds")
