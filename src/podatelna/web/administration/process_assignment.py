"""Who gets what is new to a process."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from podatelna.accounts.models import Person
from podatelna.desk import assignment
from podatelna.desk.models import Process
from podatelna.web.forms import RowForm

from .access import administrators_only

WAYS = [
    (Process.Assignment.POOL, _("Nobody: it waits for the first who takes it")),
    (Process.Assignment.TURNS, _("Everybody in turn")),
    (Process.Assignment.LEAST, _("Whoever has the fewest open conversations")),
]


class AssignmentForm(RowForm[Process]):
    """To whom new conversations go by themselves."""

    class Meta:
        model = Process
        fields = ["to_account_manager", "to_last_handler", "assignment"]

    to_account_manager = forms.BooleanField(
        label=_("The account manager of the contact, or of its organisation"), required=False
    )
    to_last_handler = forms.BooleanField(
        label=_("Whoever had the correspondent’s last conversation of this process"), required=False
    )
    assignment = forms.ChoiceField(label=_("Otherwise"), choices=WAYS, widget=forms.RadioSelect)
    takes_new = forms.ModelMultipleChoiceField(
        Person.objects.none(),
        label=_("Who is given new conversations"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Members and leads of the team. Somebody who is away is passed over; their substitute comes in for them."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["takes_new"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        members = assignment.acting(self.instance)
        field.queryset = Person.objects.filter(pk__in=members.values("person"))
        field.initial = list(members.filter(takes_new=True).values_list("person", flat=True))


@administrators_only
def process_assignment(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """Set who gets what is new; whose turn is next is shown."""
    row = get_object_or_404(Process, pk=pk, owner=None)
    form = AssignmentForm(request.POST or None, instance=row)
    if form.is_valid():
        data = form.cleaned_data
        assignment.set_assignment(
            row,
            data["assignment"],
            to_account_manager=data["to_account_manager"],
            to_last_handler=data["to_last_handler"],
            takes_new=data["takes_new"],
            by=by,
        )
        messages.success(request, gettext("Saved."))
        return redirect("administration_assignment", pk=pk)
    row.refresh_from_db()
    context = {
        "process": row,
        "form": form,
        "next": assignment.in_turn(row, timezone.now()) if row.assignment == Process.Assignment.TURNS else [],
        "section": "processes",
        "view": "assignment",
    }
    return render(request, "administration/process_assignment.html", context, status=422 if form.errors else 200)
