"""Who may see which contacts: whoever may see mail that names one. Counts and searches start from here too.

What the house knows of a contact (notes, own fields, the account manager) belongs to the house: it is shown to
everybody who sees the contact. The addresses of a contact, and the domains of an organisation, are shown one by one:
only those that stand in mail which the viewer may see.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from podatelna.accounts.models import Person
from podatelna.archive.models import Correspondent, Message
from podatelna.gateways.models import Gateway
from podatelna.mail.language import folded

from .models import Contact, Organisation

MOST_WORDS = 8


def rows_seen_by(person: Person) -> QuerySet[Contact]:
    """Contacts, merged ones too, whose very address stands in mail that `person` may see."""
    return Contact.objects.filter(_seen(person))


def contacts_visible_to(person: Person) -> QuerySet[Contact]:
    """Contacts outside the house that `person` may see; a merged one is found by the one it was merged into."""
    # The merged ones are few and looked through once. Asked row by row, a planner that knows how few they are reads all
    # contacts for each contact.
    merged = rows_seen_by(person).exclude(merged_into=None).values("merged_into")
    rows = Contact.objects.filter(_seen(person) | Q(pk__in=merged), merged_into=None)
    ours = Q(address__in=Person.objects.values("email")) | Q(address__in=Gateway.objects.values("address"))
    return rows.exclude(ours)


def organisations_visible_to(person: Person) -> QuerySet[Organisation]:
    """Organisations with a contact that `person` may see; merged ones are left out as above."""
    contacts = contacts_visible_to(person)
    own = Q(Exists(contacts.filter(organisation=OuterRef("pk"))))
    merged = Organisation.objects.filter(own).exclude(merged_into=None).values("merged_into")
    return Organisation.objects.filter(own | Q(pk__in=merged), merged_into=None)


def contacts_of(organisation: Organisation, person: Person) -> QuerySet[Contact]:
    """Who works there, as far as `person` may see them."""
    works = Q(organisation=organisation) | Q(organisation__merged_into=organisation)
    return contacts_visible_to(person).filter(works)


def addresses_of(contact: Contact, person: Person) -> list[Contact]:
    """The rows of a contact's addresses that `person` may see, its own first."""
    rows = rows_seen_by(person).filter(Q(pk=contact.pk) | Q(merged_into=contact))
    return sorted(rows, key=lambda row: (row.pk != contact.pk, row.address))


def call_as_seen(contacts: Iterable[Contact], person: Person) -> None:
    """Have those without a name called by an address that `person` may see: their first may be another one."""
    nameless = {row.pk: row for row in contacts if not row.name}
    several = Contact.objects.filter(merged_into__in=nameless).values_list("merged_into_id", flat=True)
    for pk in {pk for pk in several if pk is not None} if nameless else ():
        seen = addresses_of(nameless[pk], person)
        nameless[pk].seen_as = seen[0].address if seen else ""


def parts_of(organisation: Organisation, person: Person) -> list[Organisation]:
    """An organisation and those merged into it whose people's mail `person` may see, itself first."""
    seen = rows_seen_by(person).filter(organisation=OuterRef("pk"))
    group = Organisation.objects.filter(Q(pk=organisation.pk) | Q(merged_into=organisation))
    return sorted(group.filter(Exists(seen)), key=lambda row: (row.pk != organisation.pk, row.ordered))


def contacts_found(typed: str, person: Person) -> QuerySet[Contact]:
    """Visible contacts that have each word in their name, their organisation's, or an address that `person` may see."""
    rows = contacts_visible_to(person)
    for word in _words(typed):
        address = rows_seen_by(person).filter(address__contains=word)
        merged = address.exclude(merged_into=None).values("merged_into")
        by_address = Q(Exists(address.filter(pk=OuterRef("pk")))) | Q(pk__in=merged)
        by_name = Q(folded__contains=word) | Q(organisation__folded__contains=word, organisation__merged_into=None)
        rows = rows.filter(by_name | Q(organisation__merged_into__folded__contains=word) | by_address)
    return rows


def organisations_found(typed: str, person: Person) -> QuerySet[Organisation]:
    """Visible organisations that have each word in their name, or in a domain as above."""
    rows = organisations_visible_to(person)
    seen = rows_seen_by(person).filter(organisation=OuterRef("pk"))
    for word in _words(typed):
        domain = Organisation.objects.filter(Exists(seen), domain__contains=word)
        merged = domain.exclude(merged_into=None).values("merged_into")
        rows = rows.filter(Q(folded__contains=word) | Q(Exists(domain.filter(pk=OuterRef("pk")))) | Q(pk__in=merged))
    return rows


def _words(typed: str) -> list[str]:
    return folded(typed.replace("\0", "")[:200]).lower().split()[:MOST_WORDS]


def _seen(person: Person) -> Q:
    # Row by row: a list of all visible messages would be made first, and there may be a million.
    visible = Message.objects.visible_to(person).filter(pk=OuterRef("message_id"))
    return Q(Exists(Correspondent.objects.filter(Exists(visible), address=OuterRef("address"))))
