"""What doctor says of the proof: the last verification, the log, its roots and their time-stamps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from .findings import Finding

_LATE = timedelta(hours=2)


def of_the_proof() -> Iterator[Finding]:
    """Damage that was found, rows that nobody seals, and roots that wait for their time-stamp."""
    yield from _verification()
    yield from _log()
    yield from _stamps()


def _verification() -> Iterator[Finding]:
    from podatelna.archive import verification

    damage, runs = verification.damage(), verification.latest()
    if not runs:
        yield Finding("verification", True, "the archive was not read again yet; a worker does a part each night")
        return
    words = f"{damage} findings" if damage else "nothing is damaged"
    remedy = "`podatelna verify` lists them; restore what is damaged from a backup." if damage else ""
    yield Finding("verification", not damage, f"{words}, as of {runs[0].started_at:%Y-%m-%d}", remedy)


def _log() -> Iterator[Finding]:
    from django.utils import timezone

    from podatelna.accounts.models import AuditEntry
    from podatelna.accounts.sealing import log_size

    late = AuditEntry.objects.filter(position=None, at__lt=timezone.now() - _LATE).count()
    remedy = "A worker seals the log: start `podatelna run`, or `podatelna worker`." if late else ""
    words = f"{log_size()} lines are sealed" + (f", {late} rows wait for more than two hours" if late else "")
    yield Finding("log", not late, words, remedy)


def _stamps() -> Iterator[Finding]:
    from django.utils import timezone

    from podatelna.accounts.models import DayRoot

    old = timezone.now() - timedelta(days=1)
    waiting = DayRoot.objects.filter(due_at__isnull=False, made_at__lt=old).order_by("-date")
    last = waiting.first()
    if last is not None:
        words = f"{waiting.count()} roots wait for it, the last error is: {last.error or 'none'}"
        yield Finding("time-stamps", False, words, "Is PODATELNA_TIMESTAMP_URL right? `podatelna log stamp` tries now.")
