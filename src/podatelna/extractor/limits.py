"""What the helper process may take of the machine: set by itself before it sees the first byte of a stranger."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38


@dataclass(frozen=True)
class Limits:
    """For one file: seconds of processor and of waiting; for the process: bytes of memory, files until it is replaced.

    The reading libraries reserve addresses that they never touch, so memory is counted as data (what can be written
    to), with a wide bound on addresses behind it.
    """

    processor: int = 30
    seconds: float = 90.0
    data: int = 768 << 20
    addresses: int = 4 << 30
    files: int = 200
    grown: int = 400 << 20  # bytes in memory after which it is replaced, too


def confine(limits: Limits) -> None:
    """From now on: no file, no connection and no other program can be opened, and memory has an end. For good.

    What is open stays open: the two pipes, and what the libraries opened before.
    """
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_FSIZE, 0)
    _set(resource.RLIMIT_DATA, limits.data)
    _set(resource.RLIMIT_AS, limits.addresses)
    _linux()
    # Every file and every socket needs a descriptor: without free ones there is neither (getrlimit(2): EMFILE).
    _set(resource.RLIMIT_NOFILE, 0)


def start_clock(limits: Limits) -> None:
    """Give the next file its time on the processor; who takes more is killed by SIGXCPU."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + limits.processor + 1
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def memory() -> Callable[[], int]:
    """How many bytes this process has in memory, to be asked at any time after; called before it is confined."""
    try:
        file = os.open("/proc/self/statm", os.O_RDONLY)
    except OSError:
        # Elsewhere than on Linux the most it ever had. There it would count what the worker had when it forked.
        return lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return lambda: int(os.pread(file, 200, 0).split()[1]) * resource.getpagesize()


def _set(what: int, value: int) -> None:
    hard = resource.getrlimit(what)[1]
    least = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (least, least))


def _linux() -> None:
    """Die with the worker, never gain rights, and be the first that goes when the machine has no memory left."""
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        Path("/proc/self/oom_score_adj").write_text("1000")
    with contextlib.suppress(OSError):
        os.nice(10)
