"""The hash-chained log: rows of the audit trail and of the archive are sealed into it in small batches, in order.

What acts writes a plain row and waits for nobody. A worker takes what is unsealed, fixes its order by giving it
positions, and hashes it twice over: into a chain, and into a Merkle tree (RFC 6962). Of two workers that seal at once,
the database lets one have a position; the other finds its transaction undone and comes again.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import IntegrityError, transaction

from .audit import canonical, commitment, moment
from .models import AuditEntry, LogLeaf, LogNode
from .tree import NO_CHAIN, Subtree, chained, leaf_hash, subtrees_of

AT_ONCE = 200  # rows in one transaction: a few milliseconds
_STEP = 8  # subtrees of 2**8, 2**16 … leaves are kept
BLOCK = 1 << _STEP


def seal_acts(now: datetime, limit: int = AT_ONCE) -> int:
    """Seal the oldest rows of the audit trail that wait for it; how many. None where another sealer was faster."""
    try:
        with transaction.atomic():
            end = log_end()
            rows = list(AuditEntry.objects.filter(position=None).order_by("pk")[:limit])
            positions = append(end, [act_content(row) for row in rows], now)
            for row, position in zip(rows, positions, strict=True):
                row.position = position
            AuditEntry.objects.bulk_update(rows, ["position"])
            return len(rows)
    except IntegrityError:
        return 0


def act_content(row: AuditEntry) -> str:
    """The line of the log for a row of the audit trail. Its details stand there as a commitment only.

    Raises ValueError when they were erased: then only the sealed line says what they were committed to.
    """
    if row.salt is None:
        raise ValueError(f"the details of entry {row.pk} are erased")
    return canonical(
        {
            "v": 1,
            "kind": "act",
            "entry": row.pk,
            "at": moment(row.at),
            "person": row.person_id,
            "act": row.act,
            "subject": row.subject,
            "details": commitment(bytes(row.salt), row.details),
        }
    )


class LogEnd(NamedTuple):
    """Where the log ends: the next position, and the chain so far."""

    position: int
    chain: bytes


def log_end() -> LogEnd:
    """Where the log ends now.

    Looked at before the rows that are to be sealed: who seals them meanwhile takes these positions, and the database
    refuses them to us. The other way round both would seal the same rows, one after the other.
    """
    last = LogLeaf.objects.order_by("-position").first()
    return LogEnd(last.position + 1, bytes(last.chain)) if last else LogEnd(0, NO_CHAIN)


def append(end: LogEnd, contents: Sequence[str], now: datetime) -> range:
    """Put lines at the end of the log; the positions they got. In the caller's transaction, which holds their rows.

    Raises IntegrityError when another sealer took these positions: the caller's transaction is to be undone.
    """
    if not contents:
        return range(0)
    first, chain = end
    lines = [*contents] if first else [_start(), *contents]
    leaves = []
    for position, content in enumerate(lines, first):
        chain = chained(chain, leaf_hash(content.encode("ascii")))
        leaves.append(LogLeaf(position=position, content=content, chain=chain, sealed_at=now))
    LogLeaf.objects.bulk_create(leaves)
    _keep_nodes(first, first + len(lines))
    return range(first + len(lines) - len(contents), first + len(lines))


def _start() -> str:
    """The first line: it tells this log from every other."""
    return canonical({"v": 1, "kind": "start", "log": uuid.uuid4().hex})


def log_name() -> str:
    """What this log calls itself in its first line; "" before anything was sealed."""
    first = LogLeaf.objects.filter(position=0).first()
    return str(json.loads(first.content)["log"]) if first else ""


def log_size() -> int:
    """How many lines are sealed."""
    return log_end().position


# --- the tree --------------------------------------------------------------------------------------------


def _keep_nodes(first: int, end: int) -> None:
    """Keep the full subtrees that the leaves [first, end) completed."""
    level = _STEP
    while (end >> level) > (first >> level):
        nodes = []
        for number in range(first >> level, end >> level):
            below = _stored(level - _STEP, number * BLOCK, (number + 1) * BLOCK)
            nodes.append(LogNode(level=level, number=number, sha256=subtrees_of(below)(_STEP, 0)))
        LogNode.objects.bulk_create(nodes)
        level += _STEP


def _stored(level: int, start: int, end: int) -> list[bytes]:
    """Hashes of the kept subtrees [start, end) of a level that is kept; those of level 0 are the leaves'."""
    if level == 0:
        leaves = LogLeaf.objects.filter(position__gte=start, position__lt=end).order_by("position")
        return [leaf_hash(content.encode("ascii")) for content in leaves.values_list("content", flat=True)]
    nodes = LogNode.objects.filter(level=level, number__gte=start, number__lt=end).order_by("number")
    return [bytes(sha256) for sha256 in nodes.values_list("sha256", flat=True)]


def stored_subtrees() -> Subtree:
    """Subtrees of the sealed log as it is stored: a root or a proof of it reads a few hundred rows at most."""
    blocks: dict[tuple[int, int], Subtree] = {}

    def subtree(level: int, number: int) -> bytes:
        kept, above = level // _STEP * _STEP, level % _STEP
        block = (number << above) // BLOCK
        if (kept, block) not in blocks:
            blocks[kept, block] = subtrees_of(_stored(kept, block * BLOCK, (block + 1) * BLOCK))
        return blocks[kept, block](above, number - (block * BLOCK >> above))

    return subtree


def leaves_from(position: int, step: int = 1000) -> Iterator[LogLeaf]:
    """All sealed lines from `position` on, read in steps."""
    while rows := list(LogLeaf.objects.filter(position__gte=position).order_by("position")[:step]):
        yield from rows
        position = rows[-1].position + 1
