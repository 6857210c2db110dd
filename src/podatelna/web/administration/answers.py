"""What a process does by itself: acknowledge what comes, and hold a flood."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.forms import BoundField, model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from podatelna.accounts.access import record
from podatelna.accounts.models import Person
from podatelna.desk import flood
from podatelna.desk.models import Process
from podatelna.desk.placeholders import unknown
from podatelna.web.forms import RowForm

from .access import administrators_only, changes
from .place_words import places_for, unknown_words

LANGUAGES = [("cs", _("Czech")), ("sk", _("Slovak")), ("en", _("English")), ("de", _("German"))]
# Nobody writes an automatic answer, and no order is known of the mail that it answers.
PLACES = [
    "contact.name", "contact.address", "organisation.name", "process.name", "process.address", "case.number",
    "case.title", "conversation.number", "subject", "today",
]  # fmt: skip
TEXTS = [f"{when}_{language}" for language, _name in LANGUAGES for when in ("answer", "closed")]
FIELDS = ["answers", *TEXTS, "answer_hours", "flood_messages", "flood_minutes"]


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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for language, name in LANGUAGES:
            labels = {
                "answer": gettext("Text (%(language)s)"),
                "closed": gettext("Outside working hours (%(language)s)"),
            }
            for when, label in labels.items():
                self.fields[f"{when}_{language}"] = forms.CharField(
                    label=label % {"language": name}, required=False, max_length=5000,
                    widget=forms.Textarea({"rows": 4, "lang": language}),
                )  # fmt: skip

    def texts(self) -> list[tuple[str, BoundField, BoundField, bool]]:
        """By language: its name, the text, the one for outside hours, and whether there is anything in them."""
        rows = []
        for language, name in LANGUAGES:
            text, closed = self[f"answer_{language}"], self[f"closed_{language}"]
            rows.append((str(name), text, closed, bool(text.value() or closed.value() or text.errors)))
        return rows

    def clean(self) -> dict[str, Any]:
        """An answer needs words."""
        data = super().clean() or self.cleaned_data
        if data.get("answers") and not any(data.get(f"answer_{language}", "").strip() for language, _name in LANGUAGES):
            self.add_error("answer_cs", gettext("Write what is answered, in one language at least."))
        for name in TEXTS:
            if found := unknown(data.get(name, "").replace("{number}", "")):
                self.add_error(name, unknown_words(found))
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
    context = {
        "process": shown,
        "form": form,
        "held": held,
        "places": places_for(PLACES),
        "section": "processes",
        "view": "answers",
    }
    return render(request, "administration/answers.html", context, status=422 if form.errors else 200)
