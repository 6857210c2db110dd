"""What a process does by itself: acknowledge what comes, and hold a flood."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.forms import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.desk import flood
from podatelna.desk.models import Process
from podatelna.web.forms import RowForm

from .access import administrators_only, changes

FIELDS = ["answers", "answer_cs", "answer_en", "answer_hours", "flood_messages", "flood_minutes"]
_PLACES = _("{number} and {subject} are filled in: the conversation's number, and the subject of what came.")


class AnswersForm(RowForm[Process]):
    """Automatic answers and floods of a process."""

    class Meta:
        model = Process
        fields = FIELDS

    answers = forms.BooleanField(
        label=_("Acknowledge what comes"),
        required=False,
        help_text=_(
            "Only what opens a conversation, only to people, and never to programs, lists, delivery reports, addresses "
            "of your own or senders that are not genuine."
        ),
    )
    answer_cs = forms.CharField(
        label=_("Text in Czech"), required=False, max_length=5000, widget=forms.Textarea({"rows": 5}), help_text=_PLACES
    )
    answer_en = forms.CharField(
        label=_("Text in English"), required=False, max_length=5000, widget=forms.Textarea({"rows": 5}),
        help_text=_("Chosen by the language of what came. Where one text is empty, the other one is used."),
    )  # fmt: skip
    answer_hours = forms.IntegerField(
        label=_("At most one to each correspondent within so many hours"), min_value=1, max_value=24 * 365
    )
    flood_messages = forms.IntegerField(
        label=_("Messages of one sender that are a flood"),
        min_value=0,
        max_value=100_000,
        help_text=_("From so many on they are held beside the desk until a person decides. 0: nothing is held."),
    )
    flood_minutes = forms.IntegerField(label=_("within so many minutes"), min_value=1, max_value=24 * 60)

    def clean(self) -> dict[str, Any]:
        """An answer needs words."""
        data = super().clean() or self.cleaned_data
        if data.get("answers") and not (data.get("answer_cs", "").strip() or data.get("answer_en", "").strip()):
            self.add_error("answer_cs", gettext("Write what is answered, in one language at least."))
        return self.cleaned_data


@administrators_only
def answers(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """What the process does by itself; and how much of whose mail is held, without who it is."""
    row = get_object_or_404(Process, pk=pk, owner=None)
    before = model_to_dict(row, FIELDS)
    form = AnswersForm(request.POST or None, instance=row)
    if form.is_valid():
        with transaction.atomic():
            form.save()
            record(by, "change-process", f"process {pk}", **changes(before, model_to_dict(row, FIELDS)))
        messages.success(request, gettext("Saved."))
        return redirect("administration_answers", pk=pk)
    shown = get_object_or_404(Process, pk=pk)
    held = [(one.messages, one.address.rpartition("@")[2], one.began_at) for one in flood.held([shown])]
    context = {"process": shown, "form": form, "held": held, "section": "processes"}
    return render(request, "administration/answers.html", context, status=422 if form.errors else 200)
