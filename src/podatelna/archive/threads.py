"""Threads: messages joined by Message-ID, In-Reply-To and References, with ghosts for parents that were never seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from podatelna import rows
from podatelna.mail.parse import Parsed

from .columns import fit
from .models import Message, Thread, ThreadKey
from .rearranging import rearrange, with_families
from .thread_keys import Names, Placed, digest, names_of, save_places, stored_keys, unburied, write_keys

__all__ = ["Placed", "bury", "expect", "place", "place_many"]

_TRIES = 20


class _Changed(Exception):
    """Threads were joined between our look and our lock."""


def place(message: Message, parsed: Parsed) -> Placed:
    """Put `message` into its thread: that of any message it names or that names it, else a new one.

    Idempotent; the grouping is the same whatever the order of arrival, and with several workers placing at once. What
    people decided about threads (thread_decisions.py) holds for what comes later.
    Subjects never join (RFC 5256 threads by subject too; strangers' mail would be mixed).
    """
    return place_many([(message, parsed)])[message.pk]


def place_many(pairs: Sequence[tuple[Message, Parsed]]) -> dict[int, Placed]:
    """The same for the different messages of a batch, in few statements; by the messages' primary keys."""
    named = [names_of(message, parsed) for message, parsed in pairs]
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
        ThreadKey.objects.create(key=digest(message_id), message_id=fit(message_id, 1000), thread=current)
        return current


def _place(named: Sequence[Names]) -> dict[int, Placed]:
    names = {key: name for one in named for key, name in one.keys.items()}
    keys = stored_keys(names)
    threads = _locked(keys, names)
    groups = _groups(named, {key: thread for key, (_, thread) in keys.items()})
    free = [group for group in groups if all(threads[pk].family is None for pk in group.threads)]
    placed = _place_freely(free, threads, names, keys)
    for group in groups:
        if group not in free:
            placed |= _place_as_decided(group, threads)
    return placed


def _place_freely(
    groups: Sequence[_Group], threads: dict[int, Thread], names: dict[bytes, str], keys: dict[bytes, tuple[int, int]]
) -> dict[int, Placed]:
    """Each group into its oldest thread, which takes over the others."""
    chosen = list(zip(groups, _choose(groups, threads), strict=True))
    _join({thread.pk: sorted(group.threads - {thread.pk}) for group, thread in chosen})
    ids = {key: pk for key, (pk, _) in keys.items()}
    ids |= write_keys(
        {key: (names[key], thread.pk) for group, thread in chosen for key in group.keys if key not in keys}
    )
    for group, thread in chosen:
        for one in group.members:
            one.message.thread = thread
            one.message.key_id = ids[digest(one.own)]
            one.message.parent_id = None if one.parent is None else ids[one.parent]
    save_places(one.message for group in groups for one in group.members)
    absorbed = unburied([pk for group in groups for pk in group.threads])
    return {
        one.message.pk: Placed(thread, absorbed.get(thread.pk, ())) for group, thread in chosen for one in group.members
    }


def _place_as_decided(group: _Group, threads: dict[int, Thread]) -> dict[int, Placed]:
    """Where somebody decided about one of the threads, all of its family is looked at."""
    family = with_families(group.threads)
    placed = {one.thread.pk: one for one in rearrange({pk: threads[pk] for pk in family}, group.members)}
    for one in group.members:
        assert one.message.thread_id is not None
        one.message.thread = placed[one.message.thread_id].thread
    return {one.message.pk: placed[one.message.thread.pk] for one in group.members if one.message.thread}


@dataclass(eq=False)
class _Group:
    """Messages that belong to one thread, with the keys and the existing threads that they stand for."""

    members: list[Names]
    keys: set[bytes]
    threads: set[int]


def _groups(named: Sequence[Names], thread_of: dict[bytes, int]) -> list[_Group]:
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


def _locked(keys: dict[bytes, tuple[int, int]], names: Iterable[bytes]) -> dict[int, Thread]:
    """The threads of `keys` by their ids, locked until the transaction ends.

    Threads are locked before any key is written and in the order of their ids, keys are written in the order of their
    names: two workers wait for each other in one direction only.
    """
    threads: dict[int, Thread] = {}
    for some in rows.groups(with_families({thread for _, thread in keys.values()})):
        threads |= Thread.objects.select_for_update().order_by("pk").in_bulk(some)
    if threads and connection.features.has_select_for_update and stored_keys(names) != keys:
        raise _Changed
    return threads


def _join(others_of: dict[int, list[int]]) -> None:
    for thread, others in sorted(others_of.items()):
        if others:
            ThreadKey.objects.filter(thread__in=others).update(thread=thread)
            Message.objects.filter(thread__in=others).update(thread=thread)
            Thread.objects.filter(absorbed_by__in=others).update(absorbed_by=thread)
            Thread.objects.filter(pk__in=others).update(absorbed_by=thread)
