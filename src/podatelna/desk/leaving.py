"""When somebody leaves the company, or comes back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from podatelna.accounts.access import record
from podatelna.accounts.administrators import require_another
from podatelna.accounts.links import withdraw_links
from podatelna.accounts.models import OneTimeLink, Person
from podatelna.accounts.sessions import end_sessions

from .confidential import pass_on
from .models import Conversation
from .personal import stop


@transaction.atomic
def deactivate(person: Person, by: Person | None, now: datetime) -> None:
    """`person` is signed out everywhere and cannot come back in; their open work waits for somebody else.

    Their mailbox is left alone. What they wrote and did keeps their name. Raises LastAdministrator.
    """
    if person.is_administrator:
        require_another(person)
    if Person.objects.filter(pk=person.pk, is_active=True).update(is_active=False) != 1:
        return
    person.is_active = False
    withdraw_links(OneTimeLink.Purpose.PASSWORD, person)
    ended = end_sessions(person)
    pass_on(person, by, now)
    for conversation in Conversation.objects.open().filter(assignee=person):
        conversation.assign(None, by, now)
    stop(person, by)
    record(by, "deactivate-person", f"person {person.pk}", email=person.email, sessions=ended)


@transaction.atomic
def reactivate(person: Person, by: Person | None) -> None:
    """`person` may sign in again, and is in the teams they were in."""
    if Person.objects.filter(pk=person.pk, is_active=False).update(is_active=True) == 1:
        person.is_active = True
        record(by, "reactivate-person", f"person {person.pk}", email=person.email)
