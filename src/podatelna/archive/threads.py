"""Threads: messages joined by Message-ID, In-Reply-To and References, with ghosts for parents that were never seen."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from podatelna import rows
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


@dataclass(frozen=True)
class _Named:
    """A message, its own name, and the names of what it answers, oldest first."""

    message: Message
    own: str
    references: Sequence[str]

    @cached_property
    def keys(self) -> dict[bytes, str]:
        """The digests of all these names."""
        return {_digest(name): name for name in (self.own, *self.references)}

    @property
    def parent(self) -> bytes | None:
        """The key of what it answers."""
        return _digest(self.references[-1]) if self.references else None


def place(message: Message, parsed: Parsed) -> Placed:
    """Put `message` into its thread: that of any message it names or that names it, else a new one.

    Idempotent; the grouping is the same whatever the order of arrival, and with several workers placing at once.
    Subjects never join (RFC 5256 threads by subject too; strangers' mail would be mixed).
    """
    return place_many([(message, parsed)])[message.pk]


def place_many(pairs: Sequence[tuple[Message, Parsed]]) -> dict[int, Placed]:
    """The same for the different messages of a batch, in few statements; by the messages' primary keys."""
    named = [_Named(message, *_identifiers(message, parsed)) for message, parsed in pairs]
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                return _place(named)
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


def _place(named: Sequence[_Named]) -> dict[int, Placed]:
    names = {key: name for one in named for key, name in one.keys.items()}
    keys = _keys(names)
    threads = _locked(keys, names)
    groups = _groups(named, {key: thread for key, (_, thread) in keys.items()})
    chosen = _choose(groups, threads)
    _join({thread.pk: sorted(group.threads - {thread.pk}) for group, thread in zip(groups, chosen, strict=True)})
    ids = {key: pk for key, (pk, _) in keys.items()}
    ids |= _write_keys(
        {
            key: (names[key], thread.pk)
            for group, thread in zip(groups, chosen, strict=True)
            for key in group.keys
            if key not in keys
        }
    )
    thread_of = {one.message.pk: thread for group, thread in zip(groups, chosen, strict=True) for one in group.members}
    for one in named:
        one.message.thread = thread_of[one.message.pk]
        one.message.key_id = ids[_digest(one.own)]
        one.message.parent_id = None if one.parent is None else ids[one.parent]
    _save([one.message for one in named])
    absorbed = _absorbed([pk for group in groups for pk in group.threads])
    return {pk: Placed(thread, tuple(absorbed[thread.pk])) for pk, thread in thread_of.items()}


def _save(messages: Iterable[Message]) -> None:
    in_order = sorted(messages, key=lambda message: message.pk)
    values = [(message.thread_id, message.key_id, message.parent_id, message.pk) for message in in_order]
    rows.update(Message, ("thread", "key", "parent"), values)


@dataclass
class _Group:
    """Messages that belong to one thread, with the keys and the existing threads that they stand for."""

    members: list[_Named]
    keys: set[bytes]
    threads: set[int]


def _groups(named: Sequence[_Named], thread_of: dict[bytes, int]) -> list[_Group]:
    """Messages of which one names the other, or both the same, or a thread that is there: in the order of the first."""
    found: dict[bytes | int, _Group] = {}
    for one in named:
        marks: set[bytes | int] = {*one.keys, *(thread_of[key] for key in one.keys if key in thread_of)}
        group = _Group([], set(), set())
        for other in {id(found[mark]): found[mark] for mark in marks if mark in found}.values():
            # The smaller moves into the larger: many joinings stay cheap.
            small, group = (group, other) if len(group.keys) <= len(other.keys) else (other, group)
            _move(small, group, found)
        _move(_Group([one], set(one.keys), {mark for mark in marks if isinstance(mark, int)}), group, found)
    return list({id(group): group for group in found.values()}.values())


def _move(small: _Group, into: _Group, found: dict[bytes | int, _Group]) -> None:
    into.members += small.members
    into.keys |= small.keys
    into.threads |= small.threads
    found |= dict.fromkeys(small.keys, into)
    found |= dict.fromkeys(small.threads, into)


def _choose(groups: Sequence[_Group], threads: dict[int, Thread]) -> list[Thread]:
    """The thread of each group: its oldest, or a new one."""
    new = iter(rows.allot(Thread, sum(not group.threads for group in groups)))
    now = timezone.now()
    chosen = [
        threads[min(group.threads)] if group.threads else Thread(pk=next(new), created_at=now) for group in groups
    ]
    made = [(one.pk, now, None) for group, one in zip(groups, chosen, strict=True) if not group.threads]
    rows.insert(Thread, ("id", "created_at", "absorbed_by"), made)
    return chosen


def _digest(message_id: str) -> bytes:
    return hashlib.sha256(message_id.encode("utf-8", "surrogatepass")).digest()[:16]


def _keys(names: Iterable[bytes]) -> dict[bytes, tuple[int, int]]:
    """Of the keys that exist, their own ids and their threads'."""
    found: dict[bytes, tuple[int, int]] = {}
    for some in rows.groups(names):
        stored = ThreadKey.objects.filter(key__in=some).values_list("key", "pk", "thread_id")
        found |= {bytes(key): (pk, thread) for key, pk, thread in stored}
    return found


def _locked(keys: dict[bytes, tuple[int, int]], names: Iterable[bytes]) -> dict[int, Thread]:
    """The threads of `keys` by their ids, locked until the transaction ends.

    Threads are locked before any key is written and in the order of their ids, keys are written in the order of their
    names: two workers wait for each other in one direction only.
    """
    threads: dict[int, Thread] = {}
    for some in rows.groups(sorted({thread for _, thread in keys.values()})):
        threads |= Thread.objects.select_for_update().order_by("pk").in_bulk(some)
    if threads and connection.features.has_select_for_update and _keys(names) != keys:
        raise _Changed
    return threads


def _write_keys(new: dict[bytes, tuple[str, int]]) -> dict[bytes, int]:
    ids = rows.allot(ThreadKey, len(new))
    in_order = list(zip(ids, sorted(new), strict=True))
    values = [(pk, key, fit(new[key][0], 1000), new[key][1]) for pk, key in in_order]
    rows.insert(ThreadKey, ("id", "key", "message_id", "thread"), values)
    return {key: pk for pk, key in in_order}


def _join(others_of: dict[int, list[int]]) -> None:
    for thread, others in sorted(others_of.items()):
        if others:
            ThreadKey.objects.filter(thread__in=others).update(thread=thread)
            Message.objects.filter(thread__in=others).update(thread=thread)
            Thread.objects.filter(absorbed_by__in=others).update(absorbed_by=thread)
            Thread.objects.filter(pk__in=others).update(absorbed_by=thread)


def _absorbed(threads: Sequence[int]) -> defaultdict[int, list[int]]:
    """By thread: those that were joined into it and are not buried yet."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for some in rows.groups(threads):
        for pk, into in Thread.objects.filter(absorbed_by__in=some).values_list("pk", "absorbed_by_id"):
            found[into].append(pk)
    return found
