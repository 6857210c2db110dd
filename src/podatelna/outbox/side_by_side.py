"""Sending through several gateways side by side: a server that keeps us waiting keeps its own messages only."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable

from django.db import connections

log = logging.getLogger(__name__)

_MOST = 16  # threads; each waits most of its time for a server


class SideBySide:
    """Calls `send(gateway)`, which sends a message and tells how many it was, until there is none; one per gateway.

    A gateway is its key. What `send` raises is logged and ends this gateway's turn alone.
    """

    def __init__(self, send: Callable[[int], int], most: int = _MOST) -> None:
        self._send, self._most = send, most
        self._ended = threading.Event()
        self._threads: dict[int, threading.Thread] = {}

    def begin(self, gateways: Iterable[int]) -> None:
        """Have all of these at work, and not more than `most`; who is at work already stays so."""
        self._threads = {gateway: thread for gateway, thread in self._threads.items() if thread.is_alive()}
        for gateway in gateways:
            if len(self._threads) < self._most and gateway not in self._threads:
                thread = threading.Thread(target=self._work, args=(gateway,), name=f"outbox {gateway}", daemon=True)
                self._threads[gateway] = thread
                thread.start()

    def end(self, seconds: float) -> None:
        """Begin no further message, and wait at most so long for those that are under way."""
        self._ended.set()
        deadline = time.monotonic() + seconds
        for thread in self._threads.values():
            thread.join(max(0.0, deadline - time.monotonic()))

    def _work(self, gateway: int) -> None:
        try:
            while not self._ended.is_set() and self._send(gateway):
                pass
        except Exception:  # the database may be away: the messages are still due, and begun again
            log.exception("sending through gateway %s", gateway)
        finally:
            connections.close_all()
