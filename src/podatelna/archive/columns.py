"""Texts from strangers made to fit database columns."""

from __future__ import annotations

from datetime import UTC, datetime

_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)


def fit(text: str, limit: int) -> str:
    """`text` cut to `limit` characters, without what PostgreSQL refuses: NUL and lone surrogates become U+FFFD."""
    text = text[:limit].replace("\0", "\ufffd")
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")[:limit]


def fit_time(time: datetime | None) -> datetime | None:
    """`time` in UTC, or None when it lies where databases and calendars no longer agree."""
    if time is None:
        return None
    try:
        time = time.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return time if _EARLIEST <= time <= _LATEST else None
