"""receive_batch(): the whole inbound path, readable top to bottom.

Each stage is idempotent: after a crash, a failure or a mended bug a delivery is taken through from the top again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import F, ProtectedError
from obstore.exceptions import BaseError as BucketError

from podatelna.archive import search, store
from podatelna.archive.models import Delivery, Message, Origin
from podatelna.archive.reading import Described, describe, fill_many
from podatelna.archive.threads import place_many
from podatelna.claims import lease, lease_many
from podatelna.contacts import bad, book
from podatelna.desk import assignment, routing
from podatelna.desk.models import Process
from podatelna.mail.addresses import Address
from podatelna.mail.parse import Parsed, parse
from podatelna.mail.reading import UNREADABLE
from podatelna.mail.structure import Structure

log = logging.getLogger(__name__)

State = Delivery.State
HOLD = timedelta(minutes=5)
MOST_ATTEMPTS = 8
_MOST_BYTES = 16 * 1024 * 1024  # of the originals that are held at once
# The database or the blob store was away, or another worker was in the way: the same may work in a while.
_PASSING = (OperationalError, InterfaceError, IntegrityError, ProtectedError, BucketError, OSError)


@dataclass
class _Mail:
    """One delivery in the pipeline. `problem`: why it could not be read. `speaks`: its message is written by it."""

    delivery: Delivery
    parsed: Parsed
    problem: str
    speaks: bool = True

    @cached_property
    def described(self) -> Described:
        """What is written of its message."""
        return describe(self.parsed)

    @cached_property
    def document(self) -> search.Document:
        """What is found of its message."""
        return search.document_of(self.parsed)

    def prepare(self) -> None:
        """Do now what takes long, before the transaction."""
        self.problem = self.problem or _problem(self.parsed)
        if self.speaks:
            self.described  # noqa: B018  # kept
        if not self.problem and self.message.search_id is None:
            self.document  # noqa: B018  # kept

    @property
    def message(self) -> Message:
        return self.delivery.message


def receive(delivery: Delivery, *, now: datetime, process: Process | None = None) -> None:
    """Take one durable delivery onto the desk; see `receive_batch`."""
    receive_batch([delivery], now=now, process=process)


def receive_batch(deliveries: Sequence[Delivery], *, now: datetime, process: Process | None = None) -> None:
    """Take any number of durable deliveries onto the desk, stage by stage.

    read → parse → store → thread → route → assign → index → announce. Many in one transaction, as many as the desk
    can wait for on SQLite. `process` is where an import's mail belongs. A stage that raises shunts the delivery
    that it raised for (kept, listed, can be replayed), or has it tried again later when the cause may pass; nothing
    is raised for what is wrong with the mail.
    """
    waiting = list(deliveries)
    while waiting:
        count = _within(waiting[: _pace.count])
        _receive_group(waiting[:count], now, process)
        del waiting[:count]


def _receive_group(deliveries: Sequence[Delivery], now: datetime, process: Process | None) -> None:
    mails = _read(deliveries, now)
    try:
        # All in one transaction as long as all goes well: a commit costs more than a stage.
        with _stage("commit"), transaction.atomic(), _pace.measured(len(mails)):
            _onto_the_desk(mails, now, process)
    except _StageFailed as failure:
        if len(mails) > 1:
            log.info("%d deliveries are taken through one by one: %s", len(mails), failure)
        for mail in mails:
            _alone(mail, now, process, tried=len(mails) == 1)


def _onto_the_desk(mails: Sequence[_Mail], now: datetime, process: Process | None) -> None:
    each = _one_of_each_message(mails)
    with _stage("store"):
        fill_many([(mail.message, mail.described) for mail in each if mail.speaks])
        book.remember([person for mail in each for person in _people(mail.parsed)], now)
        bad.works_again([sender for mail in each for sender in _sender(mail)], now)
    with _stage("route"), transaction.atomic():
        # Together: threads that were joined must not be left with conversations that were not.
        placed = place_many([(mail.message, mail.parsed) for mail in each])
        arrivals = [routing.Arrival(mail.delivery, mail.parsed, placed[mail.message.pk]) for mail in mails]
        conversations = routing.route(arrivals, now, process=process)
    with _stage("assign"):
        assignment.assign_many([one for one in conversations if one.is_new], now)
    with _stage("index"):
        # What could not be parsed has no words yet; the replay that can will find its place in the index free.
        found = [mail for mail in each if not mail.problem and mail.message.search_id is None]
        search.index_many([(mail.message, mail.parsed) for mail in found], [mail.document for mail in found])
    with _stage("announce"):
        routing.announce(conversations, now)
    _finish_all(mails)


def _alone(mail: _Mail, now: datetime, process: Process | None, *, tried: bool) -> None:
    """Take one delivery through by itself; what is then still in the way is its own."""
    try:
        if tried or not _in_one_go(mail, now, process):
            # Each stage by itself: what cannot be indexed is on the desk all the same.
            _look_again(mail)
            _onto_the_desk([mail], now, process)
    except Delivery.DoesNotExist:
        log.info("delivery %s was erased meanwhile", mail.delivery.pk)
    except _StageFailed as failure:
        _set_aside(mail.delivery, failure, now)


def _in_one_go(mail: _Mail, now: datetime, process: Process | None) -> bool:
    _look_again(mail)
    try:
        with _stage("commit"), transaction.atomic():
            _onto_the_desk([mail], now, process)
    except _StageFailed:
        return False
    return True


def _look_again(mail: _Mail) -> None:
    """Forget what a transaction wrote that was undone."""
    mail.delivery.refresh_from_db()
    _choose_speakers([mail])


# --- the queue -------------------------------------------------------------------------------------------


def receive_due(now: datetime, limit: int = 100) -> int:
    """Take up to `limit` due deliveries through the pipeline; how many were taken."""
    rows = Delivery.objects.filter(state=State.RECEIVED).select_related("message", "origin")
    # Counted before the work: mail that brings the whole process down must not do so for ever.
    again = F("attempts") + 1
    fresh = lease_many(rows.filter(attempts=0), now, HOLD, limit, fits=_within, attempts=again)
    for delivery in fresh:
        delivery.attempts += 1
    receive_batch(fresh, now=now)
    for count in range(len(fresh), limit):
        # Each by itself: of those that were with it when the process went down one alone may be the cause.
        tried = lease(rows.filter(attempts__gt=0), now, HOLD, attempts=again)
        if tried is None:
            return count
        tried.attempts += 1
        if tried.attempts > MOST_ATTEMPTS:
            _finish(tried, State.SHUNTED, tried.stage or "crash", tried.error or "the worker stopped each time")
        else:
            receive(tried, now=now)
    return limit


def _within(deliveries: Sequence[Delivery]) -> int:
    """How many of them may be held in memory at once; one at least."""
    total = 0
    for count, delivery in enumerate(deliveries):
        total += delivery.size
        if count and total > _MOST_BYTES:
            return count
    return len(deliveries)


class _Pace:
    """How many deliveries go into one transaction: as many as took no longer than the desk may wait on SQLite."""

    def __init__(self) -> None:
        self.count = 64

    @contextmanager
    def measured(self, count: int) -> Iterator[None]:
        """Learn from a transaction with `count` deliveries."""
        started, worked = time.monotonic(), time.thread_time()
        yield
        if count:
            # On a busy machine most of the time is others': small groups would make it busier still.
            took = max(time.thread_time() - worked, (time.monotonic() - started) / 4, 1e-6)
            # In steps: a single slow one (a checkpoint, a large thread) must not set the pace.
            self.count = max(self.count // 2, min(int(_SECONDS * count / took), self.count * 2, _MOST_AT_ONCE), 1)


_SECONDS = 0.075  # some take longer than the last one did: the limit is a tenth of a second
_MOST_AT_ONCE = 500
_pace = _Pace()


# --- reading ---------------------------------------------------------------------------------------------


def _read(deliveries: Sequence[Delivery], now: datetime) -> list[_Mail]:
    """The deliveries as read, without those whose bytes cannot be had: these are set aside."""
    raws = _originals([delivery for delivery in deliveries if delivery.fresh is None], now)
    origins = Origin.objects.in_bulk({delivery.origin_id for delivery in deliveries})
    messages: dict[int, Message] = {}
    mails = []
    for delivery in deliveries:
        # One row is one object: what the first of several copies writes, the others find.
        delivery.message = messages.setdefault(delivery.message_id, delivery.message)
        delivery.origin = origins[delivery.origin_id]
        if delivery.fresh is not None:
            mails.append(_Mail(delivery, *_parse(*delivery.fresh)))
            delivery.fresh = None  # the bytes need not be held any longer
        elif delivery.pk in raws:
            mails.append(_Mail(delivery, *_parse(raws.pop(delivery.pk))))
    _choose_speakers(mails)
    for mail in _one_of_each_message(mails):
        if mail.speaks or mail.message.search_id is None:
            mail.prepare()
    return mails


def _originals(deliveries: Sequence[Delivery], now: datetime) -> dict[int, bytes]:
    try:
        return {delivery.pk: raw for delivery, raw in store.originals(deliveries)}
    except Exception as error:  # recorded with the delivery that it happens to
        if len(deliveries) == 1:
            _set_aside(deliveries[0], _StageFailed("read", error), now)
            return {}
    return {pk: raw for delivery in deliveries for pk, raw in _originals([delivery], now).items()}


def _choose_speakers(mails: Sequence[_Mail]) -> None:
    """Of a message's many copies the first one speaks: later ones have header lines meant for others (Bcc)."""
    firsts = store.first_deliveries([mail.message.pk for mail in mails if mail.message.parsed_at is not None])
    spoken: set[int] = set()
    for mail in sorted(mails, key=lambda mail: mail.delivery.pk):
        first = firsts.get(mail.message.pk, mail.delivery.pk)
        mail.speaks = mail.message.pk not in spoken and first == mail.delivery.pk
        if mail.speaks:
            spoken.add(mail.message.pk)


def _one_of_each_message(mails: Iterable[_Mail]) -> list[_Mail]:
    """The copy that speaks, where it is there: in who wrote what to whom and about what all copies are alike."""
    found: dict[int, _Mail] = {}
    for mail in mails:
        if mail.speaks or mail.message.pk not in found:
            found[mail.message.pk] = mail
    return list(found.values())


def _parse(raw: bytes, structure: Structure | None = None) -> tuple[Parsed, str]:
    """The message, and what went wrong: parse() takes any bytes, and should it fail, the desk shows that."""
    try:
        return parse(raw, structure=structure), ""
    except Exception as error:  # recorded with the delivery, and the mail is on the desk all the same
        log.exception("a message could not be parsed")
        words = f"{type(error).__name__}: {error}"
        return _unreadable(words), words


def _problem(parsed: Parsed) -> str:
    """A value that could not be read is a mistake of ours: shown with what could, and listed until it is mended."""
    return next((defect for defect in parsed.defects if defect.startswith(UNREADABLE)), "")


def _unreadable(words: str) -> Parsed:
    return Parsed(
        subject="", sender=None, to=(), cc=(), bcc=(), reply_to=(), sent_at=None, message_id="", in_reply_to=(),
        references=(), text="", html="", parts=(), headers=(), automatic="", defects=(f"unreadable: {words}",),
    )  # fmt: skip


def _people(parsed: Parsed) -> list[Address]:
    """Who is worth remembering; nobody from lists of thousands."""
    written_to = (*parsed.to, *parsed.cc)
    return [*([parsed.sender] if parsed.sender else []), *(written_to if len(written_to) <= 50 else ())]


def _sender(mail: _Mail) -> list[str]:
    """Who has just written: mail to there arrives. History and reports prove nothing."""
    sender, imported = mail.parsed.sender, mail.delivery.origin.kind == Origin.Kind.IMPORT
    return [] if sender is None or imported or mail.parsed.automatic == "report" else [sender.address]


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
    except _StageFailed:
        raise
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


def _finish_all(mails: Sequence[_Mail]) -> None:
    done = [mail.delivery for mail in mails if not mail.problem]
    for delivery in done:
        delivery.state, delivery.stage, delivery.error = State.DONE, "", ""
        delivery.due_at = delivery.leased_until = None
    Delivery.objects.filter(pk__in=[delivery.pk for delivery in done]).update(
        state=State.DONE, stage="", error="", due_at=None, leased_until=None
    )
    for mail in mails:
        if mail.problem:
            _finish(mail.delivery, State.SHUNTED, "parse", mail.problem)


def _finish(
    delivery: Delivery, state: Delivery.State, stage: str, words: str, *, due_at: datetime | None = None
) -> None:
    delivery.state, delivery.stage, delivery.error = state, stage, words.replace("\0", "")[:2000]
    delivery.due_at, delivery.leased_until = due_at, None
    delivery.save(update_fields=["state", "stage", "error", "due_at", "leased_until"])
