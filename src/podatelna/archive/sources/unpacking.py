"""Compressed files (gzip, bzip2, xz, Zstandard), unpacked as they are read and only as far as is allowed."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Protocol

import zstandard

from .allowance import CHUNK, Allowance, Stream
from .found import Unusable

_MOST_MEMORY = 160 * 1024 * 1024  # xz -9 needs 65 MB, zstd --long 128 MB
_MAGIC = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
_SUFFIXES = {
    "gzip": (".gz", ".tgz"),
    "bzip2": (".bz2", ".tbz2", ".tbz"),
    "xz": (".xz", ".txz"),
    "zstd": (".zst", ".tzst"),
}


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Gzip:
    """zlib's decoder with the interface that the two others have."""

    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._decoder.unconsumed_tail

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        return self._decoder.decompress(self._decoder.unconsumed_tail + data, max_length)


class _Zstandard:
    """Zstandard's decoder with that interface. How much it gives for what it is fed cannot be limited otherwise."""

    needs_input = True

    def __init__(self) -> None:
        self._decoder = zstandard.ZstdDecompressor(max_window_size=2**27).decompressobj()

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        return self._decoder.decompress(data)


_DECODERS: dict[str, Callable[[], _Decoder]] = {
    "gzip": _Gzip,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(memlimit=_MOST_MEMORY),
    "zstd": _Zstandard,
}
# A block is four bytes at least and 128 kB at most: what is fed at a time becomes 128 MB in the worst case.
_ZSTANDARD_FEED = 4096
_LONGEST_MAGIC = 6
_BROKEN = (zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError, EOFError, ValueError)


def compression(head: bytes) -> str:
    """How a file that begins with `head` is compressed, "" when it is not."""
    return next((name for magic, name in _MAGIC.items() if head.startswith(magic)), "")


def plain_name(name: str, how: str) -> str:
    """A compressed file's name without the suffix that says so."""
    for suffix in _SUFFIXES[how]:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)] + (".tar" if suffix.startswith(".t") else "")
    return name


def unpacked(stream: Stream, how: str, allowance: Allowance) -> Stream:
    """What is inside; reading it raises Unusable where it is damaged, ends too early or is too much."""
    return Stream(_Unpacked(stream, how, allowance))


class _Unpacked:
    """Members one after the other, as each of these kinds may have them."""

    def __init__(self, stream: Stream, how: str, allowance: Allowance) -> None:
        self._stream, self._make, self._allowance = stream, _DECODERS[how], allowance
        self._feed = _ZSTANDARD_FEED if how == "zstd" else CHUNK
        self._decoder = self._make()
        self._waiting = b""  # read, and not yet given to the decoder
        self._ready = b""

    def read(self, size: int, /) -> bytes:
        while not self._ready:
            if self._decoder.eof and not self._begin_next():
                return b""
            self._ready = self._decode(size)
            self._allowance.spend(len(self._ready))
        piece, self._ready = self._ready[:size], self._ready[size:]
        return piece

    def _decode(self, size: int) -> bytes:
        data = b""
        if self._decoder.needs_input:
            waiting = self._waiting or self._stream.read(CHUNK)
            data, self._waiting = waiting[: self._feed], waiting[self._feed :]
            if not data:
                raise Unusable("the compressed data ends too early")
        try:
            return self._decoder.decompress(data, size)
        except _BROKEN as error:
            raise Unusable(f"the compressed data is damaged ({error})") from error

    def _begin_next(self) -> bool:
        # Behind the last member there may be padding, which is no member.
        self._waiting = self._decoder.unused_data + self._waiting
        if len(self._waiting) < _LONGEST_MAGIC:
            self._waiting += self._stream.read(CHUNK)
        if not compression(self._waiting):
            return False
        self._decoder = self._make()
        return True
