"""Answers that the owner of a private mailbox wrote in another program, found in their Sent folder.

The folder is opened for reading only. Of what is new there, the header lines that name messages are fetched; a message
that answers mail which was handed over is fetched whole and archived, of all others nothing is kept. It begins with
what is sent after the owner allowed it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from podatelna.archive.intake import Received
from podatelna.protocols.errors import FolderMissing, ServerSaidNo
from podatelna.protocols.imap import Mailbox

from .cycle import Accept
from .models import Gateway
from .transcript_models import SentMark

# Given header lines by UID (Message-ID, In-Reply-To, References), the UIDs of those that answer what was handed over.
Answering = Callable[[Gateway, Mapping[int, bytes]], set[int]]

_AT_ONCE = 200


def look_into_sent(
    mailbox: Mailbox, gateway: Gateway, *, answering: Answering, accept: Accept, now: Callable[[], datetime]
) -> int:
    """Archive the owner's answers that are new in their Sent folder; how many. Raises a ServerError.

    Another folder must be selected afterwards. Each message is looked at once.
    """
    if gateway.owner_id is None or not (gateway.watch_sent and gateway.sent_folder):
        return 0
    try:
        selected = mailbox.select(gateway.sent_folder, readonly=True)
    except FolderMissing:
        return 0  # nothing was ever sent, or it was renamed: the hand-over folder is looked into all the same
    mark = _mark(gateway, selected.name, selected.uidvalidity)
    if mark is None:
        _begin(mailbox, gateway, selected.name, selected.uidvalidity)
        return 0
    taken = 0
    uids = mailbox.uids_from(mark.next_uid) if selected.exists else []
    for start in range(0, len(uids), _AT_ONCE):
        some = uids[start : start + _AT_ONCE]
        wanted = answering(gateway, mailbox.names(some))
        taken += _take(mailbox, gateway, mark, sorted(wanted), accept, now())
        SentMark.objects.filter(pk=mark.pk, uidvalidity=mark.uidvalidity).update(next_uid=some[-1] + 1)
    return taken


def _mark(gateway: Gateway, name: str, uidvalidity: int) -> SentMark | None:
    return SentMark.objects.filter(gateway=gateway, name=name, uidvalidity=uidvalidity).first()


def _begin(mailbox: Mailbox, gateway: Gateway, name: str, uidvalidity: int) -> None:
    """From here on; also under another UIDVALIDITY, where old messages have new numbers."""
    last = max(mailbox.uids_from(1), default=0)
    SentMark.objects.update_or_create(
        gateway=gateway, defaults={"name": name, "uidvalidity": uidvalidity, "next_uid": last + 1}
    )


def _take(
    mailbox: Mailbox, gateway: Gateway, mark: SentMark, uids: Sequence[int], accept: Accept, now: datetime
) -> int:
    taken = 0
    for uid in uids:
        try:
            fetched = mailbox.fetch([uid]).get(uid)
        except ServerSaidNo:
            continue  # it is in the owner's Sent, and this one answer is not on the desk: nothing else depends on it
        if fetched is None:
            continue
        received = Received(
            raw=fetched.raw,
            origin_id=gateway.origin_id,
            place=f"sent {mark.pk} {mark.uidvalidity} uid {uid}",
            seen_at=now,
            received_at=min(fetched.at, now) if fetched.at else None,
        )
        accept([received])
        taken += 1
    return taken
