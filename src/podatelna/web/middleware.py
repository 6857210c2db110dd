"""What happens around every request: its language, and where to go before there is anybody."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation

from podatelna.accounts.models import Person


class LanguageOfPerson(LocaleMiddleware):
    """Language and clock the person chose; else the language of the sign-in page (a cookie), else the browser's."""

    def process_request(self, request: HttpRequest) -> None:
        """Runs before AuthenticationMiddleware, which then finds the person that was looked up here."""
        person = get_user(request)
        activate_zone(person.time_zone if isinstance(person, Person) else "")
        if not isinstance(person, Person):
            super().process_request(request)
            return
        translation.activate(person.language)
        request.LANGUAGE_CODE = translation.get_language()


def activate_zone(name: str) -> None:
    """Show and read times by the clock of this IANA zone; by the installation's for "" and for what is none (any more).

    Each request says it anew: threads serve one person after another.
    """
    try:
        zone = ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = None
    if zone is None:
        timezone.deactivate()
    else:
        timezone.activate(zone)


class FirstVisit:
    """While nobody is here, every page leads to the one that tells where the set-up link is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated or _is_open(request.path) or Person.objects.exists():
            return self.get_response(request)
        return redirect("first_visit")


def _is_open(path: str) -> bool:
    return path.startswith((reverse("first_visit"), reverse("setup"), reverse("language")))
