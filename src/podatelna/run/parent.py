"""A child process that outlives its parent stops by itself: a killed supervisor leaves nothing behind."""

from __future__ import annotations

import os
import signal
import threading
import time

_EVERY_SECONDS = 0.5
_PATIENCE_SECONDS = 10


def stop_with_parent(parent: int) -> None:
    """Watch from a thread whether process `parent` is still ours; when it is gone, end this one (SIGTERM first)."""
    threading.Thread(target=_watch, args=(parent,), name="parent", daemon=True).start()


def _watch(parent: int) -> None:
    # An orphan is adopted by another process: that shows at once, and unlike prctl it shows on every Unix.
    while os.getppid() == parent:
        time.sleep(_EVERY_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_PATIENCE_SECONDS)
    os._exit(1)
