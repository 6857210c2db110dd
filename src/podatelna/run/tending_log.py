"""What the worker does for the log: seals what came, makes each day's root, has it time-stamped."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from podatelna.accounts import day_roots, sealing
from podatelna.archive import arrivals, verification
from podatelna.protocols import timestamps

from .verifying import stamp_certificates

_SHORT_PAUSE = 0.02  # lets whoever else wants to write go first
_FIRST_HOUR, _LAST_HOUR = 1, 5  # of the company's time
_NIGHTLY_PAUSE = 0.2  # between the steps of a night
_LOOK_SECONDS = 300.0
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


def verify_nightly() -> float:
    """Read a part of the archive again, between one and five in the morning; how many seconds to wait."""
    now = timezone.localtime()
    tonight = now.replace(hour=_FIRST_HOUR, minute=0, second=0, microsecond=0)
    is_night = _FIRST_HOUR <= now.hour < _LAST_HOUR
    worked = verification.nightly(now, tonight + timedelta(days=1), is_night, stamp_certificates())
    return _NIGHTLY_PAUSE if worked else _LOOK_SECONDS


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
