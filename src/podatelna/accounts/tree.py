"""Merkle trees over the log, as RFC 6962 (section 2.1) has them: roots, and proofs that something is below one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

EMPTY = hashlib.sha256(b"").digest()

# Hash of the full subtree of 2**level leaves that begins at leaf number * 2**level.
Subtree = Callable[[int, int], bytes]


def leaf_hash(content: bytes) -> bytes:
    """RFC 6962 2.1: leaves and nodes are hashed differently, so that no node can pass for a leaf."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def chained(before: bytes, leaf: bytes) -> bytes:
    """The chain after a leaf (its hash): over all leaves up to it, in order."""
    return hashlib.sha256(b"\x02" + before + leaf).digest()


NO_CHAIN = bytes(32)  # before the first leaf


def root(subtree: Subtree, size: int) -> bytes:
    """MTH of RFC 6962 2.1 over the first `size` leaves."""
    return _range_hash(subtree, 0, size) if size else EMPTY


def inclusion(subtree: Subtree, position: int, size: int) -> list[bytes]:
    """PATH of RFC 6962 2.1.1: the hashes that lead from leaf `position` to the root of `size` leaves."""
    path = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if position < middle:
            path.append(_range_hash(subtree, middle, end))
            end = middle
        else:
            path.append(_range_hash(subtree, start, middle))
            start = middle
    return path[::-1]


def consistency(subtree: Subtree, old: int, size: int) -> list[bytes]:
    """PROOF of RFC 6962 2.1.2: that the tree of `size` leaves begins with the tree of the first `old`; 0 < old."""
    path = []
    start, end, whole = 0, size, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range_hash(subtree, middle, end))
            end = middle
        else:
            path.append(_range_hash(subtree, start, middle))
            start, whole = middle, False
    if not whole:
        path.append(_range_hash(subtree, start, end))
    return path[::-1]


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes that are all at hand."""
    return root(subtrees_of(leaves), len(leaves))


def subtrees_of(leaves: Sequence[bytes]) -> Subtree:
    """Subtrees of leaf hashes that are all at hand, each computed once."""
    levels: list[list[bytes]] = [list(leaves)]

    def subtree(level: int, number: int) -> bytes:
        while len(levels) <= level:
            below = levels[-1]
            levels.append([node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)])
        return levels[level][number]

    return subtree


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def _range_hash(subtree: Subtree, start: int, end: int) -> bytes:
    """The hash of the leaves [start, end): full subtrees from the left, joined from the right (RFC 6962 2.1)."""
    peaks = []
    while start < end:
        # Largest full subtree that begins here; `start` is a multiple of every one that RFC 6962 cuts off before.
        level = (end - start).bit_length() - 1
        peaks.append(subtree(level, start >> level))
        start += 1 << level
    found = peaks.pop()
    while peaks:
        found = node_hash(peaks.pop(), found)
    return found
