"""Real `podatelna` processes for tests: in an environment of their own, and looked for when they must be gone."""

from __future__ import annotations

import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 90.0  # seconds; only a failing test waits so long


def own_environment(**more: str) -> dict[str, str]:
    """This process's environment without any setting of Podatelna, and with `more`."""
    ours = {"DATABASE_URL", "BLOBS_URL", "DJANGO_SETTINGS_MODULE"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PODATELNA_") and name not in ours}
    return {**kept, "PYTHONUNBUFFERED": "1", **more}


def command(*words: str) -> list[str]:
    """The command line of a `podatelna` command."""
    return [sys.executable, "-m", "podatelna.run.cli", *words]


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """A process that is running, with the lines that it has printed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._new: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._new.put(line.rstrip("\n"))
        self._new.put(None)

    def wait_for(self, words: str) -> str:
        """The first line with `words` in it that is printed from now on."""
        deadline = time.monotonic() + PATIENCE
        while True:
            line = self._new.get(timeout=max(0.1, deadline - time.monotonic()))
            assert line is not None, f"it ended ({self.process.wait()}) and had printed: {self.lines}"
            self.lines.append(line)
            if words in line:
                return line

    def stop(self, number: int) -> int:
        """Send the signal; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextmanager
def running(words: list[str], environment: dict[str, str]) -> Iterator[Running]:
    """The command, started; killed at the end when the test has not stopped it."""
    process = subprocess.Popen(
        words,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        yield Running(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def with_environment(name: str, value: str) -> list[int]:
    """The processes of this machine in whose environment `name` is `value`."""
    wanted, found = f"{name}={value}".encode(), []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdecimal() and wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue  # gone meanwhile, or not ours to read
    return found


def until(holds: Callable[[], bool]) -> None:
    """Wait until `holds`; fails after PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)
