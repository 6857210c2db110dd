"""Which messages are one thread when people have decided about it: a function of messages and decisions alone.

So the threads are the same whatever came first, mail or decisions. Keys are digests of Message-IDs.

- A *cut* makes a message the head of a thread of its own. With it goes whatever answers it: each key belongs to the
  nearest cut key on the way up through what it answers, from the last reference to the one before it, and so on. What
  a message that is not here (or says nothing) answers is learned from those that name it, by what they name before it.
- Of the others, messages that name each other or the same ancestor are one thread, as without decisions.
- A *join* makes one of two threads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Key = bytes


@dataclass(frozen=True)
class Named:
    """A message by its own key, and the keys of what it answers, the oldest first."""

    key: Key
    references: tuple[Key, ...]


@dataclass(frozen=True)
class Part:
    """Keys that are one thread. `head`: the first cut in it, None where something in it hangs below none."""

    head: Key | None
    keys: frozenset[Key]


def arrange(messages: Iterable[Named], cuts: Sequence[Key], joins: Iterable[tuple[Key, Key]]) -> list[Part]:
    """The threads of `messages`, of everything they name, and of what is joined; cuts in the order of their making.

    Threads below no cut come first.
    """
    known = sorted(set(messages), key=lambda one: (one.key, one.references))
    tree = _Tree(known, frozenset(cuts))
    groups = _Groups()
    for one in known:
        own = tree.head(one.key)
        groups.add(one.key)
        for name in one.references:
            groups.add(name)
            if tree.head(name) == own:
                groups.unite(one.key, name)
    for key in list(groups.parents):
        head = tree.head(key)
        if head is not None:
            groups.unite(key, head)
    for one_key, other in sorted(joins):
        groups.unite(one_key, other)
    return _in_order(groups, tree, cuts)


def _in_order(groups: _Groups, tree: _Tree, cuts: Sequence[Key]) -> list[Part]:
    place = {key: number for number, key in enumerate(cuts)}
    parts = []
    for keys in groups.all():
        heads = {tree.head(key) for key in keys}
        first = None if None in heads else min((head for head in heads if head is not None), key=place.__getitem__)
        parts.append(Part(first, frozenset(keys)))
    return sorted(parts, key=lambda part: (-1 if part.head is None else place[part.head], min(part.keys)))


class _Tree:
    """What each key answers, and below which cut it hangs."""

    def __init__(self, messages: Sequence[Named], cuts: frozenset[Key]) -> None:
        self._cuts = cuts
        self._heads: dict[Key, Key | None] = {}
        self._above: dict[Key, tuple[Key, ...]] = {}
        told: dict[Key, tuple[Key, ...]] = {}
        for one in messages:
            if len(one.references) >= len(self._above.get(one.key, ())):
                self._above[one.key] = one.references
            for position, name in enumerate(one.references):
                # The longest account of what stands above it; of equals the first, in the order of the keys.
                if position > len(told.get(name, ())):
                    told[name] = one.references[:position]
        for name, above in told.items():
            if not self._above.get(name):
                self._above[name] = above

    def head(self, key: Key) -> Key | None:
        """The cut key that `key` hangs below or is; None for none."""
        if key not in self._heads:
            self._heads[key] = self._walk(key)
        return self._heads[key]

    def _walk(self, key: Key) -> Key | None:
        seen: set[Key] = set()
        at: Key | None = key
        while at is not None:
            if at in self._cuts:
                return at
            seen.add(at)
            # What names itself, or each other, goes round in no circle.
            at = next((name for name in reversed(self._above.get(at, ())) if name not in seen), None)
        return None


class _Groups:
    """Sets that are united (union-find); the smallest key stands for each."""

    def __init__(self) -> None:
        self.parents: dict[Key, Key] = {}

    def add(self, key: Key) -> None:
        self.parents.setdefault(key, key)

    def unite(self, one: Key, other: Key) -> None:
        self.add(one)
        self.add(other)
        low, high = sorted((self._root(one), self._root(other)))
        self.parents[high] = low

    def _root(self, key: Key) -> Key:
        while self.parents[key] != key:
            self.parents[key] = self.parents[self.parents[key]]
            key = self.parents[key]
        return key

    def all(self) -> list[set[Key]]:
        found: dict[Key, set[Key]] = defaultdict(set)
        for key in self.parents:
            found[self._root(key)].add(key)
        return list(found.values())
