"""What a complete list of a folder's UIDs says, held against its ledger."""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass, field
from datetime import datetime

from podatelna.protocols.imap import Mailbox

from . import ledger
from .models import Folder, LedgerEntry

End, Move = LedgerEntry.End, LedgerEntry.Move
_CHUNK = 500


def compact(uids: list[int]) -> array[int]:
    """UIDs in eight bytes each: a folder may hold a million of them."""
    return array("Q", uids)


@dataclass
class Survey:
    """`to_take`: not accounted for, or due again; ascending. `back`: moved or gone, and there all the same.

    `highest`: the highest UID there whose message is archived; 0: none.
    """

    to_take: array[int] = field(default_factory=lambda: array("Q"))
    back: array[int] = field(default_factory=lambda: array("Q"))
    highest: int = 0


def survey(folder: Folder, there: array[int], now: datetime, *, left_too: bool) -> Survey:
    """Go through `there` (ascending) in chunks; `left_too`: what was left may be wanted now."""
    found = Survey()
    for start in range(0, len(there), _CHUNK):
        chunk = there[start : start + _CHUNK]
        entries = ledger.known(folder, chunk)
        for uid in chunk:
            entry = entries.get(uid)
            if entry is None or entry.to_take(now, left_too=left_too):
                found.to_take.append(uid)
            elif entry.end != End.FAILED and entry.move in (Move.MOVED, Move.GONE):
                found.back.append(uid)
            if entry is not None and entry.archived:
                found.highest = uid
    return found


def is_same_message(mailbox: Mailbox, folder: Folder, uid: int, *, by_bytes: bool) -> bool | None:
    """Whether the message under a known UID is the one that was archived; None: the server does not give it.

    UIDs that a restored server gives out a second time are the highest: when the highest known one that stands there is
    the same message, then all are. `by_bytes`: INTERNALDATE does not suffice.
    """
    stood_at = folder.entries.values_list("stood_at", flat=True).get(uid=uid)
    if not by_bytes and stood_at is not None and mailbox.dates([uid]).get(uid) == stood_at:
        return True
    fetched = mailbox.fetch([uid]).get(uid)
    digest = ledger.digests(folder, [uid]).get(uid)
    if fetched is None or digest is None:
        return None
    return hashlib.sha256(fetched.raw).digest() == digest[1]
