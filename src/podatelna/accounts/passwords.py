"""What a password must be, in words of our own: Django's Czech catalogue lacks some, others name columns."""

from __future__ import annotations

from django.contrib.auth.password_validation import MinimumLengthValidator, UserAttributeSimilarityValidator
from django.utils.translation import gettext, ngettext


class LongEnough(MinimumLengthValidator):
    """At least `min_length` characters."""

    def get_error_message(self) -> str:
        """What is said of a password that is shorter."""
        text = ngettext(
            "The password is too short: it needs at least %(count)s character.",
            "The password is too short: it needs at least %(count)s characters.",
            self.min_length,
        )
        return text % {"count": self.min_length}


class UnlikeThePerson(UserAttributeSimilarityValidator):
    """Not the name or the address of the person, nor nearly."""

    DEFAULT_USER_ATTRIBUTES = ("name", "email")

    def get_error_message(self) -> str:
        """What is said of a password that is."""
        return gettext("The password is too similar to the name or the address.")
