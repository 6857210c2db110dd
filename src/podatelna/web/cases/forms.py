"""What is written down of a case."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from podatelna.accounts.models import Person
from podatelna.desk.case_models import Case
from podatelna.desk.cases import Facts, processes_for
from podatelna.desk.models import Process
from podatelna.web.forms import LineField


class CaseForm(forms.Form):
    """Title, contact and deadline of a case."""

    title = LineField(label=_("Title"), max_length=300)
    contact_name = LineField(label=_("Contact"), max_length=300, required=False)
    contact_address = forms.EmailField(label=_("Their address"), max_length=320, required=False)
    deadline = forms.DateField(
        label=_("Deadline"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    @property
    def facts(self) -> Facts:
        """What was filled in; only of a valid form."""
        said = self.cleaned_data
        return Facts(said["title"], said["contact_name"], said["contact_address"], said["deadline"])

    @classmethod
    def of(cls, case: Case, data: Any = None) -> CaseForm:
        """The form of a case that is there."""
        names = ("title", "contact_name", "contact_address", "deadline")
        return cls(data, initial={name: getattr(case, name) for name in names}, auto_id="case-%s")


class NewCaseForm(CaseForm):
    """The same for a new one, with the process whose number it gets."""

    process = forms.TypedChoiceField(label=_("Process"), coerce=int, help_text=_("It gets this process’s next number."))

    field_order = ("process", "title")

    def __init__(self, person: Person, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, auto_id="case-%s")
        self._mine = {process.pk: process for process in processes_for(person)}
        field = self.fields["process"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(pk, process.name) for pk, process in self._mine.items()]

    @property
    def chosen(self) -> Process:
        """The process; only of a valid form."""
        return self._mine[self.cleaned_data["process"]]
