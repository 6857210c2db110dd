"""Fields of one's own on contacts, organisations and cases: added, renamed, ordered, hidden."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db import transaction
from django.forms import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from podatelna.accounts.audit import record
from podatelna.accounts.models import Person
from podatelna.contacts.models import OwnField
from podatelna.web.forms import LineField, RowForm, one_line

from .access import administrators_only, changes

_NAMES = ["of", "name", "kind", "choices", "position", "is_shown"]
MOST_CHOICES = 100


class OwnFieldForm(RowForm[OwnField]):
    """A field as an administrator describes it."""

    class Meta:
        model = OwnField
        fields = ["of", "name", "kind", "position", "is_shown"]
        labels = {
            "of": _("Of"),
            "kind": pgettext_lazy("own field", "Kind"),
            "position": _("Position"),
            "is_shown": _("It is shown"),
        }
        help_texts = {
            "position": _("Smaller numbers stand higher."),
            "is_shown": _("Of a field that is hidden nothing is lost: shown again, it has its values."),
        }

    name = LineField(label=_("Name of the field"), max_length=100)
    lines = forms.CharField(
        label=_("Choices"), required=False, max_length=20_000, widget=forms.Textarea({"rows": 4}),
        help_text=_("One a line; only for a choice."),
    )  # fmt: skip

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # handed on
        self.fields["lines"].initial = "\n".join(self.instance.choices)
        if self.instance.pk:
            # Values that stand there would mean something else.
            self.fields["of"].disabled = self.fields["kind"].disabled = True

    def clean_lines(self) -> list[str]:
        """The choices, each once."""
        lines = [one_line(line)[:200] for line in str(self.cleaned_data["lines"]).replace("\0", "").splitlines()]
        return list(dict.fromkeys(line for line in lines if line))[:MOST_CHOICES]

    def clean(self) -> dict[str, object]:
        """A choice has choices."""
        said = super().clean() or {}
        self.instance.choices = said.get("lines", []) if said.get("kind") == OwnField.Kind.CHOICE else []
        if said.get("kind") == OwnField.Kind.CHOICE and not self.instance.choices:
            self.add_error("lines", gettext("Write what there is to choose from, one a line."))
        return said


@administrators_only
def own_fields(request: HttpRequest, by: Person) -> HttpResponse:
    """The fields there are, and a form for another one."""
    form = OwnFieldForm(request.POST or None)
    if form.is_valid():
        with transaction.atomic():
            row = form.save()
            record(by, "add-own-field", f"own-field {row.pk}", **_told(row))
        messages.success(
            request,
            gettext("The field is there: people fill it in on the page of a contact, an organisation or a case."),
        )
        return redirect("administration_own_fields")
    context = {"form": form, "rows": OwnField.objects.all(), "section": "own-fields"}
    return render(request, "administration/own_fields.html", context, status=422 if form.errors else 200)


@administrators_only
def own_field(request: HttpRequest, by: Person, pk: int) -> HttpResponse:
    """One of them."""
    row = get_object_or_404(OwnField, pk=pk)
    before = _told(row)
    form = OwnFieldForm(request.POST or None, instance=row)
    if form.is_valid():
        with transaction.atomic():
            form.save()
            record(by, "change-own-field", f"own-field {row.pk}", **changes(before, _told(row)))
        messages.success(request, gettext("Saved."))
        return redirect("administration_own_fields")
    context = {"form": form, "field": row, "section": "own-fields"}
    return render(request, "administration/own_field.html", context, status=422 if form.errors else 200)


def _told(row: OwnField) -> dict[str, object]:
    return model_to_dict(row, _NAMES)
