"""How bytes are packed: zstd with what is known already, each result saying in its first byte how it is undone.

00 data       as it is, where packing makes it no smaller
01 frame      zstd without its four magic bytes; the frame itself names the dictionary that it was made with
02 frame      the same, made with another text as its dictionary: the caller knows which
28 …          a whole zstd frame, as `zstd -d` reads it: large contents, and all of it before version 0.4
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import lru_cache

import zstandard

PLAIN, FRAME, LIKE = b"\x00", b"\x01", b"\x02"
_MAGIC = b"\x28\xb5\x2f\xfd"
_LEVEL = 3  # of large contents, most of which were compressed by their makers
_SMALL_LEVEL = 6  # of small rows: 7 % smaller than level 3 for 20 µs; level 12 gives 3 % more for 60
# Of training: what zstd finds by trying is no better on mail (1,293 and 1,295 bytes a message), in four times as long.
_SEGMENT, _MATCH = 400, 8
# Shorter texts are no dictionary for zstd.
_SHORTEST_BASE = 8
_here = threading.local()  # making a compressor takes longer than using it on a small mail


class Trained:
    """A dictionary that zstd was trained on mail to make."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._dictionary = zstandard.ZstdCompressionDict(data, dict_type=zstandard.DICT_TYPE_FULLDICT)
        self._dictionary.precompute_compress(level=_SMALL_LEVEL)
        self.id: int = self._dictionary.dict_id()
        self._here = threading.local()

    @property
    def compressor(self) -> zstandard.ZstdCompressor:
        """This thread's own."""
        if not hasattr(self._here, "compressor"):
            self._here.compressor = zstandard.ZstdCompressor(level=_SMALL_LEVEL, dict_data=self._dictionary)
        found: zstandard.ZstdCompressor = self._here.compressor
        return found

    @property
    def decompressor(self) -> zstandard.ZstdDecompressor:
        """This thread's own."""
        if not hasattr(self._here, "decompressor"):
            self._here.decompressor = zstandard.ZstdDecompressor(dict_data=self._dictionary)
        found: zstandard.ZstdDecompressor = self._here.decompressor
        return found


def train(samples: Sequence[bytes], size: int, number: int) -> Trained:
    """A dictionary of at most `size` bytes called `number`. Raises zstandard.ZstdError for too few or odd samples."""
    try:
        made = zstandard.train_dictionary(size, [*samples], dict_id=number, k=_SEGMENT, d=_MATCH)
    except zstandard.ZstdError:  # too little mail for segments of that length: zstd tries others
        made = zstandard.train_dictionary(size, [*samples], dict_id=number)
    return Trained(made.as_bytes())


def frame(data: bytes) -> bytes:
    """`data` as one whole zstd frame that knows its length and needs no dictionary."""
    packed: bytes = _compressor(_LEVEL).compress(data)
    return packed


def pack(data: bytes, trained: Trained | None = None) -> bytes:
    """`data` in few bytes."""
    compressor = trained.compressor if trained else _compressor(_SMALL_LEVEL)
    packed = compressor.compress(data)
    return FRAME + packed[4:] if len(packed) - 4 < len(data) else PLAIN + data


def pack_like(data: bytes, base: bytes, trained: Trained | None = None) -> bytes:
    """`data` in very few bytes where it is much like `base`; b"" where it is the same."""
    if data == base:
        return b""
    if len(base) < _SHORTEST_BASE:
        return pack(data, trained)
    compressor = zstandard.ZstdCompressor(level=_SMALL_LEVEL, dict_data=_as_dictionary(base))
    return LIKE + compressor.compress(data)[4:]


def unpack(packed: bytes, find: Callable[[int], Trained], base: bytes | None = None) -> bytes:
    """What `pack`, `pack_like` (with the same `base`) or `frame` was given.

    `find` gives the dictionary of a number. Raises zstandard.ZstdError or ValueError when the bytes were changed, and
    what `find` raises.
    """
    kind = packed[:1]
    if kind == PLAIN:
        return packed[1:]
    if kind == FRAME:
        whole, number = _MAGIC + packed[1:], dictionary_of(packed)
        return _decompressed(find(number).decompressor if number else _decompressor(), whole)
    if base is not None and not packed:
        return base
    if base is not None and kind == LIKE:
        return _decompressed(zstandard.ZstdDecompressor(dict_data=_as_dictionary(base)), _MAGIC + packed[1:])
    if kind == _MAGIC[:1]:
        return _decompressed(_decompressor(), packed)
    raise ValueError(f"bytes that begin with {kind!r} were not packed here")


def dictionary_of(packed: bytes) -> int:
    """The number of the dictionary that a packed piece needs; 0 for none. Raises ValueError for a changed frame."""
    if packed[:1] != FRAME:
        return 0
    try:
        return int(zstandard.get_frame_parameters(_MAGIC + packed[1:]).dict_id)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from error


def _decompressed(decompressor: zstandard.ZstdDecompressor, whole: bytes) -> bytes:
    try:
        data: bytes = decompressor.decompress(whole)
    except MemoryError as error:
        raise ValueError("a changed frame asks for more memory than there is") from error
    return data


@lru_cache(maxsize=8)
def _as_dictionary(base: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def _compressor(level: int) -> zstandard.ZstdCompressor:
    made: dict[int, zstandard.ZstdCompressor] = _here.__dict__.setdefault("compressors", {})
    if level not in made:
        made[level] = zstandard.ZstdCompressor(level=level)
    return made[level]


def _decompressor() -> zstandard.ZstdDecompressor:
    if not hasattr(_here, "decompressor"):
        _here.decompressor = zstandard.ZstdDecompressor()
    found: zstandard.ZstdDecompressor = _here.decompressor
    return found
