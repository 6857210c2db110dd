"""The form about a contact or an organisation, with the fields of one's own."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from podatelna.accounts.models import Person
from podatelna.contacts.card_models import MAX_NAME, Card
from podatelna.contacts.cards import MOST_NOTES, organisation_named
from podatelna.contacts.errors import BadValue
from podatelna.contacts.models import Contact, OwnField
from podatelna.contacts.own_fields import MOST_TEXT, fields_for, normal_value, value_of
from podatelna.web.forms import LineField

Kind = OwnField.Kind
WRONG: dict[str, str | Promise] = {
    Kind.NUMBER: _("This is no number. Write it like 12 or 12,5."),
    Kind.DATE: _("This is no date. Write it like 2026-05-04."),
    Kind.CHOICE: _("This is none of the choices any more. Choose one of the list."),
}


class CardForm(forms.Form):
    """What a person can say of a card."""

    name = LineField(label=_("Name"), max_length=MAX_NAME, required=False)
    account_manager = forms.ModelChoiceField(
        Person.objects.none(), label=_("Account manager"), required=False, empty_label=_("nobody")
    )
    language = forms.ChoiceField(label=_("Language"), choices=Card.Language.choices, required=False)
    notes = forms.CharField(
        label=_("Notes"),
        max_length=MOST_NOTES,
        required=False,
        widget=forms.Textarea({"rows": 5}),
        help_text=_("Read by everybody who has mail of theirs, in whichever process."),
    )

    def __init__(self, card: Card, data: Any = None) -> None:
        self.card, self.own = card, fields_for(card)
        super().__init__(data, initial=_initial(card, self.own))
        self.fields["name"].required = not isinstance(card, Contact)  # those have an address
        manager = self.fields["account_manager"]
        assert isinstance(manager, forms.ModelChoiceField)
        manager.queryset = Person.objects.filter(Q(is_active=True) | Q(pk=card.account_manager_id)).order_by("name")
        for field in self.own:
            self.fields[f"own_{field.pk}"] = own_field(field, value_of(card, field))

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """The fields of one's own, as templates show them."""
        return [self[f"own_{field.pk}"] for field in self.own]

    def clean(self) -> dict[str, Any]:
        """Values of own fields as they are kept."""
        said = super().clean() or {}
        for field in self.own:
            key = f"own_{field.pk}"
            try:
                said[key] = normal_value(field, said.get(key) or "")
            except BadValue as error:
                self.add_error(key, str(WRONG[error.kind]))
        return said

    def write(self) -> None:
        """Put what was said into the card, which is not saved yet."""
        said = self.cleaned_data
        self.card.name, self.card.language, self.card.notes = said["name"], said["language"], _plain(said["notes"])
        self.card.account_manager = said["account_manager"]
        values = {**self.card.values, **{str(field.pk): said[f"own_{field.pk}"] for field in self.own}}
        self.card.values = {key: value for key, value in values.items() if value}


class ContactForm(CardForm):
    """The same for a contact, with where they work."""

    organisation = LineField(
        label=_("Organisation"),
        max_length=MAX_NAME,
        required=False,
        help_text=_("One that you see in the list, by its name; another name makes a new one."),
    )

    def write_for(self, by: Person, now: Any) -> None:
        """As `write`, with the organisation as `by` sees them."""
        self.write()
        assert isinstance(self.card, Contact)
        name, standing = self.cleaned_data["organisation"], self.card.organisation
        if not name:
            self.card.organisation = None
        elif standing is None or str(standing.root) != name:
            self.card.organisation = organisation_named(name, by, now)


def _initial(card: Card, own: list[OwnField]) -> dict[str, Any]:
    initial: dict[str, Any] = {
        "name": card.name,
        "account_manager": card.account_manager_id,
        "language": card.language,
        "notes": card.notes,
        **{f"own_{field.pk}": value_of(card, field) for field in own},
    }
    if isinstance(card, Contact):
        initial["organisation"] = str(card.organisation.root) if card.organisation else ""
    return initial


def own_field(field: OwnField, value: str) -> forms.Field:
    """What a form asks for in a field of one's own in which `value` stands."""
    label, most = field.name, MOST_TEXT
    if field.kind == Kind.CHOICE:
        # One that was taken out of the list stays where it stands until somebody chooses another.
        names = [*field.choices, *([value] if value and value not in field.choices else [])]
        choices = [("", "—"), *((name, name) for name in names)]
        return forms.ChoiceField(label=label, choices=choices, required=False)
    widget = {Kind.NUMBER: forms.TextInput({"inputmode": "decimal"}), Kind.DATE: forms.DateInput({"type": "date"})}
    return LineField(label=label, max_length=most, required=False, widget=widget.get(Kind(field.kind)))


def _plain(text: str) -> str:
    return str(text).replace("\r\n", "\n").replace("\0", "").strip()


def shown_values(card: Card) -> list[tuple[str, str]]:
    """Names and values of own fields that have one, as people of the page's language write them."""
    return [(field.name, shown_value(field, value)) for field in fields_for(card) if (value := value_of(card, field))]


def shown_value(field: OwnField, value: str) -> str:
    """`value` as people of the page's language write it."""
    if field.kind == Kind.DATE:
        return formats.date_format(date.fromisoformat(value), "DATE_FORMAT")
    return formats.number_format(Decimal(value), use_l10n=True) if field.kind == Kind.NUMBER else value
