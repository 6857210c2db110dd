"""Messages of a folder fetched in batches and made durable, each batch before it is moved."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from django.db import InterfaceError, OperationalError

from podatelna.archive.intake import Accepted, Received
from podatelna.protocols.errors import ServerError, ServerSaidNo
from podatelna.protocols.imap import Mailbox
from podatelna.protocols.imap_answers import Fetched
from podatelna.protocols.imap_client import LARGEST_MESSAGE

from . import history, ledger
from .models import Folder, Gateway

log = logging.getLogger(__name__)

_BATCH_MESSAGES = 200
_BATCH_BYTES = 8 * 1024 * 1024
# Small transactions: on SQLite everybody else who writes waits for them.
_GROUP_MESSAGES = 100
_GROUP_BYTES = 4 * 1024 * 1024
_UNKNOWN_SIZE = 256 * 1024


class Accept(Protocol):
    """archive.intake.accept, or a test's."""

    def __call__(
        self, batch: Sequence[Received], *, also: Callable[[list[Accepted]], None] | None = None
    ) -> list[Accepted]:
        """Make a batch durable; see archive.intake."""
        ...


@dataclass
class Looked:
    """What a look into the folder brought."""

    new: int = 0
    duplicates: int = 0
    failed: int = 0

    @property
    def anything(self) -> bool:
        """Whether there was anything to be taken."""
        return bool(self.new or self.duplicates or self.failed)


@dataclass
class Taking:
    """Takes messages of one gateway's folder.

    `suspects` are UIDs of a batch in which the connection broke: they are fetched one by one, so that a message that
    a server chokes on costs itself only.
    """

    gateway: Gateway
    accept: Accept
    now: Callable[[], datetime]
    arrived: Callable[[], None]
    suspects: set[int] = field(default_factory=set)

    def take(
        self, mailbox: Mailbox, folder: Folder, uids: list[int], looked: Looked, ahead: Sequence[int] = ()
    ) -> list[int]:
        """Fetch a batch and make it durable; the UIDs that are. `ahead`: what the server may get ready meanwhile."""
        fetched = self._fetch(mailbox, folder, uids)
        if ahead:
            mailbox.ask(ahead)
        looked.failed += len(uids) - len(fetched)
        taken: list[int] = []
        weights = [(uid, len(message.raw)) for uid, message in fetched.items()]
        for group in list(_packed(weights, _GROUP_MESSAGES, _GROUP_BYTES)):
            taken += self._store(folder, {uid: fetched.pop(uid) for uid in group}, looked)
            self.arrived()
        return taken

    # --- fetching

    def batches(self, mailbox: Mailbox, folder: Folder, uids: Sequence[int]) -> Iterator[list[int]]:
        """At most 200 messages and 8 MB at once; a larger message and a suspect each alone."""
        sizes = mailbox.sizes(uids)
        large = {uid: f"too large: {size} bytes" for uid, size in sizes.items() if size > LARGEST_MESSAGE}
        ledger.failed(folder, large, self.now())
        weights = [(uid, self._weight(uid, sizes)) for uid in uids if uid not in large]
        yield from _packed(weights, _BATCH_MESSAGES, _BATCH_BYTES)

    def _weight(self, uid: int, sizes: dict[int, int]) -> int:
        return _BATCH_BYTES if uid in self.suspects else sizes.get(uid, _UNKNOWN_SIZE)

    def _fetch(self, mailbox: Mailbox, folder: Folder, uids: list[int]) -> dict[int, Fetched]:
        """A batch by UID. Those that the server would not give are in the ledger with its reason."""
        try:
            fetched = mailbox.fetch(uids)
        except ServerSaidNo as refusal:
            if len(uids) > 1:
                return self._fetch_singly(mailbox, folder, uids)
            ledger.failed(folder, {uids[0]: str(refusal)}, self.now())
            return {}
        except ServerError as error:
            self._suspect(folder, uids, error)
            raise
        self.suspects.difference_update(uids)
        self._account_for(mailbox, folder, [uid for uid in uids if uid not in fetched])
        return fetched

    def _fetch_singly(self, mailbox: Mailbox, folder: Folder, uids: list[int]) -> dict[int, Fetched]:
        found: dict[int, Fetched] = {}
        for uid in uids:
            found |= self._fetch(mailbox, folder, [uid])
        return found

    def _suspect(self, folder: Folder, uids: list[int], error: ServerError) -> None:
        # The first time it may be the network; a message during which the line breaks a second time, alone, has failed.
        if len(uids) == 1 and uids[0] in self.suspects:
            ledger.failed(folder, {uids[0]: str(error)}, self.now())
        self.suspects.update(uids)

    def _account_for(self, mailbox: Mailbox, folder: Folder, uids: list[int]) -> None:
        """The server left these out: somebody took them away meanwhile, or it cannot read them itself."""
        there = mailbox.present(uids)
        ledger.failed(folder, dict.fromkeys(there, "the server left it out"), self.now())
        gone = set(uids) - there
        ledger.failed(folder, dict.fromkeys(gone, "gone before it could be fetched"), self.now(), gone=True)

    # --- storing

    def _store(self, folder: Folder, messages: dict[int, Fetched], looked: Looked) -> list[int]:
        now = self.now()
        batch = [self._received(folder, uid, message, now) for uid, message in messages.items()]
        dates = {uid: message.at for uid, message in messages.items()}
        past = history.old_among(self.gateway, folder, dates)
        try:
            accepted = self.accept(batch, also=ledger.writer(folder, list(messages), now, stood_at=dates, past=past))
        except (OperationalError, InterfaceError, OSError):
            raise  # the database or the disk, not the message
        except Exception as error:
            return self._store_singly(folder, messages, looked, error)
        looked.duplicates += sum(answer.same_bytes_before for answer in accepted)
        looked.new += sum(not answer.same_bytes_before for answer in accepted)
        return list(messages)

    def _store_singly(
        self, folder: Folder, messages: dict[int, Fetched], looked: Looked, error: Exception
    ) -> list[int]:
        if len(messages) == 1:
            log.exception("gateway %s: a message could not be archived", self.gateway.pk, exc_info=error)
            ledger.failed(folder, dict.fromkeys(messages, f"{type(error).__name__}: {error}"), self.now())
            looked.failed += 1
            return []
        return [uid for uid, message in messages.items() for uid in self._store(folder, {uid: message}, looked)]

    def _received(self, folder: Folder, uid: int, message: Fetched, now: datetime) -> Received:
        return Received(
            raw=message.raw,
            origin_id=self.gateway.origin_id,
            # By the ledger's folder and not by its name: see relocation.py.
            place=f"folder {folder.pk} uid {uid}",
            seen_at=now,
            received_at=min(message.at, now) if message.at else None,
        )


def _packed(weights: Sequence[tuple[int, int]], most: int, heaviest: int) -> Iterator[list[int]]:
    """UIDs in order, in lots of at most `most`, together at most `heaviest`; what is heavier by itself goes alone."""
    lot: list[int] = []
    total = 0
    for uid, weight in weights:
        if lot and (len(lot) == most or total + weight > heaviest):
            yield lot
            lot, total = [], 0
        lot.append(uid)
        total += weight
    if lot:
        yield lot
