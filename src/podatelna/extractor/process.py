"""The worker's side of the helper process: started when needed, replaced when it dies, hangs or has done enough."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from .findings import CRASH, MEMORY, TOO_LARGE, TOO_LONG, UNAVAILABLE, Found
from .helper import LENGTHS
from .limits import Limits

COMMAND = (sys.executable, "-I", "-m", "podatelna.extractor.helper")
MOST_BYTES = 64 << 20  # of a file; it is in memory here and there
_MOST_ANSWER = 8 << 20
_START_SECONDS = 60.0
_CHUNK = 1 << 16
_NO_MEMORY = b"memory allocation of"  # what Rust says before it gives up


class Helper:
    """A process that reads files; whatever happens to it costs the file that it was reading, and no other."""

    def __init__(self, limits: Limits | None = None, command: Sequence[str] = COMMAND) -> None:
        self._limits = limits or Limits()
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._used_at = 0.0

    def read(self, kind: str, data: bytes) -> Found:
        """The text of a file of a kind of kinds.py, within `limits.seconds`. Bad files raise nothing."""
        if len(data) > MOST_BYTES:
            return Found("", TOO_LARGE)
        self._used_at = time.monotonic()
        process = self._running() or self._start()
        if isinstance(process, Found):
            return process
        head = json.dumps({"kind": kind}).encode("ascii")
        question = LENGTHS.pack(len(head), len(data)) + head
        answer = _Exchange(process, self._limits.seconds).ask(question, data)
        if isinstance(answer, Found):
            self.close()
            return answer
        said, text = answer
        if said["last"]:
            self.close()
        return Found(text.decode(), str(said["reason"]), str(said["detail"]))

    @property
    def pid(self) -> int | None:
        """The number of the process, None while there is none."""
        return self._process.pid if self._process else None

    def close_idle(self, seconds: float) -> None:
        """End the process when nothing was read for so long: it holds 80 MB."""
        if self._process is not None and time.monotonic() - self._used_at > seconds:
            self.close()

    def close(self) -> None:
        """End the process; the next file starts another."""
        process, self._process = self._process, None
        if process is not None:
            _kill(process)
            with process:  # closes the pipes
                process.wait()

    def _running(self) -> subprocess.Popen[bytes] | None:
        if self._process is not None and self._process.poll() is not None:
            self.close()  # it was ended between two files: none of them is to blame
        return self._process

    def _start(self) -> subprocess.Popen[bytes] | Found:
        # Its own folder: a library unpacks itself there, and in a common one a stranger could have put another.
        with tempfile.TemporaryDirectory(prefix="podatelna-") as folder:
            process = subprocess.Popen(
                [*self._command, json.dumps(asdict(self._limits))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=folder,
                env={"TMPDIR": folder, "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"},
                start_new_session=True,
            )
            self._process = process
            answer = _Exchange(process, _START_SECONDS).ask(b"", b"")
        if isinstance(answer, Found):
            self.close()
            return Found("", UNAVAILABLE, answer.detail)
        return process


class _Exchange:
    """One question and its answer, both with an end in time: the other side may stop anywhere."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._process = process
        self._question, self._answer, self._complaint = process.stdin, process.stdout, process.stderr
        self._until = time.monotonic() + seconds
        self._complaints = b""
        for pipe in (self._question, self._answer, self._complaint):
            os.set_blocking(pipe.fileno(), False)

    def ask(self, *question: bytes) -> tuple[dict[str, Any], bytes] | Found:
        """The head and the body of the answer, or what to say of the file when none came."""
        got = bytearray()
        waiting = [memoryview(piece) for piece in question if piece]
        with selectors.DefaultSelector() as ready:
            ready.register(self._answer, selectors.EVENT_READ)
            ready.register(self._complaint, selectors.EVENT_READ)
            if waiting:
                ready.register(self._question, selectors.EVENT_WRITE)
            while not _whole(got):
                left = self._until - time.monotonic()
                if left <= 0 or len(got) > _MOST_ANSWER:
                    return Found("", TOO_LONG, "it did not answer in time" if left <= 0 else "it answered too much")
                for key, _ in ready.select(left):
                    if key.fileobj is self._question:
                        if not self._send(waiting):
                            ready.unregister(self._question)
                    elif not self._receive(key.fd, got, ready, key.fileobj is self._answer):
                        return self._ended()
        head, body = LENGTHS.unpack_from(got)
        start = LENGTHS.size + head
        return json.loads(got[LENGTHS.size : start]), bytes(got[start : start + body])

    def _send(self, waiting: list[memoryview]) -> bool:
        """Whether there is more to be sent."""
        try:
            sent = os.write(self._question.fileno(), waiting[0][:_CHUNK])
        except BlockingIOError:
            return True
        except BrokenPipeError:
            return False  # its end of the other pipe tells more
        waiting[0] = waiting[0][sent:]
        if not waiting[0]:
            del waiting[0]
        return bool(waiting)

    def _receive(self, descriptor: int, got: bytearray, ready: selectors.BaseSelector, is_answer: bool) -> bool:
        """Whether the answer may still come."""
        try:
            chunk = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            return True
        if is_answer:
            got += chunk
            return bool(chunk)
        self._complaints = (self._complaints + chunk)[-2_000:]
        if not chunk:
            ready.unregister(self._complaint)
        return True

    def _ended(self) -> Found:
        """What the death of the process says about the file."""
        _kill(self._process)
        rest = self._process.communicate()[1] or b""
        complaints = (self._complaints + rest)[-2_000:]
        code = self._process.returncode
        words = complaints.decode("utf-8", "replace").strip().splitlines()
        detail = f"the process ended with {code}" + (f": {words[-1][:300]}" if words else "")
        if code == -signal.SIGXCPU:
            return Found("", TOO_LONG, detail)
        return Found("", MEMORY if _NO_MEMORY in complaints or b"MemoryError" in complaints else CRASH, detail)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)  # it leads its own group


def _whole(got: bytearray) -> bool:
    if len(got) < LENGTHS.size:
        return False
    head, body = map(int, LENGTHS.unpack_from(got))
    return len(got) >= LENGTHS.size + head + body
