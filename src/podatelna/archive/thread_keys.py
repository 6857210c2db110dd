"""Names of messages as keys of threads: a message's own, and those of what it answers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from podatelna import rows
from podatelna.mail.parse import Parsed
from podatelna.mail.reports import read_bounce

from .columns import fit
from .models import Message, Thread, ThreadKey

# Of a longer list of references the first (the thread's root) and the last ones are used.
_MOST_REFERENCES = 200


@dataclass(frozen=True)
class Placed:
    """Where a message belongs.

    `absorbed` are the ids of threads that were joined into `thread`, by this message or an earlier one, and not yet
    buried: whoever keeps something by thread moves it over, then calls `threads.bury`. Where people have decided about
    threads, messages that were here can be in another one now (`moved`), and `also` are the other threads concerned.
    """

    thread: Thread
    absorbed: tuple[int, ...]
    moved: tuple[int, ...] = ()
    also: tuple[Placed, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Names:
    """A message, its own name, and the names of what it answers, oldest first."""

    message: Message
    own: str
    references: Sequence[str]

    @cached_property
    def keys(self) -> dict[bytes, str]:
        """The digests of all these names."""
        return {digest(name): name for name in (self.own, *self.references)}

    @property
    def parent(self) -> bytes | None:
        """The key of what it answers."""
        return digest(self.references[-1]) if self.references else None


def names_of(message: Message, parsed: Parsed) -> Names:
    """What `message` is called and what it names."""
    # Without a Message-ID it still needs a key, or placing it twice would make two threads.
    own = parsed.message_id or f"fingerprint:{bytes(message.fingerprint).hex()}"
    named = list(dict.fromkeys((*parsed.references, *parsed.in_reply_to, *_reported(parsed))))
    if len(named) > _MOST_REFERENCES:
        named = [named[0], *named[-_MOST_REFERENCES + 1 :]]
    return Names(message, own, [name for name in named if name != own])


def _reported(parsed: Parsed) -> list[str]:
    """A delivery report belongs to what it reports on, which it names in the header that it returns."""
    bounce = read_bounce(parsed) if parsed.automatic == "report" else None
    return [bounce.original_message_id] if bounce is not None and bounce.original_message_id else []


def digest(message_id: str) -> bytes:
    """The key of a Message-ID, 16 bytes."""
    return hashlib.sha256(message_id.encode("utf-8", "surrogatepass")).digest()[:16]


def stored_keys(keys: Iterable[bytes]) -> dict[bytes, tuple[int, int]]:
    """Of the keys that exist, their own ids and their threads'."""
    found: dict[bytes, tuple[int, int]] = {}
    for some in rows.groups(keys):
        stored = ThreadKey.objects.filter(key__in=some).values_list("key", "pk", "thread_id")
        found |= {bytes(key): (pk, thread) for key, pk, thread in stored}
    return found


def write_keys(new: dict[bytes, tuple[str, int]]) -> dict[bytes, int]:
    """Insert keys, each with its Message-ID and its thread's id, in the order of the keys; the new rows' ids."""
    ids = rows.allot(ThreadKey, len(new))
    in_order = list(zip(ids, sorted(new), strict=True))
    values = [(pk, key, fit(new[key][0], 1000), new[key][1]) for pk, key in in_order]
    rows.insert(ThreadKey, ("id", "key", "message_id", "thread"), values)
    return {key: pk for pk, key in in_order}


def save_places(messages: Iterable[Message]) -> None:
    """Write thread, key and parent of messages."""
    in_order = sorted(messages, key=lambda message: message.pk)
    values = [(message.thread_id, message.key_id, message.parent_id, message.pk) for message in in_order]
    rows.update(Message, ("thread", "key", "parent"), values)


def unburied(threads: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """By thread: those that were joined into it and are not buried yet."""
    found: dict[int, tuple[int, ...]] = {}
    for some in rows.groups(threads):
        for pk, into in Thread.objects.filter(absorbed_by__in=some).order_by("pk").values_list("pk", "absorbed_by_id"):
            assert into is not None
            found[into] = (*found.get(into, ()), pk)
    return found
