"""`podatelna worker`: fetches mail, takes it through the pipeline, sends what waits in the outbox, sweeps."""

from __future__ import annotations

import logging
import threading
import time
from typing import Annotated

import typer

from .parent import stop_with_parent

_STOP_SECONDS = 6.0


def worker(
    parent: Annotated[int, typer.Option(hidden=True, help="Stop when this process is gone.")] = 0,
    quiet: Annotated[bool, typer.Option(hidden=True, help="Log warnings only.")] = False,
) -> None:
    """Work without the web desk: fetch mail, process it, send what waits.

    Any number of workers may run on one PostgreSQL database; every mailbox is worked by one of them at a time. On
    SQLite one worker is right. SIGTERM stops it at once: whatever was under way is taken up again by the next one.

    Example: DATABASE_URL=postgresql://podatelna@localhost/podatelna podatelna worker
    """
    from .house import open_house, refuse_unprepared
    from .serve import stopped_by_signals

    if parent:
        stop_with_parent(parent)
    open_house()
    if quiet:
        logging.getLogger().setLevel(logging.WARNING)
    if not parent:
        refuse_unprepared()
    with stopped_by_signals() as stop:
        work(stop)


def work(stop: threading.Event) -> None:
    """Run every loop in a thread of its own until `stop`; a loop that does not end in time ends with the process."""
    from . import chores, receiving, retaining, tending_log, transferring, watching

    arrived = threading.Event()
    loops = {
        "outbox": chores.send_due,
        "sent copies": chores.copy_due,
        "automatic answers": chores.answer_due,
        "rules": chores.apply_rules,
        "tokens": chores.renew_tokens,
        "verdicts": chores.judge_due,
        "attachments": chores.read_attachments,
        "log": tending_log.tend_log,
        "verification": tending_log.verify_nightly,
        "retention": retaining.erase_by_rules,
        "erasures": retaining.carry_out_erasures,
        "imports": transferring.import_due,
        "exports": transferring.export_due,
        "transfers, tidying": transferring.sweep,
        "sweep": chores.sweep,
        "tasks": chores.remind,
        "absences": chores.attend_absences,
        "targets": chores.tell_of_targets,
        "search index": chores.tend_index,
        "search index, tidying": chores.tidy_index,
        "mail server": chores.write_directory,
        "watch": watching.watch,
        "beat": chores.beat,
    }
    threads = [
        threading.Thread(target=chores.fetch, args=(stop, arrived), name="gateways", daemon=True),
        threading.Thread(
            target=chores.keep_doing, args=("pipeline", chores.process_due, stop, arrived), name="pipeline", daemon=True
        ),
        *(
            threading.Thread(target=chores.keep_doing, args=(name, step, stop), name=name, daemon=True)
            for name, step in loops.items()
        ),
    ]
    if receiving.is_wanted():
        step = receiving.step(stop, arrived)
        threads.append(
            threading.Thread(target=chores.keep_doing, args=("receiving", step, stop), name="receiving", daemon=True)
        )
    for thread in threads:
        thread.start()
    stop.wait()
    deadline = time.monotonic() + _STOP_SECONDS
    chores.end_sending(_STOP_SECONDS)
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
