"""Two contacts made one and apart again: nothing is lost, and the log has before and after."""

from __future__ import annotations

import pytest

from podatelna.accounts.models import AuditEntry
from podatelna.contacts import book
from podatelna.contacts.errors import NotMergeable
from podatelna.contacts.merging import merge_contacts, merge_organisations, split_contact, split_organisation
from podatelna.contacts.models import Contact, ContactMerge, Organisation
from podatelna.contacts.organisations import account_manager_of, organisation_of
from podatelna.mail.addresses import Address
from tests.cast import NOON, Cast

WORK, HOME, OLD = "jana@example.cz", "jana@seznam.cz", "jana@old.example"


@pytest.fixture(autouse=True)
def janas(cast: Cast) -> None:
    book.remember([Address("Jana Nováková", WORK), Address("Janička", HOME), Address("", OLD)], NOON)


def contact(address: str) -> Contact:
    return Contact.objects.get(address=address)


def test_what_is_missing_is_taken_over_and_taken_back(cast: Cast) -> None:
    Contact.objects.filter(address=WORK).update(notes="Calls back.", values={"1": "A"})
    Contact.objects.filter(address=HOME).update(notes="Likes tea.", language="cs", values={"1": "B", "2": "C"})
    Contact.objects.filter(address=HOME).update(account_manager=cast.carol)
    before = Contact.objects.filter(address=WORK).values().get()
    merge_contacts(contact(HOME), contact(WORK), cast.bob, NOON)
    one = contact(WORK)
    assert (one.name, one.language, one.account_manager) == ("Jana Nováková", "cs", cast.carol)
    assert one.notes == "Calls back.\n\nLikes tea."
    assert one.values == {"1": "A", "2": "C"}
    assert contact(HOME).root == one
    assert split_contact(contact(HOME), cast.bob, NOON)
    assert Contact.objects.filter(address=WORK).values().get() == before
    assert contact(HOME).notes == "Likes tea."
    assert not split_contact(contact(HOME), cast.bob, NOON)


def test_what_was_changed_since_stays_when_they_are_split(cast: Cast) -> None:
    Contact.objects.filter(address=HOME).update(language="cs", notes="Likes tea.")
    merge_contacts(contact(HOME), contact(WORK), cast.bob, NOON)
    Contact.objects.filter(address=WORK).update(notes="Likes coffee.")
    split_contact(contact(HOME), cast.bob, NOON)
    assert (contact(WORK).notes, contact(WORK).language) == ("Likes coffee.", "")


def test_one_with_addresses_of_its_own_brings_them_and_takes_them_along(cast: Cast) -> None:
    merge_contacts(contact(OLD), contact(HOME), cast.bob, NOON)
    merge_contacts(contact(HOME), contact(WORK), cast.bob, NOON)
    assert contact(OLD).root == contact(HOME).root == contact(WORK)
    split_contact(contact(HOME), cast.bob, NOON)
    assert contact(OLD).root == contact(HOME)
    assert contact(WORK).merged_into is None
    split_contact(contact(OLD), cast.bob, NOON)
    assert contact(OLD).merged_into is None
    assert not ContactMerge.objects.filter(undone_at=None).exists()


def test_only_two_that_stand_for_themselves_are_merged(cast: Cast) -> None:
    with pytest.raises(NotMergeable):
        merge_contacts(contact(WORK), contact(WORK), cast.bob, NOON)
    merge_contacts(contact(HOME), contact(WORK), cast.bob, NOON)
    for merged, into in ((HOME, OLD), (OLD, HOME), (WORK, HOME)):
        with pytest.raises(NotMergeable):
            merge_contacts(contact(merged), contact(into), cast.bob, NOON)


def test_the_log_has_before_and_after_and_no_notes(cast: Cast) -> None:
    Contact.objects.filter(address=HOME).update(language="cs", notes="Likes tea.")
    merge_contacts(contact(HOME), contact(WORK), cast.bob, NOON)
    split_contact(contact(HOME), cast.bob, NOON)
    acts = AuditEntry.objects.filter(act__in=["merge-contacts", "split-contact"]).order_by("pk")
    merged, split = [entry.details for entry in acts]
    assert (merged["before"]["language"], merged["after"]["language"]) == ("", "cs")
    assert (split["before"]["language"], split["after"]["language"]) == ("cs", "")
    assert merged["known_by"] == [WORK, HOME]
    assert merged["also_changed"] == ["notes"]
    assert "tea" not in str(merged) + str(split)


def test_organisations_are_merged_with_their_domains_and_people(cast: Cast) -> None:
    new, old = Organisation.objects.get(domain="example.cz"), Organisation.objects.get(domain="old.example")
    Organisation.objects.filter(pk=old.pk).update(account_manager=cast.carol)
    merge_organisations(old, new, cast.bob, NOON)
    assert organisation_of(OLD) == organisation_of("somebody.new@old.example") == new
    assert account_manager_of(WORK) == cast.carol
    assert split_organisation(old, cast.bob, NOON)
    assert organisation_of(OLD) == old
    assert account_manager_of(WORK) is None


def test_merged_address_that_is_erased_leaves_the_other_as_it_is(cast: Cast) -> None:
    merge_contacts(contact(HOME), contact(WORK), cast.bob, NOON)
    contact(WORK).delete()
    assert contact(HOME).merged_into is None
    assert not ContactMerge.objects.exists()
