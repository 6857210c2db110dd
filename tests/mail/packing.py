"""Writers of what mail/ only reads, for tests: winmail.dat, MAPI properties, compressed RTF, yEnc."""

import zlib
from struct import pack

STRING, UNICODE, BINARY, OBJECT, LONG = 0x1E, 0x1F, 0x102, 0x0D, 3


def prop(kind: int, tag: int, value: str | bytes | int) -> bytes:
    """One MAPI property."""
    head = pack("<HH", kind, tag)
    if isinstance(value, int):
        return head + pack("<i", value)
    data = (value + "\0").encode("utf-16-le") if isinstance(value, str) else value
    return head + pack("<II", 1, len(data)) + data + b"\0" * (-len(data) % 4)


def named_prop(name: str, value: str) -> bytes:
    """A property that is known by a name in a set of its own."""
    written = (name + "\0").encode("utf-16-le")
    head = pack("<HH", UNICODE, 0x8001) + b"g" * 16 + pack("<II", 1, len(written)) + written
    data = (value + "\0").encode("utf-16-le")
    return head + b"\0" * (-len(written) % 4) + pack("<II", 1, len(data)) + data + b"\0" * (-len(data) % 4)


def props(*properties: bytes) -> bytes:
    """A list of properties."""
    return pack("<I", len(properties)) + b"".join(properties)


def attribute(level: int, tag: int, data: bytes) -> bytes:
    """One attribute of a winmail.dat."""
    return pack("<BII", level, tag, len(data)) + data + pack("<H", sum(data) & 0xFFFF)


def tnef(*attributes: bytes, page: int = 1250) -> bytes:
    """A winmail.dat in the code page `page`."""
    return b"\x78\x9f\x3e\x22\x01\x00" + attribute(1, 0x00069007, pack("<II", page, 0)) + b"".join(attributes)


def attached(data: bytes, title: bytes, *properties: bytes) -> bytes:
    """An attachment with its short name and its properties."""
    made = attribute(2, 0x00069002, b"\0" * 14) + attribute(2, 0x00018010, title + b"\0")
    if data:
        made += attribute(2, 0x0006800F, data)
    return made + (attribute(2, 0x00069005, props(*properties)) if properties else b"")


def message(*properties: bytes) -> bytes:
    """The properties of the message itself."""
    return attribute(1, 0x00069003, props(*properties))


def compressed(rtf: bytes) -> bytes:
    """`rtf` in the format of compressed RTF, with nothing in it compressed."""
    body = b"".join(b"\0" + rtf[start : start + 8] for start in range(0, len(rtf), 8))
    return pack("<III", len(body) + 12, len(rtf), 0x75465A4C) + b"\0\0\0\0" + body


def yenc(
    data: bytes, name: str, *, part: int = 0, total: int = 0, begin: int = 1, size: int = 0, width: int = 64
) -> bytes:
    """`data` in yEnc; with `part` a piece of a file of `size` bytes that begins at `begin`."""
    encoded = []
    for octet in data:
        moved = (octet + 42) & 255
        encoded.append(bytes([61, (moved + 64) & 255]) if moved in (0, 10, 13, 61) else bytes([moved]))
    lines = b"\r\n".join(b"".join(encoded[start : start + width]) for start in range(0, len(encoded), width))
    head = f"=ybegin line={width} size={size or len(data)} name={name}\r\n"
    tail = f"\r\n=yend size={len(data)} crc32={zlib.crc32(data):08x}\r\n"
    if part:
        head = f"=ybegin part={part} total={total} line={width} size={size} name={name}\r\n"
        head += f"=ypart begin={begin} end={begin + len(data) - 1}\r\n"
        tail = f"\r\n=yend size={len(data)} part={part} pcrc32={zlib.crc32(data):08x}\r\n"
    return head.encode() + lines + tail.encode()
