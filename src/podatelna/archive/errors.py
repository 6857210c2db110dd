"""What can go wrong in the archive.

::

    ArchiveError
    ├── Damaged      stored bytes are not the bytes that came
    │   └── KeyMissing   they are sealed with a key that is not at hand
    └── QueryError   a search that cannot be understood; `code` and `position` say what and where
"""

from __future__ import annotations


class ArchiveError(Exception):
    """Anything the archive raises."""


class Damaged(ArchiveError):
    """Stored bytes do not hash to what was stored: a disk, a hand or a bug changed or lost them."""


class KeyMissing(Damaged):
    """Stored bytes are sealed, and the key with that number is not among those that were given."""


class QueryError(ArchiveError):
    """A search that cannot be understood.

    `code` is one of "empty", "too-long", "unknown-operator", "needs-value", "bad-date", "bad-has", "date-in-or";
    `detail` is the piece of the query it is about and `position` where that starts (characters from 0).
    """

    _WORDS = {
        "empty": "there is nothing to search for: type a word",
        "too-long": "the search is too long",
        "unknown-operator": "there is no operator {detail}: known are from: to: subject: has: after: before:",
        "needs-value": "{detail} needs a value, without a space after the colon",
        "bad-date": "{detail} is not a date: write 2026, 2026-05, 2026-05-31 or 31.5.2026",
        "bad-has": "has:{detail} is not known: write has:attachment",
        "date-in-or": "{detail} holds for the whole search: it cannot stand beside OR or after a minus",
    }

    def __init__(self, code: str, position: int, detail: str = "") -> None:
        super().__init__(self._WORDS[code].format(detail=detail))
        self.code = code
        self.position = position
        self.detail = detail
