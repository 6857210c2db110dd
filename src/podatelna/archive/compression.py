"""zstd for what is stored; one compressor a thread, because making one takes longer than using it on a small mail."""

from __future__ import annotations

import threading

import zstandard

_LEVEL = 3
_here = threading.local()


def pack(data: bytes) -> bytes:
    """`data` as one zstd frame that knows its length."""
    if not hasattr(_here, "compressor"):
        _here.compressor = zstandard.ZstdCompressor(level=_LEVEL)
    packed: bytes = _here.compressor.compress(data)
    return packed


def unpack(packed: bytes | memoryview) -> bytes:
    """What `pack` was given. Raises zstandard.ZstdError when the frame was changed."""
    if not hasattr(_here, "decompressor"):
        _here.decompressor = zstandard.ZstdDecompressor()
    data: bytes = _here.decompressor.decompress(packed)
    return data
