"""`podatelna import`: mail from files and IMAP accounts into the archive."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from .accounts_named import Account, named_account
from .errors import Refused
from .helpers import Helpers, usual

if TYPE_CHECKING:
    from podatelna.archive.import_report import ReportFile
    from podatelna.archive.models import Origin
    from podatelna.archive.sources import Dialect, Skipped
    from podatelna.archive.transfer import Progress, Report
    from podatelna.desk.models import Process

_EVERY_SECONDS = 0.2
_LONGEST_LIST = 20  # of skipped files; the rest is counted
_DIALECTS = ("auto", "mboxo", "mboxrd", "mboxcl", "mboxcl2")


def bring_in(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE", help="A file, a folder, or an account: imaps://login@server[:port]"),
    ],
    process: Annotated[str, typer.Option(help="The process whose team shall see the mail; without it nobody's.")] = "",
    folder: Annotated[
        list[str] | None, typer.Option(help="Of an account: this folder alone. May be given again. Default: all.")
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="File with the account's password in its first line; else it is asked for.")
    ] = None,
    mbox: Annotated[str, typer.Option(help=f"Dialect of mbox files: {', '.join(_DIALECTS)}.")] = "auto",
    jobs: Annotated[
        int | None, typer.Option(min=0, help="Processes that help; 0: none. Default: as many as there are cores.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write counts and every skipped file with its reason there, as JSON.")
    ] = None,
) -> None:
    """Archive mail from files and accounts, byte for byte.

    Files: mbox (all dialects), Maildir and Maildir++, .eml, .emlx, folders of them; compressed by gzip, bzip2, xz or
    Zstandard; zip and tar archives of any of these; Outlook's .msg and .pst (extras podatelna[msg], podatelna[pst]).
    Accounts are opened read-only: nothing in the mailbox changes. Folders and flags are kept as labels.

    May be interrupted and repeated: what is here already is passed over. With --process the mail becomes closed
    conversations of that process; without, it is in the archive for `podatelna search` alone. What holds no mail is
    skipped and named at the end.

    With `auto`, messages of an mbox are taken as they stand, but for files of `podatelna export`. Where a program is
    known to have written ">From " for "From ", name its dialect, and that is undone.

    Examples:

        podatelna import ~/Maildir --process Helpdesk

        podatelna import archive-2019.mbox.gz letters.zip --report report.json

        podatelna import imaps://jana@imap.acme.cz --folder INBOX --folder Sent --process Sales
    """
    from .house import open_house, refuse_unprepared

    if mbox not in _DIALECTS:
        raise Refused(f"there is no dialect {mbox!r}. Dialects are: {', '.join(_DIALECTS)}.")
    accounts = [account for source in sources if (account := named_account(source, password_file))]
    paths = [Path(source) for source in sources if "://" not in source]
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        raise Refused(f"no such file or folder: {', '.join(missing)}.")
    if folder and not accounts:
        raise Refused("--folder is of an account, and none is named.")
    open_house()
    refuse_unprepared()
    helpers = usual() if jobs is None else jobs
    work = _Import(process_named(process) if process else None, cast("Dialect", mbox), folder or [], helpers)
    try:
        work.run(paths, accounts, report)
    except OSError as error:
        raise Refused(f"{error.filename or report}: {error.strerror}.") from None


def process_named(name: str) -> Process:
    """The process of that name. Raises Refused, with the names that there are."""
    from podatelna.desk.models import Process

    found = Process.objects.filter(owner=None, name__iexact=name).first()
    if found is None:
        known = ", ".join(Process.objects.filter(owner=None).values_list("name", flat=True)) or "none yet"
        raise Refused(f"there is no process {name!r}. Processes are: {known}.")
    return found


class _Import:
    """One call of the command: everything named, one after the other, one report."""

    def __init__(self, process: Process | None, dialect: Dialect, folders: Sequence[str], helpers: int) -> None:
        self._process, self._dialect, self._folders, self._helpers = process, dialect, folders, helpers

    def run(self, paths: Sequence[Path], accounts: Sequence[Account], report: Path | None) -> None:
        from django.utils import timezone

        from podatelna.archive.import_report import report_file

        names = [*map(str, paths), *(str(account) for account in accounts)]
        with report_file(report, names, timezone.now()) if report else nullcontext() as written:
            reports = [self._paths(paths, written)] if paths else []
            reports += [self._account(account, written) for account in accounts]
            whole = _together(reports)
            if written:
                written.finish(whole)
        _tell(whole)

    def _paths(self, paths: Sequence[Path], written: ReportFile | None) -> Report:
        from django.utils import timezone

        from podatelna.archive.transfer import import_paths

        with Shown() as shown, Helpers(self._helpers, self._process) as helpers:
            return import_paths(
                paths,
                now=timezone.now,
                take=helpers,
                progress=shown.tell,
                origin=self._origin(),
                dialect=self._dialect,
                skip=written.skip if written else _pass,
                bring=helpers.bring,
            )

    def _account(self, account: Account, written: ReportFile | None) -> Report:
        from django.utils import timezone

        from podatelna.archive.account import import_account
        from podatelna.protocols.errors import ServerError

        try:
            with Shown() as shown, Helpers(self._helpers, self._process) as helpers:
                return import_account(
                    account.server,
                    self._folders,
                    now=timezone.now,
                    take=helpers,
                    progress=shown.tell,
                    origin=self._origin(),
                    skip=written.skip if written else _pass,
                )
        except ServerError as error:
            raise Refused(f"{account}: {error}. What was fetched stays; repeat the command to go on.") from None

    def _origin(self) -> Origin | None:
        from podatelna.desk.imports import origin_for

        return origin_for(self._process) if self._process else None


def _pass(skipped: Skipped) -> None:
    """Without a report the end of the command names what was skipped."""


class Shown:
    """The progress on the terminal: counts, rate, and how long it will still take."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        columns = (BarColumn(20), TextColumn("{task.percentage:>3.0f} %"), TextColumn("{task.description}"))
        # Without its own thread: helpers are copies of this process, and a copy of one with threads may hang.
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False)
        self._shown = 0.0
        self._task = self._bar.add_task("reading…", total=None)

    def __enter__(self) -> Shown:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def tell(self, progress: Progress) -> None:
        """Show how far it is, a few times a second."""
        if time.monotonic() < self._shown + _EVERY_SECONDS:
            return
        self._shown = time.monotonic()
        words = f"{progress.messages:,} messages, {progress.messages_per_second:,.0f}/s, {progress.path.name}"
        if (left := progress.left) is not None:
            words = f"{_duration(left)} left, {words}"
        self._bar.update(self._task, total=1, completed=progress.fraction, description=words, refresh=True)


def _duration(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    if seconds < 90:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _together(reports: Sequence[Report]) -> Report:
    from podatelna.archive.transfer import Report

    return Report(
        new=sum(one.new for one in reports),
        already_here=sum(one.already_here for one in reports),
        quarantined=sum(one.quarantined for one in reports),
        skipped=tuple(skipped for one in reports for skipped in one.skipped),
        skipped_count=sum(one.skipped_count for one in reports),
        bytes=sum(one.bytes for one in reports),
        elapsed=sum((one.elapsed for one in reports), timedelta()),
    )


def _tell(report: Report) -> None:
    """The counts at the end, and each file that was passed over with its reason."""
    for skipped in report.skipped[:_LONGEST_LIST]:
        print(f"skipped {_printable(skipped)}")
    if report.skipped_count > _LONGEST_LIST:
        print(f"… and {report.skipped_count - _LONGEST_LIST} more skipped (--report FILE names all)")
    seconds = max(report.elapsed / timedelta(seconds=1), 0.001)
    total = report.new + report.already_here
    print(
        f"new {report.new}, already here {report.already_here}, quarantined {report.quarantined},"
        f" skipped {report.skipped_count}"
    )
    print(f"{total} messages, {report.bytes / 1e6:.1f} MB in {seconds:.1f} s ({total / seconds:.0f} messages/s)")
    if report.quarantined:
        print("Quarantined mail is archived, but could not be processed: `podatelna shunted` lists it.")


def _printable(skipped: Skipped) -> str:
    return f"{skipped.path}: {skipped.reason}".encode("utf-8", "replace").decode()
