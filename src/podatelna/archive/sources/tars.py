"""Entries of a tar archive (POSIX ustar and pax, GNU long names), one after the other, in flat memory."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass

from .allowance import Section, Stream
from .found import Unusable

_BLOCK = 512
_LONGEST_HEADER = 1024 * 1024  # of an extended one; a name is not longer
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_EXTENDED = {
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
}


@dataclass
class Entry:
    """A file in the archive; `content` must be read, or left, before the next entry is asked for."""

    parts: tuple[str, ...]
    content: Stream


def is_tar(head: bytes) -> bool:
    """Whether a file that begins with `head` is a tar archive."""
    return head[257:262] == b"ustar"


def entries(stream: Stream) -> Iterator[Entry]:
    """The regular files; links, devices and folders are passed over. Raises Unusable where it is damaged."""
    name, size = "", -1  # of the entry to come, where extended headers tell
    while (block := stream.exactly(_BLOCK)) and block.count(0) != len(block):
        header = _header(block)
        if header.type in _EXTENDED:
            said = _extended(stream, header)
            if header.type == tarfile.GNUTYPE_LONGNAME:
                name = said.rstrip(b"\0").decode("utf-8", "replace")
            elif header.type == tarfile.XHDTYPE:
                name, size = _pax(said, name, size)
            continue
        length = size if size >= 0 else header.size
        section = Section(stream, length)
        if header.type in _FILES:
            yield Entry(safe_parts(name or header.name), Stream(section))
        if not stream.skip(section.left + -length % _BLOCK):
            raise Unusable("it ends too early")
        name, size = "", -1


def _header(block: bytes) -> tarfile.TarInfo:
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "replace")
    except tarfile.HeaderError as error:
        raise Unusable(f"the archive is damaged ({error})") from error
    if header.size < 0:
        raise Unusable("the archive is damaged (a size below zero)")
    return header


def _extended(stream: Stream, header: tarfile.TarInfo) -> bytes:
    if header.size > _LONGEST_HEADER:
        raise Unusable("the archive is damaged (a header of more than 1 MB)")
    said = stream.exactly(header.size + -header.size % _BLOCK)
    return said[: header.size]


def _pax(said: bytes, name: str, size: int) -> tuple[str, int]:
    """Name and size out of a pax header: lines "length key=value"."""
    while said:
        length, _, _ = said.partition(b" ")
        if not length.isdigit() or not 0 < int(length[:9]) <= len(said):
            break
        line, said = said[: int(length[:9])], said[int(length[:9]) :]
        key, _, value = line[len(length) + 1 :].rstrip(b"\n").partition(b"=")
        if key == b"path":
            name = value.decode("utf-8", "replace")
        elif key == b"size" and value.isdigit():
            size = int(value[:18])
    return name, size


def safe_parts(name: str) -> tuple[str, ...]:
    """A path in an archive as folders and a name; nothing is written there, it is shown and read as labels."""
    parts = tuple(part for part in name.replace("\\", "/").split("/") if part not in {"", ".", ".."})
    return parts or ("unnamed",)
