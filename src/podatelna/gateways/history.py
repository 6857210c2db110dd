"""What is fetched of the messages that stand in a folder already when it is connected, and what of it is old.

History is what stood there at first: a message that comes later is fetched whatever the choice, however long nobody
looked. What is left stays where it is and has its entry, so that the ledger's sum equals the server's; a wider choice
fetches it later.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from podatelna.protocols.imap import Mailbox

from .models import Folder, Gateway

History = Gateway.History
_DAY = timedelta(days=1)


def choice(gateway: Gateway) -> str:
    """The choice in a word or two, as `Folder.history_done` remembers it."""
    if gateway.history == History.SINCE and gateway.history_since is not None:
        return f"{History.SINCE} {gateway.history_since.isoformat()}"
    return str(gateway.history)


def unwanted(mailbox: Mailbox, gateway: Gateway, folder: Folder, uids: Collection[int]) -> set[int]:
    """Those of `uids` that are history and that nobody wants; asks the server of the selected folder for dates."""
    if gateway.history == History.EVERYTHING or folder.history_end is None:
        return set()
    old = [uid for uid in uids if uid < folder.history_end]
    since = _since(gateway, folder)
    return set(old) if since is None else set(old) - mailbox.since(old, since)


def _since(gateway: Gateway, folder: Folder) -> date | None:
    """From which day on history is wanted; None: none of it is."""
    days = [gateway.history_since] if gateway.history == History.SINCE and gateway.history_since else []
    if folder.connected_at is not None and folder.connected_at < folder.first_seen_at:
        # A later ledger of the same folder: what came since it was connected is no history, although it stands there
        # already. A day more, because the server's day may not be ours.
        days.append((folder.connected_at - _DAY).date())
    return min(days, default=None)


def old_among(gateway: Gateway, folder: Folder, dates: Mapping[int, datetime | None]) -> set[int]:
    """Those UIDs of `dates` (INTERNALDATE) that come onto the desk closed: history, and old when it was connected."""
    if folder.history_end is None or folder.connected_at is None:
        return set()
    before = folder.connected_at - gateway.history_closed_days * _DAY
    return {uid for uid, at in dates.items() if uid < folder.history_end and at is not None and at < before}
