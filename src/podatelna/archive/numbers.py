"""Whole numbers in few bytes: LEB128, seven bits a byte, the lowest first."""

from __future__ import annotations


def written(value: int) -> bytes:
    """`value` (not negative)."""
    digits = bytearray()
    while value > 127:
        digits.append(value & 127 | 128)
        value >>= 7
    digits.append(value)
    return bytes(digits)


def number_at(data: bytes, at: int) -> tuple[int, int]:
    """The number that begins at `at`, and where it ends. Raises IndexError when `data` ends first."""
    value, shift = 0, 0
    while data[at] > 127:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
    return value | data[at] << shift, at + 1
