"""Proof that the archive is whole: everything is read again and must hash to what came, and the log to what was sealed.

It goes in small steps, each of which notes how far it is: a run that was cut off goes on, and a worker does a slice
each night (`nightly`). Nothing but its own notes is changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from cryptography import x509
from django.db import transaction
from django.db.models import Count

from podatelna.blobs import BlobMissing
from podatelna.mail.parse import parse

from . import erasing, log_verification, store, sweeping
from .errors import Damaged, KeyMissing
from .log_verification import Found
from .models import Blob, Delivery, DoomedBlob, Part
from .proof_models import Finding, Verification

AT_ONCE = 200
MOST_FINDINGS = 10_000  # of one run that are noted; the archive is lost then, and the list must end
_TAKEN_UP = timedelta(days=7)  # an older run that was cut off says little of today
_KEPT = 10  # earlier runs whose findings are kept

Kind = Finding.Kind
Progress = Callable[[Verification], None]


@dataclass
class _Step:
    """What one step did: where the stage goes on (None: it is done), how many it read, what it found."""

    cursor: int | None
    read: int = 0
    found: list[Found] = field(default_factory=list)


def verify(
    now: Callable[[], datetime],
    progress: Progress = lambda run: None,
    *,
    afresh: bool = False,
    certificates: Sequence[x509.Certificate] = (),
) -> Verification:
    """Read everything again; a run that was cut off lately is taken up unless `afresh`. Its findings are in the run.

    `certificates`: what time-stamps of day roots must lead to; without any, only what they are about is checked.
    What arrives meanwhile may be left out.
    """
    run = _begin(Verification.Kind.FULL, now(), afresh)
    while run.finished_at is None:
        step(run, now(), certificates)
        progress(run)
    return run


def _begin(kind: Verification.Kind, now: datetime, afresh: bool = False) -> Verification:
    unfinished = Verification.objects.filter(kind=kind, finished_at=None, started_at__gte=now - _TAKEN_UP)
    run = None if afresh else unfinished.order_by("-started_at").first()
    if run is None:
        run = Verification.objects.create(kind=kind, started_at=now, stage=next(iter(_STAGES)))
        old = Verification.objects.filter(kind=kind).order_by("-started_at").values_list("pk", flat=True)[_KEPT:]
        Verification.objects.filter(pk__in=list(old)).delete()
    return run


def step(run: Verification, now: datetime, certificates: Sequence[x509.Certificate] = ()) -> int:
    """Do the next step of a run and note it; how many things were read."""
    if run.stage == _LOG:
        done = _Step(None)
        # In one go: what a later line says is checked against all before it.
        for read, found in log_verification.check_log(certificates):
            done.read += read
            done.found += found
    else:
        done = _STAGES[run.stage](run.cursor)
    with transaction.atomic():
        _note(run, done, now)
    return done.read


def _note(run: Verification, done: _Step, now: datetime) -> None:
    """Write down what a step did, unless another worker has done the same step meanwhile."""
    seen = Verification.objects.filter(pk=run.pk, stage=run.stage, cursor=run.cursor, finished_at=None)
    run.counts = {**run.counts, run.stage: run.counts.get(run.stage, 0) + done.read}
    if done.cursor is not None:
        run.cursor = done.cursor
    else:
        stages = list(_STAGES)
        later = stages[stages.index(run.stage) + 1 :]
        run.stage, run.cursor = (later[0], 0) if later else (run.stage, run.cursor)
        run.finished_at = None if later else now
    row = {"stage": run.stage, "cursor": run.cursor, "counts": run.counts, "finished_at": run.finished_at}
    if seen.update(**row) != 1:
        run.refresh_from_db()
    elif done.found:
        free = MOST_FINDINGS - run.findings.count()
        Finding.objects.bulk_create(
            Finding(verification=run, kind=one.kind, subject=one.subject[:100], words=one.words[:500], at=now)
            for one in done.found[:free]
        )


# --- a slice each night ----------------------------------------------------------------------------------

NIGHTS = 30  # in which all is read once


def nightly(now: datetime, next_night: datetime, is_night: bool, certificates: Sequence[x509.Certificate]) -> bool:
    """Do one step of this night's slice; False when there is nothing more to do until `next_night`."""
    run = Verification.objects.filter(kind=Verification.Kind.NIGHTLY).order_by("-started_at").first()
    if run is not None and run.due_at is not None and run.due_at > now:
        return False
    if not is_night:
        return False
    if run is None or run.finished_at is not None:
        run = Verification.objects.create(
            kind=Verification.Kind.NIGHTLY, started_at=now, stage=next(iter(_STAGES)), left=_slice()
        )
    elif run.due_at is not None:
        run.left = _slice()
    left = run.left - max(1, step(run, now, certificates))
    due_at = next_night if run.finished_at is not None or left <= 0 else None
    Verification.objects.filter(pk=run.pk).update(left=left, due_at=due_at)
    return due_at is None


def _slice() -> int:
    return total() // NIGHTS + AT_ONCE


def total() -> int:
    """About how many things a whole run reads."""
    return Blob.objects.count() + Delivery.objects.count()


def latest() -> list[Verification]:
    """The last run of each kind that has anything to say, the newest first, with the count of findings by kind."""
    found = []
    for kind in Verification.Kind:
        run = Verification.objects.filter(kind=kind).order_by("-started_at").first()
        if run is not None:
            found.append(run)
    return sorted(found, key=lambda run: run.started_at, reverse=True)


def found_by_kind(run: Verification) -> dict[str, int]:
    """How many findings of each kind a run has."""
    return dict(run.findings.order_by().values_list("kind").annotate(count=Count("pk")))


def is_damage(kind: str) -> bool:
    """Whether something is lost or changed: what nobody holds only takes room."""
    return kind != Kind.ORPHANED


def damage() -> int:
    """How much damage the last runs found together: for the administration and `podatelna doctor`."""
    return Finding.objects.filter(verification__in=latest()).exclude(kind=Kind.ORPHANED).count()


# --- the archive's own stages ----------------------------------------------------------------------------


def _blobs(cursor: int) -> _Step:
    """Every content, in the database and in the blob store."""
    rows = list(Blob.objects.filter(pk__gt=cursor).order_by("pk")[:AT_ONCE])
    done = _Step(rows[-1].pk if rows else None, len(rows))
    for blob in rows:
        try:
            store.read_blob(blob)
        except Damaged as damage:
            if Blob.objects.filter(pk=blob.pk).exists():
                done.found.append(_damage(f"blob {bytes(blob.sha256).hex()}", damage))
    return done


def _deliveries(cursor: int) -> _Step:
    """The original of every delivery, and what was cut out of it as attachments."""
    rows = list(Delivery.objects.filter(pk__gt=cursor).select_related("message__body").order_by("pk")[:AT_ONCE])
    done = _Step(rows[-1].pk if rows else None, len(rows))

    def damaged(delivery: Delivery, damage: Damaged) -> None:
        if Delivery.objects.filter(pk=delivery.pk).exists():
            done.found.append(_damage(f"delivery {delivery.pk}", damage))

    firsts = set(store.first_deliveries({row.message_id for row in rows}).values())
    with_files = set(
        Part.objects.filter(message__in={row.message_id for row in rows}, blob__isnull=False)
        .order_by()
        .values_list("message_id", flat=True)
    )
    for delivery, raw in store.originals(rows, damaged):
        if delivery.pk in firsts and delivery.message_id in with_files:
            done.found += _changed_parts(delivery, raw)
    return done


def _changed_parts(delivery: Delivery, raw: bytes) -> Iterator[Found]:
    """Stored attachments of a message that are not what its original holds."""
    contents = {part.position: part.content for part in parse(raw).parts}
    stored = Part.objects.filter(message=delivery.message_id, blob__isnull=False)
    for position, sha256 in stored.values_list("position", "blob__sha256"):
        if position not in contents:
            words = "its original has no such part"
        elif hashlib.sha256(contents[position]).digest() != bytes(sha256):
            words = "the stored attachment is not the one in the original"
        else:
            continue
        subject = f"part {position} of message {delivery.message_id}"
        yield Found(Kind.CHANGED, subject, f"{subject}: {words}")


def _damage(subject: str, damage: Damaged) -> Found:
    if isinstance(damage, KeyMissing):
        return Found(Kind.UNREADABLE, subject, str(damage))
    cause: BaseException | None = damage
    while cause is not None:
        if isinstance(cause, BlobMissing):
            return Found(Kind.MISSING, subject, str(damage))
        cause = cause.__cause__
    return Found(Kind.CHANGED, subject, str(damage))


def _orphans(cursor: int) -> _Step:
    """Content that nobody holds: rows, then objects of the blob store. The latter are listed in one go."""
    rows = list(erasing.unheld().filter(pk__gt=cursor).order_by("pk")[:AT_ONCE])
    found = [
        Found(Kind.ORPHANED, f"blob {bytes(row.sha256).hex()}", f"blob {bytes(row.sha256).hex()}: nothing holds it")
        for row in rows
    ]
    if rows:
        return _Step(rows[-1].pk, 0, found)
    doomed = set(DoomedBlob.objects.values_list("name", flat=True))  # those are about to be swept
    keys = islice((key for key in sweeping.orphans() if key not in doomed), MOST_FINDINGS)
    return _Step(None, 0, [Found(Kind.ORPHANED, f"object {key}", f"object {key}: no row names it") for key in keys])


def _arrivals(cursor: int) -> _Step:
    """What the log says of arrivals, against the deliveries."""
    position, read, found = log_verification.check_arrivals(cursor)
    return _Step(position, read, found)


_LOG = "log"
_STAGES: dict[str, Callable[[int], _Step]] = {
    "blobs": _blobs,
    "deliveries": _deliveries,
    "orphans": _orphans,
    "arrivals": _arrivals,
    _LOG: lambda cursor: _Step(None),  # see `step`
}
