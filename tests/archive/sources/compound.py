"""Writes compound files (MS-CFB) and Outlook messages in them (MS-OXMSG), as small as they can be, for tests."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
Tree = Mapping[str, "bytes | Tree"]


def compound(tree: Tree) -> bytes:
    """A compound file with these streams (bytes) and storages (trees)."""
    writer = _Writer()
    writer.add("Root Entry", tree, 5)
    return writer.file()


@dataclass
class _Entry:
    name: str
    kind: int
    child: int = _FREE
    right: int = _FREE
    start: int = _END
    size: int = 0


@dataclass
class _Writer:
    entries: list[_Entry] = field(default_factory=list)
    data: bytearray = field(default_factory=bytearray)
    fat: list[int] = field(default_factory=list)
    short: bytearray = field(default_factory=bytearray)
    short_fat: list[int] = field(default_factory=list)

    def add(self, name: str, content: bytes | Tree, kind: int) -> int:
        number = len(self.entries)
        entry = _Entry(name, kind)
        self.entries.append(entry)
        if isinstance(content, bytes):
            entry.size, entry.start = len(content), self._stream(content)
            return number
        last = -1
        for child, inner in content.items():
            one = self.add(child, inner, 2 if isinstance(inner, bytes) else 1)
            if last < 0:
                entry.child = one
            else:
                self.entries[last].right = one  # a tree that leans: any order is read
            last = one
        return number

    def _stream(self, content: bytes) -> int:
        """Short ones stand in sectors of 64 bytes in a stream of their own."""
        if not content:
            return _END
        if len(content) >= 4096:
            return self.put(content)
        start, count = len(self.short_fat), -(-len(content) // 64)
        self.short += content.ljust(count * 64, b"\0")
        self.short_fat += [*range(start + 1, start + count), _END]
        return start

    def put(self, content: bytes) -> int:
        start = len(self.fat)
        count = -(-len(content) // SECTOR)
        self.data += content.ljust(count * SECTOR, b"\0")
        self.fat += [*range(start + 1, start + count), _END]
        return start

    def file(self) -> bytes:
        root = self.entries[0]
        root.size, root.start = len(self.short), self.put(bytes(self.short)) if self.short else _END
        short_fat = struct.pack(f"<{len(self.short_fat)}I", *self.short_fat)
        short_sectors = -(-len(short_fat) // SECTOR)
        first_short = self.put(short_fat.ljust(short_sectors * SECTOR, b"\xff")) if short_fat else _END
        directory = b"".join(self._entry(entry) for entry in self.entries)
        first = self.put(directory.ljust(-(-len(directory) // SECTOR) * SECTOR, b"\0"))
        sectors = 1
        while -(-(len(self.fat) + sectors) // 128) > sectors:
            sectors += 1
        fat_start = len(self.fat)
        fat = [*self.fat, *[_FAT] * sectors]
        fat += [_FREE] * (sectors * 128 - len(fat))
        header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
        header += struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + bytes(6)
        header += struct.pack("<IIIIIIIII", 0, sectors, first, 0, 4096, first_short, short_sectors, _END, 0)
        difat = [*range(fat_start, fat_start + sectors)]
        header += struct.pack("<109I", *(difat + [_FREE] * (109 - len(difat))))
        return header + bytes(self.data) + struct.pack(f"<{len(fat)}I", *fat)

    def _entry(self, entry: _Entry) -> bytes:
        name = (entry.name + "\0").encode("utf-16-le")
        return (
            name.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(name), entry.kind, 1, _FREE, entry.right, entry.child)
            + bytes(36)
            + struct.pack("<IQ", entry.start, entry.size)
        )


# --- Outlook -----------------------------------------------------------------------------------------------------

Value = str | bytes | int | datetime
Properties = Mapping[int, Value]


@dataclass
class Saved:
    """A message as Outlook saves it."""

    properties: Properties
    recipients: Sequence[Properties] = ()
    attachments: Sequence[Properties | Saved] = ()


def a_msg(saved: Saved) -> bytes:
    """A .msg file."""
    return compound(_storage(saved, embedded=False))


def _storage(saved: Saved, *, embedded: bool) -> dict[str, bytes | Tree]:
    counts = struct.pack("<8xIIII", 0, 0, len(saved.recipients), len(saved.attachments))
    tree = _properties(saved.properties, counts if embedded else counts + bytes(8))
    for number, recipient in enumerate(saved.recipients):
        tree[f"__recip_version1.0_#{number:08X}"] = _properties(recipient, bytes(8))
    for number, one in enumerate(saved.attachments):
        name = f"__attach_version1.0_#{number:08X}"
        if isinstance(one, Saved):
            inner = _properties({0x3705: 5, 0x3001: "message"}, bytes(8))
            tree[name] = {**inner, "__substg1.0_3701000D": _storage(one, embedded=True)}
        else:
            tree[name] = _properties(one, bytes(8))
    return tree


def _properties(properties: Properties, header: bytes) -> dict[str, bytes | Tree]:
    rows, streams = bytearray(header), {}
    for tag, value in properties.items():
        kind, fixed, stream = _written(value)
        rows += struct.pack("<HHI", kind, tag, 6) + fixed.ljust(8, b"\0")
        if stream is not None:
            streams[f"__substg1.0_{tag:04X}{kind:04X}"] = stream
    return {"__properties_version1.0": bytes(rows), **streams}


def _written(value: Value) -> tuple[int, bytes, bytes | None]:
    if isinstance(value, str):
        data = value.encode("utf-16-le")
        return 0x1F, struct.pack("<I", len(data) + 2), data
    if isinstance(value, bytes):
        return 0x102, struct.pack("<I", len(value)), value
    if isinstance(value, int):
        return 0x03, struct.pack("<i", value), None
    ticks = int((value - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
    return 0x40, struct.pack("<Q", ticks), None
