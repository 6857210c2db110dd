"""Organisations made from the domains of addresses; whose a domain is, and who looks after whom writes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from django.db import IntegrityError, transaction

from podatelna.accounts.models import Person
from podatelna.gateways.models import Gateway
from podatelna.mail.free_mail import FREE_MAIL
from podatelna.mail.public_suffixes import is_public_suffix, registered_domain
from podatelna.rows import groups

from .models import Contact, Organisation

# RFC 1123 2.1, and an ending that is no number: an address literal is no domain.
_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")


@lru_cache(maxsize=10_000)
def company_domain(address: str) -> str:
    """The registered domain of `address` when it is one organisation's; "" for free mail, addresses of no domain."""
    domain = address.rpartition("@")[2]
    if len(domain) > 253:
        return ""
    registered = registered_domain(domain)
    is_company = _NAME.fullmatch(registered) and registered not in FREE_MAIL and not is_public_suffix(registered)
    return registered if is_company else ""


def organisation_of(address: str) -> Organisation | None:
    """The organisation of whoever has `address`: as its contact says, else by its domain. No access is checked."""
    contact = _contact(address)
    if contact is not None:
        chosen = contact.root.organisation
        return None if chosen is None else chosen.root
    domain = company_domain(address.lower())
    found = Organisation.objects.select_related("merged_into").filter(domain=domain).first() if domain else None
    return None if found is None else found.root


def account_manager_of(address: str) -> Person | None:
    """Who looks after whoever has `address`: their own account manager, else their organisation's; nobody who left."""
    contact, organisation = _contact(address), organisation_of(address)
    cards = [card for card in (contact.root if contact else None, organisation) if card is not None]
    managers = [card.account_manager for card in cards if card.account_manager is not None]
    return next((person for person in managers if person.is_active), None)


def _contact(address: str) -> Contact | None:
    rows = Contact.objects.select_related("merged_into__organisation__merged_into", "organisation__merged_into")
    return rows.filter(address=address.lower()).first()


def organisations_for(addresses: Iterable[str], now: datetime) -> dict[str, int]:
    """The id of the organisation of each of `addresses` that has one; made where its domain is a new one.

    Our own domains are nobody's organisation. Few statements, however many addresses.
    """
    domains = {address: domain for address in addresses if (domain := company_domain(address))}
    wanted = set(domains.values())
    known: dict[str, int] = {}
    for some in groups(sorted(wanted)):
        known.update((str(row.domain), row.pk) for row in Organisation.objects.filter(domain__in=some))
    if new := wanted - known.keys():
        # In one order, for two workers that make the same ones at the same time.
        known.update((domain, _made(domain, now)) for domain in sorted(new - own_domains()))
    return {address: known[domain] for address, domain in domains.items() if domain in known}


def own_domains() -> set[str]:
    """Registered domains of the people here and of the mailboxes."""
    people = Person.objects.values_list("email", flat=True)
    gateways = Gateway.objects.values_list("address", flat=True)
    return {domain for address in (*people, *gateways) if (domain := company_domain(address.lower()))}


def _made(domain: str, now: datetime) -> int:
    made = Organisation(domain=domain, created_at=now)
    made.rename(made.known_by)
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:  # another worker was first
        return Organisation.objects.get(domain=domain).pk
    return made.pk
