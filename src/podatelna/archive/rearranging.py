"""Threads about which people have decided, made anew from all their mail whenever any of it or a decision comes.

Such threads, and what was split off or joined, have one `family`: few threads do, so all of a family can be read.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from django.db.models import F
from django.utils import timezone

from podatelna import rows

from . import store
from .arrangement import Named, Part, arrange
from .errors import Damaged
from .models import Message, Thread, ThreadDecision, ThreadKey
from .thread_keys import Names, Placed, digest, names_of, save_places, unburied, write_keys

log = logging.getLogger(__name__)

Kind = ThreadDecision.Kind


def with_families(threads: Iterable[int]) -> list[int]:
    """The ids of `threads` and of all threads of their families, in order."""
    wanted = set(threads)
    families: set[int | None] = set()
    for some in rows.groups(sorted(wanted)):
        families |= set(Thread.objects.filter(pk__in=some, family__isnull=False).values_list("family", flat=True))
    if families:
        wanted |= set(Thread.objects.filter(family__in=families).values_list("pk", flat=True))
    return sorted(wanted)


def rearrange(threads: Mapping[int, Thread], coming: Sequence[Names] = (), also: Sequence[Named] = ()) -> list[Placed]:
    """Put all messages of `threads` (whole families, locked) and those that are `coming` where they belong.

    `also` are letters that are on their way out and not filed yet. Gives every thread that is left, each with all that
    moved; the messages that are coming have theirs set and saved.
    """
    family = _Family(threads, coming, also)
    homes = _homes(family)
    absorbed = _absorb(family, homes)
    ids = _write(family, homes, absorbed)
    _save(coming, homes, ids)
    moved = _follow(family)
    _number(family)
    return _placed(family, homes, moved)


def below(message: Message) -> set[int]:
    """The keys (their ids) of what hangs below a cut at `message`, were it made and nothing joined."""
    assert message.thread is not None
    assert message.key is not None
    threads = Thread.objects.in_bulk(with_families([message.thread.pk]))
    family = _Family(threads, (), ())
    head = bytes(message.key.key)
    cuts = list(dict.fromkeys([*family.decided()[0], head]))
    part = next(part for part in arrange(family.named, cuts, []) if part.head == head)
    return {family.keys[key][0] for key in part.keys if key in family.keys}


class _Family:
    """What is known of some threads: their keys, what their messages name, and what was decided."""

    def __init__(self, threads: Mapping[int, Thread], coming: Sequence[Names], also: Sequence[Named]) -> None:
        self.threads = dict(threads)
        self.names = {key: name for one in coming for key, name in one.keys.items()}
        stored = ThreadKey.objects.filter(thread__in=list(threads)).order_by("pk")
        self.keys = {bytes(key): (pk, thread) for key, pk, thread in stored.values_list("key", "pk", "thread_id")}
        self.named = [_named(one) for one in coming] + list(also) + self._here({one.message.pk for one in coming})

    def _here(self, but: set[int]) -> list[Named]:
        messages = Message.objects.filter(thread__in=list(self.threads)).exclude(pk__in=but)
        return [_read_names(pk, bytes(name)) for pk, name in messages.values_list("pk", "fingerprint")]

    def decided(self) -> tuple[list[bytes], list[tuple[bytes, bytes]]]:
        """Cuts, in the order of their making, and joins."""
        decisions = ThreadDecision.objects.filter(key__thread__in=list(self.threads)).order_by("at", "pk")
        found = list(decisions.values_list("kind", "key__key", "other__key"))
        cuts = [bytes(key) for kind, key, _ in found if kind == Kind.CUT]
        return cuts, [(bytes(key), bytes(other)) for kind, key, other in found if kind != Kind.CUT]

    def parts(self) -> list[Part]:
        """The threads as they should be; the oldest first of those below no cut."""
        cuts, joins = self.decided()
        return sorted(arrange(self.named, cuts, joins), key=lambda part: (part.head is not None, self._age(part)))

    def _age(self, part: Part) -> int:
        if part.head is not None:
            return 0  # they stay in the order of the cuts
        return min((self.keys[key][0] for key in part.keys if key in self.keys), default=1 << 62)


def _named(names: Names) -> Named:
    return Named(digest(names.own), tuple(digest(name) for name in names.references))


@lru_cache(maxsize=50_000)
def _read_names(pk: int, fingerprint: bytes) -> Named:
    """What a message is called and names. Its fingerprint tells it from another one that has its number later."""
    message = Message.objects.select_related("key", "parent").get(pk=pk, fingerprint=fingerprint)
    try:
        return _named(names_of(message, store.read(message)))
    except Damaged as damage:
        log.error("message %s: %s", pk, damage)
        parent = (bytes(message.parent.key),) if message.parent else ()
        assert message.key is not None
        return Named(bytes(message.key.key), parent)


# --- which thread is which part --------------------------------------------------------------------------


def _homes(family: _Family) -> dict[bytes, int]:
    """The thread of every key: of the threads that it has something of, a part keeps the oldest that is free."""
    homes: dict[bytes, int] = {}
    taken: set[int] = set()
    for part in family.parts():
        free = {family.keys[key][1] for key in part.keys if key in family.keys} - taken
        thread = family.threads[min(free)] if free else _new_thread(family)
        taken.add(thread.pk)
        homes |= dict.fromkeys(part.keys, thread.pk)
    return homes


def _new_thread(family: _Family) -> Thread:
    thread = Thread(pk=rows.allot(Thread, 1)[0], created_at=timezone.now())
    rows.insert(Thread, ("id", "created_at", "absorbed_by"), [(thread.pk, thread.created_at, None)])
    family.threads[thread.pk] = thread
    return thread


def _absorb(family: _Family, homes: dict[bytes, int]) -> dict[int, int]:
    """Threads of which nothing is left, and where their oldest key is now."""
    gone: dict[int, int] = {}
    kept = set(homes.values())
    for key, (_, thread) in family.keys.items():
        if thread not in kept and thread not in gone and key in homes:
            gone[thread] = homes[key]
    for thread, into in gone.items():
        Thread.objects.filter(absorbed_by=thread).update(absorbed_by=into)
        Thread.objects.filter(pk=thread).update(absorbed_by=into)
    return gone


# --- written ---------------------------------------------------------------------------------------------


def _write(family: _Family, homes: dict[bytes, int], absorbed: dict[int, int]) -> dict[bytes, int]:
    """Write the threads of keys that are here, and new keys; the ids of all."""
    changed: defaultdict[int, list[int]] = defaultdict(list)
    for key, (pk, thread) in family.keys.items():
        # What nobody names any more (a letter that is on its way) stays where it was.
        home = homes.get(key, absorbed.get(thread, thread))
        if home != thread:
            changed[home].append(pk)
    for home, keys in sorted(changed.items()):
        for some in rows.groups(sorted(keys)):
            ThreadKey.objects.filter(pk__in=some).update(thread=home)
    new = {key: (family.names[key], home) for key, home in homes.items() if key not in family.keys}
    return {key: pk for key, (pk, _) in family.keys.items()} | write_keys(new)


def _save(coming: Sequence[Names], homes: dict[bytes, int], ids: dict[bytes, int]) -> None:
    for one in coming:
        own = digest(one.own)
        one.message.thread_id, one.message.key_id = homes[own], ids[own]
        one.message.parent_id = None if one.parent is None else ids[one.parent]
    save_places(one.message for one in coming)


def _follow(family: _Family) -> tuple[int, ...]:
    """Have messages stand in the threads of their keys; those that stood elsewhere."""
    threads = list(family.threads)
    astray = Message.objects.filter(thread__in=threads).exclude(thread=F("key__thread"))
    moved = dict(astray.values_list("pk", "key__thread"))
    for home in sorted(set(moved.values())):
        Message.objects.filter(pk__in=[pk for pk, there in moved.items() if there == home]).update(thread=home)
    return tuple(sorted(moved))


def _number(family: _Family) -> None:
    numbers = [thread.family for thread in family.threads.values() if thread.family is not None]
    number = min(numbers, default=min(family.threads))
    Thread.objects.filter(pk__in=list(family.threads)).exclude(family=number).update(family=number)


def _placed(family: _Family, homes: dict[bytes, int], moved: tuple[int, ...]) -> list[Placed]:
    left = sorted(set(homes.values()))
    absorbed = unburied(left)
    plain = tuple(Placed(family.threads[pk], absorbed.get(pk, ())) for pk in left)
    return [Placed(one.thread, one.absorbed, moved, tuple(other for other in plain if other != one)) for one in plain]
