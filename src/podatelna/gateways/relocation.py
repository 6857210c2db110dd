"""When the same UIDs mean other messages: another server, another UIDVALIDITY, a server that lost its last days.

Each time another ledger is begun. What is here already is then recognised by its bytes, and what is new is not taken
for known.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from podatelna.protocols.imap import Mailbox
from podatelna.protocols.imap_session import Selected

from .alarms import raise_alarm
from .models import Folder, Gateway, LedgerEntry

log = logging.getLogger(__name__)

RELOCATED = "relocated"  # the gateway was pointed at another server or login
RENUMBERED = "renumbered"  # the folder has another UIDVALIDITY
RESTORED = "restored"  # the server gives out UIDs again that it had given out before
WHY = (RELOCATED, RENUMBERED, RESTORED)
_NAME = 500


def close_ledgers(gateway: Gateway, now: datetime) -> int:
    """Keep what the ledger says of the mailbox until now, and start another one; how many folders were closed.

    UIDVALIDITY tells two folders of one server apart (RFC 3501 2.3.1.1), not two servers: some begin with 1 everywhere,
    and the new mailbox's messages would be taken for known ones. A closed folder's name is none that a server has.
    """
    folders = [row for row in Folder.objects.filter(gateway=gateway) if " // " not in row.name]
    for folder in folders:
        _retire(folder, RELOCATED, now)
    return len(folders)


def open_ledger(mailbox: Mailbox, gateway: Gateway, selected: Selected, now: datetime) -> Folder:
    """The ledger of the folder that was just selected; another one, with an alarm, when its UIDs mean other messages.

    RFC 3501 2.3.1.1: a UID below UIDNEXT is never given out again under the same UIDVALIDITY. A server that was brought
    back from a backup does it all the same.
    """
    before = Folder.objects.filter(gateway=gateway, name=selected.name, current=True).order_by("-pk").first()
    if before is None:
        return _begin(gateway, selected, now, None)
    if before.uidvalidity != selected.uidvalidity:
        return succeed(mailbox, before, gateway, selected, RENUMBERED, now)
    if _went_back(mailbox, before, selected):
        return succeed(mailbox, before, gateway, selected, RESTORED, now)
    return before


def _went_back(mailbox: Mailbox, folder: Folder, selected: Selected) -> bool:
    """Whether the server says that it never gave out a UID that the ledger has."""
    if selected.uidnext is None or (folder.uidnext is not None and folder.uidnext <= selected.uidnext):
        return False
    if not folder.entries.filter(uid__gte=selected.uidnext).exists():
        return False
    # A server whose UIDNEXT is simply wrong has messages above it.
    return not mailbox.uids_from(selected.uidnext)


def succeed(mailbox: Mailbox, before: Folder, gateway: Gateway, selected: Selected, why: str, now: datetime) -> Folder:
    """Close the ledger `before` and give the one that is to be used from now on."""
    with transaction.atomic():
        if why == RENUMBERED:
            _close(before, why)
        else:
            _retire(before, why, now)
        after = _used_before(mailbox, gateway, selected, now) or _begin(gateway, selected, now, before)
        details = {
            "folder": selected.name,
            "why": why,
            "before": before.uidvalidity,
            "after": selected.uidvalidity,
        }
        raise_alarm(
            "uidvalidity", f"gateway {gateway.pk}", now=now, details=details, gateway=gateway, person=gateway.owner
        )
    log.warning("gateway %s: the ledger of its folder was begun anew: %s", gateway.pk, why)
    return after


def _used_before(mailbox: Mailbox, gateway: Gateway, selected: Selected, now: datetime) -> Folder | None:
    """The ledger from when the folder had this UIDVALIDITY before: some servers come back to it."""
    found = Folder.objects.filter(gateway=gateway, name=selected.name, uidvalidity=selected.uidvalidity).first()
    if found is None:
        return None
    if _went_back(mailbox, found, selected):
        _retire(found, RESTORED, now)
        return None
    found.current, found.closed_why, found.uidnext, found.exists = True, "", None, None
    found.save(update_fields=["current", "closed_why", "uidnext", "exists"])
    return found


def _begin(gateway: Gateway, selected: Selected, now: datetime, before: Folder | None) -> Folder:
    return Folder.objects.create(
        gateway=gateway,
        name=selected.name,
        uidvalidity=selected.uidvalidity,
        first_seen_at=now,
        connected_at=now if before is None else before.connected_at or before.first_seen_at,
        history_end=selected.uidnext,
    )


def _close(folder: Folder, why: str) -> None:
    folder.current, folder.closed_why, folder.backlog_left = False, why, 0
    folder.save(update_fields=["name", "current", "closed_why", "backlog_left"])
    # What had still to be moved, or fetched, has another UID now.
    folder.entries.filter(move=LedgerEntry.Move.PENDING).update(move=LedgerEntry.Move.GONE)


def _retire(folder: Folder, why: str, now: datetime) -> None:
    """Close it, and free its name and UIDVALIDITY for another one."""
    closed = f" // {now.isoformat()}"
    folder.name = folder.name[: _NAME - len(closed)] + closed
    _close(folder, why)
