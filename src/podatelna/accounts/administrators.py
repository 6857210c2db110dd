"""Somebody must always be able to administer: the last administrator who can sign in stays one."""

from __future__ import annotations

from .models import Person


class LastAdministrator(Exception):
    """Without this person nobody could administer any more."""


def require_another(person: Person) -> None:
    """Raises LastAdministrator when no other active administrator has a password. Call it inside the transaction."""
    # All of them, in one order: two who demote each other at the same time must wait and not deadlock.
    rows = Person.objects.select_for_update().filter(is_administrator=True, is_active=True).order_by("pk")
    if not any(row.pk != person.pk and row.has_usable_password() for row in rows):
        raise LastAdministrator
