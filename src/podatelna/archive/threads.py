"""Threads: messages joined by Message-ID, In-Reply-To and References, with ghosts for parents that were never seen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction

from podatelna.mail.parse import Parsed

from .columns import fit
from .models import Message, Thread, ThreadKey

_TRIES = 20
# Of a longer list of references the first (the thread's root) and the last ones are used.
_MOST_REFERENCES = 200


@dataclass(frozen=True)
class Placed:
    """Where a message belongs.

    `absorbed` are the ids of threads that were joined into `thread`, by this message or an earlier one, and not yet
    buried: whoever keeps something by thread moves it over, then calls `bury`.
    """

    thread: Thread
    absorbed: tuple[int, ...]


class _Changed(Exception):
    """Threads were joined between our look and our lock."""


def place(message: Message, parsed: Parsed) -> Placed:
    """Put `message` into its thread: that of any message it names or that names it, else a new one.

    Idempotent; the grouping is the same whatever the order of arrival, and with several workers placing at once.
    Subjects never join (RFC 5256 threads by subject too; strangers' mail would be mixed).
    """
    own, references = _identifiers(message, parsed)
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                return _place(message, own, references)
        except (IntegrityError, _Changed) as error:
            conflict = error
    raise conflict


def bury(placed: Placed) -> None:
    """Delete absorbed threads. Raises ProtectedError while something still stands in one of them."""
    if placed.absorbed:
        Thread.objects.filter(pk__in=placed.absorbed, absorbed_by__isnull=False).delete()


def expect(message_id: str, thread: Thread | None) -> Thread:
    """Say that a message with this new `message_id` is about to leave, in `thread` or in a new one; the thread.

    Its answer may come back sooner than it is filed here, and must find the thread all the same.
    """
    with transaction.atomic():
        # An absorbed thread is on its way out: what is written now belongs to the one that took it over.
        current = thread and Thread.objects.select_for_update().get(pk=thread.pk)
        current = (current and current.absorbed_by) or current or Thread.objects.create()
        ThreadKey.objects.create(key=_digest(message_id), message_id=fit(message_id, 1000), thread=current)
        return current


def _identifiers(message: Message, parsed: Parsed) -> tuple[str, list[str]]:
    # Without a Message-ID it still needs a key, or placing it twice would make two threads.
    own = parsed.message_id or f"fingerprint:{bytes(message.fingerprint).hex()}"
    named = list(dict.fromkeys((*parsed.references, *parsed.in_reply_to)))
    if len(named) > _MOST_REFERENCES:
        named = [named[0], *named[-_MOST_REFERENCES + 1 :]]
    return own, [name for name in named if name != own]


def _place(message: Message, own: str, references: Sequence[str]) -> Placed:
    names = {_digest(name): name for name in (own, *references)}
    keys = _keys(names)
    threads = _locked(keys, names)
    thread = threads[0] if threads else Thread.objects.create()
    _join(thread, threads[1:])
    written = _write_keys(thread, {key: name for key, name in names.items() if key not in keys})
    ids = {key: pk for key, (pk, _) in keys.items()} | written
    message.thread = thread
    message.key_id = ids[_digest(own)]
    message.parent_id = ids[_digest(references[-1])] if references else None
    message.save(update_fields=["thread", "key", "parent"])
    absorbed = Thread.objects.filter(absorbed_by=thread).values_list("pk", flat=True) if threads else ()
    return Placed(thread, tuple(absorbed))


def _digest(message_id: str) -> bytes:
    return hashlib.sha256(message_id.encode("utf-8", "surrogatepass")).digest()[:16]


def _keys(names: Iterable[bytes]) -> dict[bytes, tuple[int, int]]:
    """Of the keys that exist, their own ids and their threads'."""
    rows = ThreadKey.objects.filter(key__in=list(names)).values_list("key", "pk", "thread_id")
    return {bytes(key): (pk, thread) for key, pk, thread in rows}


def _locked(keys: dict[bytes, tuple[int, int]], names: Iterable[bytes]) -> list[Thread]:
    """The threads of `keys`, oldest first, locked until the transaction ends.

    Threads are locked before any key is written and in the order of their ids, keys are written in the order of their
    names: two workers wait for each other in one direction only.
    """
    if not keys:
        return []
    wanted = {thread for _, thread in keys.values()}
    threads = list(Thread.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))
    if connection.features.has_select_for_update and _keys(names) != keys:
        raise _Changed
    return threads


def _write_keys(thread: Thread, names: dict[bytes, str]) -> dict[bytes, int]:
    rows = [ThreadKey(key=key, message_id=fit(name, 1000), thread=thread) for key, name in sorted(names.items())]
    return {bytes(row.key): row.pk for row in ThreadKey.objects.bulk_create(rows)}


def _join(thread: Thread, others: Sequence[Thread]) -> None:
    if others:
        ThreadKey.objects.filter(thread__in=others).update(thread=thread)
        Message.objects.filter(thread__in=others).update(thread=thread)
        Thread.objects.filter(absorbed_by__in=others).update(absorbed_by=thread)
        Thread.objects.filter(pk__in=[other.pk for other in others]).update(absorbed_by=thread)
