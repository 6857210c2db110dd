"""Deliveries with their original bytes, one after the other; what can no longer be read is written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from podatelna.archive.errors import Damaged
from podatelna.archive.labels import labels_of
from podatelna.archive.models import Delivery
from podatelna.archive.originals import originals

from .manifest import Manifest

_AT_ONCE = 100
_MOST_NAMED = 1000


@dataclass(frozen=True)
class Exported:
    """A delivery, its bytes as they came, and its labels."""

    delivery: Delivery
    raw: bytes
    labels: list[str]


@dataclass
class Ledger:
    """What an export has come to; `tell` is called after each delivery and may end the export by raising."""

    tell: Callable[[Ledger], None] = lambda ledger: None
    done: int = 0
    failed: int = 0
    bytes: int = 0  # of the originals
    failures: list[tuple[int, str]] = field(default_factory=list)  # deliveries' keys and why; the first thousand
    manifest: Manifest | None = None

    def took(self, one: Exported, name: str) -> None:
        """Write down that a delivery is in the export, under `name`."""
        self.done += 1
        self.bytes += len(one.raw)
        if self.manifest is not None:
            self.manifest.add(one.delivery, one.labels, name)
        self.tell(self)

    def damaged(self, delivery: Delivery, damage: Damaged) -> None:
        """Write down that one cannot be read any more."""
        self.failed += 1
        if len(self.failures) < _MOST_NAMED:
            self.failures.append((delivery.pk, str(damage)))
        if self.manifest is not None:
            self.manifest.add(delivery, [], "", error=str(damage))


def read(deliveries: Iterable[Delivery], ledger: Ledger) -> Iterator[Exported]:
    """Each of `deliveries` (with message and origin) in its order, in flat memory."""
    waiting = iter(deliveries)
    while step := list(islice(waiting, _AT_ONCE)):
        labels = labels_of([delivery.pk for delivery in step])
        for delivery, raw in originals(step, damaged=ledger.damaged):
            yield Exported(delivery, raw, labels.get(delivery.pk, []))
