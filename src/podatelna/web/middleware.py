"""What happens around every request."""

from __future__ import annotations

from django.middleware.locale import LocaleMiddleware


class LanguageOfPerson(LocaleMiddleware):
    """The language the person chose, else the browser's."""
