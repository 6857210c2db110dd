"""Processes that take imported mail through the pipeline while the next is being read: one core alone is too slow.

Nothing depends on them. What a helper had in hand when it died is durable and is done here instead, read back from the
archive; should this process die too, it is due for the worker.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import pickle
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from queue import Queue
from typing import TYPE_CHECKING

from .parent import stop_with_parent

if TYPE_CHECKING:
    from podatelna.archive.models import Delivery
    from podatelna.desk.models import Process

log = logging.getLogger(__name__)

MOST = 4  # more do not write faster: SQLite lets one write at a time
_FIRST = 500  # messages that are done here: starting a helper takes as long as these
_AHEAD = 2  # batches that a helper is given before it has done the first


def usual() -> int:
    """How many helpers are worth their while on this machine; none where there is one core."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST) if cores > 1 else 0


@dataclass
class _Helper:
    """A process, the pipe to it, and what it has in hand."""

    process: BaseProcess
    pipe: Connection
    given: deque[list[int]] = field(default_factory=deque)  # deliveries' primary keys, batch by batch


class Helpers:
    """What an import hands its deliveries to: `count` processes, started when there is enough to do; 0: none."""

    def __init__(self, count: int, process: Process | None) -> None:
        self._count, self._process = count, process
        self._helpers: list[_Helper] = []
        self._seen = 0

    def __enter__(self) -> Helpers:
        return self

    def __exit__(self, *_: object) -> None:
        for helper in self._helpers:
            helper.pipe.close()  # it ends when it has done what it has
        for helper in self._helpers:
            helper.process.join()

    def __call__(self, deliveries: Sequence[Delivery]) -> None:
        """Have `deliveries` taken through the pipeline, now or soon; with none: wait until all are done."""
        if not deliveries:
            while busy := [helper for helper in self._helpers if helper.given]:
                self._hear(busy)
            return
        self._seen += len(deliveries)
        if self._seen > _FIRST and not self._helpers:
            self._helpers = [_start(self._process) for _ in range(self._count)]
        free = self._with_room()
        if free is None:
            _do(deliveries, self._process)
        else:
            self._give(free, deliveries)

    def _with_room(self) -> _Helper | None:
        """The helper with the least to do; None when there is none any more."""
        while self._helpers:
            least = min(self._helpers, key=lambda helper: len(helper.given))
            if len(least.given) < _AHEAD:
                return least
            self._hear(self._helpers)
        return None

    def _give(self, helper: _Helper, deliveries: Sequence[Delivery]) -> None:
        batch = [(delivery.pk, delivery.fresh[0] if delivery.fresh else None) for delivery in deliveries]
        for delivery in deliveries:
            delivery.fresh = None
        helper.given.append([pk for pk, _ in batch])
        try:
            helper.pipe.send_bytes(pickle.dumps(batch, pickle.HIGHEST_PROTOCOL))
        except OSError:
            self._lost(helper)

    def _hear(self, helpers: Sequence[_Helper]) -> None:
        """Wait until one has done a batch or is gone."""
        for pipe in wait([helper.pipe for helper in helpers]):
            helper = next(one for one in helpers if one.pipe is pipe)
            try:
                helper.pipe.recv_bytes()
                helper.given.popleft()
            except (EOFError, OSError):
                self._lost(helper)

    def _lost(self, helper: _Helper) -> None:
        """It died: what it had in hand is done here."""
        log.warning("a helper of the import is gone; what it had in hand is done without it")
        self._helpers.remove(helper)
        helper.pipe.close()
        for keys in helper.given:
            _do_by_key([(pk, None) for pk in keys], self._process)


def _start(process: Process | None) -> _Helper:
    here, there = multiprocessing.get_context("spawn").Pipe()
    started = multiprocessing.get_context("spawn").Process(
        target=help_import, args=(there, os.getpid(), process.pk if process else None), daemon=True
    )
    started.start()
    there.close()
    return _Helper(started, here)


# --- in the helper ---------------------------------------------------------------------------------------


def help_import(pipe: Connection, parent: int, process_pk: int | None) -> None:
    """Take what comes through `pipe` through the pipeline, until its other end is closed."""
    from .house import open_house

    stop_with_parent(parent)
    open_house()
    from podatelna.desk.models import Process

    process = Process.objects.get(pk=process_pk) if process_pk is not None else None
    came: Queue[bytes] = Queue()
    # Read at once: the parent must not wait in its writing until the batch before is done.
    threading.Thread(target=_read_ahead, args=(pipe, came), name="pipe", daemon=True).start()
    while packed := came.get():
        _do_by_key(pickle.loads(packed), process)  # noqa: S301  # from our own parent
        pipe.send_bytes(b"done")


def _read_ahead(pipe: Connection, came: Queue[bytes]) -> None:
    try:
        while True:
            came.put(pipe.recv_bytes())
    except (EOFError, OSError):
        came.put(b"")


def _do_by_key(batch: Sequence[tuple[int, bytes | None]], process: Process | None) -> None:
    from podatelna.archive.models import Delivery
    from podatelna.mail.structure import read_structure

    raws = dict(batch)
    waiting = Delivery.objects.filter(pk__in=raws, state=Delivery.State.RECEIVED).select_related("message", "origin")
    deliveries = list(waiting.order_by("pk"))
    for delivery in deliveries:
        raw = raws[delivery.pk]
        delivery.fresh = (raw, read_structure(raw)) if raw is not None else None
    _do(deliveries, process)


def _do(deliveries: Sequence[Delivery], process: Process | None) -> None:
    from django.utils import timezone

    from podatelna import pipeline
    from podatelna.archive.durability import relaxed

    with relaxed():
        pipeline.receive_batch(deliveries, now=timezone.now(), process=process)
