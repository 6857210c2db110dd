"""Contacts as vCards: given out as far as the viewer sees them, and taken in.

Taking in tells nobody whether an address is known to others: what the person may not see is neither changed nor
reported, and what is new is not seen either before mail of theirs names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from podatelna.accounts.audit import record
from podatelna.accounts.models import Person
from podatelna.archive.columns import fit
from podatelna.mail.addresses import Address
from podatelna.mail.language import folded
from podatelna.rows import groups

from . import book
from .card_models import MAX_NAME, Card
from .changing import save_changed, standing
from .errors import BadValue
from .merging import merge_contacts
from .models import Contact, Organisation
from .own_fields import fields_for, normal_value, value_of
from .sight import addresses_of, contacts_visible_to, organisations_visible_to
from .vcards import VCard

MOST_NOTES = 20_000  # characters
_AT_ONCE = 25  # cards of one transaction: on SQLite the desk waits for it


@dataclass(frozen=True)
class TakenIn:
    """`filled`: contacts that the person sees and that have something new now."""

    cards: int
    filled: int


def vcard_of(contact: Contact, person: Person) -> VCard:
    """The card of a visible contact, with the addresses that `person` may see."""
    organisation = contact.organisation.root if contact.organisation else None
    own = [(field.name, value) for field in fields_for(contact) if (value := value_of(contact, field))]
    return VCard(
        name=contact.name,
        addresses=tuple(row.address for row in addresses_of(contact, person)),
        organisation=str(organisation or ""),
        language=contact.language,
        note=contact.notes,
        own=tuple(own),
    )


def take_in(cards: Sequence[VCard], by: Person, now: datetime) -> TakenIn:
    """Fill what is empty of contacts that `by` sees, and keep what nobody here knows yet; in the log."""
    filled = 0
    for some in groups(cards, _AT_ONCE):
        with transaction.atomic():
            filled += sum(_take(card, by, now) for card in some)
    record(by, "import-contacts", "contacts", cards=len(cards), filled=filled)
    return TakenIn(len(cards), filled)


def _take(card: VCard, by: Person, now: datetime) -> bool:
    """Whether a contact that `by` sees has something new."""
    known = {row.address: row for row in Contact.objects.filter(address__in=card.addresses)}
    new = [address for address in card.addresses if address not in known]
    book.remember([Address(card.name, address) for address in new], now)
    made = list(Contact.objects.filter(address__in=new).select_related("organisation"))
    visible = _visible(known.values(), by)
    if not visible and not made:
        return False
    main = (visible or made)[0]
    for row in made:
        if row.pk != main.pk:
            merge_contacts(row, main, by, now)
    main.refresh_from_db()
    changed = _fill(main, card, by, now)
    return bool(visible) and (changed or bool(made))


def _visible(rows: Iterable[Contact], by: Person) -> list[Contact]:
    roots = {row.merged_into_id or row.pk for row in rows}
    return list(contacts_visible_to(by).filter(pk__in=roots).order_by("pk")) if roots else []


def _fill(contact: Contact, card: VCard, by: Person, now: datetime) -> bool:
    """Take from the card what the contact has not; whether anything was."""
    before = standing(contact)
    contact.name = contact.name or fit(card.name, MAX_NAME)
    if not contact.language and card.language in Card.Language.values:
        contact.language = card.language
    if card.note and card.note not in contact.notes:
        contact.notes = fit("\n\n".join(filter(None, [contact.notes, card.note])), MOST_NOTES)
    contact.values = {**_own_values(contact, card), **contact.values}
    if card.organisation:
        _place(contact, fit(card.organisation, MAX_NAME), by, now)
    return save_changed(contact, before, by)


def _own_values(contact: Contact, card: VCard) -> dict[str, str]:
    given, values = dict(card.own), {}
    for field in fields_for(contact):
        try:
            value = normal_value(field, given.get(field.name, ""))
        except BadValue:
            continue  # a choice or a number of somebody else's: the contact has none, as before
        if value:
            values[str(field.pk)] = value
    return values


def _place(contact: Contact, name: str, by: Person, now: datetime) -> None:
    """Give a contact without one an organisation, and one that this very import has made its name."""
    if contact.organisation is None:
        contact.organisation = organisation_named(name, by, now)
    elif contact.organisation.created_at == now and contact.organisation.name == contact.organisation.known_by:
        contact.organisation.rename(name)
        contact.organisation.save()


def organisation_named(name: str, by: Person, now: datetime) -> Organisation:
    """The organisation of that name which `by` sees, whatever the diacritics; a new one where there is none."""
    found = organisations_visible_to(by).filter(folded=folded(name)[:MAX_NAME]).order_by("pk").first()
    if found is not None:
        return found
    made = Organisation(created_at=now)
    made.rename(name)
    made.save()
    return made
