"""What a password must be."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from podatelna.accounts.models import Person

DANA = Person(email="dana.novakova@acme.cz", name="Dana Nováková")


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("elevenchars", "The password is too short: it needs at least 12 characters."),
        ("dana.novakova@acme.cz", "The password is too similar to the name or the address."),
        ("Dana Nováková", "The password is too similar to the name or the address."),
        ("qwerty123456", "This password is too common."),
    ],
)
def test_a_weak_password_is_refused_in_words(password: str, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(password, DANA)
    assert refused.value.messages == [words]


@pytest.mark.parametrize("password", ["tři nesouvisející slova", "  spaces count too  ", "ЖжЖжЖжЖжЖжЖж"])
def test_a_long_password_of_any_letters_is_taken(password: str) -> None:
    validate_password(password, DANA)
