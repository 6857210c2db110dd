"""The audit trail: one row for each act that must be traceable, written in the transaction of the act itself.

Rows wait there unsealed; sealing.py puts them into the hash-chained log soon after, so that nobody waits for a lock.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

from django.utils.functional import Promise

from .models import AuditEntry, Person

MOST_TEXT = 2_000  # characters of one text in the details


def record(person: Person | None, act: str, subject: str, **details: object) -> AuditEntry:
    """Add one line to the audit trail: who did what to what. `details` must be JSON and free of secrets.

    `act` is a verb with hyphens ("add-member"), `subject` names rows as "process 7". Raises TypeError for details that
    are no JSON. What names people outside belongs into the details alone: those can be erased later.
    """
    return AuditEntry.objects.create(person=person, act=act, subject=subject[:200], details=plain(details))


def plain(value: object) -> object:
    """`value` as both databases give it back to the letter: no floats, no NUL, no lone surrogates, texts not too long.

    Raises TypeError for what is neither JSON nor a time nor a lazy text.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str | Promise | float):
        return _storable(str(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_storable(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, bytes | bytearray | memoryview):
        return [plain(item) for item in value]
    raise TypeError(f"the audit trail takes no {type(value).__name__}")


def _storable(text: str) -> str:
    return text[:MOST_TEXT].replace("\0", "\ufffd").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def canonical(value: object) -> str:
    """JSON of exactly one form: sorted keys, no blanks, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def commitment(salt: bytes, details: object) -> str:
    """What the log says of details: their salted SHA-256 in hexadecimal. Once the salt is gone it says nothing."""
    return hashlib.sha256(salt + canonical(details).encode("ascii")).hexdigest()


def moment(at: datetime) -> str:
    """`at` as it stands in the log: UTC with microseconds, "2026-05-04T10:00:00.000000Z"."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
