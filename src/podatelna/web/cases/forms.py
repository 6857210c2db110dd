"""What is written down of a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from podatelna.accounts.models import Person
from podatelna.contacts.card_models import MAX_NAME
from podatelna.contacts.cards import organisation_named
from podatelna.contacts.errors import BadValue
from podatelna.contacts.models import Organisation, OwnField
from podatelna.contacts.own_fields import normal_value, shown_fields
from podatelna.desk.case_keeping import MOST_YEARS
from podatelna.desk.case_models import Case
from podatelna.desk.cases import Facts, processes_for
from podatelna.desk.models import Process
from podatelna.web.contacts.forms import WRONG, own_field, shown_value
from podatelna.web.forms import LineField


class CaseForm(forms.Form):
    """Title, contact, deadline and own fields of a case."""

    title = LineField(label=_("Title"), max_length=300)
    contact_name = LineField(label=_("Contact"), max_length=300, required=False)
    contact_address = forms.EmailField(label=_("Their address"), max_length=320, required=False)
    deadline = forms.DateField(
        label=_("Deadline"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    organisation = LineField(
        label=_("Organisation"),
        max_length=MAX_NAME,
        required=False,
        help_text=_("One that you see in the list, by its name; another name makes a new one."),
    )
    keep_years = forms.IntegerField(
        label=_("Keep its mail so many years after it was closed"),
        required=False,
        min_value=1,
        max_value=MOST_YEARS,
        help_text=_("Nothing that is filed under it is erased before, whatever the rules of processes say."),
    )

    def __init__(self, *args: Any, case: Case | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case, self.own = case, shown_fields(OwnField.Of.CASE)
        for row in self.own:
            standing = str(case.values.get(str(row.pk), "")) if case is not None else ""
            self.fields[f"own_{row.pk}"] = own_field(row, standing)
            self.initial.setdefault(f"own_{row.pk}", standing)

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """The fields of one's own, as templates show them."""
        return [self[f"own_{row.pk}"] for row in self.own]

    def clean(self) -> dict[str, Any]:
        """Values of own fields as they are kept."""
        said = super().clean() or {}
        for row in self.own:
            key = f"own_{row.pk}"
            try:
                said[key] = normal_value(row, said.get(key) or "")
            except BadValue as error:
                self.add_error(key, str(WRONG[error.kind]))
        return said

    def facts(self, by: Person, now: datetime) -> Facts:
        """What `by` filled in; only of a valid form."""
        said = self.cleaned_data
        before = self.case.values if self.case is not None else {}
        return Facts(
            said["title"],
            said["contact_name"],
            said["contact_address"],
            said["deadline"],
            self._organisation(by, now),
            {**before, **{str(row.pk): said[f"own_{row.pk}"] for row in self.own}},
            said["keep_years"],
        )

    def _organisation(self, by: Person, now: datetime) -> Organisation | None:
        name = self.cleaned_data["organisation"]
        standing = self.case.organisation if self.case is not None else None
        if not name or (standing is not None and str(standing.root) == name):
            return standing if name else None
        return organisation_named(name, by, now)

    @classmethod
    def of(cls, case: Case, data: Any = None) -> CaseForm:
        """The form of a case that is there."""
        names = ("title", "contact_name", "contact_address", "deadline", "keep_years")
        initial = {name: getattr(case, name) for name in names}
        initial["organisation"] = str(case.organisation.root) if case.organisation is not None else ""
        return cls(data, initial=initial, auto_id="case-%s", case=case)


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


def shown_values(case: Case) -> list[tuple[str, str]]:
    """Names and values of own fields that have one, as people of the page's language write them."""
    rows = [(row, str(case.values.get(str(row.pk), ""))) for row in shown_fields(OwnField.Of.CASE)]
    return [(row.name, shown_value(row, value)) for row, value in rows if value]
