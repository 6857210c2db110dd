"""Somebody must always be able to administer: the last administrator who can sign in stays one."""

from __future__ import annotations

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from .models import Person


class LastAdministrator(Exception):
    """Without this person nobody could administer any more."""


def require_another(person: Person) -> None:
    """Raises LastAdministrator when no other active administrator has a password. Call it inside the transaction."""
    others = Person.objects.select_for_update().filter(is_administrator=True, is_active=True).exclude(pk=person.pk)
    if not others.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).exists():
        raise LastAdministrator
