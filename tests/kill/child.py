"""One life of a worker, ended by SIGKILL at its n-th step: python -m tests.kill.child N MAILBOX (0: lives on).

A step is whatever the outside could notice: an SQL statement, a command sent to the IMAP server, a file put in place.
Each counts twice, just before and just after, so that a death falls between any two of them. It does what the worker
does, in one thread so that step n is the same in every life: one look into each gateway, then the pipeline.
"""

from __future__ import annotations

import imaplib
import os
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django


class Steps:
    """Counts, and ends this process at step `last`."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.count = 0

    def step(self, what: str) -> None:
        self.count += 1
        if self.count == self.last:
            os.write(2, f"killed at step {self.count}: {what}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)

    def around_sql(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.step(f"before {sql[:60]}")
        result = execute(sql, params, many, context)
        self.step(f"after {sql[:60]}")
        return result

    def around_sending(self) -> None:
        send = imaplib.IMAP4.send

        def counted(connection: imaplib.IMAP4, data: bytes) -> None:
            self.step(f"before sending {data[:40]!r}")
            send(connection, data)
            # The server carries this out whether we live or not.
            self.step(f"after sending {data[:40]!r}")

        imaplib.IMAP4.send = counted  # type: ignore[method-assign]  # the lowest place: no command can escape it

    def on_files(self, event: str, _: tuple[object, ...]) -> None:
        if event in {"os.rename", "os.link", "os.remove"}:
            self.step(event)


def main() -> None:
    django.setup()
    from django.db import connection
    from django.utils import timezone

    from podatelna.archive.intake import accept
    from podatelna.gateways.fetch import fetch
    from podatelna.gateways.models import Gateway
    from podatelna.pipeline import receive_due

    steps = Steps(int(sys.argv[1]))
    Gateway.objects.update(imap_login=sys.argv[2])
    gateways = list(Gateway.objects.exclude(state=Gateway.State.PAUSED))
    # A dead worker's lease runs out within minutes; the next life begins after that.
    later = timedelta(minutes=10 if steps.last == 0 else 0)
    connection.execute_wrappers.append(steps.around_sql)
    steps.around_sending()
    sys.addaudithook(steps.on_files)
    for gateway in gateways:
        fetch(gateway, accept=accept, now=timezone.now, arrived=lambda: None)
    while receive_due(timezone.now() + later):
        pass
    print(steps.count)


if __name__ == "__main__":
    main()
