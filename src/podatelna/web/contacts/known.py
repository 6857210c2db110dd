"""What the panel beside a conversation says of the partner."""

from __future__ import annotations

from dataclasses import dataclass

from podatelna.accounts.models import Person
from podatelna.contacts.models import Contact, Organisation
from podatelna.contacts.organisations import account_manager_of
from podatelna.contacts.sight import contacts_visible_to

from .forms import shown_values


@dataclass(frozen=True)
class KnownPartner:
    """A contact that the reader of the panel sees."""

    contact: Contact
    organisation: Organisation | None
    account_manager: Person | None
    values: list[tuple[str, str]]  # names and values of own fields, the contact's first


def known_partner(address: str, person: Person) -> KnownPartner | None:
    """What is known of whoever has `address`; None when `person` may not see the contact."""
    row = Contact.objects.filter(address=address.lower()).first() if address else None
    if row is None:
        return None
    rows = contacts_visible_to(person).select_related("organisation__merged_into", "account_manager")
    contact = rows.filter(pk=row.merged_into_id or row.pk).first()
    if contact is None:
        return None
    organisation = contact.organisation.root if contact.organisation else None
    values = shown_values(contact) + (shown_values(organisation) if organisation else [])
    return KnownPartner(contact, organisation, account_manager_of(address), values)
