"""What the worker's loops do for imports and exports that were started on the desk, one step each."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from podatelna import pipeline
from podatelna.archive import import_jobs
from podatelna.archive.models import Delivery
from podatelna.desk import export_jobs
from podatelna.web.paper import conversation_pdf

_IDLE_SECONDS = 1.0
_SWEEP_SECONDS = 600.0


def import_due() -> float:
    """Carry out one import; how many seconds to wait before looking again."""
    return 0.0 if import_jobs.import_due(now=timezone.now, take=_take) else _IDLE_SECONDS


def _take(deliveries: Sequence[Delivery]) -> None:
    # Which process they are for, their origin knows.
    pipeline.receive_batch(deliveries, now=timezone.now())


def export_due() -> float:
    """Carry out one export."""
    return 0.0 if export_jobs.export_due(now=timezone.now, pdf=conversation_pdf) else _IDLE_SECONDS


def sweep() -> float:
    """Drop files of exports that have expired, and what imports that have ended some time ago have left."""
    now = timezone.now()
    export_jobs.sweep(now)
    import_jobs.sweep(now)
    return _SWEEP_SECONDS
