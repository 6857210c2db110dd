"""`podatelna import`: mail from files into the archive."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import Refused

if TYPE_CHECKING:
    from podatelna.archive.models import Delivery
    from podatelna.archive.transfer import Report
    from podatelna.desk.models import Process

_LONGEST_LIST = 20  # of skipped files; the rest is counted


def bring_in(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="mbox, Maildir, .eml, or folders of them.")],
    process: Annotated[str, typer.Option(help="The process whose team shall see the mail; without it nobody's.")] = "",
) -> None:
    """Archive mail from files: mbox, Maildir, .eml files, and folders of them, byte for byte.

    May be interrupted and repeated: what is here already is passed over. With --process the mail becomes closed
    conversations of that process; without, it is in the archive for `podatelna search` alone. Files that hold no mail
    are skipped and named at the end.

    Examples:

        podatelna import ~/Maildir --process Helpdesk

        podatelna import archive-2019.mbox letters/
    """
    from .house import open_house, refuse_unprepared

    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise Refused(f"no such file or folder: {', '.join(missing)}.")
    open_house()
    refuse_unprepared()
    report = _with_progress(paths, _process_named(process) if process else None)
    _tell(report)


def _process_named(name: str) -> Process:
    from podatelna.desk.models import Process

    found = Process.objects.filter(name__iexact=name).first()
    if found is None:
        known = ", ".join(Process.objects.values_list("name", flat=True)) or "none yet"
        raise Refused(f"there is no process {name!r}. Processes are: {known}.")
    return found


def _with_progress(paths: list[Path], process: Process | None) -> Report:
    from django.utils import timezone
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from podatelna.archive import transfer

    origin = transfer.import_origin(f"process {process.pk}") if process else None
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("reading…", total=None)

        def tell(progress: transfer.Progress) -> None:
            words = f"{progress.messages:,} messages, {progress.messages_per_second:,.0f}/s, {progress.path.name}"
            shown.update(task, description=words)

        return transfer.import_paths(
            paths, now=timezone.now, take=partial(_take, process=process), progress=tell, origin=origin
        )


def _take(delivery: Delivery, process: Process | None) -> None:
    """Take one archived message through the pipeline."""
    from django.utils import timezone

    from podatelna import pipeline

    pipeline.receive(delivery, now=timezone.now(), process=process)


def _tell(report: Report) -> None:
    """The counts at the end, and each file that was passed over with its reason."""
    for skipped in report.skipped[:_LONGEST_LIST]:
        print(f"skipped {skipped.path}: {skipped.reason}")
    if len(report.skipped) > _LONGEST_LIST:
        print(f"… and {len(report.skipped) - _LONGEST_LIST} more skipped")
    seconds = max(report.elapsed / timedelta(seconds=1), 0.001)
    total = report.new + report.already_here
    print(
        f"new {report.new}, already here {report.already_here}, quarantined {report.quarantined},"
        f" skipped {len(report.skipped)}"
    )
    print(f"{total} messages, {report.bytes / 1e6:.1f} MB in {seconds:.1f} s ({total / seconds:.0f} messages/s)")
    if report.quarantined:
        print("Quarantined mail is archived, but could not be processed: `podatelna shunted` lists it.")
