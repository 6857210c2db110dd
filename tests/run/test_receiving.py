"""`podatelna receive`: a process of its own that takes mail where settings say."""

from __future__ import annotations

import signal
import smtplib
import subprocess
from pathlib import Path

from tests.cast import a_mail
from tests.kill.installation import ROOT, empty
from tests.run.processes import command, free_port, own_environment, running


def test_it_says_where_to_listen_when_nothing_is_set(tmp_path: Path) -> None:
    environment = own_environment(PODATELNA_DATA=str(tmp_path))
    done = subprocess.run(command("receive"), env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0
    assert "PODATELNA_SMTP_LISTEN" in done.stderr


def test_mail_is_taken_at_every_place_until_it_is_stopped(tmp_path: Path) -> None:
    port, path = free_port(), tmp_path / "lmtp"
    with empty(tmp_path / "data") as here:
        prepared = here.run("tests.kill.receive", "prepare")
        assert prepared.returncode == 0, prepared.stderr
        places = {"PODATELNA_SMTP_LISTEN": f"127.0.0.1:{port}", "PODATELNA_LMTP_LISTEN": str(path)}
        environment = {**here.environment, **places, "PODATELNA_SMTP_NAME": "desk.acme.cz", "PYTHONUNBUFFERED": "1"}
        with running(command("receive"), environment) as process:
            assert str(path) in process.wait_for("mail is taken at")
            with smtplib.SMTP("127.0.0.1", port) as client:
                assert client.ehlo()[1].startswith(b"desk.acme.cz\n")
                client.sendmail("jana@example.cz", ["support@acme.cz"], a_mail("By SMTP"))
            with smtplib.LMTP(str(path)) as local:
                local.sendmail("jana@example.cz", ["support@acme.cz"], a_mail("By LMTP"))
            second = subprocess.run(
                command("receive"),
                env={**environment, "PODATELNA_SMTP_LISTEN": "192.0.2.1:1"},
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert second.returncode != 0
            assert "cannot listen" in second.stderr
            assert process.stop(signal.SIGTERM) == 0
        assert len(here.holds()["originals"]) == 2
