"""What can go wrong with contacts.

ContactsError
├── NotMergeable    a card cannot be merged into this one
└── BadValue        a text is no value of an own field
"""

from __future__ import annotations


class ContactsError(Exception):
    """Anything below."""


class NotMergeable(ContactsError):
    """It is the same card, or one of them was merged meanwhile."""


class BadValue(ContactsError):
    """`kind` says of which kind of field (OwnField.Kind) it is no value."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind
