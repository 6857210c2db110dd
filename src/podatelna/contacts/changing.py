"""Changes of contacts and organisations, in the log with before and after.

Notes and own fields are mail's neighbours: administrators, who read the log, need not see them. The log says that they
changed; a merge itself remembers how.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from podatelna.accounts.audit import record
from podatelna.accounts.models import Person

from .card_models import Card
from .models import Contact, Organisation

UNTOLD = frozenset({"notes", "values"})


def standing(card: Card) -> dict[str, Any]:
    """What a person can change of `card`, as JSON."""
    names = ["name", "language", "notes", "values", "account_manager_id"]
    names += ["organisation_id"] if isinstance(card, Contact) else []
    return {name: getattr(card, name) for name in names}


@transaction.atomic
def save_changed(card: Contact | Organisation, before: dict[str, Any], by: Person) -> bool:
    """Save `card`, which was `before`; False when nothing is different."""
    after = standing(card)
    changed = {name: (before[name], value) for name, value in after.items() if before[name] != value}
    if not changed:
        return False
    card.rename(card.name)
    card.save()
    kind = "contact" if isinstance(card, Contact) else "organisation"
    record(by, f"change-{kind}", f"{kind} {card.pk}", known_by=card.known_by, **told(changed))
    return True


def told(changed: dict[str, Any]) -> dict[str, Any]:
    """What the log says of `changed`: pairs of before and after, by name."""
    plain = {name: pair for name, pair in changed.items() if name not in UNTOLD}
    return {
        "before": {name: pair[0] for name, pair in plain.items()},
        "after": {name: pair[1] for name, pair in plain.items()},
        "also_changed": sorted(UNTOLD & changed.keys()),
    }
