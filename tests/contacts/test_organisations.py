"""Organisations come from the domains of mail; free mail and our own domains are nobody's."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from podatelna.contacts import book
from podatelna.contacts.models import Contact, Organisation
from podatelna.contacts.organisations import account_manager_of, company_domain, organisation_of
from podatelna.mail.addresses import Address
from tests.cast import NOON, Cast, a_mail, receive


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("jana@example.cz", "example.cz"),
        ("jana@mail.brno.example.co.uk", "example.co.uk"),
        ("jana@seznam.cz", ""),
        ("jana@gmail.com", ""),
        ("jana@co.uk", ""),
        ("jana@localhost", ""),
        ("jana@[192.0.2.1]", ""),
        ("jana", ""),
        ("jana@" + "x" * 300 + ".cz", ""),
        ("\0@\ud800.cz.", ""),
    ],
    ids=range(10),
)
def test_domain_of_a_company(address: str, domain: str) -> None:
    assert company_domain(address) == domain


def test_mail_makes_a_contact_and_its_organisation_once(cast: Cast) -> None:
    receive(a_mail(sender="Jana <jana@example.cz>"), cast.helpdesk_gateway)
    receive(a_mail(sender="Petr <petr@obchod.example.cz>"), cast.sales_gateway)
    receive(a_mail(sender="Iva <iva@seznam.cz>"), cast.sales_gateway)
    assert list(Organisation.objects.values_list("domain", "name")) == [("example.cz", "example.cz")]
    work = dict(Contact.objects.values_list("address", "organisation__domain"))
    assert work["jana@example.cz"] == work["petr@obchod.example.cz"] == "example.cz"
    assert work["iva@seznam.cz"] is None
    assert work["helpdesk@acme.cz"] is None  # our own


def test_hostile_domain_makes_no_mail_fail(cast: Cast) -> None:
    receive(a_mail(sender="=?utf-8?q?x?= <x@xn--0000000.cz>"), cast.helpdesk_gateway)
    book.remember([Address("", "x@" + "a." * 120 + "cz"), Address("", "x@-..cz"), Address("", "@")], NOON)
    assert organisation_of("x@-..cz") is None


def test_organisation_of_an_address_goes_by_its_contact_and_else_by_its_domain(cast: Cast) -> None:
    book.remember([Address("Jana", "jana@example.cz"), Address("Iva", "iva@seznam.cz")], NOON)
    example = Organisation.objects.get()
    assert organisation_of("JANA@example.cz") == example
    assert organisation_of("nobody.yet@example.cz") == example
    assert organisation_of("iva@seznam.cz") is None
    Contact.objects.filter(address="iva@seznam.cz").update(organisation=example)
    assert organisation_of("iva@seznam.cz") == example


def test_account_manager_is_ones_own_or_the_organisations_and_never_one_who_left(cast: Cast) -> None:
    book.remember([Address("Jana", "jana@example.cz")], NOON)
    assert account_manager_of("jana@example.cz") is None
    Organisation.objects.update(account_manager=cast.carol)
    assert account_manager_of("jana@example.cz") == account_manager_of("new@example.cz") == cast.carol
    Contact.objects.update(account_manager=cast.bob)
    assert account_manager_of("jana@example.cz") == cast.bob
    type(cast.bob).objects.filter(pk=cast.bob.pk).update(is_active=False)
    assert account_manager_of("jana@example.cz") == cast.carol


@pytest.mark.django_db(transaction=True)
def test_contacts_of_before_get_organisations_when_upgraded() -> None:
    target = [("contacts", "0003_bad_addresses")]
    executor = MigrationExecutor(connection)
    try:
        old: Any = executor.migrate(target).apps.get_model("contacts", "Contact")
        old.objects.create(address="jana@example.cz", name="Čeněk")
        old.objects.create(address="iva@seznam.cz")
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    assert Contact.objects.get(address="jana@example.cz").organisation == Organisation.objects.get(domain="example.cz")
    assert Contact.objects.get(address="iva@seznam.cz").organisation is None
    assert Contact.objects.get(address="iva@seznam.cz").ordered
