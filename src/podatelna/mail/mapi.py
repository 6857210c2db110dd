"""MAPI properties as a winmail.dat lists them (MS-OXTNEF 2.1.3.4): numbers, text and data by their tag."""

from __future__ import annotations

from struct import unpack_from

from .charsets import decode_bytes

Value = int | str | bytes

MAX_PROPERTIES = 10_000
BODY, RTF_COMPRESSED, BODY_HTML, INTERNET_CODEPAGE = 0x1000, 0x1009, 0x1013, 0x3FDE
DISPLAY_NAME, ATTACHED_DATA, SHORT_NAME, LONG_NAME, MIME_TAG, CONTENT_ID = (
    0x3001,
    0x3701,
    0x3704,
    0x3707,
    0x370E,
    0x3712,
)
_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")  # IID_IMessage
_NAMED = 0x8000
_MANY = 0x1000
_FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
_TEXT, _UNICODE, _BINARY, _OBJECT = 0x1E, 0x1F, 0x102, 0x0D


class _Cut(Exception):
    """The data ends within a property."""


def read_properties(data: bytes) -> tuple[dict[int, Value], bool]:
    """The properties by their 16-bit tag (named ones left out), and whether the list is whole."""
    reader = _Reader(data)
    found: dict[int, Value] = {}
    try:
        for _ in range(min(reader.number(), MAX_PROPERTIES)):
            kind, tag = reader.short(), reader.short()
            if tag >= _NAMED:
                reader.skip_name()
            value = reader.value(kind)
            if tag < _NAMED and value is not None:
                found.setdefault(tag, value)
    except _Cut:
        return found, False
    return found, True


def number(properties: dict[int, Value], tag: int) -> int:
    """A number, 0 where there is none."""
    value = properties.get(tag, 0)
    return value if isinstance(value, int) else 0


def text(properties: dict[int, Value], tag: int, charset: str) -> str:
    """A text, "" where there is none; `charset` is that of texts that are no Unicode."""
    value = properties.get(tag, "")
    if isinstance(value, bytes):
        return decode_bytes(value.rstrip(b"\x00"), charset)[0]
    return value if isinstance(value, str) else ""


def data(properties: dict[int, Value]) -> bytes:
    """The content of an attachment that is kept among its properties."""
    value = properties.get(ATTACHED_DATA, b"")
    return value if isinstance(value, bytes) else b""


def attached_message(properties: dict[int, Value]) -> bytes:
    """The winmail.dat of a message that is attached, b"" where it is something else."""
    value = data(properties)
    return value[16:] if value.startswith(_MESSAGE) else b""


class _Reader:
    def __init__(self, source: bytes) -> None:
        self.source = source
        self.position = 0

    def take(self, size: int) -> bytes:
        end = self.position + size
        if end > len(self.source):
            raise _Cut
        piece = self.source[self.position : end]
        self.position = end
        return piece

    def number(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def short(self) -> int:
        return int.from_bytes(self.take(2), "little")

    def padded(self, size: int) -> bytes:
        piece = self.take(size)
        self.position += -size % 4
        return piece

    def skip_name(self) -> None:
        """A named property tells its set (a GUID), and its name or number there."""
        self.take(16)
        if self.number() == 0:
            self.take(4)
        else:
            self.padded(self.number())

    def value(self, kind: int) -> Value | None:
        """The first value of a property; the others of a list are passed over."""
        base = kind & ~_MANY
        size = _FIXED.get(base)
        if size is not None:
            count = self.number() if kind & _MANY else 1
            pieces = self.take(size * count)
            return unpack_from("<i", pieces)[0] if base == 3 and count else None
        if base not in (_TEXT, _UNICODE, _BINARY, _OBJECT):
            raise _Cut
        first: Value | None = None
        for place in range(self.number()):
            piece = self.padded(self.number())
            if place == 0:
                first = piece.decode("utf-16-le", "replace").rstrip("\x00") if base == _UNICODE else piece
        return first
