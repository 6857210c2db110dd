"""The sealed log read again: its chain, its tree, the roots of days, and every row that its lines stand for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise
from typing import Any, NamedTuple

from cryptography import x509
from django.db.models import Max, Q

from podatelna.accounts.audit import canonical
from podatelna.accounts.day_roots import statement
from podatelna.accounts.models import AuditEntry, DayRoot, LogLeaf, LogNode
from podatelna.accounts.sealing import act_content, leaves_from
from podatelna.accounts.tree import EMPTY, NO_CHAIN, chained, leaf_hash, node_hash, root_of
from podatelna.protocols import timestamps

from .arrivals import contents_of
from .models import Delivery
from .proof_models import ArrivalRun, Finding, Tombstone

Kind = Finding.Kind
_AT_ONCE = 500
_LINES = 20  # of arrivals in a step: up to 20,000 deliveries
ERASE_DELIVERY = "erase-delivery"  # the act that a tombstone must have in the log: its subject is "delivery 7"
ERASE_DETAILS = "erase-details"  # the act that a row without its details must have: its subject is "entry 7"


class Found(NamedTuple):
    """Something that is not as it should be."""

    kind: Finding.Kind
    subject: str
    words: str


# --- arrivals --------------------------------------------------------------------------------------------


def check_arrivals(cursor: int) -> tuple[int | None, int, list[Found]]:
    """The next lines of arrivals from position `cursor` on: where to go on, how many deliveries were read, findings."""
    runs = ArrivalRun.objects.filter(position__gte=cursor).order_by("position").values_list("position", flat=True)
    positions = list(runs.distinct()[:_LINES])
    if not positions:
        return None, 0, list(_unsealed())
    found: list[Found] = []
    read = 0
    lines = dict(LogLeaf.objects.filter(position__in=positions).values_list("position", "content"))
    for position in positions:
        count, bad = _check_line(position, lines.get(position))
        read += count
        found += bad
    return positions[-1] + 1, read, found


def _check_line(position: int, content: str | None) -> tuple[int, list[Found]]:
    subject = f"log line {position}"
    if content is None:
        return 0, [Found(Kind.MISSING, subject, f"{subject}: it is not there, and arrivals are said to be in it")]
    line = _read(content)
    if line.get("kind") != "arrivals":
        return 0, [Found(Kind.CHANGED, subject, f"{subject}: it does not speak of arrivals any more")]
    ids = [pk for first, last in line["runs"] for pk in range(first, last + 1)]
    contents = contents_of(line["runs"])
    missing = [pk for pk in ids if pk not in contents]
    found = [
        Found(Kind.MISSING, f"delivery {pk}", f"delivery {pk}: it arrived and is not here, and was not erased")
        for pk in missing
    ]
    if not missing and root_of([leaf_hash(contents[pk].encode("ascii")) for pk in ids]).hex() != line["root"]:
        words = f"{subject}: what is known of the arrival of one of the deliveries {ids[0]} to {ids[-1]} was changed"
        found.append(Found(Kind.CHANGED, subject, words))
    known = ArrivalRun.objects.filter(position=position).order_by("offset").values_list("first", "last")
    if [list(run) for run in known] != line["runs"]:
        found.append(Found(Kind.CHANGED, subject, f"{subject}: its deliveries are not those that it was sealed with"))
    return len(ids), found


def _unsealed() -> Iterator[Found]:
    """Deliveries between sealed ones that have no line: put in beside intake, or committed an hour after others."""
    runs = ArrivalRun.objects.order_by("first").values_list("first", "last").iterator()
    gaps = (
        Q(pk__gt=before, pk__lt=after) for (_, before), (after, _) in pairwise(_with_start(runs)) if before + 1 < after
    )
    while some := list(islice(gaps, 100)):
        condition = Q()
        for gap in some:
            condition |= gap
        for pk in Delivery.objects.filter(condition).values_list("pk", flat=True):
            yield Found(Kind.CHANGED, f"delivery {pk}", f"delivery {pk}: its arrival is not in the log")


def _with_start(runs: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    yield 0, 0
    yield from runs


# --- the log ---------------------------------------------------------------------------------------------


def check_log(certificates: Sequence[x509.Certificate] = ()) -> Iterator[tuple[int, list[Found]]]:
    """Every line from the first: how many were read and what was found, a step at a time.

    `certificates`: what time-stamps must lead to; without any, only what they are about is checked.
    """
    days = list(DayRoot.objects.order_by("size", "date"))
    walk = _Walk(days, certificates)
    leaves = leaves_from(0)
    while some := list(islice(leaves, _AT_ONCE)):
        yield len(some), walk.take(some)
    yield 0, walk.finish()


class _Walk:
    """The log from its start: the chain and the tree as they grow, compared with what is stored on the way."""

    def __init__(self, days: Sequence[DayRoot], certificates: Sequence[x509.Certificate]) -> None:
        self.days = list(days)
        self.certificates = list(certificates)
        self.next = 0
        self.chain = NO_CHAIN
        self.peaks: list[tuple[int, bytes]] = []  # level and hash of the full subtrees so far, the largest first
        self.erased: set[int] = set()  # entries whose details the log says were erased
        self.without: set[int] = set()  # entries whose details are gone
        self.tombs: set[int] = set()  # deliveries that the log says were erased

    def take(self, leaves: Sequence[LogLeaf]) -> list[Found]:
        found: list[Found] = []
        acts: dict[int, LogLeaf] = {}
        for leaf in leaves:
            found += self._line(leaf)
            line = _read(leaf.content)
            if line.get("kind") == "act" and isinstance(line.get("entry"), int):
                acts[line["entry"]] = leaf
                self._note_erasure(line)
        return [*found, *self._check_acts(acts)]

    def _line(self, leaf: LogLeaf) -> Iterator[Found]:
        subject = f"log line {leaf.position}"
        if leaf.position != self.next:
            yield Found(Kind.MISSING, f"log line {self.next}", f"log lines {self.next} to {leaf.position - 1} are gone")
        self.next = leaf.position + 1
        own = leaf_hash(leaf.content.encode("ascii", "replace"))
        self.chain = chained(self.chain, own)
        if bytes(leaf.chain) != self.chain:
            yield Found(Kind.CHANGED, subject, f"{subject}: the chain breaks here")
            self.chain = bytes(leaf.chain)  # say it once, and go on from there
        yield from self._grow(own)
        while self.days and self.days[0].size == self.next:
            yield from self._check_day(self.days.pop(0))

    def _grow(self, leaf: bytes) -> Iterator[Found]:
        level, peak = 0, leaf
        while self.peaks and self.peaks[-1][0] == level:
            peak = node_hash(self.peaks.pop()[1], peak)
            level += 1
            if level % 8 == 0:
                yield from self._check_node(level, peak)
        self.peaks.append((level, peak))

    def _check_node(self, level: int, peak: bytes) -> Iterator[Found]:
        number = (self.next >> level) - 1
        node = LogNode.objects.filter(level=level, number=number).first()
        if node is None or bytes(node.sha256) != peak:
            subject = f"log node {level}/{number}"
            yield Found(Kind.CHANGED, subject, f"{subject}: it is not the hash of the lines below it")

    def _root(self) -> bytes:
        if not self.peaks:
            return EMPTY
        root = self.peaks[-1][1]
        for _, peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root

    def _check_day(self, day: DayRoot) -> Iterator[Found]:
        subject = f"root of {day.date}"
        if bytes(day.root) != self._root() or bytes(day.chain) != self.chain:
            yield Found(Kind.CHANGED, subject, f"{subject}: the log up to there has another one now")
        if day.token is not None:
            words = _token_trouble(day, self.certificates)
            if words:
                yield Found(Kind.CHANGED, subject, f"{subject}: its time-stamp does not hold: {words}")

    def _note_erasure(self, line: Mapping[str, Any]) -> None:
        number = str(line.get("subject", "")).rpartition(" ")[2]
        if line.get("act") == ERASE_DETAILS and number.isdecimal():
            self.erased.add(int(number))
        if line.get("act") == ERASE_DELIVERY and number.isdecimal():
            self.tombs.add(int(number))

    def _check_acts(self, leaves: Mapping[int, LogLeaf]) -> Iterator[Found]:
        rows = {row.pk: row for row in AuditEntry.objects.filter(pk__in=list(leaves))}
        for pk, leaf in leaves.items():
            row = rows.get(pk)
            subject = f"entry {pk}"
            if row is None:
                yield Found(Kind.MISSING, subject, f"{subject} of the audit trail is gone; line {leaf.position} has it")
            elif row.position != leaf.position or not self._same(row, leaf):
                words = f"{subject} of the audit trail is not what was sealed in line {leaf.position}"
                yield Found(Kind.CHANGED, subject, words)

    def _same(self, row: AuditEntry, leaf: LogLeaf) -> bool:
        if row.salt is not None:
            return act_content(row) == leaf.content
        self.without.add(row.pk)
        # What is left must be the same; what the details were, only the sealed line says any more.
        sealed = _read(leaf.content).get("details")
        row.salt = b""
        left = _read(act_content(row)) | {"details": sealed}
        return row.details == {} and canonical(left) == leaf.content

    def finish(self) -> list[Found]:
        """What can be said only at the end."""
        found = [
            Found(Kind.MISSING, f"root of {day.date}", f"root of {day.date}: the log has fewer lines than it covers")
            for day in self.days
        ]
        for pk in sorted(self.without - self.erased):
            if _waits(ERASE_DETAILS, f"entry {pk}"):
                continue
            words = f"entry {pk} of the audit trail has lost its details, and no erasure of them is in the log"
            found.append(Found(Kind.CHANGED, f"entry {pk}", words))
        for pk in Tombstone.objects.order_by("pk").values_list("delivery_id", flat=True).iterator():
            if pk not in self.tombs and not _waits(ERASE_DELIVERY, f"delivery {pk}"):
                words = f"delivery {pk} has a tombstone, and no erasure of it is in the log"
                found.append(Found(Kind.CHANGED, f"delivery {pk}", words))
        last = AuditEntry.objects.aggregate(last=Max("position"))["last"]
        if last is not None and last >= self.next:
            found.append(Found(Kind.MISSING, f"log line {last}", f"log lines {self.next} to {last} are gone"))
        return found


def _waits(act: str, subject: str) -> bool:
    """Whether such an act is recorded and not sealed yet."""
    return AuditEntry.objects.filter(position=None, act=act, subject=subject).exists()


def _token_trouble(day: DayRoot, certificates: list[x509.Certificate]) -> str:
    """Why a day's time-stamp does not hold; "" when it does."""
    try:
        if certificates:
            timestamps.check(bytes(day.token or b""), statement(day), certificates)
        else:
            timestamps.check_imprint(bytes(day.token or b""), statement(day))
    except timestamps.TimestampFailed as error:
        return str(error)
    return ""


def _read(content: str) -> dict[str, Any]:
    """A line as JSON; {} where it is none any more."""
    try:
        line = json.loads(content)
    except ValueError:
        return {}
    return line if isinstance(line, dict) else {}
