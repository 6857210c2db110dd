"""The desk as a test finds it: the demo's company, or an installation with nothing in it yet."""

from __future__ import annotations

import re
import secrets
import signal
import smtplib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, formatdate, make_msgid
from pathlib import Path

from tests.run.processes import command, free_port, own_environment, running, until, with_environment

VERA = ("Věra Malá", "vera.mala@posta.example")


@dataclass
class Demo:
    """The running demo. `smtp_port` is that of its mail server, to which anybody may bring mail for the company."""

    url: str
    smtp_port: int = 0

    def write(
        self,
        subject: str,
        text: str = "Dobrý den,\n\nprosím o odpověď.\n",
        *,
        to: str = "helpdesk",
        sender: tuple[str, str] = VERA,
        html: str = "",
        files: tuple[tuple[str, str, bytes], ...] = (),
        answers: EmailMessage | None = None,
        envelope: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> EmailMessage:
        """Somebody outside writes to the company. The subject gets a number of its own, so that no two are alike.

        `envelope` is the address in the envelope where it is not the sender's; `headers` are further ones.
        """
        message = EmailMessage(policy=SMTP)
        message["From"] = formataddr(sender)
        message["To"] = f"{to}@bublina.example"
        message["Subject"] = f"{subject} {secrets.token_hex(3)}" if answers is None else f"Re: {answers['Subject']}"
        message["Date"] = formatdate(localtime=True)
        message["Message-ID"] = make_msgid(domain="posta.example")
        if answers is not None:
            message["In-Reply-To"] = message["References"] = answers["Message-ID"]
        for name, value in (headers or {}).items():
            message[name] = value
        message.set_content(text)
        if html:
            message.add_alternative(html, subtype="html", cte="quoted-printable")
        for name, kind, data in files:
            major, _, minor = kind.partition("/")
            message.add_attachment(data, major, minor, filename=name)
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=30) as connection:
            connection.sendmail(envelope or sender[1], [str(message["To"])], message.as_bytes())
        return message


@contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """`podatelna demo`, as `make demo` starts it. At its end it must have left neither a process nor a file."""
    port = free_port()
    with running(command("demo", f"--port={port}"), own_environment(TMPDIR=str(folder))) as process:
        process.wait_for("demo is ready")
        yield Demo(f"http://127.0.0.1:{port}")
        assert process.stop(signal.SIGINT) == 0
    until(lambda: with_environment("TMPDIR", str(folder)) == [])
    assert list(folder.iterdir()) == []


@dataclass(frozen=True)
class Installation:
    """`podatelna run` on an empty data folder, and the one-time link that it has printed."""

    url: str
    link: str


@contextmanager
def running_installation(folder: Path, undo_seconds: int, **more: object) -> Iterator[Installation]:
    """An installation of its own, with nothing in it; `more` are further settings by their names."""
    port = free_port()
    settings = {"PODATELNA_DATA": folder, "PODATELNA_PORT": port, "PODATELNA_UNDO_SECONDS": undo_seconds, **more}
    environment = own_environment(**{name: str(value) for name, value in settings.items()})
    with running(command("run"), environment) as process:
        link = re.search(r"http://\S+/setup/\S+", process.wait_for("/setup/"))
        assert link is not None
        yield Installation(f"http://127.0.0.1:{port}", link[0])
        assert process.stop(signal.SIGINT) == 0
    until(lambda: with_environment("PODATELNA_DATA", str(folder)) == [])
