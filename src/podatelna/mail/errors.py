"""What mail/ refuses: reading never raises, writing and rejoining may.

MailError
├── Unwritable      a letter that cannot be written as safe RFC 5322 (control characters in a field, no recipient)
└── UnknownRecipe   a stored piece names a recipe that this version cannot follow
"""

from __future__ import annotations


class MailError(Exception):
    """Anything that mail/ raises."""


class Unwritable(MailError):
    """A letter that cannot be written safely; `field` is the name of what is wrong."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class UnknownRecipe(MailError):
    """A stored piece names a recipe that cannot be followed, or whose numbers make no sense."""
