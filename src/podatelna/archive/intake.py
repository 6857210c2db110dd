"""accept(): a batch of received bytes becomes durable, once, before anybody is told that it was taken."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from django.db import IntegrityError, transaction

from podatelna import rows
from podatelna.mail.cut import Content, cut
from podatelna.mail.identity import fingerprint
from podatelna.mail.structure import Structure, read_structure

from . import locks, packing
from .columns import fit
from .contents import keep, new_blob
from .dictionaries import train_when_due
from .models import Blob, Body, Delivery, Message, Piece
from .originals import unpacked
from .packing import Packing
from .skeleton import Skeleton, build, part_header, pieces_of, with_header

_TRIES = 20
_PLACE = 20  # bytes of a place's digest: nobody finds two places with the same 160 bits

Key = tuple[int, bytes]  # origin and digest of the place: what makes an arrival one and the same


@dataclass(frozen=True)
class Received:
    """Bytes as they came, and what was known around them. The envelope is not the message.

    `place` says where they stood in the origin (any text: folder, UIDVALIDITY, UID); "" means that the bytes
    themselves are the place. `mail_from` None: not known; "": the empty return path. `received_at`: when the mailbox
    got it (IMAP's INTERNALDATE, an import's best guess) where that is another time than `seen_at`.
    """

    raw: bytes
    origin_id: int
    place: str
    seen_at: datetime
    mail_from: str | None = None
    rcpt_to: tuple[str, ...] = ()
    received_at: datetime | None = None

    @cached_property
    def sha256(self) -> bytes:
        """Of the bytes."""
        return hashlib.sha256(self.raw).digest()

    @cached_property
    def key(self) -> Key:
        """What makes this arrival one and the same."""
        where = f"place {self.place}".encode("utf-8", "surrogatepass") if self.place else b"bytes " + self.sha256
        return self.origin_id, hashlib.sha256(where).digest()[:_PLACE]


@dataclass(frozen=True)
class Accepted:
    """A durable delivery.

    `new` False: this very place of this origin was here already, nothing was written. `same_bytes_before`: the origin
    had delivered these very bytes from another place (a message moved back by hand, say). `structure`: of a new one,
    for who parses it next.
    """

    delivery: Delivery
    new: bool
    same_bytes_before: bool
    structure: Structure | None = None


def accept(
    batch: Sequence[Received],
    *,
    state: Delivery.State = Delivery.State.RECEIVED,
    due_after: timedelta = timedelta(),
    also: Callable[[list[Accepted]], None] | None = None,
) -> list[Accepted]:
    """Make a batch durable in one transaction and give its deliveries, in the order of `batch`.

    Any bytes are taken: none, NUL, no mail at all. Repeating it, also by two workers at once, adds nothing. A delivery
    in state RECEIVED is due at its `seen_at`, so the pipeline finds it even if the caller dies now; or so long after it
    as a caller needs who goes on with it himself. In another state it is not due. `also` runs inside the transaction,
    for rows that must be there together with the deliveries (those of a ledger); when another worker was in the way,
    what it wrote is undone and it runs again.
    """
    work = _Work(batch, state, due_after, Packing.now())
    for _ in range(_TRIES):
        _prepare(work)
        try:
            with transaction.atomic():
                accepted = _commit(work)
                if also:
                    also(accepted)
        except (IntegrityError, _Changed) as error:
            # Another worker put or erased the same message, blob or place between our look and our insert: look again.
            conflict = error
            work.taken.clear()
            continue
        trained = work.how.trained
        train_when_due(max((one.delivery.message_id for one in accepted), default=0), trained.id if trained else 0)
        return accepted
    raise conflict


class _Changed(Exception):
    """A message that was here when it was looked for is gone."""


# --- before the transaction: everything that needs no lock -------------------------------------------------------


@dataclass(frozen=True)
class _Mail:
    """A received message, and where its parts stand."""

    received: Received
    structure: Structure
    fingerprint: bytes

    @property
    def body(self) -> int:
        """Where the header block ends."""
        return self.structure.entities[0].body

    @property
    def header(self) -> bytes:
        """Everything up to and with the empty line."""
        return self.received.raw[: self.body]


@dataclass(frozen=True)
class _Taken:
    """A message that is new here, taken apart: its packed skeleton, and what stands outside, with its SHA-256."""

    header: bytes
    skeleton: bytes
    contents: tuple[tuple[bytes, Content], ...]


@dataclass
class _Work:
    """A batch, and what has been made ready for it; ready things stay ready when the transaction is tried again."""

    batch: Sequence[Received]
    state: Delivery.State
    due_after: timedelta
    how: Packing
    here: dict[Key, Delivery] = field(default_factory=dict)
    mails: dict[Key, _Mail] = field(default_factory=dict)
    messages: dict[bytes, int] = field(default_factory=dict)  # those that were here, by fingerprint
    taken: dict[bytes, _Taken] = field(default_factory=dict)  # those that are new, by fingerprint
    blobs: dict[bytes, Blob] = field(default_factory=dict)

    @property
    def coming(self) -> list[_Mail]:
        """What is to be written, in the order of its keys."""
        return [mail for key, mail in sorted(self.mails.items()) if key not in self.here]


def _prepare(work: _Work) -> None:
    work.here = _here(work.batch)
    for received in work.batch:
        if received.key not in work.here and received.key not in work.mails:
            work.mails[received.key] = _identified(received)
    coming = work.coming
    work.messages = _known(Message, "fingerprint", {mail.fingerprint for mail in coming})
    for mail in coming:
        # Of a message's copies one is taken apart; of the others the header block is all that differs.
        if mail.fingerprint not in work.messages and mail.fingerprint not in work.taken:
            work.taken[mail.fingerprint] = _take_apart(mail, work.how)
    _prepare_blobs(work)


def _here(batch: Iterable[Received]) -> dict[Key, Delivery]:
    wanted = {received.key for received in batch}
    found = Delivery.objects.filter(
        origin_id__in={origin for origin, _ in wanted}, place__in={place for _, place in wanted}
    ).select_related("message")
    return {key: row for row in found if (key := (row.origin_id, bytes(row.place))) in wanted}


def _known(model: type[Blob | Message], column: str, names: Collection[bytes]) -> dict[bytes, int]:
    found: dict[bytes, int] = {}
    for group in rows.groups(names):
        known = model._default_manager.filter(**{f"{column}__in": group}).values_list(column, "pk")
        found.update((bytes(name), pk) for name, pk in known)
    return found


def _identified(received: Received) -> _Mail:
    raw = received.raw
    structure = read_structure(raw)
    # The body's own hash is in it, so that two messages can share a stored body only if it is the same to the byte.
    body = hashlib.sha256(memoryview(raw)[structure.entities[0].body :]).digest()
    return _Mail(received, structure, hashlib.sha256(fingerprint(raw, structure=structure) + body).digest())


def _take_apart(mail: _Mail, how: Packing) -> _Taken:
    raw, header = mail.received.raw, mail.header
    pieces = cut(raw, structure=mail.structure)
    body = build(pieces.pieces)
    if pieces.header != header or not _is_whole(mail, body):
        # The cut cannot be undone to the very bytes: keep the body as it is, in one piece.
        body = build((Content(raw[mail.body :], ""),))
    skeleton = how.store(with_header(header, body.data), packing.of_message(mail.fingerprint))
    contents = tuple((hashlib.sha256(content.data).digest(), content) for content in body.outside)
    return _Taken(header, skeleton, contents)


def _is_whole(mail: _Mail, body: Skeleton) -> bool:
    """Whether joining gives the very bytes: each piece stands where the one before it ends."""
    raw, at = mail.received.raw, mail.body
    ends = {entity.body: entity.end for entity in mail.structure.entities if entity.leaf}
    for piece in pieces_of(body.data, body.outside):
        if isinstance(piece, Content) and piece.recipe:
            # `cut` has followed the recipe and compared: doing it again would take most of this function's time.
            at = ends.get(at, -1)
        else:
            at = at + len(piece.data) if raw.startswith(piece.data, at) else -1
        if at < 0:
            return False
    return at == len(raw)


def _prepare_blobs(work: _Work) -> None:
    wanted = {sha256: content.data for new in work.taken.values() for sha256, content in new.contents}
    known = _known(Blob, "sha256", wanted.keys() - work.blobs.keys())
    for sha256, data in wanted.items():
        if sha256 not in known and sha256 not in work.blobs:
            work.blobs[sha256] = new_blob(sha256, data, work.how)


# --- inside the transaction: few statements for the whole batch, each in the order of its key, so that two workers
# --- who write the same rows wait for each other and never in a ring


def _commit(work: _Work) -> list[Accepted]:
    locks.adding()
    coming = work.coming
    messages, bases = _messages_here(work)
    before = _bytes_seen_before(coming, messages.values())
    messages |= _save_messages(work, coming)
    new = _save_deliveries(work, coming, messages, bases)
    return _answers(work, work.here | new, set(new), before)


def _messages_here(work: _Work) -> tuple[dict[bytes, Message], dict[bytes, bytes | None]]:
    """The messages that were here already, and the header block that their copies are coded against."""
    found = Message.objects.select_related("body").in_bulk(work.messages.values()) if work.messages else {}
    if len(found) < len(work.messages):
        raise _Changed
    messages = {bytes(row.fingerprint): row for row in found.values()}
    return messages, {name: part_header(unpacked(row))[0] for name, row in messages.items()}


def _bytes_seen_before(coming: Iterable[_Mail], messages: Collection[Message]) -> set[tuple[int, bytes]]:
    """Origins and bytes; by the messages, whose deliveries have an index: the same bytes are the same message."""
    if not messages:
        return set()
    found = Delivery.objects.filter(
        message__in=messages, origin_id__in={mail.received.origin_id for mail in coming}
    ).values_list("origin_id", "sha256")
    return {(origin, bytes(sha256)) for origin, sha256 in found}


def _save_messages(work: _Work, coming: Iterable[_Mail]) -> dict[bytes, Message]:
    first = {mail.fingerprint: mail for mail in reversed(list(coming)) if mail.fingerprint not in work.messages}
    names = sorted(first)
    blobs = _save_blobs(work, names)
    ids = rows.allot(Message, len(names))
    new = {name: _message(pk, first[name]) for pk, name in zip(ids, names, strict=True)}
    rows.insert(
        Message,
        ("id", "fingerprint", "size", "received_at"),
        [(one.pk, name, one.size, one.received_at) for name, one in new.items()],
    )
    rows.insert(Body, ("message", "skeleton"), [(one.pk, work.taken[name].skeleton) for name, one in new.items()])
    rows.insert(
        Piece,
        ("message", "position", "blob", "recipe"),
        [
            (one.pk, position, blobs[sha256], content.recipe)
            for name, one in new.items()
            for position, (sha256, content) in enumerate(work.taken[name].contents)
        ],
    )
    return new


def _save_blobs(work: _Work, names: Iterable[bytes]) -> dict[bytes, int]:
    wanted = {sha256: content.data for name in names for sha256, content in work.taken[name].contents}
    known = _known(Blob, "sha256", wanted.keys())
    missing = sorted(wanted.keys() - known.keys())
    if any(sha256 not in work.blobs for sha256 in missing):
        raise _Changed
    keep((work.blobs[sha256], wanted[sha256]) for sha256 in missing)
    ids = dict(zip(missing, rows.allot(Blob, len(missing)), strict=True))
    new = [(ids[sha256], *(getattr(work.blobs[sha256], name) for name in _BLOB)) for sha256 in missing]
    rows.insert(Blob, ("id", *_BLOB), new)
    return known | ids


_BLOB = ("sha256", "size", "codec", "inline", "stored")


def _message(pk: int, mail: _Mail) -> Message:
    received = mail.received
    return rows.written(
        Message,
        id=pk,
        fingerprint=mail.fingerprint,
        size=len(received.raw),
        received_at=received.received_at or received.seen_at,
        defects=[],
    )


def _save_deliveries(
    work: _Work, coming: Sequence[_Mail], messages: dict[bytes, Message], bases: dict[bytes, bytes | None]
) -> dict[Key, Delivery]:
    ids = rows.allot(Delivery, len(coming))
    new = [_delivery(pk, work, mail, messages[mail.fingerprint], bases) for pk, mail in zip(ids, coming, strict=True)]
    rows.insert(Delivery, _DELIVERY, [[getattr(one, name) for name in _DELIVERY_VALUES] for one in new])
    return {(one.origin_id, bytes(one.place)): one for one in new}


_DELIVERY = (
    "id", "origin", "place", "message", "header", "sha256", "size", "mail_from", "rcpt_to", "seen_at", "state",
    "due_at",
)  # fmt: skip
_DELIVERY_VALUES = tuple({"origin": "origin_id", "message": "message_id"}.get(name, name) for name in _DELIVERY)


def _delivery(pk: int, work: _Work, mail: _Mail, message: Message, bases: dict[bytes, bytes | None]) -> Delivery:
    received = mail.received
    origin, place = received.key
    delivery = rows.written(
        Delivery,
        id=pk,
        origin_id=origin,
        place=place,
        message_id=message.pk,
        header=_header(work, mail, bases),
        sha256=received.sha256,
        size=len(received.raw),
        mail_from=None if received.mail_from is None else fit(received.mail_from, 320),
        rcpt_to=[fit(address, 320) for address in received.rcpt_to],
        seen_at=received.seen_at,
        state=work.state,
        due_at=received.seen_at + work.due_after if work.state == Delivery.State.RECEIVED else None,
    )
    delivery.message = message
    delivery.fresh = received.raw, mail.structure
    return delivery


def _header(work: _Work, mail: _Mail, bases: dict[bytes, bytes | None]) -> bytes:
    name, context = mail.fingerprint, packing.of_delivery(mail.received.sha256)
    base = bases[name] if name in bases else work.taken[name].header
    return work.how.store(mail.header, context) if base is None else work.how.store_like(mail.header, base, context)


def _answers(
    work: _Work, deliveries: dict[Key, Delivery], new: set[Key], before: set[tuple[int, bytes]]
) -> list[Accepted]:
    answers = []
    for received in work.batch:
        first = received.key in new
        bytes_here = (received.origin_id, received.sha256)
        structure = work.mails[received.key].structure if first else None
        answers.append(Accepted(deliveries[received.key], first, first and bytes_here in before, structure))
        # The same place or the same bytes may stand twice in one batch: the second time they are not new.
        new.discard(received.key)
        before.add(bytes_here)
    return answers
