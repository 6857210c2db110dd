"""`podatelna run` as people start it: real processes, a real port."""

from __future__ import annotations

import http.client
import re
import signal
import subprocess
from pathlib import Path

import pytest

from .processes import command, free_port, own_environment, running, until, with_environment


def environment(data: Path, port: int) -> dict[str, str]:
    return own_environment(PODATELNA_DATA=str(data), PODATELNA_PORT=str(port))


def get(port: int, path: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    return connection.getresponse()


def test_run_prints_its_address_and_the_set_up_link_and_ends_without_a_trace(tmp_path: Path) -> None:
    port = free_port()
    with running(command("run"), environment(tmp_path, port)) as desk:
        assert desk.wait_for("ready").endswith(f"http://127.0.0.1:{port}/")
        link = re.search(r"http://127\.0\.0\.1:\d+(/setup/\S+)", desk.wait_for("/setup/"))
        assert link is not None
        assert get(port, link[1]).status == 302  # into the session, and on to the form
        assert get(port, "/").status in (200, 302)

        second = subprocess.run(
            command("run"), env=environment(tmp_path, port), capture_output=True, text=True, check=False
        )
        assert second.returncode == 1
        assert f"port {port} on 127.0.0.1 is taken" in second.stderr
        assert len(second.stderr.splitlines()) == 1

        until(lambda: doctor(tmp_path, port).returncode == 0)  # a worker has been seen
        assert desk.stop(signal.SIGTERM) == 0
    until(lambda: with_environment("PODATELNA_DATA", str(tmp_path)) == [])
    after = doctor(tmp_path, port)
    assert after.returncode == 0  # the worker was seen a moment ago
    assert "Everything is in order." in after.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_run_takes_its_children_along_however_it_ends(tmp_path: Path, number: int) -> None:
    with running(command("run"), environment(tmp_path, free_port())) as desk:
        desk.wait_for("ready")
        assert len(with_environment("PODATELNA_DATA", str(tmp_path))) >= 3  # the parent, web, worker
        desk.stop(number)
    until(lambda: with_environment("PODATELNA_DATA", str(tmp_path)) == [])


def test_a_worker_that_was_killed_is_started_again(tmp_path: Path) -> None:
    with running(command("run"), environment(tmp_path, free_port())) as desk:
        desk.wait_for("ready")
        worker = the_worker(tmp_path)
        subprocess.run(["kill", "-KILL", str(worker)], check=True)
        desk.wait_for("worker 1 ended (signal SIGKILL)")
        until(lambda: the_worker(tmp_path) not in (None, worker))
        assert desk.stop(signal.SIGTERM) == 0


def the_worker(data: Path) -> int | None:
    for pid in with_environment("PODATELNA_DATA", str(data)):
        try:
            if b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                return pid
        except OSError:
            continue
    return None


def doctor(data: Path, port: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command("doctor"), env=environment(data, port), capture_output=True, text=True, check=False)
