"""Arrivals in the sealed log: the deliveries are the rows themselves, taken by ranges of ids: intake pays nothing.

A line of the log stands for up to a thousand deliveries: it has their ids and the root of a Merkle tree over them
(docs/administration/proof.md). Ids become visible out of order where several workers commit: who comes late is looked
for in the gaps, and gets a line later.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from podatelna.accounts.audit import canonical, moment
from podatelna.accounts.models import LogLeaf
from podatelna.accounts.sealing import append, log_end
from podatelna.accounts.tree import Subtree, inclusion, leaf_hash, root_of, subtrees_of

from .models import Delivery
from .proof_models import ArrivalRun, Tombstone

AT_ONCE = 1000
_FIELDS = ("pk", "message_id", "origin_id", "place", "sha256", "size", "seen_at")
# Longer than any transaction that brings deliveries may take.
_LATE = timedelta(hours=1)
_RECENT_RUNS = 2000

Run = tuple[int, int]  # first and last id


def seal_arrivals(now: datetime, limit: int = AT_ONCE) -> int:
    """Seal the oldest deliveries that are not in the log yet; how many. None where another sealer was faster."""
    try:
        with transaction.atomic():
            end = log_end()
            rows = _fresh(now, limit)
            if not rows:
                return 0
            lines = {row[0]: _content(row) for row in rows}
            runs = _runs(sorted(lines))
            position = append(end, [_line(runs, [lines[pk] for pk in sorted(lines)])], now)[0]
            ArrivalRun.objects.bulk_create(_run_rows(runs, position, now))
            return len(rows)
    except IntegrityError:
        return 0


def _fresh(now: datetime, limit: int) -> list[tuple[Any, ...]]:
    sealed = ArrivalRun.objects.aggregate(last=Max("last"))["last"] or 0
    new = Q(pk__gt=sealed)
    late = [Q(pk__gt=before, pk__lt=after) for before, after in _gaps(now)]
    # Those that come late first, a part at a time: SQLite refuses an expression of more than a thousand steps.
    found: list[tuple[Any, ...]] = []
    for step in range(0, len(late), 100):
        condition = Q()
        for gap in late[step : step + 100]:
            condition |= gap
        found += Delivery.objects.filter(condition).order_by("pk").values_list(*_FIELDS)[: limit - len(found)]
        if len(found) >= limit:
            return found
    return found + list(Delivery.objects.filter(new).order_by("pk").values_list(*_FIELDS)[: limit - len(found)])


def _gaps(now: datetime) -> list[Run]:
    """Between which sealed ids others may still appear: the runs of the last while have something between them."""
    rows = ArrivalRun.objects.order_by("-first").values_list("first", "last", "sealed_at")[:_RECENT_RUNS]
    runs = sorted(rows)
    if len(runs) < _RECENT_RUNS:
        runs.insert(0, (0, 0, now))
    return [
        (before[1], after[0])
        for before, after in pairwise(runs)
        if before[1] + 1 < after[0] and after[2] >= now - _LATE
    ]


def _content(row: Sequence[Any]) -> str:
    pk, message, origin, place, sha256, size, seen_at = row
    return canonical(
        {
            "v": 1,
            "kind": "arrival",
            "delivery": pk,
            "message": message,
            "origin": origin,
            "place": bytes(place).hex(),
            "sha256": bytes(sha256).hex(),
            "size": size,
            "at": moment(seen_at),
        }
    )


def _line(runs: Sequence[Run], contents: Sequence[str]) -> str:
    root = root_of([leaf_hash(content.encode("ascii")) for content in contents])
    return canonical({"v": 1, "kind": "arrivals", "runs": runs, "count": len(contents), "root": root.hex()})


def _runs(ids: Iterable[int]) -> list[Run]:
    runs: list[Run] = []
    for pk in ids:
        if runs and runs[-1][1] + 1 == pk:
            runs[-1] = (runs[-1][0], pk)
        else:
            runs.append((pk, pk))
    return runs


def _run_rows(runs: Iterable[Run], position: int, now: datetime) -> list[ArrivalRun]:
    rows, offset = [], 0
    for first, last in runs:
        rows.append(ArrivalRun(first=first, last=last, position=position, offset=offset, sealed_at=now))
        offset += last - first + 1
    return rows


# --- looking them up -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ArrivalProof:
    """That a delivery is among those that a line of the log stands for."""

    content: str  # the delivery's own line, canonical JSON
    offset: int  # among the deliveries of the line
    count: int
    path: tuple[bytes, ...]  # RFC 6962 2.1.1, from the delivery to the line's root
    position: int  # of the line in the log
    line: str


def arrival_content(delivery: Delivery) -> str:
    """A delivery's own line among the arrivals."""
    return _content([getattr(delivery, name) for name in _FIELDS])


class Proofs:
    """Proofs for many deliveries: those that were sealed together are read once."""

    def __init__(self) -> None:
        self._position = -1
        self._line = ""
        self._ids: list[int] = []
        self._contents: dict[int, str] = {}
        self._tree: Subtree = subtrees_of([])

    def of(self, delivery_id: int) -> ArrivalProof | None:
        """The proof for one delivery, also an erased one; None while it is not sealed.

        Made from the rows as they stand: where one of them was changed, the proof does not lead to the sealed root.
        """
        run = _run_of(delivery_id)
        if run is None:
            return None
        if run.position != self._position:
            self._read(run.position)
        offset = run.offset + delivery_id - run.first
        path = inclusion(self._tree, offset, len(self._ids))
        content = self._contents.get(delivery_id, "")
        return ArrivalProof(content, offset, len(self._ids), tuple(path), run.position, self._line)

    def _read(self, position: int) -> None:
        self._position, self._line = position, LogLeaf.objects.get(position=position).content
        runs = json.loads(self._line)["runs"]
        self._contents = contents_of(runs)
        self._ids = [pk for first, last in runs for pk in range(first, last + 1)]
        self._tree = subtrees_of([leaf_hash(self._contents.get(pk, "").encode("ascii")) for pk in self._ids])


def proof_of_arrival(delivery_id: int) -> ArrivalProof | None:
    """The proof for one delivery: see Proofs.of."""
    return Proofs().of(delivery_id)


def _run_of(delivery_id: int) -> ArrivalRun | None:
    run = ArrivalRun.objects.filter(first__lte=delivery_id).order_by("-first").first()
    return run if run is not None and delivery_id <= run.last else None


def contents_of(runs: Iterable[Sequence[int]]) -> dict[int, str]:
    """By id: the lines of the deliveries in these runs, as rows and tombstones say now; missing ones are left out."""
    found: dict[int, str] = {}
    for first, last in runs:
        erased = Tombstone.objects.filter(delivery_id__gte=first, delivery_id__lte=last)
        found.update(erased.values_list("delivery_id", "arrival"))
        rows = Delivery.objects.filter(pk__gte=first, pk__lte=last).order_by("pk").values_list(*_FIELDS)
        found.update((row[0], _content(row)) for row in rows)
    return found


def is_sealed(delivery_id: int) -> bool:
    """Whether the delivery is in the log."""
    return _run_of(delivery_id) is not None
