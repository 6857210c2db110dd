"""An event that can be waited for together with a socket: it ends an IDLE at once, without polling."""

from __future__ import annotations

import select
import socket
from typing import Protocol


class HasFileno(Protocol):
    """Anything with a file descriptor."""

    def fileno(self) -> int:
        """The descriptor."""
        ...


class Wake:
    """Like threading.Event, with a file descriptor that becomes readable when it is set."""

    def __init__(self) -> None:
        self._here, self._there = socket.socketpair()
        self._set = False

    def set(self) -> None:
        """Wake whoever waits, now and later; from any thread."""
        if not self._set:
            self._set = True
            self._there.send(b"!")

    def clear(self) -> None:
        """Forget that it was set; by the waiting thread."""
        if self._set:
            self._set = False
            self._here.recv(1)

    def is_set(self) -> bool:
        """Whether `set` was called."""
        return self._set

    def wait(self, seconds: float) -> bool:
        """Sleep for so long, or until set; tells whether it is set."""
        readable(self._here, self, seconds)
        return self._set

    def fileno(self) -> int:
        """The descriptor that becomes readable."""
        return self._here.fileno()

    def close(self) -> None:
        """Give the descriptors back; nobody may wait any more."""
        self._here.close()
        self._there.close()


def readable(first: HasFileno, second: HasFileno, seconds: float) -> set[int]:
    """Wait until one of the two has something to read, or for so long; the descriptors that have."""
    poller = select.poll()  # select() dies with descriptors above 1023
    poller.register(first.fileno(), select.POLLIN)
    poller.register(second.fileno(), select.POLLIN)
    return {descriptor for descriptor, _ in poller.poll(max(0.0, seconds) * 1000)}
