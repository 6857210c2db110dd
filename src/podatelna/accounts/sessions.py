"""Ending somebody's sessions."""

from __future__ import annotations

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from .models import Person


def end_sessions(person: Person) -> int:
    """Sign `person` out everywhere; how many sessions ended.

    Django's sessions do not say whose they are until they are opened, so all of them are: a company has few thousands.
    """
    live = Session.objects.filter(expire_date__gt=timezone.now())
    theirs = [row.pk for row in live.iterator() if row.get_decoded().get(SESSION_KEY) == str(person.pk)]
    Session.objects.filter(pk__in=theirs).delete()
    return len(theirs)
