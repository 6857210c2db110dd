"""Processes that archive and process imported mail while the next is being read: one core alone is too slow.

Nothing depends on them. A batch is held here until its helper says that it is done; what a helper had in hand when it
died is done here instead. Should this process die too, what is durable is due for the worker, and repeating the import
brings the rest.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.process import BaseProcess
from queue import Queue
from typing import TYPE_CHECKING, Any

from .parent import stop_with_parent

if TYPE_CHECKING:
    from podatelna.archive.models import Delivery, Origin
    from podatelna.archive.sources import Found
    from podatelna.archive.transfer import Counts
    from podatelna.desk.models import Process

log = logging.getLogger(__name__)

MOST = 4  # more do not write faster: SQLite lets one write at a time
_FIRST = 400  # messages that are done here: a small import is done before a helper has begun
_AHEAD = 2  # batches that a helper is given before it has done the first
_COLLECTED = 20  # batches between two looks for rubbish


def usual() -> int:
    """How many helpers are worth their while on this machine; none where there is one core."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST) if cores > 1 else 0


@dataclass
class _Given:
    """A batch that a helper has: what it is told, how it is done without it, and who counts it."""

    job: tuple[Any, ...]
    here: Callable[[], tuple[int, int]]
    counted: Callable[[int, int], None]


@dataclass
class _Helper:
    """A process, the pipe to it, and what it has in hand."""

    process: BaseProcess
    pipe: Connection
    given: deque[_Given] = field(default_factory=deque)


class Helpers:
    """What an import hands its mail to: `count` processes, started when there is enough to do; 0: none.

    Deliveries that are durable already are taken by calling it, whole batches of what was found by `bring`.
    """

    def __init__(self, count: int, process: Process | None) -> None:
        self._count, self._process = count, process
        self._helpers: list[_Helper] = []
        self._seen = self._newest = 0
        self._open = ExitStack()
        self._done: Callable[[], None] = lambda: None

    def __enter__(self) -> Helpers:
        self._done = self._open.enter_context(rubbish_kept())
        return self

    def __exit__(self, *_: object) -> None:
        for helper in self._helpers:
            helper.pipe.close()  # it ends when it has done what it has
        for helper in self._helpers:
            helper.process.join()
        self._open.close()

    def __call__(self, deliveries: Sequence[Delivery]) -> None:
        """Have `deliveries` taken through the pipeline, now or soon; with none: wait until all are done."""
        if not deliveries:
            while busy := [helper for helper in self._helpers if helper.given]:
                self._hear(busy)
            return
        free = self._for_another(len(deliveries))
        if free is None:
            _do(deliveries, self._process)
            return
        # Without the bytes: read_structure is quicker than to hand over what it gives.
        job = ("process", [(one.pk, one.fresh[0] if one.fresh else None) for one in deliveries])
        keys = [(pk, None) for pk, _ in job[1]]
        self._give(free, _Given(job, lambda: _do_by_key(keys, self._process), lambda new, here: None))

    def bring(self, origin: Origin, batch: Sequence[Found], counts: Counts) -> bool:
        """Have a batch archived and taken through the pipeline soon; False: there is nobody to do it."""
        free = self._for_another(len(batch))
        if free is None:
            return False
        batch = list(batch)

        def counted(new: int, here: int) -> None:
            counts.new += new
            counts.already_here += here

        job = ("archive", origin.pk, [(found.raw, found.labels, found.at) for found in batch])
        self._give(free, _Given(job, lambda: self._archive_again(origin, batch), counted))
        return True

    def _archive_again(self, origin: Origin, batch: Sequence[Found]) -> tuple[int, int]:
        from podatelna.archive.transfer import archive

        accepted = archive(origin, batch, _now(), lambda deliveries: _do(deliveries, self._process))
        # What the dead one had archived before is new too.
        new = len({one.delivery.pk for one in accepted if one.delivery.pk > self._newest})
        return new, len(accepted) - new

    def _for_another(self, count: int) -> _Helper | None:
        """The helper with the least to do; None while there are none, or no more."""
        self._seen += count
        self._done()
        if self._seen > _FIRST and not self._helpers and self._count:
            from podatelna.archive.models import Delivery

            self._newest = Delivery.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            self._helpers = list(_start(self._count, self._process))
            self._count = 0  # those that die are not replaced
        while self._helpers:
            least = min(self._helpers, key=lambda helper: len(helper.given))
            if len(least.given) < _AHEAD:
                return least
            self._hear(self._helpers)
        return None

    def _give(self, helper: _Helper, given: _Given) -> None:
        helper.given.append(given)
        try:
            helper.pipe.send_bytes(pickle.dumps(given.job, pickle.HIGHEST_PROTOCOL))
        except OSError:
            self._lost(helper)

    def _hear(self, helpers: Sequence[_Helper]) -> None:
        """Wait until one has done a batch or is gone."""
        for pipe in wait([helper.pipe for helper in helpers]):
            helper = next(one for one in helpers if one.pipe is pipe)
            try:
                new, here = helper.pipe.recv()
            except (EOFError, OSError):
                self._lost(helper)
            else:
                helper.given.popleft().counted(new, here)

    def _lost(self, helper: _Helper) -> None:
        """It died: what it had in hand is done here."""
        log.warning("a helper of the import is gone; what it had in hand is done without it")
        self._helpers.remove(helper)
        helper.pipe.close()
        while helper.given:
            given = helper.given.popleft()
            given.counted(*given.here())


def _start(count: int, process: Process | None) -> Iterator[_Helper]:
    """Start helpers, as copies of this process where that can be: they need not import anything anew."""
    from django.db import connection

    own: list[Connection] = []  # our ends of the pipes: a copy of one that stays open would keep its helper waiting
    context = _context()
    if isinstance(context, ForkContext):
        connection.close()  # which a copy must not share
    for _ in range(count):
        here, there = context.Pipe()
        own.append(here)
        ends = tuple(own) if isinstance(context, ForkContext) else ()
        key = process.pk if process else None
        started = context.Process(target=help_import, args=(there, ends, os.getpid(), key), daemon=True)
        started.start()
        there.close()
        yield _Helper(started, here)


def _context() -> ForkContext | SpawnContext:
    """How to start a process: a copy of one that has threads, also those of libraries, may hang."""
    from django.db import connection

    try:
        alone = len(os.listdir("/proc/self/task")) == 1
    except OSError:
        alone = False  # another system: macOS is known not to take copies well
    if alone and not connection.in_atomic_block:
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")


# --- in the helper ---------------------------------------------------------------------------------------


def help_import(pipe: Connection, parents: Sequence[Connection], parent: int, process_pk: int | None) -> None:
    """Do what comes through `pipe`, until its other end is closed. `parents`: the other ends, where this is a copy."""
    from .house import open_house

    for end in parents:
        end.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's; what is in hand is done
    stop_with_parent(parent)
    open_house()
    from podatelna.desk.models import Process

    process = Process.objects.get(pk=process_pk) if process_pk is not None else None
    came: Queue[bytes] = Queue()
    # Read at once: the parent must not wait in its writing until the batch before is done.
    threading.Thread(target=_read_ahead, args=(pipe, came), name="pipe", daemon=True).start()
    with rubbish_kept() as done:
        while packed := came.get():
            kind, *job = pickle.loads(packed)  # noqa: S301  # from our own parent
            work: Callable[..., tuple[int, int]] = _archive if kind == "archive" else _do_by_key
            pipe.send(work(*job, process))
            done()


def _read_ahead(pipe: Connection, came: Queue[bytes]) -> None:
    try:
        while True:
            came.put(pipe.recv_bytes())
    except (EOFError, OSError):
        came.put(b"")


def _archive(origin: int, batch: Sequence[tuple[Any, ...]], process: Process | None) -> tuple[int, int]:
    """How many were new, and how many here already."""
    from pathlib import PurePath

    from podatelna.archive.models import Origin
    from podatelna.archive.sources import Found
    from podatelna.archive.transfer import Counts, archive

    counts, nowhere = Counts(), PurePath()
    found = [Found(nowhere, *one) for one in batch]
    # In few steps: what reads a row's origin finds it by its key.
    counts.add(archive(Origin(pk=origin), found, _now(), lambda deliveries: _do(deliveries, process)))
    return counts.new, counts.already_here


def _do_by_key(batch: Sequence[tuple[int, bytes | None]], process: Process | None) -> tuple[int, int]:
    from podatelna.archive.models import Delivery
    from podatelna.mail.structure import read_structure

    raws = dict(batch)
    waiting = Delivery.objects.filter(pk__in=raws, state=Delivery.State.RECEIVED).select_related("message", "origin")
    deliveries = list(waiting.order_by("pk"))
    for delivery in deliveries:
        raw = raws[delivery.pk]
        delivery.fresh = (raw, read_structure(raw)) if raw is not None else None
    _do(deliveries, process)
    return 0, 0


def _do(deliveries: Sequence[Delivery], process: Process | None) -> None:
    from podatelna import pipeline
    from podatelna.archive.durability import relaxed

    with relaxed():
        pipeline.receive_batch(deliveries, now=_now(), process=process)


def _now() -> Any:
    from django.utils import timezone

    return timezone.now()


@contextmanager
def rubbish_kept() -> Iterator[Callable[[], None]]:
    """Look for rubbish only now and then: gives what is to be called after each batch.

    Python counts what is made, and an import makes so much that a sixth of its time would go into looking through
    what stays.
    """
    batches = 0

    def done() -> None:
        nonlocal batches
        batches += 1
        if batches % _COLLECTED == 0:
            gc.collect()

    was_on = gc.isenabled()
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield done
    finally:
        gc.unfreeze()
        if was_on:
            gc.enable()
