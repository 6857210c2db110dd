"""Exports from the desk: who may, the file that is made at once or by a worker, and its owner alone fetches it in time.

The right is asked, and what may be seen is looked up, three times: when the export is begun, when the file is made, and
when it is fetched; what was withdrawn or erased in between is not handed out.
"""

from __future__ import annotations

import logging
import secrets
from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from podatelna import claims
from podatelna.accounts.audit import record
from podatelna.accounts.models import Person
from podatelna.archive.columns import fit
from podatelna.archive.exporting import FORMATS, SUFFIXES, Ledger, stream
from podatelna.archive.models import Delivery, ExportJob
from podatelna.archive.search import QueryError

from .chosen import Selection, deliveries, extent
from .models import Conversation

log = logging.getLogger(__name__)
State = ExportJob.State
PDF = "pdf"
HOLD = timedelta(minutes=10)  # Typst may take four, and twice
KEPT = timedelta(hours=24)
FORGOTTEN = timedelta(days=90)  # rows of exports whose file is long gone; the audit trail keeps what was exported
_EVERY = timedelta(seconds=1)
_CHUNK = 500


@dataclass(frozen=True)
class Pdf:
    """A conversation on paper: the bytes, and which deliveries are in it."""

    data: bytes
    deliveries: list[int]


MakePdf = Callable[[Conversation, Person, bool, str], Pdf]  # for whom, with notes or without, in which language


# --- who may -------------------------------------------------------------------------------------------------


def may_export(selection: Selection, person: Person) -> bool:
    """Whether `person` may have this exported.

    A conversation that one sees: always, as each of its messages can be fetched by itself; nothing would be protected.
    Whole searches and correspondences need the right that an administrator gives. What comes is what they may see.
    """
    if not person.is_active:
        return False
    if selection.conversation is not None:
        return Conversation.objects.visible_to(person).filter(pk=selection.conversation).exists()
    return person.may_export and bool(selection.query or selection.address)


def formats(selection: Selection) -> tuple[str, ...]:
    """What it can become: a conversation also a PDF."""
    return (*FORMATS, PDF) if selection.is_one_conversation else FORMATS


# --- begun ---------------------------------------------------------------------------------------------------


def begin(
    selection: Selection, form: str, person: Person, *, notes: bool, now: datetime, held: bool = False
) -> ExportJob:
    """A job for the worker; when `held`, the caller carries it out, and the worker does if that is cut off."""
    return ExportJob.objects.create(
        token=secrets.token_urlsafe(32),
        person=person,
        selection={**selection.as_json(), "notes": notes},
        format=form,
        language=person.language,
        due_at=now,
        leased_until=now + HOLD if held else None,
    )


def underway(selection: Selection, form: str, person: Person, *, notes: bool) -> ExportJob | None:
    """The very same job, that they have begun already and that is not done yet."""
    same = ExportJob.objects.filter(person=person, format=form, state__in=(State.WAITING, State.RUNNING))
    wanted = {**selection.as_json(), "notes": notes}
    return next((job for job in same if job.selection == wanted), None)


def cancel(job: ExportJob, now: datetime) -> None:
    """Have it stop; what was written is dropped."""
    waiting = ExportJob.objects.filter(pk=job.pk, state=State.WAITING)
    if not waiting.update(state=State.CANCELLED, due_at=None, finished_at=now):
        ExportJob.objects.filter(pk=job.pk, state=State.RUNNING).update(cancelling=True)


# --- carried out ---------------------------------------------------------------------------------------------


class _Cancelled(Exception):
    """Somebody has changed their mind."""


class _Lost(Exception):
    """Another worker has the job."""


class _Forbidden(Exception):
    """The right, or the conversation, was taken away since the job was begun."""


def export_due(*, now: Callable[[], datetime], pdf: MakePdf) -> bool:
    """Carry out one job that waits; False when there is none. Whatever happens to it stands in its row."""
    rows = ExportJob.objects.filter(state__in=(State.WAITING, State.RUNNING)).select_related("person")
    job = claims.lease(rows, now(), HOLD)
    if job is None:
        return False
    carry_out(job, now=now, pdf=pdf)
    return True


def carry_out(job: ExportJob, *, now: Callable[[], datetime], pdf: MakePdf) -> None:
    """Make the file of `job`, or write into its row why there is none."""
    work = _Work(job, now, pdf)
    try:
        work.run()
    except _Cancelled:
        work.end(State.CANCELLED)
    except _Lost:
        log.warning("export %s: another worker goes on with it", job.pk)
        work.draft.unlink(missing_ok=True)
    except _Forbidden:
        work.end(State.FAILED, "forbidden")
    except QueryError as error:
        work.end(State.FAILED, f"query\n{error}")
    except Exception as error:  # recorded with the job and shown on its page; the worker goes on with the next
        log.exception("export %s failed", job.pk)
        work.end(State.FAILED, f"internal\n{type(error).__name__}: {error}")


@dataclass
class _Work:
    job: ExportJob
    now: Callable[[], datetime]
    pdf: MakePdf

    def __post_init__(self) -> None:
        self.selection = selection_of(self.job)
        self.told = self.now()
        # Of its own: a worker that was thought dead must not write into what another makes.
        self.draft = file_of(self.job).with_suffix(f".{secrets.token_hex(4)}.part")
        self.held = array("Q")  # keys of the deliveries in the file

    def run(self) -> None:
        if not may_export(self.selection, self.job.person):
            raise _Forbidden
        self.job.state = State.RUNNING
        self.job.total = extent(self.selection, self.job.person).count
        self.job.save(update_fields=["state", "total"])
        self.draft.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        ledger = Ledger(self._tell)
        with self.draft.open("wb") as file:
            file.writelines(self._content(ledger))
        self._hold()
        _list_of(self.job).write_bytes(self.held.tobytes())
        self.draft.replace(file_of(self.job))
        self._done(ledger)

    def _content(self, ledger: Ledger) -> Iterable[bytes]:
        if self.job.format != PDF:
            return stream(self.job.format, self._remembered(), ledger, self.now())
        assert self.selection.conversation is not None  # of nothing else a PDF is offered
        conversation = Conversation.objects.visible_to(self.job.person).get(pk=self.selection.conversation)
        made = self.pdf(conversation, self.job.person, bool(self.job.selection["notes"]), self.job.language)
        self.held.extend(made.deliveries)
        ledger.done = len(made.deliveries)
        return [made.data]

    def _remembered(self) -> Iterator[Delivery]:
        for delivery in deliveries(self.selection, self.job.person):
            self.held.append(delivery.pk)
            yield delivery

    def _tell(self, ledger: Ledger) -> None:
        """Now and then: write down how far it is, keep the lease, see whether it shall go on."""
        now = self.now()
        if now - self.told < _EVERY:
            return
        self.told = now
        self._hold()
        self.job.done, self.job.failed = ledger.done, ledger.failed
        self.job.save(update_fields=["done", "failed"])
        if ExportJob.objects.filter(pk=self.job.pk, cancelling=True).exists():
            raise _Cancelled

    def _hold(self) -> None:
        if not claims.prolong(self.job, self.now(), HOLD):
            raise _Lost

    @transaction.atomic
    def _done(self, ledger: Ledger) -> None:
        self.job.done, self.job.failed = ledger.done, ledger.failed
        self.job.bytes = file_of(self.job).stat().st_size
        self.job.expires_at = self.now() + KEPT
        self.end(State.DONE)
        record(
            self.job.person, "export", _subject(self.selection), selection=self.job.selection, format=self.job.format,
            count=ledger.done, failed=ledger.failed,
        )  # fmt: skip

    def end(self, state: ExportJob.State, error: str = "") -> None:
        """Write down how it ended."""
        self.draft.unlink(missing_ok=True)
        job = self.job
        job.state, job.error, job.finished_at, job.cancelling = state, fit(error, 2000), self.now(), False
        job.due_at = job.leased_until = None
        job.save()


def selection_of(job: ExportJob) -> Selection:
    """What the job is of."""
    return Selection.from_json({name: value for name, value in job.selection.items() if name != "notes"})


def _subject(selection: Selection) -> str:
    if selection.is_one_conversation:
        return f"conversation {selection.conversation}"
    return "search" if selection.query else "correspondence"


# --- fetched -------------------------------------------------------------------------------------------------


def file_of(job: ExportJob) -> Path:
    """Where the file of a job is, once it is done."""
    return Path(settings.DATA) / "exports" / f"{job.token}{SUFFIXES.get(job.format, '.' + job.format)}"


def _list_of(job: ExportJob) -> Path:
    return file_of(job).with_suffix(".list")


def fetch(job: ExportJob, person: Person, now: datetime) -> Path | None:
    """The file, when it is `person`'s, not expired, and they may still see all that is in it. Written down."""
    path = file_of(job)
    if job.person_id != person.pk or job.state != State.DONE or not job.expires_at or job.expires_at <= now:
        return None
    if not (path.exists() and _list_of(job).exists()):
        return None
    if not may_export(selection_of(job), person) or not _all_visible(job, person):
        return None
    record(person, "fetch-export", _subject(selection_of(job)), format=job.format, count=job.done)
    return path


def _all_visible(job: ExportJob, person: Person) -> bool:
    held = array("Q")
    held.frombytes(_list_of(job).read_bytes())
    for start in range(0, len(held), _CHUNK):
        chunk = held[start : start + _CHUNK].tolist()
        if Delivery.objects.visible_to(person).filter(pk__in=chunk).count() != len(chunk):
            return False
    return True


def drop(job: ExportJob) -> None:
    """The file goes, the row says so."""
    file_of(job).unlink(missing_ok=True)
    _list_of(job).unlink(missing_ok=True)
    ExportJob.objects.filter(pk=job.pk, state=State.DONE).update(state=State.EXPIRED)


def sweep(now: datetime) -> None:
    """Files that have expired go; and much later the rows."""
    for job in ExportJob.objects.filter(state=State.DONE, expires_at__lte=now)[:100]:
        drop(job)
    ExportJob.objects.filter(finished_at__lte=now - FORGOTTEN).delete()
    _sweep_orphans(now)


def _sweep_orphans(now: datetime) -> None:
    """Files of no job: left by a worker that was killed, or by a person that was removed."""
    folder = Path(settings.DATA) / "exports"
    old = (now - KEPT - HOLD).timestamp()
    for path in folder.iterdir() if folder.is_dir() else ():
        if (
            path.stat().st_mtime < old
            and not ExportJob.objects.filter(token=path.name.partition(".")[0], state=State.DONE).exists()
        ):
            path.unlink(missing_ok=True)
