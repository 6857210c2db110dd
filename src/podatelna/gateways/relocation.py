"""When a gateway is pointed at another server or login: the same UIDs may now be other messages."""

from __future__ import annotations

from datetime import datetime

from .models import Folder, Gateway

_NAME = 500


def close_ledgers(gateway: Gateway, now: datetime) -> int:
    """Keep what the ledger says of the mailbox until now, and start another one; how many folders were closed.

    UIDVALIDITY tells two folders of one server apart (RFC 3501 2.3.1.1), not two servers: some begin with 1 everywhere,
    and the new mailbox's messages would be taken for known ones. A closed folder's name is none that a server has.
    """
    closed = f" // {now.isoformat()}"
    folders = [row for row in Folder.objects.filter(gateway=gateway) if " // " not in row.name]
    for folder in folders:
        folder.name = folder.name[: _NAME - len(closed)] + closed
    return Folder.objects.bulk_update(folders, ["name"])
