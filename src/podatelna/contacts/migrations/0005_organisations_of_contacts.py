"""Contacts that are there already get their place in the list, and their organisations."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import migrations

from podatelna.contacts.ordering import czech_key
from podatelna.contacts.organisations import company_domain
from podatelna.mail.address_forms import shown_address
from podatelna.mail.language import folded

_AT_ONCE = 500


def fill(apps: Any, editor: Any) -> None:
    """Every contact, a group at a time."""
    contacts = apps.get_model("contacts", "Contact").objects
    people = apps.get_model("accounts", "Person").objects.values_list("email", flat=True)
    gateways = apps.get_model("gateways", "Gateway").objects.values_list("address", flat=True)
    own = {company_domain(address.lower()) for address in (*people, *gateways)}
    organisations = apps.get_model("contacts", "Organisation").objects
    known: dict[str, int] = dict(organisations.exclude(domain=None).values_list("domain", "pk"))
    last = 0
    while rows := list(contacts.filter(pk__gt=last).order_by("pk")[:_AT_ONCE]):
        for row in rows:
            row.ordered = czech_key(row.name or row.address)
            domain = company_domain(row.address)
            if domain and domain not in own:
                if domain not in known:
                    known[domain] = _made(organisations, domain)
                row.organisation_id = known[domain]
        contacts.bulk_update(rows, ["ordered", "organisation"])
        last = rows[-1].pk


def _made(organisations: Any, domain: str) -> int:
    name = shown_address(f"@{domain}")[1:]
    made = organisations.create(domain=domain, name=name, folded=folded(name)[:300], ordered=czech_key(name))
    return int(made.pk)


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0004_organisations"),
        ("gateways", "0011_web_forms"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
