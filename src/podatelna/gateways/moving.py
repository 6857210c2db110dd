"""Putting what was archived into the processed folder: MOVE, else COPY and UID EXPUNGE, else a keyword."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from contextlib import suppress

from podatelna.protocols.errors import CannotMove, ProtocolBroken, ServerSaidNo
from podatelna.protocols.imap import Mailbox

from . import ledger
from .models import Folder, Gateway, LedgerEntry

_AT_ONCE = 50
_GIVE_UP_AFTER = 3
_CANDIDATES = 20


def finish_moves(mailbox: Mailbox, gateway: Gateway, folder: Folder) -> int:
    """Move what an earlier cycle archived and did not get to move; what left the folder meanwhile is GONE.

    How many left the folder by it. Raises CannotMove when the server refuses; the entries stay pending and are tried
    again in the next cycle.
    """
    last = moved = 0
    while uids := ledger.to_move(folder, _AT_ONCE, last):
        last = uids[-1]
        there = mailbox.present(uids)
        ledger.moved(folder, set(uids) - there, LedgerEntry.Move.GONE)
        if there:
            moved += put_aside(mailbox, gateway, folder, there, again=True)
    return moved


def put_aside(mailbox: Mailbox, gateway: Gateway, folder: Folder, uids: Collection[int], *, again: bool = False) -> int:
    """Move archived messages out of the selected folder and write it into the ledger; how many left it.

    `again`: an earlier try may have come halfway. Raises CannotMove.
    """
    try:
        how = _move(mailbox, gateway, folder, uids, again)
    except CannotMove:
        if len(uids) == 1:
            raise
        return _one_by_one(mailbox, gateway, folder, uids)
    ledger.moved(folder, uids, how)
    return len(uids) if how == LedgerEntry.Move.MOVED else 0


def _one_by_one(mailbox: Mailbox, gateway: Gateway, folder: Folder, uids: Collection[int]) -> int:
    # One message that the server will not move must not keep the others; a full disk there refuses them all.
    refusals: list[CannotMove] = []
    moved = 0
    for uid in sorted(uids):
        try:
            moved += put_aside(mailbox, gateway, folder, [uid], again=True)
        except CannotMove as refusal:
            refusals.append(refusal)
        if len(refusals) == _GIVE_UP_AFTER:
            break
    if refusals:
        raise refusals[0]
    return moved


def _move(mailbox: Mailbox, gateway: Gateway, folder: Folder, uids: Collection[int], again: bool) -> LedgerEntry.Move:
    if not mailbox.can_move and not mailbox.can_expunge_uids:
        _mark(mailbox, uids)
        return LedgerEntry.Move.MARKED
    processed = _processed(mailbox, gateway)
    if processed == folder.name or processed.upper() == folder.name.upper() == "INBOX":
        # Each message would get a new UID, come in as a duplicate and be moved again, for ever.
        raise CannotMove("the processed folder is the folder itself")
    if mailbox.can_move:
        mailbox.move(uids, processed)
    else:
        copied = _copied_before(mailbox, folder, uids, processed) if again else set()
        missing = set(uids) - copied
        if missing:
            mailbox.copy(missing, processed)
        mailbox.expunge(uids)
    return LedgerEntry.Move.MOVED


def _mark(mailbox: Mailbox, uids: Collection[int]) -> None:
    with suppress(CannotMove):  # the mark is for people; that these were taken is in the ledger
        mailbox.mark(uids)


def _processed(mailbox: Mailbox, gateway: Gateway) -> str:
    try:
        return mailbox.ensure_folder(gateway.processed_folder)
    except ServerSaidNo as refusal:
        raise CannotMove(f"{gateway.processed_folder}: {refusal.detail}") from refusal


def _copied_before(mailbox: Mailbox, folder: Folder, uids: Collection[int], processed: str) -> set[int]:
    """Those of `uids` whose very bytes stand in the processed folder: we died between COPY and UID EXPUNGE.

    Compared by the whole message, so that what is expunged is certain to be there.
    """
    wanted = ledger.digests(folder, uids)
    try:
        mailbox.select(processed, readonly=True)
        return {uid for uid, (size, sha256) in wanted.items() if _stands_there(mailbox, size, sha256)}
    finally:
        _select_again(mailbox, folder)


def _select_again(mailbox: Mailbox, folder: Folder) -> None:
    # Under another UIDVALIDITY our UIDs are other people's messages: nothing may be expunged by them.
    if mailbox.select(folder.name, again=True).uidvalidity != folder.uidvalidity:
        raise ProtocolBroken("UIDVALIDITY changed while the folder was open")


def _stands_there(mailbox: Mailbox, size: int, sha256: bytes) -> bool:
    candidates = mailbox.with_size(size)[-_CANDIDATES:]
    return any(hashlib.sha256(fetched.raw).digest() == sha256 for fetched in mailbox.fetch(candidates).values())
