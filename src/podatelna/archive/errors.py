"""What can go wrong in the archive.

::

    ArchiveError
    ├── Damaged      stored bytes are not the bytes that came
    │   └── KeyMissing   they are sealed with a key that is not at hand
    ├── NothingToSplit   a thread cannot be split there
    └── QueryError   a search that cannot be understood; `code` and `position` say what and where
"""

from __future__ import annotations

from collections.abc import Sequence


class ArchiveError(Exception):
    """Anything the archive raises."""


class Damaged(ArchiveError):
    """Stored bytes do not hash to what was stored: a disk, a hand or a bug changed or lost them."""


class KeyMissing(Damaged):
    """Stored bytes are sealed, and the key with that number is not among those that were given."""


class NothingToSplit(ArchiveError):
    """A thread cannot be split there: nothing of it would stay behind."""


class QueryError(ArchiveError):
    """A search that cannot be understood.

    `code` is a key of `_WORDS`; `detail` is the piece of the query it is about and `position` where that starts
    (characters from 0); `known` are words that would have been understood in its place, the likeliest first.
    """

    _WORDS = {
        "empty": "there is nothing to search for: type a word",
        "too-long": "the search is too long",
        "unknown-operator": "there is no operator {detail}; known are {known}",
        "needs-value": "{detail} needs a value, without a space after the colon",
        "bad-date": "{detail} is not a date: write 2026, 2026-05, 2026-05-31 or 31.5.2026",
        "bad-has": "has:{detail} is not known: write has:attachment",
        "bad-in": "there is no process {detail}; there are {known}",
        "bad-case": "case:{detail} is no case",
        "bad-tag": "tag:{detail} is on nothing; known are {known}",
        "bad-priority": "priority:{detail} is not known; known are {known}",
        "bad-is": "is:{detail} is not known; known are {known}",
        "bad-sort": "sort:{detail} is not known; known are {known}",
        "date-in-or": "{detail} holds for the whole search: it cannot stand beside OR or after a minus",
        "whole-in-or": "{detail} holds for the whole search: it cannot stand beside OR",
    }

    def __init__(self, code: str, position: int, detail: str = "", known: Sequence[str] = ()) -> None:
        super().__init__(self._WORDS[code].format(detail=detail, known=", ".join(known) or "none"))
        self.code = code
        self.position = position
        self.detail = detail
        self.known = tuple(known)
