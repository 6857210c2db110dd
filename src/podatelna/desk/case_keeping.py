"""Cases whose mail is kept for years: while they are open, and so long after they were closed.

It is for the better alone: a process's rule may keep the same mail longer, none can have it erased before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from .case_models import Case, Filing
from .models import Conversation, Entry

MOST_YEARS = 100
_END = ("case__status", "case__closed_at", "case__keep_years")


def kept_until(case: Case) -> datetime | None:
    """When its mail is no longer kept for it; None while it is open, or where it does not say so."""
    if case.is_open or case.closed_at is None or case.keep_years is None:
        return None
    return years_after(case.closed_at, case.keep_years)


def years_after(at: datetime, years: int) -> datetime:
    """The same day so many years later; of a 29 February the 28th where there is none."""
    try:
        return at.replace(year=at.year + years)
    except ValueError:
        return at.replace(year=at.year + years, day=28)


def is_kept(conversation: Conversation, now: datetime) -> bool:
    """Whether a case that it is filed under keeps it now."""
    return any(until is None or until > now for until in _ends(Q(conversation=conversation)))


def kept_messages(messages: Sequence[int]) -> list[tuple[int, datetime | None]]:
    """Those of `messages` (ids) that stand in a conversation which a case keeps, with the end; None: it is open."""
    entries = Entry.objects.filter(message__in=messages, conversation__filings__case__keep_years__isnull=False)
    names = [f"conversation__filings__{name}" for name in _END]
    rows = entries.values_list("message_id", *names).distinct()
    return [(message, _end(status, at, years)) for message, status, at, years in rows if years is not None]


def _ends(where: Q) -> list[datetime | None]:
    rows = Filing.objects.filter(where, case__keep_years__isnull=False).values_list(*_END)
    return [_end(*row) for row in rows]


def _end(status: str, closed_at: datetime | None, years: int | None) -> datetime | None:
    if status == Case.Status.OPEN or closed_at is None or years is None:
        return None
    return years_after(closed_at, years)
