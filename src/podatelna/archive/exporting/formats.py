"""The forms of an export as a stream of bytes: mbox (mboxrd), a Maildir in a tar archive, .eml files in a zip."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from podatelna.archive.models import Delivery
from podatelna.archive.sources.mbox_quoting import quoted

from . import names
from .deliveries import Ledger, read
from .manifest import Manifest
from .zipping import Zip

SUFFIXES = {"mbox": ".mbox", "maildir": ".tar", "zip": ".zip"}
FORMATS = tuple(SUFFIXES)
_TOP = "Maildir"


def stream(form: str, deliveries: Iterable[Delivery], ledger: Ledger, now: datetime) -> Iterator[bytes]:
    """The export of `deliveries` (with message and origin) in one of FORMATS, in flat memory.

    Zip and tar end with manifest.csv and manifest.json; beside an mbox the caller puts them, from `ledger.manifest`.
    """
    return _STREAMS[form](deliveries, ledger, now)


def _mbox(deliveries: Iterable[Delivery], ledger: Ledger, now: datetime) -> Iterator[bytes]:
    for one in read(deliveries, ledger):
        yield quoted(one.raw, one.delivery.message.received_at)
        ledger.took(one, "")


def _zip(deliveries: Iterable[Delivery], ledger: Ledger, now: datetime) -> Iterator[bytes]:
    archive = Zip()
    with Manifest() as manifest:
        ledger.manifest = manifest
        for one in read(deliveries, ledger):
            name = names.readable(one)
            yield from archive.add(name, one.raw, one.delivery.message.received_at)
            ledger.took(one, name)
        yield from archive.add_pieces("manifest.csv", manifest.as_csv(), now)
        yield from archive.add_pieces("manifest.json", manifest.as_json(), now)
        ledger.manifest = None
    yield from archive.end()


def _maildir(deliveries: Iterable[Delivery], ledger: Ledger, now: datetime) -> Iterator[bytes]:
    made: set[str] = set()
    with Manifest() as manifest:
        ledger.manifest = manifest
        for one in read(deliveries, ledger):
            folder, name = names.maildir(one)
            yield from _maildir_folders(folder, made, now)
            path = "/".join(part for part in (_TOP, folder, "cur", name) if part)
            yield from _file(path, one.raw, one.delivery.message.received_at)
            ledger.took(one, path.removeprefix(f"{_TOP}/"))
        yield from _maildir_folders("", made, now)
        yield from _pieces(f"{_TOP}/manifest.csv", manifest.csv_size, manifest.as_csv(), now)
        yield from _pieces(f"{_TOP}/manifest.json", manifest.json_size, manifest.as_json(), now)
        ledger.manifest = None
    yield bytes(2 * tarfile.BLOCKSIZE)


def _maildir_folders(folder: str, made: set[str], now: datetime) -> Iterator[bytes]:
    """The folders of a Maildir, also those that are empty: without them it is none."""
    if folder in made:
        return
    made.add(folder)
    top = f"{_TOP}/{folder}" if folder else _TOP
    for name in (top, *(f"{top}/{part}" for part in ("tmp", "new", "cur"))):
        header = tarfile.TarInfo(name)
        header.type, header.mode, header.mtime = tarfile.DIRTYPE, 0o700, int(now.timestamp())
        yield header.tobuf(tarfile.PAX_FORMAT)
    if folder:
        yield from _file(f"{top}/maildirfolder", b"", now)


def _file(path: str, data: bytes, at: datetime) -> Iterator[bytes]:
    return _pieces(path, len(data), [data], at)


def _pieces(path: str, size: int, pieces: Iterable[bytes], at: datetime) -> Iterator[bytes]:
    header = tarfile.TarInfo(path)
    header.size, header.mode, header.mtime = size, 0o600, int(at.timestamp())
    yield header.tobuf(tarfile.PAX_FORMAT)
    yield from pieces
    yield bytes(-size % tarfile.BLOCKSIZE)


_STREAMS: Mapping[str, Callable[[Iterable[Delivery], Ledger, datetime], Iterator[bytes]]] = {
    "mbox": _mbox,
    "maildir": _maildir,
    "zip": _zip,
}
