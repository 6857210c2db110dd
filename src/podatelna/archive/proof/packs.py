"""Making a proof pack: originals, attachments, deliveries, the log's lines about them and the way up to known roots.

The files' layout and every proof are described in docs/administration/proof.md; verifier.py checks them.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import Prefetch

from podatelna.accounts import sealing
from podatelna.accounts.audit import canonical, moment, record
from podatelna.accounts.day_roots import checkpoint, statement
from podatelna.accounts.models import AuditEntry, DayRoot, LogLeaf, Person
from podatelna.accounts.sealing import stored_subtrees
from podatelna.accounts.tree import Subtree, consistency, inclusion
from podatelna.archive import arrivals, store
from podatelna.archive.errors import Damaged
from podatelna.archive.models import Delivery, Message, Part
from podatelna.archive.proof_models import Tombstone

from . import verifier
from .index import Shown, ShownDelivery, ShownMessage, index_files
from .spans import spans

MAKE, MADE = "make-proof", "proof-made"
_ACTS_SHOWN = 10_000
_TRIES = 10_000  # batches to be sealed before a pack is made: what is not sealed then is said to be not proven yet


@dataclass(frozen=True)
class Subject:
    """What a pack is about: `name` as it stands in the log ("conversation 7"), `title` for people.

    `deliveries`: which copies of which messages, as ids in the order of time. `about`: subjects of acts to be shown.
    """

    name: str
    title: str
    deliveries: Sequence[int]
    about: Sequence[str]


def make_pack(subject: Subject, person: Person | None, now: Callable[[], datetime]) -> Iterator[bytes]:
    """The zip file of a pack, a piece at a time; no more than one message is in memory.

    That it is made is recorded before the first byte, and with the hash of all its files after the last but one: the
    pack itself carries that line of the log. Originals that can no longer be made are left out, and that is said.
    """
    record(person, MAKE, subject.name, deliveries=len(subject.deliveries))
    _seal(subject, now)
    pack = _Pack(now())
    yield from pack.messages(subject)
    yield from pack.log(subject)
    yield from pack.words(subject, person)
    yield from pack.seal(subject, person, now)


def _seal(subject: Subject, now: Callable[[], datetime]) -> None:
    """Seal what the pack speaks of, so that it can prove it. The worker does the same meanwhile."""
    last = max(subject.deliveries, default=0)
    for _ in range(_TRIES):
        acts, came = sealing.seal_acts(now()), 0
        if last and not arrivals.is_sealed(last):
            came = arrivals.seal_arrivals(now())
        if not acts and not came:
            return


@dataclass
class _Pack:
    """A pack in the making: what is in it so far, and the tree that its proofs lead to."""

    made_at: datetime
    entries: list[tuple[str, int, int, int]] = field(default_factory=list)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    offset: int = 0
    shown: list[ShownMessage] = field(default_factory=list)
    positions: set[int] = field(default_factory=set)  # lines of the log that are proven
    acts: int = 0
    days: list[DayRoot] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.size, self.checkpoint = checkpoint(self.made_at)
        self.tree: Subtree = stored_subtrees()
        self.proofs = arrivals.Proofs()

    def _file(self, name: str, data: bytes, *, listed: bool = True) -> Iterator[bytes]:
        start = verifier.zip_start(name, data)
        self.entries.append((name, zlib.crc32(data), len(data), self.offset))
        if listed:
            self.files[name] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        self.offset += len(start) + len(data)
        yield start
        yield data

    def _json(self, name: str, value: object, *, listed: bool = True) -> Iterator[bytes]:
        yield from self._file(name, canonical(value).encode("ascii") + b"\n", listed=listed)

    def _path(self, position: int) -> list[str]:
        self.positions.add(position)
        return [step.hex() for step in inclusion(self.tree, position, self.size)]

    # --- messages

    def messages(self, subject: Subject) -> Iterator[bytes]:
        """Each message with its deliveries and attachments."""
        by_message: dict[int, list[int]] = {}
        rows = Delivery.objects.filter(pk__in=list(subject.deliveries)).values_list("pk", "message_id")
        of = dict(rows)
        for pk in subject.deliveries:
            if pk in of:
                by_message.setdefault(of[pk], []).append(pk)
        for message, deliveries in by_message.items():
            yield from self._message(message, deliveries)

    def _message(self, pk: int, deliveries: Sequence[int]) -> Iterator[bytes]:
        parts = Part.objects.filter(is_attachment=True).order_by("position")
        message = Message.objects.prefetch_related(Prefetch("parts", parts, to_attr="files")).get(pk=pk)
        shown = ShownMessage(message)
        self.shown.append(shown)
        rows = Delivery.objects.filter(pk__in=list(deliveries)).select_related("message__body", "origin").order_by("pk")
        described: list[dict[str, Any]] = []
        first: tuple[int, bytes] | None = None

        def add(row: Delivery, name: str | None) -> None:
            described.append(self._delivery(row, name))
            shown.deliveries.append(ShownDelivery(row, name, described[-1]["arrival"]))

        for row, raw in store.originals(rows, lambda row, damage: add(row, None)):
            name = f"messages/{pk}/delivery-{row.pk}.eml"
            yield from self._file(name, raw)
            add(row, name)
            first = first or (row.pk, raw)
        described += [self._erased(tomb) for tomb in Tombstone.objects.filter(message_id=pk).order_by("delivery_id")]
        attachments: list[dict[str, Any]] = []
        if first is not None:
            yield from self._attachments(message, *first, attachments, shown)
        yield from self._json(
            f"messages/{pk}/message.json",
            {
                "v": 1,
                "message": pk,
                "message_id": message.message_id,
                "subject": message.subject,
                "from": message.from_address,
                "deliveries": described,
                "attachments": attachments,
            },
        )

    def _delivery(self, row: Delivery, name: str | None) -> dict[str, Any]:
        return {
            "delivery": row.pk,
            "file": name,
            "sha256": bytes(row.sha256).hex(),
            "size": row.size,
            "at": moment(row.seen_at),
            "origin": {"number": row.origin_id, "kind": row.origin.kind, "name": row.origin.name},
            "mail_from": row.mail_from,
            "rcpt_to": row.rcpt_to,
            "arrival": self._arrival(row.pk),
        }

    def _erased(self, tomb: Tombstone) -> dict[str, Any]:
        """A copy that was erased: that it came is still proven."""
        arrival = json.loads(tomb.arrival)
        return {
            "delivery": tomb.delivery_id,
            "file": None,
            "sha256": arrival["sha256"],
            "size": arrival["size"],
            "at": arrival["at"],
            "origin": {"number": arrival["origin"]},
            "erased_at": moment(tomb.erased_at),
            "arrival": self._arrival(tomb.delivery_id),
        }

    def _arrival(self, pk: int) -> dict[str, Any] | None:
        proof = self.proofs.of(pk)
        if proof is None or proof.position >= self.size:
            return None
        return {
            "content": proof.content,
            "offset": proof.offset,
            "path": [step.hex() for step in proof.path],
            "line": proof.line,
            "position": proof.position,
            "line_path": self._path(proof.position),
        }

    def _attachments(
        self, message: Message, delivery: int, raw: bytes, described: list[dict[str, Any]], shown: ShownMessage
    ) -> Iterator[bytes]:
        where = spans(raw)
        for part in message.files:  # type: ignore[attr-defined]  # prefetched under this name
            try:
                content = store.content(part)
            except Damaged:
                shown.lost.append(part.filename)
                continue
            digest = hashlib.sha256(content).digest()
            name = f"messages/{message.pk}/attachments/{part.position}-{_file_name(part)}"
            yield from self._file(name, content)
            span = where.get(digest)
            within = {"start": span.start, "end": span.end, "encoding": span.encoding} if span else None
            described.append(
                {
                    "file": name,
                    "delivery": delivery,
                    "filename": part.filename,
                    "content_type": part.content_type,
                    "sha256": digest.hex(),
                    "size": len(content),
                    "within": within,
                }
            )
            shown.files.append((part, name))

    # --- the log

    def log(self, subject: Subject) -> Iterator[bytes]:
        """The acts about the subject, the checkpoint, and roots of days on the way to it."""
        acts = [self._act(row) for row in self._rows(subject)]
        self.acts = len(acts)
        yield from self._json(verifier.ACTS, acts)
        yield from self._file(verifier.CHECKPOINT, self.checkpoint)
        self.days = self._days()
        for day in self.days:
            yield from self._day(day)

    def _rows(self, subject: Subject) -> list[AuditEntry]:
        names = [*subject.about, *(f"delivery {pk}" for pk in subject.deliveries)]
        found: list[AuditEntry] = []
        for start in range(0, len(names), 500):
            rows = AuditEntry.objects.filter(subject__in=names[start : start + 500], position__lt=self.size)
            found += rows[:_ACTS_SHOWN]
        return sorted(found, key=lambda row: row.position or 0)[:_ACTS_SHOWN]

    def _act(self, row: AuditEntry) -> dict[str, Any]:
        assert row.position is not None
        line = LogLeaf.objects.get(position=row.position).content
        shown = row.salt is not None
        return {
            "line": line,
            "position": row.position,
            "path": self._path(row.position),
            "details": canonical(row.details) if shown else None,
            "salt": bytes(row.salt or b"").hex() if shown else None,
        }

    def _days(self) -> list[DayRoot]:
        """For each line the first root that covers it, time-stamped ones before others."""
        all_days = list(DayRoot.objects.filter(size__gt=0, size__lte=self.size).order_by("size", "date"))
        chosen: dict[int, DayRoot] = {}
        for position in self.positions:
            covering = [day for day in all_days if day.size > position]
            stamped = next((day for day in covering if day.token is not None), None)
            for day in filter(None, (covering[0] if covering else None, stamped)):
                chosen[day.pk] = day
        return sorted(chosen.values(), key=lambda day: day.date)

    def _day(self, day: DayRoot) -> Iterator[bytes]:
        name, said = f"{verifier.ROOTS}{day.date}", statement(day)
        path = [step.hex() for step in consistency(self.tree, day.size, self.size)]
        yield from self._json(f"{name}.json", {"statement": said.decode("ascii"), "consistency": path})
        yield from self._file(f"{name}.statement", said)
        if day.token is not None:
            yield from self._file(f"{name}.tsr", bytes(day.token))

    # --- for people, and the end

    def words(self, subject: Subject, person: Person | None) -> Iterator[bytes]:
        """The index for people, and the verifier."""
        shown = Shown(subject.name, subject.title, self.made_at, person, self.shown, self.days, self.acts)
        for name, data in index_files(shown):
            yield from self._file(name, data)
        yield from self._file("verify.py", Path(verifier.__file__).read_bytes())

    def seal(self, subject: Subject, person: Person | None, now: Callable[[], datetime]) -> Iterator[bytes]:
        """The manifest, and the line of the log that its hash stands in."""
        manifest = {"v": 1, "kind": "podatelna proof", "subject": subject.name, "made_at": moment(self.made_at)}
        data = canonical({**manifest, "files": self.files}).encode("ascii") + b"\n"
        yield from self._file(verifier.MANIFEST, data, listed=False)
        entry = record(person, MADE, subject.name, manifest=hashlib.sha256(data).hexdigest())
        yield from self._json(verifier.SEAL, self._seal_of(entry, now), listed=False)
        yield from verifier.zip_end(self.entries, self.offset)

    def _seal_of(self, entry: AuditEntry, now: Callable[[], datetime]) -> dict[str, Any]:
        while entry.position is None:
            sealing.seal_acts(now())
            entry.refresh_from_db()
        size, end = checkpoint(now())
        tree = stored_subtrees()
        return {
            "v": 1,
            "line": LogLeaf.objects.get(position=entry.position).content,
            "details": canonical(entry.details),
            "salt": bytes(entry.salt or b"").hex(),
            "position": entry.position,
            "path": [step.hex() for step in inclusion(tree, entry.position, size)],
            "size": size,
            "root": json.loads(end)["root"],
            "consistency": [step.hex() for step in consistency(tree, self.size, size)],
        }


def _file_name(part: Part) -> str:
    """A name for the file inside of the pack that every system can write."""
    kept = "".join(char if char.isalnum() or char in "._- " else "_" for char in part.filename)
    return kept.strip(" .")[:80] or "attachment"
