"""Scopes: granted and withdrawn for a reason, each by itself, and on record."""

from __future__ import annotations

import pytest

from podatelna.accounts.access import grant, record, scopes_of, withdraw
from podatelna.accounts.models import AuditEntry, Holding, Person, Scope
from tests.cast import a_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def scope() -> Scope:
    return Scope.objects.create(kind=Scope.Kind.CASE)


@pytest.fixture
def eve() -> Person:
    return a_person("Eve")


def test_a_scope_is_held_for_each_reason_by_itself(scope: Scope, eve: Person) -> None:
    grant(scope, eve, "member", None)
    grant(scope, eve, "assigned", None)
    withdraw(scope, eve, "assigned", None)
    assert list(scopes_of(eve)) == [scope.pk]
    withdraw(scope, eve, "member", None)
    assert list(scopes_of(eve)) == []


def test_granting_and_withdrawing_twice_is_on_record_once(scope: Scope, eve: Person) -> None:
    for _ in range(2):
        grant(scope, eve, "member", eve)
    for _ in range(2):
        withdraw(scope, eve, "member", eve)
    assert list(AuditEntry.objects.order_by("pk").values_list("act", flat=True)) == ["grant", "withdraw"]
    assert not Holding.objects.exists()


def test_a_long_subject_does_not_break_the_record() -> None:
    record(None, "test", "x" * 1000, note="ž")
    assert AuditEntry.objects.get().subject == "x" * 200


def test_addresses_are_compared_without_case(eve: Person) -> None:
    assert Person.objects.get_by_natural_key("EVE@Acme.CZ") == eve


def test_a_person_without_password_cannot_sign_in_with_one() -> None:
    assert not Person.objects.create_person("new@acme.cz", "New").has_usable_password()
