"""The parent that keeps processes running, with real processes."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from podatelna.run.supervisor import Child, Supervisor

from .processes import until

SLEEPS = "import time; time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPS}"


def child(code: str, *arguments: str) -> Child:
    return Child("child", [sys.executable, "-c", code, *arguments])


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def ended(one: Child) -> None:
    assert one.process is not None
    one.process.wait(30)


def test_a_child_that_ends_is_started_again_after_a_pause_that_grows() -> None:
    one = child("pass")
    supervisor = Supervisor([one])
    pauses = []
    now = 100.0
    for _ in range(4):
        supervisor.tick(now)
        ended(one)
        supervisor.tick(now)
        pauses.append(one.start_at - now)
        supervisor.tick(one.start_at - 0.01)
        assert one.process is None  # not before its time
        now = one.start_at
    assert pauses == [1.0, 2.0, 4.0, 8.0]
    assert supervisor.most_failures() == 4


def test_a_child_that_ran_for_long_is_started_again_soon() -> None:
    one = child("pass")
    one.failures = 6
    supervisor = Supervisor([one])
    supervisor.tick(0.0)
    ended(one)
    supervisor.tick(3600.0)
    assert one.start_at == 3601.0


def test_stopping_leaves_no_child_and_no_childs_child(tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    one = child(
        "import pathlib, subprocess, sys, time\n"
        f"grand = subprocess.Popen([sys.executable, '-c', {SLEEPS!r}])\n"
        "pathlib.Path(sys.argv[1]).write_text(str(grand.pid))\n"
        "time.sleep(600)",
        str(note),
    )
    supervisor = Supervisor([one, child(SLEEPS)])
    supervisor.tick(0.0)
    until(lambda: note.exists() and note.read_text() != "")
    pids = [c.process.pid for c in supervisor.children if c.process] + [int(note.read_text())]
    supervisor.end()
    until(lambda: not any(alive(pid) for pid in pids))


def test_a_child_that_is_deaf_to_sigterm_is_ended_all_the_same() -> None:
    one = child(STUBBORN)
    supervisor = Supervisor([one], grace=0.3)
    supervisor.tick(0.0)
    assert one.process is not None
    process = one.process
    until(lambda: ignores_sigterm(process.pid))
    supervisor.end()
    assert process.returncode == -signal.SIGKILL


def ignores_sigterm(pid: int) -> bool:
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return bool(int(lines["SigIgn"], 16) & 1 << (signal.SIGTERM - 1))


def test_watching_ends_with_its_event_and_leaves_nothing() -> None:
    one = child(SLEEPS)
    supervisor, stop = Supervisor([one]), threading.Event()
    thread = threading.Thread(target=supervisor.watch, args=(stop,))
    thread.start()
    until(lambda: one.process is not None)
    assert one.process is not None
    pid = one.process.pid
    stop.set()
    thread.join(30)
    assert not thread.is_alive()
    assert not alive(pid)


def test_a_process_whose_parent_was_killed_stops_by_itself(tmp_path: Path) -> None:
    note = tmp_path / "orphan"
    orphan = (
        "import os, pathlib, sys, time\n"
        "from podatelna.run.parent import stop_with_parent\n"
        "stop_with_parent(os.getppid())\n"
        "pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))\n"
        "time.sleep(600)"
    )
    parent = child(
        f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {orphan!r}, sys.argv[1]]).wait()", str(note)
    )
    supervisor = Supervisor([parent])
    supervisor.tick(0.0)
    until(lambda: note.exists() and note.read_text() != "")
    assert parent.process is not None
    parent.process.kill()
    parent.process.wait()
    until(lambda: not alive(int(note.read_text())))
