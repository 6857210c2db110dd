"""Who sees which contacts: by mail that one may see, address by address; searches and counts tell no more."""

from __future__ import annotations

import pytest

from podatelna.accounts.models import Person
from podatelna.contacts.merging import merge_contacts
from podatelna.contacts.models import Contact, Organisation
from podatelna.contacts.sight import (
    addresses_of,
    call_as_seen,
    contacts_found,
    contacts_visible_to,
    organisations_found,
    organisations_visible_to,
    parts_of,
)
from podatelna.desk import personal
from podatelna.desk.processes import remove_member
from tests.cast import NOON, Cast, a_gateway, a_mail, receive


@pytest.fixture
def letters(cast: Cast) -> None:
    receive(a_mail(sender="Jana Nováková <jana@example.cz>", cc="Iva <iva@seznam.cz>"), cast.helpdesk_gateway)
    receive(a_mail(sender="Petr <petr@old.example>", to="sales@acme.cz"), cast.sales_gateway)


def seen(person: Person, typed: str = "") -> set[str]:
    rows = contacts_found(typed, person)
    assert set(rows) <= set(contacts_visible_to(person))
    return set(rows.values_list("address", flat=True))


@pytest.mark.usefixtures("letters")
def test_contacts_are_seen_by_who_sees_their_mail(cast: Cast) -> None:
    assert seen(cast.alice) == seen(cast.bob) == {"jana@example.cz", "iva@seznam.cz"}
    assert seen(cast.carol) == {"petr@old.example"}
    for nobody in (cast.dan, cast.eve):
        assert seen(nobody) == set()
        assert not organisations_visible_to(nobody).exists()


@pytest.mark.usefixtures("letters")
def test_who_leaves_the_team_sees_them_no_more(cast: Cast) -> None:
    remove_member(cast.helpdesk, cast.bob, cast.dan, NOON)
    assert seen(cast.bob) == set()


@pytest.mark.usefixtures("letters")
def test_mail_of_a_private_mailbox_shows_contacts_to_its_owner_alone(cast: Cast) -> None:
    gateway = a_gateway("bob.private@acme.cz", owner=cast.bob)
    personal.take_in(gateway, cast.bob)
    receive(a_mail(sender="Doctor <doctor@clinic.cz>", to="bob.private@acme.cz"), gateway)
    assert "doctor@clinic.cz" in seen(cast.bob)
    assert "doctor@clinic.cz" not in seen(cast.alice) | seen(cast.carol) | seen(cast.dan)
    assert not organisations_found("clinic", cast.alice).exists()


@pytest.mark.usefixtures("letters")
def test_they_are_found_by_name_address_and_organisation_whatever_the_diacritics(cast: Cast) -> None:
    for typed in ("novak", "NOVÁKOVÁ jana", "example.cz", "jana@ex", "nova example"):
        assert seen(cast.bob, typed) == {"jana@example.cz"}, typed
    for typed in ("petr", "old.example", "100%", "_", "\0", "jana petr"):
        assert seen(cast.bob, typed) in (set(), {"jana@example.cz", "iva@seznam.cz"} if typed == "\0" else set()), typed


@pytest.mark.usefixtures("letters")
def test_addresses_and_domains_of_merged_ones_are_shown_and_found_one_by_one(cast: Cast) -> None:
    jana, petr = Contact.objects.get(address="jana@example.cz"), Contact.objects.get(address="petr@old.example")
    merge_contacts(petr, jana, None, NOON)
    assert jana in contacts_visible_to(cast.carol)
    assert [row.address for row in addresses_of(jana, cast.carol)] == ["petr@old.example"]
    assert [row.address for row in addresses_of(jana, cast.bob)] == ["jana@example.cz"]
    assert seen(cast.carol, "jana@") == set()
    assert seen(cast.carol, "petr@") == {"jana@example.cz"}
    assert seen(cast.bob, "petr@") == set()


@pytest.mark.usefixtures("letters")
def test_who_has_no_name_is_called_by_an_address_that_one_sees(cast: Cast) -> None:
    jana, petr = Contact.objects.get(address="jana@example.cz"), Contact.objects.get(address="petr@old.example")
    Contact.objects.update(name="")
    merge_contacts(petr, jana, None, NOON)
    for person, address in ((cast.carol, "petr@old.example"), (cast.bob, "jana@example.cz")):
        rows = list(contacts_visible_to(person).filter(pk=jana.pk))
        call_as_seen(rows, person)
        assert [str(row) for row in rows] == [address]


@pytest.mark.usefixtures("letters")
def test_parts_of_an_organisation_are_shown_to_who_sees_mail_of_them(cast: Cast) -> None:
    new, old = Organisation.objects.get(domain="example.cz"), Organisation.objects.get(domain="old.example")
    Organisation.objects.filter(pk=old.pk).update(merged_into=new)
    assert list(organisations_visible_to(cast.carol)) == [new]
    assert [row.domain for row in parts_of(new, cast.carol)] == ["old.example"]
    assert [row.domain for row in parts_of(new, cast.bob)] == ["example.cz"]
    assert not organisations_found("old.ex", cast.bob).exists()
    assert organisations_found("old.ex", cast.carol).exists()
