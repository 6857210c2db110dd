"""One look into a gateway's folder: what is new becomes durable, then it is moved, then comes the next batch.

Most looks find nothing new, and cost nothing but NOOP, or SELECT: where UIDVALIDITY, UIDNEXT and EXISTS are as the last
complete look left them, nothing can have come (`Rest`). Where only UIDNEXT has grown, what is new has the UIDs above
it. In all other cases, and once a day, every UID of the folder is held against the ledger.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ParamSpec, TypeVar

from django.utils import timezone

from podatelna.protocols.errors import CannotMove, ServerError
from podatelna.protocols.imap import Mailbox
from podatelna.protocols.imap_session import Selected

from . import history, ledger, reconciliation, relocation
from .backlog import Backlog
from .models import Folder, Gateway
from .moving import finish_moves, put_aside
from .survey import Survey, compact, is_same_message, survey
from .taking import Accept as Accept
from .taking import Looked as Looked
from .taking import Taking

P = ParamSpec("P")
T = TypeVar("T")

_NEVER = datetime.max.replace(tzinfo=UTC)
# So long a server is believed that says nothing of changes; then the folder is opened anew, for some never say it.
_BELIEVED = timedelta(minutes=5)
_WINDOW = 500  # messages after which newcomers and the clock are looked at


@dataclass(frozen=True)
class Rest:
    """The folder as a complete look left it, and until when it need not be gone through if it stays so."""

    uidvalidity: int
    uidnext: int
    exists: int
    until: datetime

    def holds(self, selected: Selected, now: datetime) -> bool:
        """Whether nothing can be new or due in the folder as it is now."""
        same = (selected.uidvalidity, selected.uidnext, selected.exists) == (
            self.uidvalidity,
            self.uidnext,
            self.exists,
        )
        return same and now < self.until


@dataclass
class _Plan:
    """What a look has to take: UIDs, ascending; and how many messages stand in the folder before it does.

    `top`: the highest UID seen so far. `everything`: whether every UID of the folder was held against the ledger.
    """

    uids: Sequence[int]
    standing: int
    top: int
    everything: bool


@dataclass
class Cycle:
    """Looks into one gateway's folder again and again, over one connection or several. `suspects`: see Taking.

    `alive` is called from time to time in a long look: the gateway works.
    """

    gateway: Gateway
    accept: Accept
    now: Callable[[], datetime]
    arrived: Callable[[], None]
    stop: threading.Event | None = None
    suspects: set[int] = field(default_factory=set)
    alive: Callable[[], None] = lambda: None
    rest: Rest | None = None
    believed_until: datetime | None = None

    def look(self, mailbox: Mailbox) -> Looked:
        """Take everything that is not accounted for. Raises a ServerError; what was taken until then stays taken.

        Mail keeps coming in when the server refuses to move it: CannotMove is raised only at the end.
        """
        if self._is_told_to_be_unchanged(mailbox):
            return Looked()
        selected = mailbox.select(self.gateway.folder)
        self.believed_until = self.now() + _BELIEVED
        if self.rest is not None and self.rest.holds(selected, self.now()):
            return Looked()
        self.rest = None
        folder = relocation.open_ledger(mailbox, self.gateway, selected, self.now())
        if folder.processed_uidnext is None:
            reconciliation.note_processed(mailbox, self.gateway, folder)
        return self._look(mailbox, selected, folder)

    def _is_told_to_be_unchanged(self, mailbox: Mailbox) -> bool:
        now = self.now()
        if self.rest is None or self.believed_until is None or now >= min(self.rest.until, self.believed_until):
            return False
        return mailbox.is_still(self.gateway.folder)

    def forget(self) -> None:
        """Go through the folder at the next look, whatever it is like. May be called from another thread."""
        self.rest = None

    def _look(self, mailbox: Mailbox, selected: Selected, folder: Folder) -> Looked:
        folder, plan = self._plan(mailbox, selected, folder)
        looked, left, backlog = Looked(), 0, Backlog(folder, len(plan.uids), self.now)
        refusal, moved = _unless_refused(finish_moves, mailbox, self.gateway, folder)
        left += moved or 0
        batches = (
            batch for window in self._windows(mailbox, plan) for batch in self._wanted(mailbox, folder, window, backlog)
        )
        for batch, following in _with_next(batches):
            if self._stopped():
                return looked
            # While a batch is made durable, the server gets the next one ready; a suspect is asked for alone.
            ahead = [] if self.suspects.intersection(following) else following
            try:
                taken = self._taking.take(mailbox, folder, batch, looked, ahead)
                if taken and not refusal:
                    refusal, moved = _unless_refused(put_aside, mailbox, self.gateway, folder, taken)
                    left += moved or 0
            except ServerError:
                self.suspects.update(ahead)
                raise
            backlog.settled(len(batch))
        if self._stopped():
            return looked
        backlog.over()
        self._complete(folder, plan, None if refusal else plan.standing - left, selected.uidnext)
        if reconciliation.is_due(folder, self.now()):
            reconciliation.count(mailbox, self.gateway, folder, plan.top + 1, self.now())
        if refusal:
            raise refusal
        return looked

    @property
    def _taking(self) -> Taking:
        return Taking(self.gateway, self.accept, self.now, self.arrived, self.suspects)

    def _stopped(self) -> bool:
        return self.stop is not None and self.stop.is_set()

    # --- what is to be taken

    def _plan(self, mailbox: Mailbox, selected: Selected, folder: Folder) -> tuple[Folder, _Plan]:
        plan = self._newcomers_alone(mailbox, selected, folder)
        if plan is not None:
            return folder, plan
        there = compact(mailbox.uids(selected.exists))
        found = self._survey(folder, there)
        if found.highest and not self._known_ones_are_the_same(mailbox, folder, found.highest, found.back):
            folder = relocation.succeed(mailbox, folder, self.gateway, selected, relocation.RESTORED, self.now())
            found = self._survey(folder, there)
        top = there[-1] if there else 0
        if folder.history_end is None and folder.connected_at is not None:
            folder.history_end = top + 1  # the server does not say UIDNEXT
            folder.save(update_fields=["history_end"])
        return folder, _Plan(found.to_take, len(there), max(top, (selected.uidnext or 1) - 1), everything=True)

    def _newcomers_alone(self, mailbox: Mailbox, selected: Selected, folder: Folder) -> _Plan | None:
        """What came since the last complete look, and what is to be tried again; None: all must be gone through."""
        if folder.uidnext is None or folder.exists is None or selected.uidnext is None:
            return None
        if selected.uidnext < folder.uidnext:
            return None  # it cannot be relied on
        if folder.history_done != history.choice(self.gateway) or reconciliation.is_due(folder, self.now()):
            return None
        if folder.entries.filter(uid__gte=folder.uidnext).exists():
            return None  # a look was cut off; whether they are what they were then is for the survey to find out
        new = mailbox.uids_from(folder.uidnext) if selected.uidnext != folder.uidnext else []
        if selected.exists > folder.exists + len(new):
            return None  # more than could have come
        due = ledger.due_failures(folder, self.now())
        again = mailbox.present(due)
        ledger.vanished(folder, set(due) - again)
        top = max(selected.uidnext - 1, *new[-1:], 0)
        return _Plan(sorted({*again, *new}), selected.exists, top, everything=False)

    def _survey(self, folder: Folder, there: array[int]) -> Survey:
        return survey(folder, there, self.now(), left_too=folder.history_done != history.choice(self.gateway))

    def _known_ones_are_the_same(self, mailbox: Mailbox, folder: Folder, highest: int, back: Sequence[int]) -> bool:
        same = is_same_message(mailbox, folder, highest, by_bytes=bool(back))
        if same and back:
            ledger.came_back(folder, back)
        return same is not False

    # --- in which order

    def _windows(self, mailbox: Mailbox, plan: _Plan) -> Iterator[list[int]]:
        """The newest first, so that people can work; of a long list what comes meanwhile before what is older."""
        for end in range(len(plan.uids), 0, -_WINDOW):
            yield list(plan.uids[max(0, end - _WINDOW) : end])
            if end > _WINDOW:
                self.alive()
                if new := mailbox.uids_from(plan.top + 1):
                    plan.top, plan.standing = new[-1], plan.standing + len(new)
                    yield new

    def _wanted(self, mailbox: Mailbox, folder: Folder, window: list[int], backlog: Backlog) -> Iterator[list[int]]:
        unwanted = history.unwanted(mailbox, self.gateway, folder, window)
        if unwanted:
            ledger.left(folder, sorted(unwanted), self.now())
            backlog.settled(len(unwanted))
        return self._taking.batches(mailbox, folder, [uid for uid in window if uid not in unwanted])

    # --- afterwards

    def _complete(self, folder: Folder, plan: _Plan, exists: int | None, uidnext: int | None) -> None:
        """Everything there is accounted for; `exists`: how many stand there now, None: some should not."""
        state = {
            "uidnext": None if exists is None or uidnext is None else plan.top + 1,
            "exists": exists,
            "history_done": history.choice(self.gateway) if plan.everything else folder.history_done,
        }
        changed = {name: value for name, value in state.items() if getattr(folder, name) != value}
        if changed:
            Folder.objects.filter(pk=folder.pk).update(**changed)
            for name, value in changed.items():
                setattr(folder, name, value)
        if folder.uidnext is not None and folder.exists is not None:
            self.rest = Rest(folder.uidvalidity, folder.uidnext, folder.exists, self._until(folder))

    def _until(self, folder: Folder) -> datetime:
        midnight = timezone.localtime(self.now()).replace(hour=0, minute=0, second=0, microsecond=0)
        return min(midnight + timedelta(days=1), ledger.next_retry(folder) or _NEVER)


def _with_next(batches: Iterator[list[int]]) -> Iterator[tuple[list[int], list[int]]]:
    """Each batch, and the one after it; an empty one after the last."""
    batch = next(batches, None)
    while batch is not None:
        following = next(batches, None)
        yield batch, following or []
        batch = following


def _unless_refused(move: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> tuple[CannotMove | None, T | None]:
    try:
        return None, move(*args, **kwargs)
    except CannotMove as refusal:
        return refusal, None
