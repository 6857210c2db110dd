"""What the address book knows of a correspondent beyond the name: whose customer it is, and in which language to write.

For the system's own decisions. What a person is shown of a contact goes through sight.py.
"""

from __future__ import annotations

from .models import Contact


def account_manager(address: str) -> int | None:
    """The id of the account manager of the contact with the address (lower case), else of their organisation."""
    card = _card(address)
    if card is None:
        return None
    if card.account_manager_id is not None:
        return card.account_manager_id
    return card.organisation.root.account_manager_id if card.organisation is not None else None


def language_of(address: str) -> str:
    """The language that is set for the contact with the address (lower case), else for their organisation; "" for none.

    A code of contacts.Card.Language, like "cs".
    """
    card = _card(address)
    if card is None:
        return ""
    return card.language or (card.organisation.root.language if card.organisation is not None else "")


def _card(address: str) -> Contact | None:
    found = Contact.objects.filter(address=address).select_related(
        "organisation__merged_into", "merged_into__organisation__merged_into"
    )
    contact = found.first()
    return contact.root if contact is not None else None
