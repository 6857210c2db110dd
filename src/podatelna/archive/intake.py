"""accept(): a batch of received bytes becomes durable, once, before anybody is told that it was taken."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db import IntegrityError, transaction

from podatelna.mail.cut import Content, Cut, cut, join
from podatelna.mail.identity import fingerprint

from .columns import fit
from .compression import pack
from .models import Blob, Delivery, Message, Piece
from .skeleton import Skeleton, build, pieces_of
from .store import new_blob

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
    had delivered these very bytes from another place (a message moved back by hand, say).
    """

    delivery: Delivery
    new: bool
    same_bytes_before: bool


def accept(
    batch: Sequence[Received],
    *,
    state: Delivery.State = Delivery.State.RECEIVED,
    also: Callable[[list[Accepted]], None] | None = None,
) -> list[Accepted]:
    """Make a batch durable in one transaction and give its deliveries, in the order of `batch`.

    Any bytes are taken: none, NUL, no mail at all. Repeating it, also by two workers at once, adds nothing. A delivery
    in state RECEIVED is due at its `seen_at`, so the pipeline finds it even if the caller dies now; in another state it
    is not due. `also` runs inside the transaction, for rows that must be there together with the deliveries (those of a
    ledger); when another worker was in the way, what it wrote is undone and it runs again.
    """
    work = _Work(batch, state)
    for _ in range(_TRIES):
        _prepare(work)
        try:
            with transaction.atomic():
                accepted = _commit(work)
                if also:
                    also(accepted)
                return accepted
        except IntegrityError as error:
            # Another worker put the same message, blob or place in between our look and our insert: look again.
            conflict = error
    raise conflict


# --- before the transaction: everything that needs no lock -------------------------------------------------------


@dataclass(frozen=True)
class _Mail:
    """A received message taken apart."""

    received: Received
    header: bytes
    body: Skeleton
    contents: tuple[tuple[bytes, Content], ...]  # what stands outside of the skeleton, with its SHA-256
    fingerprint: bytes


@dataclass(frozen=True)
class _Work:
    """A batch, and what has been made ready for it; ready things stay ready when the transaction is tried again."""

    batch: Sequence[Received]
    state: Delivery.State
    mails: dict[Key, _Mail] = field(default_factory=dict)
    blobs: dict[bytes, Blob] = field(default_factory=dict)


def _prepare(work: _Work) -> None:
    known = _known(work.batch)
    for received in work.batch:
        if received.key not in known and received.key not in work.mails:
            work.mails[received.key] = _take_apart(received)
    _prepare_blobs(work, [mail for key, mail in work.mails.items() if key not in known])


def _known(batch: Iterable[Received]) -> dict[Key, Delivery]:
    wanted = {received.key for received in batch}
    rows = Delivery.objects.filter(
        origin_id__in={origin for origin, _ in wanted}, place__in={place for _, place in wanted}
    ).select_related("message")
    return {key: row for row in rows if (key := (row.origin_id, bytes(row.place))) in wanted}


def _take_apart(received: Received) -> _Mail:
    pieces = cut(received.raw)
    body = build(pieces.pieces)
    if join(pieces.header, pieces_of(body.data, body.outside)) != received.raw:
        # The cut cannot be undone to the very bytes: keep them as they are, in one piece.
        pieces = Cut(b"", (Content(received.raw, ""),))
        body = build(pieces.pieces)
    contents = tuple((hashlib.sha256(content.data).digest(), content) for content in body.outside)
    return _Mail(received, pieces.header, body, contents, _identity(received.raw, pieces.header))


def _identity(raw: bytes, header: bytes) -> bytes:
    # The body's own hash is in it, so that two messages can share a stored body only if it is the same to the byte.
    return hashlib.sha256(fingerprint(raw) + hashlib.sha256(raw[len(header) :]).digest()).digest()


def _prepare_blobs(work: _Work, mails: Iterable[_Mail]) -> None:
    wanted = {sha256: content.data for mail in mails for sha256, content in mail.contents}
    known = _known_blobs(wanted)
    for sha256, data in wanted.items():
        if sha256 not in known and sha256 not in work.blobs:
            work.blobs[sha256] = new_blob(sha256, data)


def _known_blobs(names: Iterable[bytes]) -> dict[bytes, int]:
    rows = Blob.objects.filter(sha256__in=list(names)).values_list("sha256", "pk")
    return {bytes(sha256): pk for sha256, pk in rows}


# --- inside the transaction: few statements for the whole batch, each in the order of its key, so that two workers
# --- who write the same rows wait for each other and never in a ring


def _commit(work: _Work) -> list[Accepted]:
    deliveries = _known(work.batch)
    coming = {key: mail for key, mail in sorted(work.mails.items()) if key not in deliveries}
    before = _bytes_seen_before(coming.values())
    messages = _save_messages(work, coming.values())
    rows = [_delivery(mail, messages[mail.fingerprint], work.state) for mail in coming.values()]
    deliveries |= {(row.origin_id, bytes(row.place)): row for row in Delivery.objects.bulk_create(rows)}
    return _answers(work.batch, deliveries, set(coming), before)


def _bytes_seen_before(mails: Collection[_Mail]) -> set[tuple[int, bytes]]:
    # By the message, whose deliveries have an index: the same bytes are the same message.
    rows = Delivery.objects.filter(
        origin_id__in={mail.received.origin_id for mail in mails},
        message__fingerprint__in=[mail.fingerprint for mail in mails],
    ).values_list("origin_id", "sha256")
    return {(origin, bytes(sha256)) for origin, sha256 in rows}


def _save_messages(work: _Work, mails: Iterable[_Mail]) -> dict[bytes, Message]:
    wanted = {mail.fingerprint: mail for mail in mails}
    known = {bytes(row.fingerprint): row for row in Message.objects.filter(fingerprint__in=list(wanted))}
    missing = [mail for name, mail in sorted(wanted.items()) if name not in known]
    blobs = _save_blobs(work, missing)
    new = Message.objects.bulk_create(_message(mail) for mail in missing)
    Piece.objects.bulk_create(
        Piece(message=message, position=position, blob_id=blobs[sha256], recipe=content.recipe)
        for message, mail in zip(new, missing, strict=True)
        for position, (sha256, content) in enumerate(mail.contents)
    )
    return known | {bytes(row.fingerprint): row for row in new}


def _save_blobs(work: _Work, missing: Iterable[_Mail]) -> dict[bytes, int]:
    wanted = {sha256 for mail in missing for sha256, _ in mail.contents}
    known = _known_blobs(wanted)
    new = [work.blobs[sha256] for sha256 in sorted(wanted - known.keys())]
    return known | {bytes(row.sha256): row.pk for row in Blob.objects.bulk_create(new)}


def _message(mail: _Mail) -> Message:
    received = mail.received
    return Message(
        fingerprint=mail.fingerprint,
        skeleton=pack(mail.body.data),
        size=len(received.raw),
        received_at=received.received_at or received.seen_at,
    )


def _delivery(mail: _Mail, message: Message, state: Delivery.State) -> Delivery:
    received = mail.received
    origin, place = received.key
    return Delivery(
        origin_id=origin,
        place=place,
        message=message,
        header=pack(mail.header),
        sha256=received.sha256,
        size=len(received.raw),
        mail_from=None if received.mail_from is None else fit(received.mail_from, 320),
        rcpt_to=[fit(address, 320) for address in received.rcpt_to],
        seen_at=received.seen_at,
        state=state,
        due_at=received.seen_at if state == Delivery.State.RECEIVED else None,
    )


def _answers(
    batch: Sequence[Received], deliveries: dict[Key, Delivery], new: set[Key], before: set[tuple[int, bytes]]
) -> list[Accepted]:
    answers = []
    for received in batch:
        first = received.key in new
        bytes_here = (received.origin_id, received.sha256)
        answers.append(Accepted(deliveries[received.key], first, first and bytes_here in before))
        # The same place or the same bytes may stand twice in one batch: the second time they are not new.
        new.discard(received.key)
        before.add(bytes_here)
    return answers
