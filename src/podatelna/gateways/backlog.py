"""How far a large look has come: written down from time to time, for the gateway's page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from .models import Folder

_LARGE = 500  # messages; fewer are over before anybody looks


class Backlog:
    """A look that has `count` messages to go through. A small one writes nothing."""

    def __init__(self, folder: Folder, count: int, now: Callable[[], datetime]) -> None:
        self._folder, self._left, self._now = folder, count, now
        self._done, self._began = 0, now()
        if count > _LARGE:
            # One that was cut off goes on where it was.
            total = folder.backlog if folder.backlog_left and folder.backlog >= count else count
            self._write(backlog=total, backlog_left=count)

    def settled(self, count: int) -> None:
        """So many more are accounted for."""
        self._left -= count
        self._done += count
        if self._folder.backlog_left:
            took = (self._now() - self._began).total_seconds()
            rate = self._done / took if took > 0 else None
            self._write(backlog_left=max(self._left, 0), backlog_rate=rate)

    def over(self) -> None:
        """All are."""
        if self._folder.backlog_left:
            self._write(backlog_left=0)

    def _write(self, **values: float | None) -> None:
        Folder.objects.filter(pk=self._folder.pk).update(**values)
        for name, value in values.items():
            setattr(self._folder, name, value)


def time_left(folder: Folder) -> timedelta | None:
    """How long what is left will take; None: not known."""
    return timedelta(seconds=folder.backlog_left / folder.backlog_rate) if folder.backlog_rate else None
