"""A whole IMAP account brought in: every folder or chosen ones, opened read-only; nothing in the mailbox is touched.

Messages are known by their bytes, as in all imports; what was fetched is not fetched again, by UIDVALIDITY and UID.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath

from podatelna.protocols import imap
from podatelna.protocols.errors import ConnectionLost, ServerError, ServerSaidBye, ServerSaidNo, TimedOut
from podatelna.protocols.folders import FolderName
from podatelna.protocols.imap import ImapServer, Mailbox
from podatelna.protocols.imap_answers import Fetched
from podatelna.protocols.imap_client import LARGEST_MESSAGE

from . import labels
from .models import ImportPosition, Origin
from .sources import Found, Skipped
from .transfer import BATCH_BYTES, BATCH_COUNT, Progress, Report, Take, Work, import_origin

_AT_ONCE = 2000  # UIDs whose sizes are asked for together
_TRIES = 3  # connections in a row that break without any message in between
_BROKEN = (ConnectionLost, ServerSaidBye, TimedOut)
_MOST_FAILED = 1000

Connect = Callable[[ImapServer], Mailbox]


def import_account(
    server: ImapServer,
    folders: Sequence[str] = (),
    *,
    now: Callable[[], datetime],
    take: Take,
    progress: Callable[[Progress], None],
    origin: Origin | None = None,
    skip: Callable[[Skipped], None] = lambda skipped: None,
    connect: Connect = imap.connect,
) -> Report:
    """Archive the mail of `folders` (all that hold messages by default), each with its folder and flags as labels.

    May be cut off and repeated, as import_paths. A folder or message that the server does not give is passed to `skip`
    and tried again the next time. Raises a ServerError when the account cannot be reached or signed in to.
    """
    work = Work(origin or import_origin(), now, take, progress, skip)
    account = _Account(server, work, connect)
    try:
        account.bring(folders)
    finally:
        account.close()
    return work.report()


@dataclass
class _Account:
    server: ImapServer
    work: Work
    connect: Connect
    mailbox: Mailbox | None = None
    total: int = 0
    done: int = 0
    suspects: set[tuple[str, int]] = field(default_factory=set)  # during which the line broke, once, alone

    def bring(self, chosen: Sequence[str]) -> None:
        todo = []
        for folder in self._folders(chosen):
            if waiting := self._look(folder):
                todo.append(waiting)
                self.total += len(waiting.uids)
        for waiting in todo:
            self._folder(waiting)

    def close(self) -> None:
        if self.mailbox is not None:
            self.mailbox.close()
        self.mailbox = None

    def _open(self) -> Mailbox:
        if self.mailbox is None:
            self.mailbox = self.connect(self.server)
        return self.mailbox

    # --- which folders, and what is new in them

    def _folders(self, chosen: Sequence[str]) -> Iterator[FolderName]:
        there = {folder.name: folder for folder in self._open().list_folders() if folder.selectable}
        for name in chosen:
            if name not in there:
                self.work.add(Skipped(self._path(name), "there is no such folder, or it holds no messages"))
        yield from (folder for name, folder in there.items() if not chosen or name in chosen)

    def _look(self, folder: FolderName) -> _Waiting | None:
        try:
            selected = self._open().select(folder.name, readonly=True)
            there = self._open().uids(selected.exists)
        except _BROKEN:
            raise
        except ServerError as error:
            self.work.add(Skipped(self._path(folder.name), f"cannot be opened ({error})"))
            return None
        position = self._position(folder.name, selected.uidvalidity)
        again = set(position.failed) & set(there)
        uids = [uid for uid in there if uid > position.uid or uid in again]
        position.failed = [uid for uid in position.failed if uid not in again]
        return _Waiting(folder, position, uids)

    def _position(self, folder: str, uidvalidity: int) -> ImportPosition:
        account = f"{self.server.login}@{self.server.host}:{self.server.port}"
        name = f"{self.work.origin.pk}\n{account}\n{folder}\n{uidvalidity}"
        known = {"origin": self.work.origin, "account": account, "folder": folder, "uidvalidity": uidvalidity}
        key = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
        return ImportPosition.objects.get_or_create(key=key, defaults=known)[0]

    def _path(self, folder: str, uid: int | None = None) -> PurePath:
        path = PurePath(f"{self.server.login}@{self.server.host}", folder)
        return path / f"UID {uid}" if uid is not None else path

    # --- fetching

    def _folder(self, waiting: _Waiting) -> None:
        broken = 0
        while waiting.uids:
            before = len(waiting.uids)
            try:
                self._open().select(waiting.folder.name, readonly=True)
                self._fetch_all(waiting)
            except _BROKEN as error:
                self.close()
                broken = 1 if len(waiting.uids) < before else broken + 1
                if broken > _TRIES:
                    self.work.add(
                        Skipped(self._path(waiting.folder.name), f"the connection broke again and again ({error})")
                    )
                    return
            except ServerError as error:
                self.work.add(Skipped(self._path(waiting.folder.name), f"not read on ({error})"))
                return

    def _fetch_all(self, waiting: _Waiting) -> None:
        while waiting.uids:
            sizes = self._open().sizes(waiting.uids[:_AT_ONCE])
            for lot in _lots(waiting.uids[:_AT_ONCE], sizes):
                suspect = any((waiting.folder.name, uid) in self.suspects for uid in lot)
                for uids in [[uid] for uid in lot] if suspect else [lot]:
                    self._take(waiting, uids, sizes)

    def _take(self, waiting: _Waiting, uids: Sequence[int], sizes: dict[int, int]) -> None:
        """Fetch these, archive them and remember that: all of it, or they are fetched again."""
        wanted = [uid for uid in uids if sizes.get(uid, 0) <= LARGEST_MESSAGE]
        reasons = {uid: "larger than any mail" for uid in uids if uid not in wanted}
        try:
            found, flags = self._open().fetch(wanted), self._open().flags(wanted)
        except ServerSaidNo as refusal:
            if len(uids) > 1:
                for uid in uids:
                    self._take(waiting, [uid], sizes)
                return
            found, flags, reasons = {}, {}, {uids[0]: str(refusal)}
        except _BROKEN as error:
            if len(uids) > 1 or (waiting.folder.name, uids[0]) not in self.suspects:
                self.suspects.update((waiting.folder.name, uid) for uid in uids)
                raise
            self._archive(waiting, uids, {uids[0]: f"the connection breaks there ({error})"}, {}, {})
            raise  # the session is gone; with a new one it goes on behind this message
        missing = {uid: "the server left it out" for uid in wanted if uid not in found}
        self._archive(waiting, uids, missing | reasons, found, flags)

    def _archive(
        self,
        waiting: _Waiting,
        uids: Sequence[int],
        reasons: dict[int, str],
        found: dict[int, Fetched],
        flags: dict[int, tuple[str, ...]],
    ) -> None:
        for uid, reason in reasons.items():
            self.work.add(Skipped(self._path(waiting.folder.name, uid), reason))
        self.done += len(uids)
        self.work.fraction = self.done / self.total
        for uid, message in found.items():
            marks = tuple(_mark(name) for name in flags.get(uid, ()))
            path = self._path(waiting.folder.name, uid)
            self.work.batch.append(Found(path, message.raw, (waiting.label, *marks), message.at))
            self.work.batch_bytes += len(message.raw)
        self.work.flush(also=lambda: waiting.reached(uids, reasons))
        del waiting.uids[: len(uids)]


@dataclass
class _Waiting:
    """A folder with the UIDs that are to be fetched, ascending."""

    folder: FolderName
    position: ImportPosition
    uids: list[int]

    @property
    def label(self) -> str:
        """The folder as a label."""
        name = self.folder.name
        return labels.folder(name.replace(self.folder.delimiter, "/") if self.folder.delimiter else name)

    def reached(self, uids: Iterable[int], reasons: Iterable[int]) -> None:
        """Remember, in the transaction of what was archived, how far we are and what is still to be tried."""
        self.position.uid = max(self.position.uid, *uids)
        self.position.failed = sorted({*self.position.failed, *reasons})[:_MOST_FAILED]
        self.position.save(update_fields=["uid", "failed"])


def _lots(uids: Iterable[int], sizes: dict[int, int]) -> Iterator[list[int]]:
    """UIDs in order, as many as one transaction holds; what is larger by itself goes alone."""
    lot: list[int] = []
    total = 0
    for uid in uids:
        size = sizes.get(uid, 0)
        if lot and (len(lot) == BATCH_COUNT or total + size > BATCH_BYTES):
            yield lot
            lot, total = [], 0
        lot.append(uid)
        total += size
    if lot:
        yield lot


def _mark(name: str) -> str:
    return labels.flag(name) if name.startswith("\\") else labels.keyword(name)
