"""receive(): the whole inbound path, readable top to bottom.

Each stage is idempotent: after a crash, a failure or a mended bug a delivery is taken through from the top again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import F, ProtectedError
from obstore.exceptions import BaseError as BucketError

from podatelna.archive import search, store
from podatelna.archive.models import Delivery, Origin
from podatelna.archive.reading import fill
from podatelna.archive.threads import place
from podatelna.claims import lease
from podatelna.contacts import book
from podatelna.desk import routing
from podatelna.desk.models import Process
from podatelna.mail.addresses import Address
from podatelna.mail.parse import Parsed, parse
from podatelna.mail.reading import UNREADABLE

log = logging.getLogger(__name__)

State = Delivery.State
HOLD = timedelta(minutes=5)
MOST_ATTEMPTS = 8
# The database or the blob store was away, or another worker was in the way: the same may work in a while.
_PASSING = (OperationalError, InterfaceError, IntegrityError, ProtectedError, BucketError, OSError)


def receive(delivery: Delivery, *, now: datetime, process: Process | None = None) -> None:
    """Take one durable delivery onto the desk: parse → store → thread → route → index → announce.

    `process` is where an import's mail belongs. A stage that raises shunts the delivery (kept, listed, can be
    replayed), or has it tried again later when the cause may pass; nothing is raised for what is wrong with the mail.
    """
    try:
        with _stage("read"):
            raw = store.original(delivery)
        with _stage("parse"):
            parsed, problem = _parse(raw)
        try:
            # All in one transaction as long as all goes well: a commit costs more than a stage.
            with transaction.atomic():
                _onto_the_desk(delivery, parsed, problem, now, process)
        except _StageFailed:
            # Each by itself: what cannot be indexed is on the desk all the same.
            _onto_the_desk(delivery, parsed, problem, now, process)
    except _StageFailed as failure:
        _set_aside(delivery, failure, now)


def _onto_the_desk(delivery: Delivery, parsed: Parsed, problem: str, now: datetime, process: Process | None) -> None:
    message = delivery.message
    with _stage("store"):
        # Of a message's many copies the first one speaks: later ones have header lines meant for others (Bcc).
        if message.parsed_at is None or store.first_delivery(message).pk == delivery.pk:
            fill(message, parsed)
        book.remember(_people(parsed), now)
    with _stage("route"), transaction.atomic():
        # Together: threads that were joined must not be left with conversations that were not.
        placed = place(message, parsed)
        conversations = routing.route(delivery, message, parsed, placed, now, process=process)
    with _stage("index"):
        # What could not be parsed has no words yet; the replay that can will find its place in the index free.
        if not problem:
            search.index(message, parsed)
    with _stage("announce"):
        if delivery.origin.kind != Origin.Kind.IMPORT:
            routing.announce(conversations, now)
    _finish(delivery, State.SHUNTED if problem else State.DONE, "parse" if problem else "", problem)


def receive_due(now: datetime, limit: int = 100) -> int:
    """Take up to `limit` due deliveries through the pipeline; how many were taken."""
    rows = Delivery.objects.filter(state=State.RECEIVED).select_related("message", "origin")
    for count in range(limit):
        # Counted before the work: mail that brings the whole process down must not do so for ever.
        delivery = lease(rows, now, HOLD, attempts=F("attempts") + 1)
        if delivery is None:
            return count
        delivery.attempts += 1
        if delivery.attempts > MOST_ATTEMPTS:
            _finish(
                delivery, State.SHUNTED, delivery.stage or "crash", delivery.error or "the worker stopped each time"
            )
        else:
            receive(delivery, now=now)
    return limit


# --- what happens to what fails --------------------------------------------------------------------------


class _StageFailed(Exception):
    def __init__(self, stage: str, cause: Exception) -> None:
        super().__init__(f"{stage}: {cause!r}")
        self.stage = stage
        self.cause = cause


@contextmanager
def _stage(name: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # recorded with the delivery and shown to administrators
        raise _StageFailed(name, error) from error


def _set_aside(delivery: Delivery, failure: _StageFailed, now: datetime) -> None:
    words = f"{type(failure.cause).__name__}: {failure.cause}"
    if isinstance(failure.cause, _PASSING) and delivery.attempts < MOST_ATTEMPTS:
        log.warning("delivery %s: %s: %s; again later", delivery.pk, failure.stage, type(failure.cause).__name__)
        delay = timedelta(seconds=10) * 2 ** min(delivery.attempts, 10)
        _finish(delivery, State.RECEIVED, failure.stage, words, due_at=now + delay)
        return
    log.error("delivery %s was shunted at %s", delivery.pk, failure.stage, exc_info=failure.cause)
    _finish(delivery, State.SHUNTED, failure.stage, words)


def _finish(
    delivery: Delivery, state: Delivery.State, stage: str, words: str, *, due_at: datetime | None = None
) -> None:
    delivery.state, delivery.stage, delivery.error = state, stage, words.replace("\0", "")[:2000]
    delivery.due_at, delivery.leased_until = due_at, None
    delivery.save(update_fields=["state", "stage", "error", "due_at", "leased_until"])


def _parse(raw: bytes) -> tuple[Parsed, str]:
    """The message as read, and what went wrong: parse() takes any bytes, and should it fail, the desk shows that.

    A value that could not be read is a mistake of ours too: shown with what could, and listed until it is mended.
    """
    try:
        parsed = parse(raw)
        return parsed, next((defect for defect in parsed.defects if defect.startswith(UNREADABLE)), "")
    except Exception as error:  # recorded with the delivery, and the mail is on the desk all the same
        log.exception("a message could not be parsed")
        words = f"{type(error).__name__}: {error}"
        return _unreadable(words), words


def _unreadable(words: str) -> Parsed:
    return Parsed(
        subject="", sender=None, to=(), cc=(), bcc=(), reply_to=(), sent_at=None, message_id="", in_reply_to=(),
        references=(), text="", html="", parts=(), headers=(), automatic="", defects=(f"unreadable: {words}",),
    )  # fmt: skip


def _people(parsed: Parsed) -> list[Address]:
    """Who is worth remembering; nobody from lists of thousands."""
    written_to = (*parsed.to, *parsed.cc)
    return [*([parsed.sender] if parsed.sender else []), *(written_to if len(written_to) <= 50 else ())]
