"""The provided mail server as companies set it up: Postfix, Dovecot and Rspamd on ports and folders of a test."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from tests.servers import HOST, free_port, make_certificate

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy" / "mailserver"
_START_SECONDS = 60.0


class MailServer:
    """Rendered by deploy/mailserver/render.sh and started; `directory` is where Podatelna's worker writes."""

    def __init__(self) -> None:
        # Not pytest's folder: users of the three programs must get through to it.
        self.folder = Path(tempfile.mkdtemp(prefix="ms-"))
        self.folder.chmod(0o755)
        self.directory = self.folder / "directory"
        self.certificate = make_certificate(self.folder)
        self.smtp, self.submission, self.submissions = free_port(), free_port(), free_port()
        self.imap, self.imaps, self.milter = free_port(), free_port(), free_port()
        self.processes: list[subprocess.Popen[bytes]] = []
        self._make_folders()
        self._render()

    def _make_folders(self) -> None:
        self.directory.mkdir(mode=0o711)
        for name, group, mode in (
            ("postfix", "postfix", 0o2755),
            ("dovecot", "dovecot", 0o2750),
            ("rspamd", "_rspamd", 0o2750),
        ):
            made = self.directory / name
            made.mkdir()
            os.chown(made, -1, grp.getgrnam(group).gr_gid)
            made.chmod(mode)
        storage = self.folder / "mail"
        storage.mkdir(mode=0o750)
        mail = pwd.getpwnam("mail")
        os.chown(storage, mail.pw_uid, mail.pw_gid)
        for name in ("queue", "data", "rspamd"):
            (self.folder / name).mkdir(mode=0o755)
        shutil.chown(self.folder / "data", "postfix")
        shutil.chown(self.folder / "rspamd", "_rspamd", "_rspamd")

    def _render(self) -> None:
        values = {
            "MAIL_HOST": "localhost",
            "DIRECTORY": self.directory,
            "CERTIFICATE": self.certificate.certificate,
            "CERTIFICATE_KEY": self.certificate.key,
            "MAIL_STORAGE": self.folder / "mail",
            "MAIL_USER": "mail",
            "LARGEST_MESSAGE": 1_000_000,
            "LISTEN": HOST,
            "SMTP_PORT": self.smtp,
            "SUBMISSION_PORT": self.submission,
            "SUBMISSIONS_PORT": self.submissions,
            "IMAP_PORT": self.imap,
            "IMAPS_PORT": self.imaps,
            "POSTFIX_ETC": self.folder / "postfix",
            "POSTFIX_QUEUE": self.folder / "queue",
            "POSTFIX_DATA": self.folder / "data",
            "DOVECOT_ETC": self.folder / "dovecot",
            "DOVECOT_RUN": self.folder / "run",
            "RSPAMD_LOCAL": self.folder / "rspamd-etc" / "local.d",
            "RSPAMD_MILTER": f"{HOST}:{self.milter}",
            "DOVECOT_LISTEN": HOST,
            "LOG": self.folder / "dovecot.log",
            "MAIL_LOG": self.folder / "postfix.log",
        }
        settings = self.folder / "settings.env"
        settings.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
        subprocess.run([DEPLOY / "render.sh", settings], check=True, timeout=60)
        # There is no DNS in a test, no second Rspamd's port may be taken, and what it says belongs into the log.
        local = self.folder / "rspamd-etc" / "local.d"
        dns = 'dns { nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; }'
        (local / "options.inc").write_text(f'{dns}\nenable_test_patterns = true;\ngtube_patterns = "all";\n')
        (local / "worker-normal.inc").write_text("enabled = false;\n")
        (local / "worker-controller.inc").write_text("enabled = false;\n")
        (local / "worker-fuzzy.inc").write_text("enabled = false;\n")
        (local / "logging.inc").write_text('type = "console";\n')
        with (self.folder / "postfix" / "main.cf").open("a") as file:
            file.write(f"maillog_file_prefixes = {self.folder}\n")
        subprocess.run(["sievec", self.folder / "dovecot" / "podatelna-spam.sieve"], check=True, timeout=60)

    def start(self) -> None:
        """Start all three; returns when they answer."""
        rspamd = self.folder / "rspamd"
        variables = {"LOCAL_CONFDIR": self.folder / "rspamd-etc", "DBDIR": rspamd, "RUNDIR": rspamd, "LOGDIR": rspamd}
        given = [f"--var={name}={value}" for name, value in variables.items()]
        self._run(["rspamd", "-f", "-u", "_rspamd", "-g", "_rspamd", *given], "rspamd")
        self._run(["dovecot", "-F", "-c", str(self.folder / "dovecot" / "dovecot.conf")], "dovecot-out")
        self._run(["postfix", "-c", str(self.folder / "postfix"), "start-fg"], "postfix-out")
        for port in (self.milter, self.imaps, self.smtp, self.submission, self.submissions):
            self._await(port)

    def _run(self, command: list[str], log: str) -> None:
        with (self.folder / f"{log}.out").open("wb") as output:
            self.processes.append(
                subprocess.Popen(
                    command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True
                )
            )

    def _await(self, port: int) -> None:
        ends = time.monotonic() + _START_SECONDS
        while True:
            try:
                socket.create_connection((HOST, port), 1).close()
            except OSError:
                assert time.monotonic() < ends, f"nothing listens on {port}:\n{self.logs()}"
                time.sleep(0.1)
            else:
                return

    def logs(self) -> str:
        """What all of them have said."""
        places = [*self.folder.glob("*.out"), *self.folder.glob("*.log")]
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')[-8000:]}" for path in places)

    def stop(self) -> None:
        """Stop all, remove everything."""
        subprocess.run(
            ["postfix", "-c", str(self.folder / "postfix"), "stop"], check=False, capture_output=True, timeout=60
        )
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
