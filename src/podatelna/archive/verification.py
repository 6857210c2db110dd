"""Proof that the archive is whole: every blob and every delivery is made again and must hash to what came."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from django.db.models import QuerySet

from . import store
from .errors import Damaged
from .models import Blob, Delivery

_AT_ONCE = 200
Row = TypeVar("Row", Blob, Delivery)


@dataclass
class Verified:
    """How far it is, and what was found; `damaged` are words for an administrator, naming nothing of the content."""

    blobs: int = 0
    deliveries: int = 0
    damaged: list[str] = field(default_factory=list)


def verify(progress: Callable[[Verified], None] = lambda verified: None) -> Verified:
    """Read everything again. What arrives meanwhile may be left out; nothing is changed."""
    verified = Verified()
    for blob in _in_steps(Blob.objects.all()):
        _check(verified, partial(store.read_blob, blob))
        verified.blobs += 1
        progress(verified)
    for delivery in _in_steps(Delivery.objects.select_related("message")):
        _check(verified, partial(store.original, delivery))
        verified.deliveries += 1
        progress(verified)
    return verified


def _check(verified: Verified, read: Callable[[], object]) -> None:
    try:
        read()
    except Damaged as damage:
        verified.damaged.append(str(damage))


def _in_steps(rows: QuerySet[Row]) -> Iterator[Row]:
    """All rows by key, a few at a time: one long read would keep SQLite from folding its log back."""
    last = 0
    while step := list(rows.filter(pk__gt=last).order_by("pk")[:_AT_ONCE]):
        yield from step
        last = step[-1].pk
