"""Which pictures of a message are printed: those whose size can be told and is that of a picture, not of a bomb."""

from __future__ import annotations

import struct

_LARGEST = 8 * 1024 * 1024
_MOST_PIXELS = 25_000_000
_LEAST = 24  # pixels; what is smaller is a spacer or counts its readers
_JPEG_SIZES = {0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}


def suffix_of(data: bytes) -> str:
    """ ".png", ".jpg", ".gif", or "" for what is not printed; by what it begins with, whatever it is called."""
    suffix, size = _size(data)
    if not size or len(data) > _LARGEST:
        return ""
    width, height = size
    fits = (
        min(width, height) >= _LEAST and width * height <= _MOST_PIXELS and max(width, height) < 50 * min(width, height)
    )
    return suffix if fits else ""


def width_of(data: bytes) -> int:
    """How wide it is printed, in points: as on a screen of 96 dots an inch, but never wider or higher than a page."""
    _, size = _size(data)
    width, height = size or (1, 1)
    return int(min(width * 0.75, 460, 620 * width / height))


def _size(data: bytes) -> tuple[str, tuple[int, int] | None]:
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) > 24:
        return ".png", struct.unpack(">II", data[16:24])
    if data.startswith((b"GIF87a", b"GIF89a")) and len(data) > 10:
        return ".gif", struct.unpack("<HH", data[6:10])
    if data.startswith(b"\xff\xd8"):
        return ".jpg", _jpeg_size(data)
    return "", None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker, (length,) = data[at + 1], struct.unpack(">H", data[at + 2 : at + 4])
        if marker in _JPEG_SIZES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None
