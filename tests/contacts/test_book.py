"""The address book that fills itself."""

from __future__ import annotations

import pytest

from podatelna.contacts import book
from podatelna.contacts.models import Contact
from podatelna.mail.addresses import Address
from tests.cast import NOON

pytestmark = pytest.mark.django_db


def test_everybody_is_in_it_once() -> None:
    for _ in range(2):
        book.remember([Address("Jana", "Jana@example.cz"), Address("", "petr@example.cz")], NOON)
    assert list(Contact.objects.order_by("address").values_list("address", "name")) == [
        ("jana@example.cz", "Jana"), ("petr@example.cz", ""),
    ]  # fmt: skip


def test_a_hostile_address_breaks_nothing() -> None:
    book.remember([Address("x" * 5000 + "\0", "a" * 400 + "@example.cz"), Address("\0", "ok@example.cz")], NOON)
    assert list(Contact.objects.values_list("address", flat=True)) == ["ok@example.cz"]
