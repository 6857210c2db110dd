"""Where a message stands in the index: at its second, or the next free one.

Seconds and not a plain sequence, because mail is imported in any order and newest-first must need no sort; not
milliseconds, because small steps between neighbours make a small index. Many messages of one second stand a little
later than they should: a thousand of them by a quarter of an hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice

from podatelna.archive.models import LeftoverDocument, Message

_EPOCH = datetime(1980, 1, 1, tzinfo=UTC)
_WINDOW = 64
_AT_ONCE = 500  # values of one statement


def second_of(message: Message) -> int:
    """The second of the message's own date, if that can be true; else of the time it was received."""
    sent, received = message.sent_at, message.received_at
    # A forged date in the future would stand above all honest mail for years.
    believed = sent if sent and _EPOCH < sent <= received + timedelta(days=1) else received
    return second(believed)


def second(time: datetime) -> int:
    """Seconds since 1980 (negative before)."""
    return int((time - _EPOCH).total_seconds())


def moment(search_id: int) -> datetime:
    """The time that a place in the index stands for; the other way round of `second`."""
    return _EPOCH + timedelta(seconds=search_id)


def free_seconds(wanted: Sequence[int], pass_over: int = 0) -> list[int]:
    """For each of `wanted` a second of its own from there on that nothing stands at, in the same order.

    `pass_over` leaves out so many free ones where several want the same. In a crowd it looks at more of them with each
    step.
    """
    found: dict[int, int] = {}  # position in `wanted` → its second
    given: set[int] = set()
    taken = _taken(set(wanted))
    crowded: list[tuple[int, int]] = []
    for position, one in enumerate(wanted):
        if pass_over or one in taken or one in given:
            crowded.append((position, one))
        else:
            given.add(one)
            found[position] = one
    windows: dict[range, set[int]] = {}  # with those taken in each
    for position, one in crowded:
        found[position] = _free(one, given, pass_over, windows)
        given.add(found[position])
    return [found[position] for position in range(len(wanted))]


def _free(wanted: int, given: set[int], pass_over: int, windows: dict[range, set[int]]) -> int:
    # Windows side by side, not leaps: thousands of one second would soon stand behind the end of time.
    size = _WINDOW
    while True:
        window = range(wanted, wanted + size)
        taken = windows.get(window)
        if taken is None:
            taken = windows[window] = _taken_within(window)
        if len(taken) < size:
            free = (candidate for candidate in window if candidate not in taken and candidate not in given)
            if some := list(islice(free, pass_over + 1)):
                taken.add(some[-1])
                return some[-1]
        wanted, size = wanted + size, size * 2


def _taken(seconds: Iterable[int]) -> set[int]:
    asked = sorted(seconds)
    taken: set[int] = set()
    for first in range(0, len(asked), _AT_ONCE):
        some = asked[first : first + _AT_ONCE]
        taken.update(Message.objects.filter(search_id__in=some).values_list("search_id", flat=True))  # type: ignore[arg-type]  # never null here
        taken.update(LeftoverDocument.objects.filter(search_id__in=some).values_list("search_id", flat=True))
    return taken


def _taken_within(window: range) -> set[int]:
    bounds = {"search_id__gte": window.start, "search_id__lt": window.stop}
    taken = set(Message.objects.filter(**bounds).values_list("search_id", flat=True))
    return taken | set(LeftoverDocument.objects.filter(**bounds).values_list("search_id", flat=True))  # type: ignore[return-value]  # never null here
