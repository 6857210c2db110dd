"""What the worker does for the log: seals what came, makes each day's root, has it time-stamped."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from podatelna.accounts import day_roots, sealing
from podatelna.archive import arrivals
from podatelna.protocols import timestamps

_SHORT_PAUSE = 0.02  # lets whoever else wants to write go first
_IDLE_SECONDS = 15.0  # what comes meanwhile is sealed together


def tend_log() -> float:
    """Seal the next rows; when all are, see to the day's root. How many seconds to wait before the next call."""
    now = timezone.now()
    acts, came = sealing.seal_acts(now), arrivals.seal_arrivals(now)
    if acts == sealing.AT_ONCE or came == arrivals.AT_ONCE:
        return _SHORT_PAUSE
    day_roots.close_day(now, stamp=bool(settings.TIMESTAMP_URL))
    if settings.TIMESTAMP_URL:
        day_roots.stamp_due(timezone.now, settings.TIMESTAMP_URL, ask_server)
    return _IDLE_SECONDS


def seal_everything() -> int:
    """Seal all that waits; how many lines came. For commands that must show the present state."""
    before = sealing.log_size()
    while sealing.seal_acts(timezone.now()) or arrivals.seal_arrivals(timezone.now()):
        pass
    return sealing.log_size() - before


def ask_server(statement: bytes) -> tuple[bytes, datetime]:
    """The time-stamp of the server that is set. Raises NotStamped."""
    try:
        roots = timestamps.read_certificates(settings.TIMESTAMP_CERTIFICATES)
        return timestamps.ask(settings.TIMESTAMP_URL, statement, roots)
    except timestamps.TimestampFailed as error:
        raise day_roots.NotStamped(str(error)) from error
