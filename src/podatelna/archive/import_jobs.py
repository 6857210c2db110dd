"""Imports that were started on the desk: a worker carries them out; they can be watched, cancelled and taken up again.

What is uploaded waits in the data folder, and what is imported from the server lies in its folder `imports`: a web page
must not be a way to read any file of the machine.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePath
from typing import Any, BinaryIO

from django.conf import settings

from podatelna import claims, vault
from podatelna.protocols import imap
from podatelna.protocols.errors import ServerError
from podatelna.protocols.imap import ImapServer

from .account import Connect, import_account
from .columns import fit
from .import_report import ReportFile, report_file
from .models import ImportJob
from .sources import Skipped
from .transfer import Progress, Report, Take, import_paths

log = logging.getLogger(__name__)
State, Kind = ImportJob.State, ImportJob.Kind
HOLD = timedelta(minutes=5)
KEPT = timedelta(days=30)  # what was uploaded, passwords and reports, after the end
_ORPHANED = timedelta(days=1)
_EVERY = timedelta(seconds=1)
_MOST_STARTS = 5  # without a message in between: what brings the worker down each time is not tried for ever
_SEAL = "import:imap"


def import_folder() -> Path:
    """Where mail is put on the server, to be imported from a web page."""
    return Path(settings.DATA) / "imports"


def _all_uploads() -> Path:
    return Path(settings.DATA) / "uploads"


def _uploads(job: ImportJob) -> Path:
    return _all_uploads() / str(job.source["folder"])


def report_path(job: ImportJob) -> Path:
    """Where the job's report is, once it has begun."""
    return Path(settings.DATA) / "reports" / f"import-{job.pk}.json"


# --- started -------------------------------------------------------------------------------------------------


def choices() -> list[str]:
    """What lies in the import folder, by name; no links, which may lead anywhere, and no names that cannot be shown."""
    folder = import_folder()
    there = folder.iterdir() if folder.is_dir() else ()
    return sorted(
        path.name
        for path in there
        if path.name.isprintable() and not path.name.startswith(".") and not path.is_symlink()
    )


def keep_upload(files: Iterable[tuple[str, BinaryIO]]) -> dict[str, Any]:
    """The `source` of a job that imports these files; they are kept until it is done. Raises OSError, keeping none."""
    folder = secrets.token_hex(16)
    place = _all_uploads() / folder
    place.mkdir(mode=0o700, parents=True)
    try:
        return {"folder": folder, "names": [_keep(place / str(at), *file) for at, file in enumerate(files)]}
    except OSError:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _keep(folder: Path, name: str, file: BinaryIO) -> str:
    """Under which name it is kept: it becomes the label; a folder of its own keeps two of one name apart."""
    safe = _safe_name(name)
    folder.mkdir()
    with (folder / safe).open("wb") as kept:
        shutil.copyfileobj(file, kept, 1024 * 1024)
        kept.flush()
        os.fsync(kept.fileno())
    return safe


def _safe_name(name: str) -> str:
    clean = "".join(char for char in name.replace("\\", "/").rsplit("/", 1)[-1] if char.isprintable())
    return clean.encode("utf-8", "replace")[:200].decode("utf-8", "ignore").lstrip(".") or "upload"


def seal(password: str) -> bytes:
    """A password as a job keeps it."""
    return vault.seal(password, vault.read_or_make_key(settings.KEY_FILE), _SEAL)


def start(job: ImportJob, now: datetime) -> None:
    """Have a worker go on with a job that was cut off: what is here already is passed over."""
    if may_go_on(job):
        again = ImportJob.objects.filter(pk=job.pk, state=job.state)
        again.update(state=State.WAITING, due_at=now, cancelling=False, error="", finished_at=None)


def may_go_on(job: ImportJob) -> bool:
    """Whether it was cut off, and what it needs is still there."""
    return job.state in {State.CANCELLED, State.FAILED} and "swept" not in job.source


def cancel(job: ImportJob, now: datetime) -> None:
    """Have it stop after the message that it is at; what came in stays."""
    waiting = ImportJob.objects.filter(pk=job.pk, state=State.WAITING)
    if not waiting.update(state=State.CANCELLED, due_at=None, finished_at=now):
        ImportJob.objects.filter(pk=job.pk, state=State.RUNNING).update(cancelling=True)


# --- carried out ----------------------------------------------------------------------------------------------


class _Cancelled(Exception):
    """Somebody has changed their mind."""


class _Lost(Exception):
    """Another worker has the job: this one was thought dead."""


def import_due(*, now: Callable[[], datetime], take: Take, connect: Connect = imap.connect) -> bool:
    """Carry out one job that waits; False when there is none. Whatever happens to it stands in its row."""
    job = claims.lease(ImportJob.objects.filter(state__in=(State.WAITING, State.RUNNING)), now(), HOLD)
    if job is None:
        return False
    _Running(job, now, take, connect).run()
    return True


@dataclass
class _Running:
    job: ImportJob
    now: Callable[[], datetime]
    take: Take
    connect: Connect

    def run(self) -> None:
        try:
            self._begin()
            report_path(self.job).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with report_file(report_path(self.job), _names(self.job), self.now()) as written:
                report = self._import(written)
                written.finish(report)
            self._counted(report)
            self._end(State.DONE)
        except _Cancelled:
            self._end(State.CANCELLED)
        except _Lost:
            log.warning("import %s: another worker goes on with it", self.job.pk)
        except ServerError as error:
            self._end(State.FAILED, f"{error.code}\n{error.detail}")
        except vault.Unreadable:
            self._end(State.FAILED, "password-unreadable\n")
        except Exception as error:  # recorded with the job and shown on its page; the worker goes on with the next
            log.exception("import %s failed", self.job.pk)
            self._end(State.FAILED, f"internal\n{type(error).__name__}: {error}")

    def _begin(self) -> None:
        starts = int(self.job.source.get("starts", 0)) + 1
        self.job.source = {**self.job.source, "starts": starts}
        self.job.state = State.RUNNING
        ImportJob.objects.filter(pk=self.job.pk).update(state=State.RUNNING, source=self.job.source)
        if starts > _MOST_STARTS:
            raise RuntimeError("the worker stopped each time")
        self._told = self.now()

    def _import(self, written: ReportFile) -> Report:
        def skip(skipped: Skipped) -> None:
            written.skip(Skipped(_within(self.job, skipped.path), skipped.reason))

        if self.job.kind == Kind.IMAP:
            return import_account(
                self._server(),
                self.job.source["folders"],
                now=self.now,
                take=self.take,
                progress=self._tell,
                origin=self.job.origin,
                skip=skip,
                connect=self.connect,
            )
        return import_paths(
            _paths(self.job),
            now=self.now,
            take=self.take,
            progress=self._tell,
            origin=self.job.origin,
            skip=skip,
        )

    def _server(self) -> ImapServer:
        source = self.job.source
        password = vault.unseal(bytes(self.job.sealed), vault.read_or_make_key(settings.KEY_FILE), _SEAL)
        return ImapServer(source["host"], source["port"], source["security"], source["login"], password)

    def _tell(self, progress: Progress) -> None:
        """Now and then: write down how far it is, keep the lease, see whether it shall go on."""
        now = self.now()
        if now - self._told < _EVERY:
            return
        self._told = now
        job = self.job
        job.new, job.already_here = progress.new, progress.messages - progress.new
        job.quarantined, job.skipped = progress.quarantined, progress.skipped
        job.bytes, job.seconds, job.fraction = progress.bytes, progress.elapsed.total_seconds(), progress.fraction
        job.place = fit(str(_within(job, progress.path)), 500)
        job.source = {**job.source, "starts": 0}
        if not claims.prolong(job, now, HOLD):
            raise _Lost
        job.save(update_fields=[*_COUNTS, "fraction", "place", "source"])
        if ImportJob.objects.filter(pk=job.pk, cancelling=True).exists():
            raise _Cancelled

    def _counted(self, report: Report) -> None:
        job = self.job
        job.new, job.already_here, job.quarantined = report.new, report.already_here, report.quarantined
        job.skipped, job.bytes, job.seconds = report.skipped_count, report.bytes, report.elapsed.total_seconds()
        job.fraction = 1.0

    def _end(self, state: ImportJob.State, error: str = "") -> None:
        job = self.job
        job.state, job.error, job.finished_at, job.cancelling = state, fit(error, 2000), self.now(), False
        job.source = {**job.source, "starts": 0}
        job.due_at = job.leased_until = None
        if state == State.DONE:
            job.sealed = b""
            _forget_upload(job)
        job.save()


_COUNTS = ("new", "already_here", "quarantined", "skipped", "bytes", "seconds")


def _paths(job: ImportJob) -> list[Path]:
    if job.kind == Kind.UPLOAD:
        return [_uploads(job) / str(number) / name for number, name in enumerate(job.source["names"])]
    return [import_folder() / name for name in job.source["names"] if name in choices()]


def _within(job: ImportJob, path: PurePath) -> PurePath:
    """A path as it is shown: where our folders are on the server is nobody's business."""
    if job.kind == Kind.UPLOAD and path.is_relative_to(_uploads(job)):
        return PurePath(*path.relative_to(_uploads(job)).parts[1:])
    return path.relative_to(import_folder()) if path.is_relative_to(import_folder()) else path


def _names(job: ImportJob) -> list[str]:
    if job.kind == Kind.IMAP:
        return [f"{job.source['login']}@{job.source['host']}"]
    return list(job.source["names"])


def _forget_upload(job: ImportJob) -> None:
    if job.kind == Kind.UPLOAD:
        shutil.rmtree(_uploads(job), ignore_errors=True)


def sweep(now: datetime) -> None:
    """What was kept for taking up imports again goes some time after their end."""
    for job in ImportJob.objects.filter(finished_at__lt=now - KEPT, source__swept__isnull=True)[:100]:
        _forget_upload(job)
        report_path(job).unlink(missing_ok=True)
        ImportJob.objects.filter(pk=job.pk).update(sealed=b"", source={**job.source, "swept": True})
    _sweep_orphans(now)


def _sweep_orphans(now: datetime) -> None:
    """Uploads of no job: the browser or we were gone before there was one."""
    folder, old = _all_uploads(), (now - _ORPHANED).timestamp()
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.stat().st_mtime < old and not ImportJob.objects.filter(source__folder=path.name).exists():
            shutil.rmtree(path, ignore_errors=True)
