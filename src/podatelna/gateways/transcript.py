"""The transcript of a private mailbox: every command, written down before it is sent, for its owner alone.

Commands are kept in rows of one look each. An idle mailbox says the same few lines every minute: a look that was the
same line for line as the one before it is counted there, with the time of the last one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import connections, transaction
from django.db.models import F, Max, Sum

from .models import Gateway
from .transcript_models import Said, Unsaid

KEEP = timedelta(days=90)
MOST = 2_000_000  # letters kept of one mailbox, about 40,000 commands
_LONGEST_LINE = 2000
_LONGEST_ROW = 20_000
_BEGINNINGS = ("SELECT", "EXAMINE")  # of a look


class Writer:
    """Writes what is said in one session. Not thread-safe."""

    def __init__(self, gateway: Gateway, now: Callable[[], datetime]) -> None:
        self._gateway, self._now = gateway, now
        self._row: Said | None = None
        self._closing: list[str] = []  # told with the next line: the end of an IDLE that is in the row already

    def __call__(self, line: str) -> None:
        """`line` is about to be sent. Raises DatabaseError when it cannot be written down: then it must not be."""
        line = _shortened(line)
        if line == "DONE":
            self._closing.append(line)
            return
        if self._row is None or line.startswith(_BEGINNINGS) or self._row.size > _LONGEST_ROW:
            self._begin(line)
        else:
            self._go_on(self._row, line)
        if line == "IDLE":
            connections.close_all()  # who waits for hours needs no database connection

    def _begin(self, line: str) -> None:
        if self._row is not None:
            if self._closing:
                self._go_on(self._row, "")
            _join_with_the_one_before(self._row)
        now = self._now()
        self._row = Said.objects.create(gateway=self._gateway, began_at=now, ended_at=now, lines=line, size=len(line))

    def _go_on(self, row: Said, line: str) -> None:
        row.lines = "\n".join([row.lines, *self._closing, *([line] if line else [])])
        self._closing.clear()
        row.size, row.ended_at = len(row.lines), self._now()
        row.save(update_fields=["lines", "size", "ended_at"])


def _shortened(line: str) -> str:
    line = " ".join(line.split("\n"))
    if len(line) <= _LONGEST_LINE:
        return line
    return f"{line[:_LONGEST_LINE]} … ({len(line) - _LONGEST_LINE} more characters)"


def _join_with_the_one_before(row: Said) -> None:
    with transaction.atomic():
        before = Said.objects.filter(gateway=row.gateway_id, pk__lt=row.pk).order_by("-pk").first()
        if before is None or before.lines != row.lines:
            return
        Said.objects.filter(pk=before.pk).update(times=F("times") + 1, ended_at=row.ended_at)
        Said.objects.filter(pk=row.pk).delete()


def transcript(gateway: Gateway, most: int | None = None) -> list[Said]:
    """What is kept of the mailbox's transcript, the newest first; at most `most` rows."""
    return list(Said.objects.filter(gateway=gateway).order_by("-pk")[:most])


def written(gateway: Gateway) -> Iterator[str]:
    """The whole transcript as lines of text in English, the oldest first; times in UTC."""
    yield f"Commands sent to the IMAP server of {gateway.address}. Passwords and the content of messages are left out."
    for gap in Unsaid.objects.filter(gateway=gateway):
        yield f"{gap.commands} older commands, until {_at(gap.until)}, are kept no longer."
    for row in Said.objects.filter(gateway=gateway).order_by("pk").iterator():
        yield ""
        if row.times == 1:
            yield f"{_at(row.began_at)}"
        else:
            yield f"{_at(row.began_at)} to {_at(row.ended_at)}: {row.times} times the same"
        yield from (f"    {line}" for line in row.lines.split("\n"))


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def sweep(now: datetime) -> int:
    """Drop rows older than `KEEP`, and the oldest ones of what is longer than `MOST`; how many commands went."""
    old = Said.objects.filter(ended_at__lt=now - KEEP)
    last = {row["gateway"]: row["last"] for row in old.values("gateway").order_by().annotate(last=Max("pk"))}
    gone = sum(_drop(gateway, pk) for gateway, pk in last.items())
    sizes = Said.objects.values("gateway").annotate(letters=Sum("size")).filter(letters__gt=MOST).order_by()
    return gone + sum(_drop(row["gateway"], _surplus(row["gateway"])) for row in sizes)


def _surplus(gateway: int) -> int | None:
    """The newest row of those that are too much."""
    kept = 0
    for pk, size in Said.objects.filter(gateway=gateway).order_by("-pk").values_list("pk", "size").iterator():
        kept += size
        if kept > MOST:
            return pk
    return None


@transaction.atomic
def _drop(gateway: int, last: int | None) -> int:
    if last is None:
        return 0
    rows = list(Said.objects.filter(gateway=gateway, pk__lte=last))
    commands = sum(row.times * (row.lines.count("\n") + 1) for row in rows)
    until = max(row.ended_at for row in rows)
    gap, _ = Unsaid.objects.get_or_create(gateway_id=gateway, defaults={"until": until})
    Unsaid.objects.filter(pk=gap.pk).update(commands=F("commands") + commands, until=until)
    Said.objects.filter(gateway=gateway, pk__lte=last).delete()
    return commands
