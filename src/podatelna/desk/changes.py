"""What changed since one last looked: the feed behind the pages that update themselves.

Row numbers are handed out before transactions commit, so on PostgreSQL number 9 can appear after number 10 was read.
A cursor therefore names, besides the highest number read, the numbers below it that were missing and may still come.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from podatelna.accounts.models import Person

from .models import Change, Conversation

# A number still missing when rows this much younger have come was rolled back: no transaction here lasts so long.
MAY_STILL_COME = timedelta(minutes=2)
_MOST_MISSING = 50  # keeps cursors short; more holes than transactions at once are rows that were swept
_KEEP = timedelta(days=7)


def touched(conversation: Conversation, now: datetime) -> None:
    """Something about the conversation changed; part of the caller's transaction."""
    all_touched([conversation], now)


def all_touched(conversations: Iterable[Conversation], now: datetime) -> None:
    """As `touched`, of each of them, in one statement."""
    Change.objects.bulk_create(Change(conversation=conversation, at=now) for conversation in conversations)


def message_touched(message: int, now: datetime) -> None:
    """Something about the message with this id changed, which every conversation shows that it stands in."""
    all_touched(Conversation.objects.filter(entries__message=message), now)


def since(person: Person, cursor: str) -> tuple[str, set[int]]:
    """The cursor to ask with next time, and the conversations of `person` that changed since `cursor`.

    With "" (or what is no cursor) it begins now. Each change is told once. After a week rows are swept.
    """
    known = _read(cursor)
    if known is None:
        return _written(Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0, {}), set()
    high, missing = known
    rows = list(
        Change.objects.filter(Q(pk__gt=high) | Q(pk__in=list(missing)))
        .order_by("pk")
        .values_list("pk", "at", "conversation_id")
    )
    if not rows:
        return cursor, set()
    visible = Conversation.objects.visible_to(person).filter(pk__in={row[2] for row in rows})
    ids = set(visible.values_list("pk", flat=True))
    return _next(high, missing, [(pk, int(at.timestamp())) for pk, at, _ in rows]), ids


def sweep(now: datetime) -> int:
    """Drop rows older than a week; how many went. The newest stays, so that numbers only grow."""
    newest = Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return Change.objects.filter(at__lt=now - _KEEP, pk__lt=newest).delete()[0]


def _next(high: int, missing: dict[int, int], rows: list[tuple[int, int]]) -> str:
    """The cursor after `rows` (number, seconds) were read: holes that they left, and older holes they did not fill."""
    newest = max(at for _, at in rows)
    holes = {pk: at for pk, at in missing.items() if at + MAY_STILL_COME.total_seconds() >= newest}
    for pk, at in rows:
        holes.pop(pk, None)
        for hole in range(max(high + 1, pk - _MOST_MISSING), pk):
            holes[hole] = at
        high = max(high, pk)
    return _written(high, dict(sorted(holes.items())[-_MOST_MISSING:]))


def _written(high: int, missing: dict[int, int]) -> str:
    return "_".join([str(high), *(f"{pk}.{at}" for pk, at in missing.items())])


def _read(cursor: str) -> tuple[int, dict[int, int]] | None:
    """The highest number and the missing ones with the time of the row above each; None for what is no cursor."""
    high, *rest = cursor.split("_")
    if len(rest) > _MOST_MISSING:
        return None
    pairs = [item.split(".") for item in rest]
    numbers = [high, *(number for pair in pairs for number in pair)]
    if any(len(pair) != 2 for pair in pairs) or not all(n.isascii() and n.isdecimal() and len(n) < 19 for n in numbers):
        return None
    return int(high), {int(pk): int(at) for pk, at in pairs}
