"""Where a message stands in the index: at its second, or the next free one.

Seconds and not a plain sequence, because mail is imported in any order and newest-first must need no sort; not
milliseconds, because small steps between neighbours make a small index. Many messages of one second stand a little
later than they should: a thousand of them by less than an hour.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from podatelna.archive.models import Message

_EPOCH = datetime(1980, 1, 1, tzinfo=UTC)
_WINDOW = 64


def second_of(message: Message) -> int:
    """The second of the message's own date, if that can be true; else of the time it was received."""
    sent, received = message.sent_at, message.received_at
    # A forged date in the future would stand above all honest mail for years.
    believed = sent if sent and _EPOCH < sent <= received + timedelta(days=1) else received
    return second(believed)


def second(time: datetime) -> int:
    """Seconds since 1980 (negative before)."""
    return int((time - _EPOCH).total_seconds())


def free_second(wanted: int, pass_over: int = 0) -> int:
    """The first second from `wanted` on that no message has, after `pass_over` free ones.

    In a crowd it looks further ahead with each step.
    """
    step = _WINDOW
    while True:
        window = range(wanted, wanted + _WINDOW)
        rows = Message.objects.filter(search_id__gte=window.start, search_id__lt=window.stop)
        taken = set(rows.values_list("search_id", flat=True))
        free = [candidate for candidate in window if candidate not in taken]
        if free:
            return free[min(pass_over, len(free) - 1)]
        wanted, step = wanted + step, step * 2
