"""Threads of a batch of messages that are not in the archive: the same whatever the order."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterable


class Joined:
    """A union of names: what was named together is one group, by whatever way."""

    def __init__(self) -> None:
        self._above: dict[Hashable, Hashable] = {}
        self._least: dict[Hashable, str] = {}

    def join(self, names: Iterable[str]) -> None:
        """Say that all of these belong together."""
        first: Hashable = None
        for name in names:
            top = self._top(name)
            if first is None:
                first = top
            elif top != first:
                # Under the one with the least name: the group's name must not depend on the order.
                self._above[top] = first
                self._least[first] = min(self._least[first], self._least.pop(top))

    def group(self, name: str) -> str:
        """A short name of the group: 16 hexadecimal digits, the same for all in it."""
        return hashlib.sha256(self._least[self._top(name)].encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def _top(self, name: Hashable) -> Hashable:
        if name not in self._above:
            self._above[name] = name
            self._least[name] = str(name)
        while self._above[name] != name:
            self._above[name] = self._above[self._above[name]]
            name = self._above[name]
        return name
